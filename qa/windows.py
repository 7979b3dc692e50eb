"""Which sentences the reader reads, and in what company: a sentence is understood by its neighbours.

The reader takes far longer than all the rest, so it gets a bounded amount of text: the likeliest sentences by
their words, each with the one before and the one after, those of a passage that touch read as one window.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from qa.reader import SENTENCES, Window

BUDGET = 3200
"""Characters read for a question, about 800 tokens."""

_LONGEST = 800
"""Characters of a window, so that it fits with the question into what the reader can take."""


class Readable(Protocol):
    """A sentence of a passage, with the one before it."""

    @property
    def text(self) -> str:
        """The sentence."""

    @property
    def before(self) -> str:
        """The sentence before it, or nothing."""


T = TypeVar("T", bound=Readable)


def choose(
    passages: Sequence[Sequence[T]], order: Sequence[tuple[int, int]], budget: int = BUDGET
) -> list[list[T]]:
    """Return runs of neighbouring sentences to read, the likeliest first.

    `passages` are the sentences of each passage, `order` their places (passage, sentence), best first.
    What does not fit into `budget` any more is not read.
    """
    taken: dict[int, set[int]] = {}
    spent = 0
    for p, i in order:
        own = taken.setdefault(p, set())
        # The sentence itself first: its neighbours come only as far as there is room.
        for k in (i, i - 1, i + 1):
            if 0 <= k < len(passages[p]) and k not in own:
                size = len(passages[p][k].text)
                if spent and spent + size > budget:
                    break
                own.add(k)
                spent += size
        if spent >= budget * 0.97:
            break
    return [run for p, chosen in taken.items() for run in _runs(passages[p], sorted(chosen))]


def _runs(sentences: Sequence[T], chosen: Sequence[int]) -> list[list[T]]:
    runs: list[list[T]] = []
    last, size = -2, 0
    for k in chosen:
        length = len(sentences[k].text)
        if k != last + 1 or size + length > _LONGEST or len(runs[-1]) == SENTENCES:
            runs.append([])
            size = 0
        runs[-1].append(sentences[k])
        last, size = k, size + length
    return runs


def window(title: str, run: Sequence[T]) -> Window:
    """Return a run of sentences as the reader takes it."""
    return Window(title, run[0].before, tuple(s.text for s in run))
