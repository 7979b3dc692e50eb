"""The options of `qa eval`, `qa eval show` and `qa compare`; what they do is imported when it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qa.cli.wiring import (
    as_of_option,
    embedder_option,
    json_option,
    rerank_option,
    store_option,
)

_file = click.Path(path_type=Path)


@click.command("eval")
@click.argument("questions", type=_file, nargs=-1, required=True)
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
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only cases with it; repeatable.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N cases.")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Only N cases drawn at random.")
@click.option(
    "--seed", type=int, default=0, metavar="N", help="Of --sample and --make (default 0)."
)
@click.option(
    "--metric", "metrics", multiple=True, metavar="NAME", help="A further one, such as recall@3."
)
@click.option("--judge", metavar="MODEL", help="A model that judges each answer.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Cases at once (hosted models: 4, else 1).",
)
@click.option("--rate", type=float, metavar="N", help="At most N cases a minute.")
@click.option("--partial", is_flag=True, help="Run though some evidence is not in the index.")
@click.option("--out", type=_file, metavar="FILE", help="The run file to write.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
@click.option("--report", type=_file, metavar="FILE", help="Write an HTML report.")
@click.option("--markdown", type=_file, metavar="FILE", help="Write the table for a pull request.")
@click.option("--junit", type=_file, metavar="FILE", help="Write JUnit XML, a test for each case.")
@click.option("--check", is_flag=True, help="Find what is wrong with the set(s); run nothing.")
@click.option(
    "--effect",
    type=float,
    default=0.05,
    metavar="X",
    help="With --check: the difference hoped for.",
)
@click.option(
    "--make", type=click.IntRange(1, 10_000), metavar="N", help="Draft N cases from the index."
)
@click.option("--edit", is_flag=True, help="Open the set in $EDITOR, and check it afterwards.")
@click.option("--calibrate", is_flag=True, help="Fit the threshold below which it abstains.")
@click.option("--sweep", type=_file, metavar="FILE", help="Compare the settings of a TOML file.")
@as_of_option
@embedder_option
@rerank_option
@store_option
@json_option
def evaluate(**options: Any) -> int:
    """Run a question set, write a run file, print the table.

    \b
    qa eval set.jsonl --make 50 --edit      draft a set from your own articles
    qa eval set.jsonl --out a.run.jsonl     run it
    qa eval show a.run.jsonl [ID]           what became of each case, and why
    qa compare a.run.jsonl b.run.jsonl      is the difference more than noise?
    """
    from qa.cli.evaluating import run_eval

    return run_eval(**options)


@click.command("eval show")
@click.argument("run", type=_file)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--label", metavar="LABEL", help="Only cases with this label, such as 'not retrieved'."
)
@json_option
def show_case(**options: Any) -> int:
    """Show cases of a run: what was asked, said and cited, and where the evidence was lost."""
    from qa.cli.comparing import run_show_case

    return run_show_case(**options)


@click.command()
@click.argument("run_a", type=_file)
@click.argument("run_b", type=_file)
@click.option(
    "--gate", "gates", multiple=True, metavar="METRIC=MAXDROP", help="Exit 5 (fail) or 6 (open)."
)
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Compare by these only.")
@click.option("--report", type=_file, metavar="FILE", help="Write an HTML report of both.")
@click.option("--markdown", type=_file, metavar="FILE", help="Write the table for a pull request.")
@click.option("--junit", type=_file, metavar="FILE", help="Write JUnit XML, a test for each gate.")
@json_option
def compare(**options: Any) -> int:
    """Compare two runs, case by case: is the difference more than noise?"""
    from qa.cli.comparing import run_compare

    return run_compare(**options)
