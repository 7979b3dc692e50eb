"""What a metric is given (a case and what came of it), and what it may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from eval.cases import Case
from eval.match import without_markers
from eval.ranking import NAMES, rank_articles


@dataclass(frozen=True, slots=True)
class Unscored:
    """Why a metric has no value for a case."""

    why: str


@dataclass(frozen=True)  # no slots: the ranking is worked out once and kept
class Result:
    """What came of a case, beside what would have been right.

    `gold` maps the ids of the relevant articles to their grades; `articles` are those of the hits,
    in order, repeats and all; `answered` is False when only the search was run. `verdicts` are the
    code's on each sentence of the answer, `missing` the particulars that no cited passage holds
    (None where nothing was judged), `verified` whether each citation was compared with the store,
    `dropped` how many markers led nowhere, `judged` a judge's marks by name.
    """

    case: Case
    gold: Mapping[str, int]
    articles: Sequence[str] = ()
    depth: int = 50
    answered: bool = True
    answer: str = ""
    short: str | None = None
    abstained: bool = False
    cited: Sequence[str] = ()  # article ids, in the order of the citations
    quotes: Sequence[str] = ()  # what the citations quote
    error: str | None = None
    verified: Sequence[bool] = ()
    verdicts: Sequence[str] = ()
    missing: Sequence[str] | None = None
    dropped: int = 0
    judged: Mapping[str, float] = field(default_factory=dict)
    names: tuple[str, ...] = NAMES  # the ranking metrics that are asked for

    @cached_property
    def ranking(self) -> dict[str, float]:
        """Every ranking metric at once."""
        return rank_articles(self.articles, self.gold, self.names)

    @property
    def prediction(self) -> str:
        """What is compared: the short answer, else the text; nothing if it abstained."""
        if self.abstained:
            return ""
        return self.short if self.short is not None else without_markers(self.answer)


Score = float | Unscored
Metric = Callable[[Result], Score]
NOT_ANSWERED = Unscored("retrieval only")
UNANSWERABLE = Unscored("the question has no answer in the articles")
NO_GOLD = Unscored("no gold evidence")


def no_evidence(result: Result) -> Unscored | None:
    """Say why evidence cannot be scored, or None."""
    if not result.case.answerable:
        return UNANSWERABLE
    return None if any(grade > 0 for grade in result.gold.values()) else NO_GOLD
