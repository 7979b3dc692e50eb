"""The commands and their options; what they do is in a module for each group, imported when it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qa import __version__
from qa.cli.wiring import (
    embedder_option,
    filters,
    json_option,
    model_options,
    store_option,
)


class ReaderGone(Exception):
    """Nobody reads stdout any more."""


class _Commands(click.Group):
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
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@click.option("--rebuild", is_flag=True, help="Read every file again and build the store anew.")
@click.option("--strict", is_flag=True, help="Exit with 3 when a file could not be read.")
@click.option(
    "--wait", type=float, default=0.0, metavar="S", help="Wait so long for another indexer."
)
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@embedder_option
@store_option
@json_option
def index(**options: Any) -> int:
    """Make the index hold exactly these files and folders (default: those of the last time)."""
    from qa.cli.indexing import run_index

    return run_index(**options)


@cli.command()
@click.argument("question")
@model_options
@click.option("-k", type=int, metavar="N", help="Passages that the answerer sees (default 8).")
@filters
@click.option("--no-stream", is_flag=True, help="Print the answer when it is whole.")
@click.option("--explain", is_flag=True, help="Show which retriever ranked each passage where.")
@embedder_option
@store_option
@json_option
def ask(**options: Any) -> int:
    """Answer one question, with cited snippets. Exit code 1: the articles hold no answer."""
    from qa.cli.asking import run_ask

    return run_ask(**options)


@cli.command()
@click.argument("query")
@click.option("-k", type=int, metavar="N", help="How many passages (default 8).")
@filters
@click.option("--explain", is_flag=True, help="Show which retriever ranked each passage where.")
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
@embedder_option
@store_option
def chat(**options: Any) -> int:
    """Open the terminal chat; without a terminal, answer one question per line of stdin."""
    from qa.cli.chatting import run_chat

    return run_chat(**options)


@cli.command("eval")
@click.argument("questions", type=click.Path(path_type=Path))
@click.option(
    "--model", "models", multiple=True, metavar="NAME", help="Repeatable: one run for each."
)
@click.option("--api-base", metavar="URL", help="Address of an OpenAI-compatible server.")
@click.option(
    "--offline", is_flag=True, default=None, help="Refuse every address but this machine."
)
@click.option("--max-cost", type=float, metavar="USD", help="Refuse a call that may cost more.")
@click.option("-k", type=int, metavar="N", help="Passages that the answerer sees (default 8).")
@click.option("--retrieval-only", is_flag=True, help="Score the search alone.")
@click.option("--depth", type=click.IntRange(1, 1000), default=50, help="Hits kept of each case.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="The run file to write."
)
@click.option(
    "--report", type=click.Path(path_type=Path), metavar="FILE", help="Write an HTML report."
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
@embedder_option
@store_option
@json_option
def evaluate(**options: Any) -> int:
    """Run a question set, write a run file, print the table."""
    from qa.cli.evaluating import run_eval

    return run_eval(**options)


@cli.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option(
    "--gate", "gates", multiple=True, metavar="METRIC=MAXDROP", help="Exit 5 (fail) or 6 (open)."
)
@json_option
def compare(**options: Any) -> int:
    """Compare two runs, case by case: is the difference more than noise?"""
    from qa.cli.evaluating import run_compare

    return run_compare(**options)


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
