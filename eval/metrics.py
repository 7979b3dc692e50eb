"""The metrics, one function each in a table, and the scores of one case.

A metric answers with a number or with why there is none; "could not score" is never zero. To add
one is a function and a line in `METRICS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from eval.cases import Case
from eval.match import exact, holds_any, overlaps, token_f1, tokens, without_markers
from eval.ranking import NAMES, rank_articles
from eval.summary import Summary, summarise

__all__ = [
    "LOWER_IS_BETTER",
    "METRICS",
    "Metric",
    "Result",
    "Summary",
    "Unscored",
    "score",
    "summarise",
]


@dataclass(frozen=True, slots=True)
class Unscored:
    """Why a metric has no value for a case."""

    why: str


@dataclass(frozen=True)  # no slots: the ranking is worked out once and kept
class Result:
    """What came of a case, beside what would have been right.

    `gold` maps the ids of the relevant articles to their grades; `articles` are those of the hits,
    in order, repeats and all; `answered` is False when only the search was run.
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

    @cached_property
    def ranking(self) -> dict[str, float]:
        """Every ranking metric at once."""
        return rank_articles(self.articles, self.gold)

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


def score(result: Result) -> tuple[dict[str, float | None], dict[str, str]]:
    """Return the value of every metric (None where there is none) and why those have none."""
    scores: dict[str, float | None] = {}
    unscored: dict[str, str] = {}
    for name, metric in METRICS.items():
        value = Unscored(f"error: {result.error}") if result.error is not None else metric(result)
        if isinstance(value, Unscored):
            scores[name], unscored[name] = None, value.why
        else:
            scores[name] = value
    return scores, unscored


def _ranked(name: str) -> Metric:
    """Make the function of one ranking metric."""
    cut = int(name.partition("@")[2])

    def metric(result: Result) -> Score:
        if (missing := _no_evidence(result)) is not None:
            return missing
        if result.depth < cut:
            return Unscored(f"only {result.depth} hits were kept; run with --depth {cut} or more")
        return result.ranking[name]

    metric.__doc__ = f"{name} over articles."
    return metric


def _no_evidence(result: Result) -> Unscored | None:
    if not result.case.answerable:
        return UNANSWERABLE
    return (
        None if any(grade > 0 for grade in result.gold.values()) else Unscored("no gold evidence")
    )


def _no_answer(result: Result) -> Unscored | None:
    if not result.answered:
        return NOT_ANSWERED
    if not result.case.answerable:
        return UNANSWERABLE
    return (
        None
        if any(tokens(text) for text in result.case.answers)
        else Unscored("no accepted answer")
    )


def _answers(result: Result) -> list[str]:
    """The accepted answers that have a word left once normalised, as in the SQuAD script."""
    return [text for text in result.case.answers if tokens(text)]


def exact_match(result: Result) -> Score:
    """Whether the short answer (else the answer) is one of the accepted ones."""
    return _no_answer(result) or max(exact(gold, result.prediction) for gold in _answers(result))


def f1(result: Result) -> Score:
    """Token F1 of the short answer (else the answer) with the accepted answer that is nearest."""
    return _no_answer(result) or max(token_f1(gold, result.prediction) for gold in _answers(result))


def contains(result: Result) -> Score:
    """Whether an accepted answer stands in the answer or its short form; not if it abstained."""
    if (missing := _no_answer(result)) is not None:
        return missing
    said = "" if result.abstained else without_markers(result.answer)
    short = result.short if result.short and not result.abstained else ""
    return float(holds_any(said, result.case.answers) or holds_any(short, result.case.answers))


def cited(result: Result) -> Score:
    """Whether the first citation's quote holds an accepted answer, or is a gold sentence.

    Without a citation it is 0: nothing was shown. Later citations do not help.
    """
    return _cited(result, result.quotes[:1])


def cited_any(result: Result) -> Score:
    """Whether any citation's quote holds an accepted answer, or is a gold sentence."""
    return _cited(result, result.quotes)


def _cited(result: Result, quotes: Sequence[str]) -> Score:
    if not result.answered:
        return NOT_ANSWERED
    case = result.case
    if not case.answerable:
        return UNANSWERABLE
    if not (any(map(tokens, case.answers)) or any(map(tokens, case.quotes))):
        return Unscored("no accepted answer and no gold sentence")
    gold = [quote for quote in case.quotes if tokens(quote)]
    return float(
        any(
            tokens(quote)
            and (any(overlaps(quote, g) for g in gold) or holds_any(quote, case.answers))
            for quote in quotes
        )
    )


def citation_precision(result: Result) -> Score:
    """The share of the cited articles that are evidence."""
    if (missing := _uncitable(result)) is not None:
        return missing
    articles = set(result.cited)
    if not articles:
        return Unscored("nothing was cited")
    return len(articles & _relevant(result)) / len(articles)


def citation_recall(result: Result) -> Score:
    """The share of the evidence that is cited.

    Evidence often lists alternatives (near-copies of one report), and an answer need not cite them
    all: `citation_hit` asks for one.
    """
    return _uncitable(result) or len(set(result.cited) & _relevant(result)) / len(_relevant(result))


def citation_hit(result: Result) -> Score:
    """Whether any piece of the evidence is cited."""
    return _uncitable(result) or float(bool(set(result.cited) & _relevant(result)))


def _relevant(result: Result) -> set[str]:
    return {article for article, grade in result.gold.items() if grade > 0}


def _uncitable(result: Result) -> Unscored | None:
    return _no_evidence(result) if result.answered else NOT_ANSWERED


def abstention(result: Result) -> Score:
    """Whether it answered what has an answer and abstained from what has none."""
    return (
        float(result.abstained is not result.case.answerable) if result.answered else NOT_ANSWERED
    )


def abstention_precision(result: Result) -> Score:
    """Of the questions it abstained from, the share that has no answer."""
    if not result.answered:
        return NOT_ANSWERED
    return float(not result.case.answerable) if result.abstained else Unscored("did not abstain")


def abstention_recall(result: Result) -> Score:
    """Of the questions that have no answer, the share it abstained from."""
    if not result.answered:
        return NOT_ANSWERED
    return (
        Unscored("the question has an answer")
        if result.case.answerable
        else float(result.abstained)
    )


def false_abstention(result: Result) -> Score:
    """Of the questions that have an answer, the share it abstained from; the lower the better."""
    if not result.answered:
        return NOT_ANSWERED
    return float(result.abstained) if result.case.answerable else UNANSWERABLE


METRICS: dict[str, Metric] = {
    **{name: _ranked(name) for name in NAMES},
    "exact_match": exact_match,
    "f1": f1,
    "contains": contains,
    "cited": cited,
    "cited_any": cited_any,
    "citation_precision": citation_precision,
    "citation_recall": citation_recall,
    "citation_hit": citation_hit,
    "abstention": abstention,
    "abstention_precision": abstention_precision,
    "abstention_recall": abstention_recall,
    "false_abstention": false_abstention,
}

LOWER_IS_BETTER = frozenset({"false_abstention"})
