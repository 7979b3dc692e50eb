"""What the threads and the widgets tell the screen; `number` is the turn that is meant.

Left out: what the screen does about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message

from index.types import Article, Hit
from qa.tui.contracts import ModelChoice, PipelineLike
from qa.types import Answer, Answerer


@dataclass
class PipelineReady(Message):
    """The index is open; `place` is where the model runs, None when nobody knows."""

    pipeline: PipelineLike
    description: str
    place: str | None


@dataclass
class PipelineFailed(Message):
    """The index could not be opened."""

    message: str
    hint: str | None


@dataclass
class HitsFound(Message):
    """The passages were found; `question` is the one that was searched for."""

    number: int
    hits: tuple[Hit, ...]
    question: str


@dataclass
class AnswerFinished(Message):
    """The checked answer came."""

    number: int
    answer: Answer


@dataclass
class AskFailed(Message):
    """The answer ended in an error."""

    number: int
    message: str
    hint: str | None


@dataclass
class ModelsListed(Message):
    """The models that could be used; `wanted` is the one that the person named, if any."""

    choices: Sequence[ModelChoice]
    wanted: str | None


@dataclass
class ModelReady(Message):
    """Another answerer was made."""

    name: str
    place: str | None
    answerer: Answerer


@dataclass
class ArticleLoaded(Message):
    """The article behind a citation was read."""

    article: Article


@dataclass
class Trouble(Message):
    """Something that was asked for beside an answer failed."""

    message: str
    hint: str | None = None


@dataclass
class Submitted(Message):
    """The person sent what stood in the input."""

    text: str


@dataclass
class CitationChosen(Message):
    """The person wants to read a source: `position` counts from 0 in the evidence of that turn."""

    turn: int
    position: int


@dataclass
class TurnChosen(Message):
    """The person clicked on an earlier turn."""

    number: int
