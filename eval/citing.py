"""Metrics of the citations: against the gold evidence by article and by sentence, and against the store.

Evidence and gold sentences often are alternatives (near-copies of one report), and an answer need not
cite them all: read recall with that in mind, `citation_hit` and `cited` ask for one.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.match import holds_any, overlaps, tokens
from eval.result import NOT_ANSWERED, UNANSWERABLE, Result, Score, Unscored, no_evidence

NOTHING = Unscored("nothing was cited")


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
    gold = _sentences(result)
    return float(
        any(
            tokens(quote)
            and (any(overlaps(quote, g) for g in gold) or holds_any(quote, case.answers))
            for quote in quotes
        )
    )


# ---------------------------------------------------------------- by article


def citation_precision(result: Result) -> Score:
    """The share of the cited articles that are evidence."""
    if (missing := _uncitable(result)) is not None:
        return missing
    articles = set(result.cited)
    return len(articles & _relevant(result)) / len(articles) if articles else NOTHING


def citation_recall(result: Result) -> Score:
    """The share of the evidence that is cited."""
    return _uncitable(result) or len(set(result.cited) & _relevant(result)) / len(_relevant(result))


def citation_f1(result: Result) -> Score:
    """The harmonic mean of both; 0 where nothing was cited."""
    return _uncitable(result) or _mean(citation_precision(result), citation_recall(result))


def citation_hit(result: Result) -> Score:
    """Whether any piece of the evidence is cited."""
    return _uncitable(result) or float(bool(set(result.cited) & _relevant(result)))


def _relevant(result: Result) -> set[str]:
    return {article for article, grade in result.gold.items() if grade > 0}


def _uncitable(result: Result) -> Unscored | None:
    return no_evidence(result) if result.answered else NOT_ANSWERED


# ---------------------------------------------------------------- by sentence


def quote_precision(result: Result) -> Score:
    """The share of the quoted sentences that are gold sentences."""
    if (missing := _unquotable(result)) is not None:
        return missing
    gold, quotes = _sentences(result), result.quotes
    if not quotes:
        return NOTHING
    return sum(any(overlaps(q, g) for g in gold) for q in quotes) / len(quotes)


def quote_recall(result: Result) -> Score:
    """The share of the gold sentences that are quoted."""
    if (missing := _unquotable(result)) is not None:
        return missing
    gold = _sentences(result)
    return sum(any(overlaps(q, g) for q in result.quotes) for g in gold) / len(gold)


def quote_f1(result: Result) -> Score:
    """The harmonic mean of both; 0 where nothing was quoted."""
    return _unquotable(result) or _mean(quote_precision(result), quote_recall(result))


def _sentences(result: Result) -> list[str]:
    return [quote for quote in result.case.quotes if tokens(quote)]


def _unquotable(result: Result) -> Unscored | None:
    if not result.answered:
        return NOT_ANSWERED
    if not result.case.answerable:
        return UNANSWERABLE
    return None if _sentences(result) else Unscored("no gold sentence")


def _mean(precision: Score, recall: Score) -> float:
    if isinstance(precision, Unscored) or isinstance(recall, Unscored) or not precision + recall:
        return 0.0
    return 2 * precision * recall / (precision + recall)


# ---------------------------------------------------------------- against the store


def verified(result: Result) -> Score:
    """The share of the quotes that were found at their place in the stored article."""
    if not result.answered:
        return NOT_ANSWERED
    return sum(result.verified) / len(result.verified) if result.verified else NOTHING


def markers(result: Result) -> Score:
    """The share of the answer's markers that led to a passage it was given; the others were dropped."""
    if not result.answered:
        return NOT_ANSWERED
    known = len(result.cited)
    return known / (known + result.dropped) if known + result.dropped else NOTHING


def supported(result: Result) -> Score:
    """The share of the answer's sentences that are quotes or that a cited passage supports."""
    if not result.answered:
        return NOT_ANSWERED
    if not result.verdicts:
        return Unscored("no sentence was checked")
    return sum(verdict != "not found" for verdict in result.verdicts) / len(result.verdicts)


def unfounded(result: Result) -> Score:
    """How many names, figures, dates and quotations of the answer its cited passages do not hold."""
    if not result.answered:
        return NOT_ANSWERED
    if result.missing is None:
        return Unscored("no sentence was checked")
    return float(len(result.missing))
