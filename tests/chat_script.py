"""A pipeline that follows a script, and what the chat's tests need to drive and read the screen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from index.corpus import Status
from index.types import Article, Hit, Passage, Scope, Source
from qa.tui.app import ChatApp
from qa.types import (
    Answer,
    Answerer,
    Citation,
    Draft,
    Event,
    Finished,
    Message,
    Retrieved,
    Token,
    Usage,
)

EVERYTHING = Scope()
LEAD = "The talks were held in Istanbul on Friday. "
QUOTE = "The delegation was led by Vladimir Medinsky, a presidential aide."
TAIL = " Both sides agreed to exchange a thousand prisoners each."
SOURCE = Source(
    "talks-1",
    "First direct talks in three years",
    "The Meridian Post",
    "2025-05-17",
    "https://example.org/talks",
    (),
    None,
    ("news/talks.html",),
)
BODY = "An early paragraph of the report.\n\n" * 60 + LEAD + QUOTE + TAIL + "\n\nMore." * 60
START = BODY.index(LEAD)


def make_hit(source: Source = SOURCE, text: str = LEAD + QUOTE + TAIL, start: int = START) -> Hit:
    passage = Passage(f"{source.article_id}#0", source, start, start + len(text), text)
    return Hit(1, 0.8, passage)


def make_citation(number: int, hit: Hit, quote: str = QUOTE, verified: bool = True) -> Citation:
    start = hit.passage.start + hit.passage.text.index(quote)
    return Citation(
        number,
        hit.passage.passage_id,
        hit.passage.source,
        quote,
        start,
        start + len(quote),
        verified,
    )


def make_answer(question: str = "who led it?", **changes: object) -> Answer:
    hit = make_hit()
    fields: dict[str, object] = {
        "question": question,
        "text": f"{QUOTE} [1]",
        "short": "Vladimir Medinsky",
        "abstained": False,
        "reason": None,
        "model": "scripted",
        "citations": (make_citation(1, hit),),
        "hits": (hit,),
        "usage": Usage(),
        "timings_ms": {},
    }
    return Answer(**{**fields, **changes})  # type: ignore[arg-type]


class NamedAnswerer:
    def __init__(self, name: str) -> None:
        self.name = name

    def rewrite(self, question: str, history: Sequence[Message]) -> Generator[Token, None, str]:
        yield from ()
        return question

    def answer(
        self, question: str, hits: Sequence[Hit], history: Sequence[Message]
    ) -> Iterator[Token | Draft]:
        yield Draft("")


class ScriptedCorpus:
    """An index of one article."""

    store = Path("nowhere/.qa")

    def __init__(self, source: Source, story: Sequence[Source] = ()) -> None:
        self._source, self._story = source, list(story) or [source]

    def status(self) -> Status:
        return Status(
            "nowhere/.qa", 1, 24, 96, "minilm", "s", "2025-06-01T10:00:00Z", "2025-05-01",
            "2025-05-31", {"The Meridian Post": 24}, [{"path": "bad.pdf", "reason": "damaged"}], 1,
        )  # fmt: skip

    def sources(self) -> list[Source]:
        return self._story

    def story(self, story: str) -> list[Source]:
        return self._story

    def search(self, question: str, n: int, scope: Scope | None = None) -> tuple[Hit, ...]:
        return (make_hit(self._source),)


Step = Event | Exception | threading.Event


class ScriptedPipeline:
    """Plays a script for every question and remembers what it was asked.

    A `threading.Event` in the script is waited for.
    """

    def __init__(
        self, *script: Step, text: str = BODY, source: Source = SOURCE, story: Sequence[Source] = ()
    ) -> None:
        self.script: tuple[Step, ...] = script or (
            Retrieved((make_hit(),), "who led it?"),
            Token(f"{QUOTE} "),
            Token("[1]"),
            Finished(make_answer()),
        )
        self.answerer: Answerer = NamedAnswerer("extractive")
        self.asked: list[tuple[str, tuple[Message, ...], Scope]] = []
        self.closed = threading.Event()
        self._article = Article(source, text, text)
        self._story = story

    def ask(
        self, question: str, *, history: Sequence[Message] = (), scope: Scope = EVERYTHING
    ) -> Iterator[Event]:
        self.asked.append((question, tuple(history), scope))
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, threading.Event):
                    step.wait(10)
                else:
                    yield step
        finally:
            self.closed.set()

    def article(self, article_id: str) -> Article:
        return self._article

    @property
    def corpus(self) -> ScriptedCorpus:
        return ScriptedCorpus(self._article.source, self._story)

    def describe(self) -> str:
        return "24 articles · 96 passages · minilm"


@dataclass
class Model:
    name: str
    place: str = "this machine"
    available: bool = True
    note: str = ""


MODELS = [
    Model("extractive", note="built in"),
    Model("ollama/llama"),
    Model("openai/x", "api.example.org"),
]


def make_app(
    open_pipeline: Callable[[], ScriptedPipeline] | ScriptedPipeline, **changes: object
) -> ChatApp:
    given = open_pipeline
    opener = (lambda: given) if isinstance(given, ScriptedPipeline) else given
    options: dict[str, object] = {
        "model": "extractive",
        "list_models": lambda: MODELS,
        "make_answerer": NamedAnswerer,
        "private": True,
    }
    return ChatApp(opener, **{**options, **changes})  # type: ignore[arg-type]


def screen_text(app: ChatApp) -> str:
    """Return what stands on the screen, line by line."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], holds: Callable[[], bool], seconds: float = 8.0) -> None:
    """Let the app run until something holds; fail when it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await pilot.pause(0.02)
        if holds():
            await pilot.pause()
            return
    raise AssertionError("timed out; on screen:\n" + screen_text(pilot.app))  # type: ignore[arg-type]


async def send(pilot: Pilot[None], text: str) -> None:
    """Type a line into the input and press Enter."""
    prompt = pilot.app.screen_stack[0].query_one("#prompt")
    prompt.text = text  # type: ignore[attr-defined]
    await pilot.press("enter")


async def ask(pilot: Pilot[None], text: str = "who led it?") -> None:
    """Ask and wait for the turn to end, however it ends."""
    await send(pilot, text)
    chat = pilot.app.chat  # type: ignore[attr-defined]
    await until(
        pilot,
        lambda: chat.selected is not None and chat.selected.state not in ("waiting", "asking"),
    )
