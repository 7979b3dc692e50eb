"""The answer in a few words: the reader's span, brought to the form that the question asks for.

"7,000 flights over five days" is "about 7,000" to "how many flights"; "the culture minister" is "Rachida
Dati" to "which minister". Why and how have no short answer.
"""

from __future__ import annotations

import re

from qa import spans
from qa.question import Question

_MEASURED = ("money", "quantity", "duration")
_NEAR = 60
"""Characters between the reader's span and a part of the right form that may stand for it."""

_RANGE = re.compile(r"\s*(?:and|to|or|-|–|—)\s*")
_LIST = re.compile(r",?\s*(?:and\s+)?")
_BETWEEN = re.compile(r"\b(?:between|from)\s+$", re.IGNORECASE)
_LEADS = re.compile(r"^(?:by|in|on|at|of|to|that|with|from|for|as)\s+", re.IGNORECASE)


def short_answer(
    sentence: str, span: tuple[int, int], question: Question
) -> tuple[int, int] | None:
    """Return the `(start, end)` of the short answer in a sentence whose best span is `span`."""
    if question.kind in ("why", "how") or span[0] >= span[1]:
        return None
    forms = spans.candidates(sentence, question)
    if not forms or question.kind == "other":
        return _trimmed(sentence, span)
    inside = [f for f in forms if f[0] < span[1] and span[0] < f[1]]
    if question.kind in _MEASURED:
        return _measure(sentence, span, inside or _nearest(forms, span), question)
    if question.kind == "when":
        found = inside or _nearest(forms, span)
        return (
            max(found, key=lambda f: _precision(sentence[slice(*f)]))
            if found
            else _trimmed(sentence, span)
        )
    if not inside and not re.search(r"[A-ZÀ-ÖØ-Þİ]", sentence[slice(*span)]):
        near = _nearest(forms, span)
        return near[0] if near else _trimmed(sentence, span)
    return _trimmed(sentence, span)


def _measure(
    sentence: str, span: tuple[int, int], found: list[tuple[int, int]], question: Question
) -> tuple[int, int]:
    """A figure, or a range of two."""
    if not found:
        return _trimmed(sentence, span)
    first = found[0]
    if question.kind == "duration":  # one year, six months and nine days
        for second in found[1:]:
            if not _LIST.fullmatch(sentence, first[1], second[0]):
                break
            first = (first[0], second[1])
        return first
    for second in found[1:]:
        if _RANGE.fullmatch(sentence, first[1], second[0]):
            between = _BETWEEN.search(sentence[: first[0]])
            return (between.start() if between else first[0], second[1])
    return first


def _nearest(forms: list[tuple[int, int]], span: tuple[int, int]) -> list[tuple[int, int]]:
    """The part of the right form that is next to the span, if one is near."""
    apart = {f: max(f[0] - span[1], span[0] - f[1], 0) for f in forms}
    best = min(forms, key=lambda f: apart[f])
    return [best] if apart[best] <= _NEAR or len(forms) == 1 else []


def _precision(text: str) -> tuple[bool, bool, int]:
    """How much a date says: a day of a month above a year above a weekday."""
    figures = bool(re.search(r"\d", text))
    return figures, bool(re.search(r"[A-Z][a-z]{2}", text)), len(text)


def _trimmed(sentence: str, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    if (lead := _LEADS.match(sentence[start:end])) is not None and lead.end() < end - start:
        start += lead.end()
    return start, end
