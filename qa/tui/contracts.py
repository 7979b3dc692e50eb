"""What the chat needs of the rest of `qa`, as protocols, so that tests can drive it by a script.

Left out: how any of it is made; `qa.cli` wires the real parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from index.types import Article, Scope
from qa.types import Answerer, Event, Message

HERE = "this machine"


class PipelineLike(Protocol):
    """Answers questions and hands out articles.

    `ask` runs in a thread of its own and `article` in another at the same time; after a cancel, the
    next `ask` may begin while the one that was cancelled still waits on its model.
    """

    answerer: Answerer

    def ask(
        self, question: str, *, history: Sequence[Message] = (), scope: Scope = ...
    ) -> Iterator[Event]:
        """Yield the events of one question; closing the iterator cancels."""

    def article(self, article_id: str) -> Article:
        """Return the article with its full text."""

    def describe(self) -> str:
        """Say in one line what is indexed."""


class ModelChoice(Protocol):
    """One model that could be used; `place` is "this machine" or the host that would be called."""

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def available(self) -> bool: ...
    @property
    def note(self) -> str: ...


OpenPipeline = Callable[[], PipelineLike]
ListModels = Callable[[], Sequence[ModelChoice]]
MakeAnswerer = Callable[[str], Answerer]
