"""A long conversation: memory and open files over 300 turns, and how scrolling through 60 long ones feels.

    make bench-chat

The screen is the real one, drawn without a terminal; answers come from a script, so that only the chat is
measured. Targets: at most 20 KB of memory a turn, no more open files at the end than at the beginning;
no pause over 50 ms while scrolling through 60 answers of 500 words.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import time
from collections.abc import Iterator, Sequence

import numpy as np

from index.errors import QaError
from index.types import Article, Hit, Passage, Scope, Source
from qa.tui.app import ChatApp
from qa.tui.contracts import CorpusLike
from qa.types import Answer, Citation, Event, Finished, Message, Retrieved, Token, Usage

TURNS, LONG = 300, 60


class Script:
    """Answers every question with as many words as it is told to."""

    def __init__(self, words: int) -> None:
        self.answerer = None
        self._words = words

    @property
    def corpus(self) -> CorpusLike:
        raise QaError("there is none")

    def ask(
        self, question: str, *, history: Sequence[Message] = (), scope: Scope | None = None
    ) -> Iterator[Event]:
        """Yield the events of one question."""
        hits = tuple(_hit(question, rank) for rank in range(1, 9))
        yield Retrieved(hits, question)
        text = " ".join(f"word{n}" for n in range(self._words))
        for start in range(0, len(text), 400):
            yield Token(text[start : start + 400])
        passage = hits[0].passage
        cited = Citation(1, passage.passage_id, passage.source, passage.text[:80], 0, 80, True)
        yield Finished(
            Answer(
                question, f"{text} [1]", None, False, None, "script", (cited,), hits, Usage(), {}
            )
        )

    def article(self, article_id: str) -> Article:
        """Return nothing of interest."""
        return Article(Source(article_id, article_id), "text", "text")

    def describe(self) -> str:
        """Return a line."""
        return "a script"


def _hit(question: str, rank: int) -> Hit:
    source = Source(f"{question}-{rank}", f"Title of {question} {rank}", "Outlet", "2025-05-01")
    text = f"{question} {rank} " + "some words of a passage. " * 40
    return Hit(rank, 0.5, Passage(f"{question}-{rank}#1", source, 0, len(text), text), 0.5)


def main() -> None:
    """Print the figures against the targets."""
    asyncio.run(_soak())
    asyncio.run(_scroll())


def _app(words: int) -> ChatApp:
    script = Script(words)
    return ChatApp(
        lambda: script,  # type: ignore[arg-type,return-value]
        model="extractive",
        list_models=lambda: [],
        make_answerer=lambda name: None,  # type: ignore[arg-type,return-value]
        private=True,
    )


async def _ask(app: ChatApp, question: str) -> None:
    app.chat.ask(question)
    view = app.chat.conversation.views[-1]
    while view.state != "done":
        await asyncio.sleep(0.005)


async def _soak() -> None:
    app = _app(150)
    memory, handles = [], []
    async with app.run_test(size=(120, 40)):
        for number in range(TURNS):
            await _ask(app, f"question {number}?")
            if number % 10 == 9:
                gc.collect()
                memory.append(_resident())
                handles.append(len(os.listdir("/proc/self/fd")))
    # The first hundred turns fill the screen and the allocator's arenas.
    settled = memory[10:]
    slope = np.polyfit(np.arange(len(settled)) * 10, settled, 1)[0] / 1024
    print(
        f"memory over the last {len(settled) * 10} of {TURNS} turns: {slope:.1f} KB a turn (target 20)"
    )
    print(f"open files: {handles[0]} after 10 turns, {handles[-1]} after {TURNS}")


async def _scroll() -> None:
    app = _app(500)
    async with app.run_test(size=(120, 40)) as pilot:
        for number in range(LONG):
            await _ask(app, f"question {number}?")
        await pilot.pause(0.5)
        talk = app.chat.conversation
        pauses = []
        for _ in range(80):
            began = time.thread_time()  # what else the machine does is not the chat's fault
            talk.scroll_relative(y=-20, animate=False)
            await pilot.pause()
            pauses.append((time.thread_time() - began) * 1000)
    ordered = sorted(pauses)
    print(
        f"scrolling through {LONG} answers of 500 words: half a page in {statistics.median(pauses):.0f} ms "
        "of processor time, "
        f"99 of 100 within {ordered[int(len(ordered) * 0.99)]:.0f} ms (target 50)"
    )


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
