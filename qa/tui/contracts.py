"""What the chat needs of the rest of `qa`, as protocols, so that tests can drive it by a script.

Left out: how any of it is made; `qa.cli` wires the real parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from index.types import Article, Hit, Scope, Source
from qa.types import Answerer, Event, Message

if TYPE_CHECKING:
    from index.corpus import Status
    from qa.sessions import Turn

HERE = "this machine"

Progress = Callable[[str, int, int], None]
"""Called with the phase, what is done, and the total."""


class CorpusLike(Protocol):
    """The index, to look around in; every method may be called from any thread."""

    store: Path

    def status(self) -> Status:
        """Say what is indexed and how fresh it is."""

    def sources(self) -> Sequence[Source]:
        """Return every article's source."""

    def story(self, story: str) -> Sequence[Source]:
        """Return the near-copies of a story, the first of them first."""

    def search(self, question: str, n: int, scope: Scope | None = None) -> Sequence[Hit]:
        """Return the best passages."""


class PipelineLike(Protocol):
    """Answers questions and hands out articles.

    `ask` runs in a thread of its own and `article` in another at the same time; after a cancel, the
    next `ask` may begin while the one that was cancelled still waits on its model.
    """

    answerer: Answerer

    @property
    def corpus(self) -> CorpusLike: ...

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


class IndexerLike(Protocol):
    """Makes and refreshes the index, in a process of its own, so that typing never waits for it."""

    @property
    def store(self) -> Path:
        """The folder of the index, there or not."""

    def missing(self) -> bool:
        """Say whether there is no index yet."""

    def changes(self) -> dict[str, int]:
        """Return how many files are `new`, `changed` and `gone` since it was made."""

    def count(self, roots: Sequence[Path]) -> dict[str, int]:
        """Return how many files under these roots would be read, by ending. Raises `QaError`."""

    def run(self, roots: Sequence[Path], progress: Progress) -> str:
        """Index (the roots of last time where none is named); return a line on what was done."""

    def stop(self) -> None:
        """End a run; what it embedded is kept."""


class FoundCase(NamedTuple):
    """A case of an evaluation run: what the run made of it in words, its earlier turns, and its question.

    Without a question it is a list of cases.
    """

    told: str
    question: str | None = None
    earlier: tuple[Turn, ...] = ()


OpenPipeline = Callable[[], PipelineLike]
ListModels = Callable[[], Sequence[ModelChoice]]
MakeAnswerer = Callable[[str], Answerer]
FindPlace = Callable[[str], str]
"""Where a model runs, by its name; asks nobody. Raises `QaError` for a name that means nothing."""
DescribeModel = Callable[[str], str]
"""Context size and price of a model in a few words, nothing where nobody knows; may take seconds."""
FindCase = Callable[[str], FoundCase]
"""What `RUN ID` names, or the misses of `RUN`; reads a file. Raises `QaError`."""
