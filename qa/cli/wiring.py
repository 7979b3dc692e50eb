"""What several commands share: their options, the settings, and how the parts are put together."""

from __future__ import annotations

import calendar
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from index.errors import IndexMissing, UsageError
from index.types import Scope
from qa.config import Settings, load_settings

if TYPE_CHECKING:
    from index.corpus import Corpus
    from qa.pipeline import Pipeline
    from qa.types import Answerer

F = TypeVar("F", bound=Callable[..., Any])


def _all(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


store_option = click.option(
    "--store", metavar="DIR", help="The index (default: .qa here or above)."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
embedder_option = click.option(
    "--embedder", metavar="NAME", help="minilm, or a sentence-transformers model."
)
filters = _all(
    click.option("--since", metavar="DATE", help="Only articles of this day or later."),
    click.option("--until", metavar="DATE", help="Only articles of this day or earlier."),
    click.option(
        "--source", "sources", multiple=True, metavar="NAME", help="Only this outlet; repeatable."
    ),
)
model_options = _all(
    click.option(
        "--model", metavar="NAME", help="extractive, or a litellm name such as ollama/llama3.2."
    ),
    click.option("--api-base", metavar="URL", help="Address of an OpenAI-compatible server."),
    click.option(
        "--offline", is_flag=True, default=None, help="Refuse every address but this machine."
    ),
    click.option("--max-cost", type=float, metavar="USD", help="Refuse a call that may cost more."),
)


def settings_from(**flags: Any) -> Settings:
    """Return the settings in force; flags that were not given are None."""
    settings = load_settings({k: v for k, v in flags.items() if v is not None})
    if settings.offline:
        os.environ["HF_HUB_OFFLINE"] = "1"
    return settings


def store_of(settings: Settings) -> Path:
    """Return the folder of the index. Raises `UsageError` for a store that is not a folder."""
    from index.store import find_store

    if settings.store and re.match(r"https?://", settings.store):
        from qa.secrets import mask

        raise UsageError(
            f"a store on a server ({mask(settings.store)}) cannot be used yet",
            "name a folder: --store DIR",
        )
    return find_store(Path.cwd(), settings.store)


def open_corpus(settings: Settings) -> Corpus:
    """Open the index. Raises `IndexMissing` when there is none."""
    from index.corpus import Corpus

    def embedder() -> Any:
        from index.embed import can_be, open_embedder

        if not can_be(settings.embedder, corpus.identity):  # before it is looked for
            raise IndexMissing(
                f"the index was made with the embedder {corpus.identity}, "
                f"the settings name {settings.embedder}",
                "qa index --rebuild PATH…, or choose the embedder of the index (--embedder)",
            )
        return open_embedder(settings.embedder)

    corpus = Corpus(store_of(settings), embedder)
    return corpus


def answerer_for(name: str, settings: Settings, corpus: Corpus) -> Answerer:
    """Return the answerer of that name. Raises `UsageError` for a name that means nothing."""
    from qa.extractive import NAME, Extractive

    if name == NAME:
        return Extractive(corpus)
    from qa.models import make_answerer

    return make_answerer(name, settings, lambda: Extractive(corpus))


def open_pipeline(settings: Settings) -> Pipeline:
    """Open the index and put the answerer in use before it."""
    from qa.pipeline import Pipeline

    corpus = open_corpus(settings)
    return Pipeline(corpus, answerer_for(settings.model, settings, corpus), k=settings.k)


def announce(settings: Settings, passages: int, told: set[str]) -> None:
    """Say on stderr, once a run, what is about to leave this machine and where it goes."""
    from qa.extractive import NAME

    if NAME in (settings.model, settings.options(settings.model).model):
        return
    from qa.destinations import destination

    place = destination(settings.model, settings)
    if place.key and not os.environ.get(place.key):
        return  # nothing will be sent: the answerer refuses
    if not place.local and place.host not in told:
        told.add(place.host)
        print(
            f"qa: sending the question and up to {passages} passages to {place.host}",
            file=sys.stderr,
        )


def make_scope(since: str | None, until: str | None, sources: Sequence[str]) -> Scope:
    """Return the filters with dates read. Raises `UsageError` for what is no date, or an empty range."""
    first = _day(since, "--since", last=False) if since else None
    last = _day(until, "--until", last=True) if until else None
    if first and last and first > last:
        raise UsageError(f"no day is since {first} and until {last}", "swap --since and --until")
    return Scope(first, last, tuple(s for s in sources if s.strip()))


def _day(text: str, option: str, *, last: bool) -> str:
    """An ISO day from `2025`, `2025-05`, `2025-05-31` or any usual form; months and years by their ends."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}", text):
            return f"{text}-12-31" if last else f"{text}-01-01"
        if month := re.fullmatch(r"(\d{4})-(\d{1,2})", text):
            year, number = int(month[1]), int(month[2])
            day = calendar.monthrange(year, number)[1] if last else 1
            return f"{year:04}-{number:02}-{day:02}"
        from datetime import date

        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text).isoformat()
        from dateutil import parser

        return str(parser.parse(text).date().isoformat())
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        raise UsageError(f"{option}: {text!r} is not a date", f"{option} 2025-05-31") from None


def read_question(question: str) -> str:
    """Return the question, read from stdin when it is `-`."""
    return sys.stdin.read() if question == "-" else question
