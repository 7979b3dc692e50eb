"""What the threads and the widgets tell the screen; `number` is the turn that is meant.

Left out: what the screen does about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.message import Message

from index.types import Article, Hit
from qa.tui.contracts import FoundCase, ModelChoice, PipelineLike
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
class CorpusDescribed(Message):
    """What was read of the index after it was opened: outlets by name, and first questions."""

    outlets: tuple[str, ...]
    newest: str | None
    questions: tuple[str, ...]


@dataclass
class FilesChanged(Message):
    """Files were added, changed or taken away since the index was made."""

    new: int
    changed: int
    gone: int


@dataclass
class Indexing(Message):
    """How far the indexer is."""

    phase: str
    done: int
    total: int


@dataclass
class Indexed(Message):
    """The indexer ended; `problem` says why when it did not do its work."""

    told: str
    problem: bool = False
    hint: str | None = None


@dataclass
class HitsFound(Message):
    """The passages were found; `question` is the one that was searched for."""

    number: int
    hits: tuple[Hit, ...]
    question: str


@dataclass
class AnswerFinished(Message):
    """The checked answer came; `sent` are the messages that the model was sent for it."""

    number: int
    answer: Answer
    sent: Sequence[Mapping[str, str]] = ()


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
    """Something that was asked for beside an answer failed; it is said in the status line too."""

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
class StoryWanted(Message):
    """The person wants to see who else tells the story of a source."""

    story: str


@dataclass
class TurnChosen(Message):
    """The person clicked on an earlier turn."""

    number: int


@dataclass
class ChipChosen(Message):
    """The person wants a filter taken away: the name of the command that set it, and its value."""

    name: str
    value: str


@dataclass
class SuggestionChosen(Message):
    """The person took one of the questions that were suggested."""

    question: str


@dataclass
class CompletionChosen(Message):
    """The person took one of the completions that were offered."""

    text: str


@dataclass
class CaseFound(Message):
    """A case of an evaluation run is to be asked again."""

    case: FoundCase


@dataclass
class HistoryRead(Message):
    """What was asked in earlier conversations, oldest first, and the draft that was left."""

    questions: tuple[str, ...]
    draft: str
