"""Metrics of the answer's words: exact match, token F1, contains, figures and dates.

They compare with the accepted answers only; whether another wording means the same, a judge may say.
"""

from __future__ import annotations

from eval.figures import dates, figures, leading_date, leading_figure
from eval.match import exact, holds_any, token_f1, tokens, without_markers
from eval.result import NOT_ANSWERED, UNANSWERABLE, Metric, Result, Score, Unscored

TOLERANCE = 0.01
COUNTED = 10_000
"""Whole figures without a unit below it are counts: they must be right to the last digit."""


def _no_answer(result: Result) -> Unscored | None:
    if not result.answered:
        return NOT_ANSWERED
    if not result.case.answerable:
        return UNANSWERABLE
    known = any(tokens(text) for text in result.case.answers)
    return None if known else Unscored("no accepted answer")


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


def number_within(tolerance: float | None = None) -> Metric:
    """Make the metric that compares figures, equal up to a share `tolerance`.

    Without one it is 1 %, and nothing for counts (whole, without a unit, below 10,000).
    """

    def number(result: Result) -> Score:
        """Whether the answer holds the accepted figure, in any unit of its kind."""
        if (missing := _no_answer(result)) is not None:
            return missing
        wanted = [f for text in result.case.answers if (f := leading_figure(text))]
        if not wanted:
            return Unscored("no accepted answer is a figure")
        said = figures(result.prediction)
        for gold in wanted:
            counted = gold.dimension is None and gold.value % 1 == 0 and abs(gold.value) < COUNTED
            allowed = tolerance if tolerance is not None else 0.0 if counted else TOLERANCE
            if any(gold.near(figure, allowed) for figure in said):
                return 1.0
        return 0.0

    return number


def date(result: Result) -> Score:
    """Whether the answer holds the accepted date, written in any way, at least as finely."""
    if (missing := _no_answer(result)) is not None:
        return missing
    wanted = [d for text in result.case.answers if (d := leading_date(text))]
    if not wanted:
        return Unscored("no accepted answer is a date")
    said = dates(result.prediction)
    return float(any(found.answers(gold) for gold in wanted for found in said))
