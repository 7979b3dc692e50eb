"""Metrics of abstaining, one case at a time; the curve over all cases is in `eval.coverage`."""

from __future__ import annotations

from eval.result import NOT_ANSWERED, UNANSWERABLE, Result, Score, Unscored


def abstention(result: Result) -> Score:
    """Whether it answered what has an answer and abstained from what has none."""
    if not result.answered:
        return NOT_ANSWERED
    return float(result.abstained is not result.case.answerable)


def abstention_precision(result: Result) -> Score:
    """Of the questions it abstained from, the share that has no answer."""
    if not result.answered:
        return NOT_ANSWERED
    return float(not result.case.answerable) if result.abstained else Unscored("did not abstain")


def abstention_recall(result: Result) -> Score:
    """Of the questions that have no answer, the share it abstained from."""
    if not result.answered:
        return NOT_ANSWERED
    if result.case.answerable:
        return Unscored("the question has an answer")
    return float(result.abstained)


def false_abstention(result: Result) -> Score:
    """Of the questions that have an answer, the share it abstained from; the lower the better."""
    if not result.answered:
        return NOT_ANSWERED
    return float(result.abstained) if result.case.answerable else UNANSWERABLE
