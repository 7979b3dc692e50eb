"""One call of a model that writes, and how it ended: what passes between those who ask and those who send.

Left out: sending it; `qa.completion` does, in this process or, through `qa.client`, in one of its own.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from qa.config import ModelOptions
from qa.destinations import Destination
from qa.types import Usage

BEAT_S = 0.25
"""While nothing comes, an empty piece is yielded this often, so that a reader can stop in between."""

T = TypeVar("T")


def returned(steps: Generator[object, None, T]) -> T:
    """Run a generator to its end and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of which model."""

    model: str
    where: Destination
    options: ModelOptions
    messages: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class End:
    """How the call ended: `cut` says why the text is not whole, None where it is."""

    cut: str | None
    usage: Usage
