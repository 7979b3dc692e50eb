"""The commands and their options; what they do is in a module for each group, imported when it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qa import __version__
from qa.cli.evaluation import compare, evaluate, show_case
from qa.cli.wiring import (
    embedder_option,
    explain_option,
    filters,
    json_option,
    model_options,
    rerank_option,
    store_option,
)


class ReaderGone(Exception):
    """Nobody reads stdout any more."""


class _Commands(click.Group):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[:2] == ["eval", "show"]:
            args = ["eval show", *args[2:]]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # Click would leave with 1, which says that the articles hold no answer.
            raise ReaderGone from error


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="qa", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> int:
    """Ask questions of a folder of articles; every answer quotes the sentence it rests on.

    \b
    qa index articles/                  read and index a folder
    qa ask "who led the delegation?"    one answer with its sources
    qa chat                             the terminal chat
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        return 2
    return 0


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done and how long it would take.")
@click.option("--rebuild", is_flag=True, help="Read every file again and build the store anew.")
@click.option("--beside", is_flag=True, help="Add the embedder; keep those that the index has.")
@click.option("--api-base", metavar="URL", help="Address of the server of the embedder.")
@click.option(
    "--offline", is_flag=True, default=None, help="Refuse every address but this machine."
)
@click.option("--max-cost", type=float, metavar="USD", help="Refuse to embed for more than this.")
@click.option("--strict", is_flag=True, help="Exit with 3 when a file could not be read.")
@click.option(
    "--wait", type=float, default=0.0, metavar="S", help="Wait so long for another indexer."
)
@click.option(
    "--workers",
    type=click.IntRange(0, 64),
    metavar="N",
    help="Processes that embed (default: one a core, where that pays).",
)
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@embedder_option
@store_option
@json_option
def index(**options: Any) -> int:
    """Make the index hold exactly these files and folders (default: those of the last time).

    A path - reads records from stdin, one JSON object a line. Files named in .qaignore are left out.
    """
    from qa.cli.indexing import run_index

    return run_index(**options)


@cli.command()
@click.argument("question")
@model_options
@click.option("-k", type=int, metavar="N", help="Passages that the answerer sees (default 8).")
@filters
@click.option("--no-stream", is_flag=True, help="Print the answer when it is whole.")
@explain_option
@rerank_option
@click.option(
    "--show-prompt", is_flag=True, help="Print what a model would be sent; it is sent nothing."
)
@click.option(
    "--receipt",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write what is needed to check the answer later: qa verify FILE.",
)
@embedder_option
@store_option
@json_option
def ask(**options: Any) -> int:
    """Answer one question, with cited snippets. Exit code 1: the articles hold no answer."""
    from qa.cli.asking import run_ask

    return run_ask(**options)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@store_option
@json_option
def verify(**options: Any) -> int:
    """Check a receipt: does each quote still stand? Exit code 1: one does not any more."""
    from qa.cli.receipts import run_verify

    return run_verify(**options)


@cli.command()
@click.argument("query")
@click.option("-k", type=int, metavar="N", help="How many passages (default 8).")
@filters
@explain_option
@rerank_option
@embedder_option
@store_option
@json_option
def search(**options: Any) -> int:
    """Find passages."""
    from qa.cli.asking import run_search

    return run_search(**options)


@cli.command()
@model_options
@click.option("-k", type=int, metavar="N", help="Passages that the answerer sees (default 8).")
@filters
@click.option("--private", is_flag=True, help="Keep nothing of this session.")
@click.option("--continue", "go_on", is_flag=True, help="Go on with the last conversation.")
@click.option(
    "--plain", is_flag=True, help="Lines of text only: for screen readers, dumb terminals."
)
@click.option("--web", is_flag=True, help="Serve the chat to a browser on this machine.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, help="Port for --web.")
@rerank_option
@embedder_option
@store_option
def chat(**options: Any) -> int:
    """Open the terminal chat; without a terminal, answer one question per line of stdin."""
    from qa.cli.chatting import run_chat

    return run_chat(**options)


for _command in (evaluate, show_case, compare):
    cli.add_command(_command)


@cli.command()
@click.option("--model", metavar="NAME", help="The model whose use is asked about.")
@click.option("--api-base", metavar="URL", help="Address of an OpenAI-compatible server.")
@json_option
def models(**options: Any) -> int:
    """List the models that can be used now."""
    from qa.cli.about import run_models

    return run_models(**options)


@cli.command()
@store_option
@json_option
def status(**options: Any) -> int:
    """Say what is indexed."""
    from qa.cli.about import run_status

    return run_status(**options)


@cli.command()
@click.argument("id")
@click.option("--original", is_flag=True, help="The text as it was found, before cleaning.")
@store_option
@json_option
def show(**options: Any) -> int:
    """Show one article or passage by its id."""
    from qa.cli.about import run_show

    return run_show(**options)


@cli.command()
@click.option("--deep", is_flag=True, help="Compare every passage and vector; takes longer.")
@embedder_option
@store_option
@json_option
def doctor(**options: Any) -> int:
    """Check the installation and the index; name the command that mends each fault."""
    from qa.cli.doctor import run_doctor

    return run_doctor(**options)


@cli.command()
@json_option
def config(**options: Any) -> int:
    """Show the settings in force and where each came from."""
    from qa.cli.about import run_config

    return run_config(**options)
