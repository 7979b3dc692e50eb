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

from index.dates import parse_date
from index.errors import IndexMissing, UsageError
from index.types import Scope
from qa.config import Settings, load_settings

if TYPE_CHECKING:
    from index.corpus import Corpus
    from index.embed import Embedder
    from index.mirror import Mirror
    from index.server import Server
    from qa.client import Client
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
    "--store",
    metavar="DIR|URL",
    help="The index: a folder (default: .qa here or above) or a Chroma server.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
embedder_option = click.option(
    "--embedder",
    metavar="NAME",
    help="minilm, a sentence-transformers model or folder, or one served: ollama/…, openai/….",
)
as_of_option = click.option(
    "--as-of", metavar="DATE", help="Ask as on this day: what is later is hidden."
)
rerank_option = click.option(
    "--rerank",
    metavar="NAME",
    help="Who reads the best passages again: minilm (built in), none, or a cross-encoder.",
)
explain_option = _all(
    click.option("--explain", is_flag=True, help="Show how each passage came to its place."),
    click.option("--why-not", metavar="ID", help="Show where the passage of this id was lost."),
)
filters = _all(
    click.option("--since", metavar="DATE", help="Only articles of this day or later."),
    click.option("--until", metavar="DATE", help="Only articles of this day or earlier."),
    click.option(
        "--source", "sources", multiple=True, metavar="NAME", help="Only this outlet; repeatable."
    ),
    as_of_option,
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


def server_of(settings: Settings) -> Server | None:
    """Return the server that holds the index, None where a folder does; nothing is contacted."""
    if not settings.store or not re.match(r"https?://", settings.store):
        return None
    from index.server import Server

    return Server(settings.store, offline=settings.offline)


def store_of(settings: Settings) -> Path:
    """Return the folder of the index (of its first embedder); of one on a server, the reader's mirror."""
    from index.store import find_store

    server = server_of(settings)
    if server:
        from index.mirror import place

        return place(server, "reader")
    return find_store(Path.cwd(), settings.store)


def mirror_of(settings: Settings) -> Mirror | None:
    """Return the mirror of a server's index, None where a folder holds it."""
    server = server_of(settings)
    if server is None:
        return None
    from index.mirror import Mirror

    return Mirror(server, tell=lambda line: print(f"qa: {line}", file=sys.stderr))


def open_corpus(settings: Settings) -> Corpus:
    """Open the index, with the reranker of the settings. Raises `IndexMissing` when there is none."""
    from index.beside import Made, choose, described, fitting
    from index.corpus import Corpus
    from index.split import splitter

    wanted = settings.embedder, settings.passage_tokens

    def embedder() -> Embedder:
        from qa.embedders import open_embedder

        here = Made(corpus.store, corpus.identity, splitter(corpus.passage_tokens))
        if not here.fits(*wanted):  # before it is looked for
            if mirror is None:
                choose(store, *wanted)
            raise IndexMissing(
                f"the index was made with the embedder {here.shown}, the settings name {described(*wanted)}",
                f"choose those of the index: --embedder {here.name}, in qa.toml "
                + (f"passage_tokens = {here.size}" if here.size else "no passage_tokens"),
            )
        announce_embedder(settings)
        return open_embedder(settings, corpus.identity)

    mirror, store = mirror_of(settings), store_of(settings)
    # Without a fitting one articles and status are still shown; only a search needs the embedder.
    folder = None if mirror else fitting(store, *wanted)
    corpus = Corpus(folder or store, embedder, mirror)
    corpus.dense_weight = settings.dense_weight
    if settings.rerank != "none":
        from qa.rerank import open_reranker

        corpus.reranker = open_reranker(settings.rerank, corpus.rarity)
    return corpus


def announce_embedder(settings: Settings) -> None:
    """Say on stderr where questions go when the embedder is not on this machine."""
    from qa.embedders import is_hosted

    if is_hosted(settings.embedder, settings):
        from qa.destinations import destination

        place = destination(settings.embedder, settings)
        if not place.local:
            print(f"qa: sending questions to {place.host} (the embedder)", file=sys.stderr)


def answerer_for(
    name: str, settings: Settings, corpus: Corpus, client: Client | None = None
) -> Answerer:
    """Return the answerer of that name; a model that writes is called through `client` where one is given.

    Raises `UsageError` for a name that means nothing.
    """
    from qa.extractive import NAME, Extractive

    if name == NAME:
        return Extractive(corpus, rerank=settings.rerank)
    from qa.models import make_answerer

    return make_answerer(name, settings, lambda: Extractive(corpus, rerank=settings.rerank), client)


def open_pipeline(
    settings: Settings, scope: Scope | None = None, client: Client | None = None
) -> Pipeline:
    """Open the index and put the answerer in use before it; `scope` filters what asks without one."""
    from qa.pipeline import Pipeline

    corpus = open_corpus(settings)
    answerer = answerer_for(settings.model, settings, corpus, client)
    return Pipeline(corpus, answerer, k=settings.k, scope=scope or Scope())


def announce(settings: Settings, passages: int, told: set[str]) -> None:
    """Say on stderr, once a run, what is about to leave this machine and where it goes."""
    from qa.extractive import NAME

    if NAME in (settings.model, settings.options(settings.model).model):
        return
    from qa.destinations import destination, has_key

    place = destination(settings.model, settings)
    if place.key and not has_key(place):
        return  # nothing will be sent: the answerer refuses
    if settings.offline and not place.local:
        return  # nor here
    if not place.local and place.host not in told:
        told.add(place.host)
        limit = settings.max_cost  # what it will cost is known once the passages are found
        unless = f", if that costs no more than ${limit:g}" if limit is not None else ""
        print(
            f"qa: sending the question and up to {passages} passages to {place.host}{unless}",
            file=sys.stderr,
        )


def make_scope(
    since: str | None, until: str | None, sources: Sequence[str], as_of: str | None = None
) -> Scope:
    """Return the filters with dates read. Raises `UsageError` for what is no date, or an empty range."""
    first = _day(since, "--since", last=False) if since else None
    last = _day(until, "--until", last=True) if until else None
    asked = _day(as_of, "--as-of", last=True) if as_of else None
    if first and last and first > last:
        raise UsageError(f"no day is since {first} and until {last}", "swap --since and --until")
    if first and asked and first > asked:
        raise UsageError(f"no day is since {first} and as of {asked}", "name a later --as-of")
    return Scope(first, last, tuple(s for s in sources if s.strip()), asked)


def _day(text: str, option: str, *, last: bool) -> str:
    """An ISO day from `2025`, `2025-05`, `2025-05-31` or any usual form; months and years by their ends."""
    from datetime import date, datetime

    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}", text):
            return f"{text}-12-31" if last else f"{text}-01-01"
        if month := re.fullmatch(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})", text):
            return _end_of(int(month[1] or month[4]), int(month[2] or month[3]), last=last)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text).isoformat()
        if day := parse_date(text):
            return day
        from dateutil import parser

        # dateutil takes the 32 of "32 May" for a year.
        if not re.search(r"\d{4}", text):
            raise ValueError(text)
        # "May 2025": what a text leaves out shows by what it is given instead.
        one, other = (
            parser.parse(text, default=start).date()
            for start in (datetime(1804, 1, 1), datetime(1908, 2, 2))
        )
        if (one.year, one.month) != (other.year, other.month) or one == other:
            raise ValueError(text)
        return _end_of(one.year, one.month, last=last)
    except (ValueError, OverflowError):
        raise UsageError(f"{option}: {text!r} is not a date", f"{option} 2025-05-31") from None


def _end_of(year: int, month: int, *, last: bool) -> str:
    """The first or the last day of a month. Raises `ValueError` where there is none."""
    from datetime import date

    first = date(year, month, 1)
    return first.replace(day=calendar.monthrange(year, month)[1] if last else 1).isoformat()


def read_question(question: str) -> str:
    """Return the question, read from stdin when it is `-`."""
    return sys.stdin.read() if question == "-" else question
