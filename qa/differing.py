"""What articles of different stories give differently for the same thing: a figure, a day, a name.

All of them are shown with outlet and date; which is right is not said. Copies of one story count once. Two days or
names differ only where the sentences say nearly the same otherwise: else they are of two events, not of two views.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from index.lexical import terms
from qa import weights
from qa.days import days
from qa.figures import agree, figures
from qa.question import Question
from qa.sentence import Sentence, origin, overlap
from qa.short import short_of
from qa.types import Draft

SHOWN = 3

_SOON = timedelta(days=14)

_BESIDE = 40
"""Characters after a figure in which what it counts must be named."""

_ALIKE, _COUNTED_ALIKE = 0.5, 0.35
"""Of the terms of two sentences, without the values, the share from which they speak of the same thing."""

_FIRST = re.compile(
    r"\b(?:did|was|were|had)\b[^?]*[^?\s] (?<!the )first\b|\b(?:initial(?:ly)?|original(?:ly)?|opening)\b",
    re.IGNORECASE,
)
"""What asks for the oldest of the values: it comes first."""

_COUNTED = re.compile(
    r"\bhow many (?:\w+ )??(\w+)(?= (?:did|do|does|were|was|are|is|has|have|had|will|would)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """What a sentence gives as the answer."""

    sentence: Sentence
    text: str


def values(ranked: Sequence[Sentence], question: Question, short: str | None) -> list[Value]:
    """Return the best sentence's value and those that differ from it, one a story; one alone where none does."""
    if question.kind not in ("money", "quantity", "duration", "when", "who") or not short:
        return []
    best = ranked[0]
    if not _names(best, question):
        return []
    found = [Value(best, short)]
    for s in ranked[1:]:
        if s.score < best.score - weights.MARGIN or s.story in {v.sentence.story for v in found}:
            continue
        if s.features["misfit"] or s.features["elsewhen"] or s.features["rival"]:
            continue
        if not _names(s, question):
            continue
        said = short_of(s, question)
        if said and all(_differ(Value(s, said), value, question) for value in found):
            found.append(Value(s, said))
    if _FIRST.search(question.asked) and all(v.sentence.source.published for v in found):
        found.sort(key=lambda v: v.sentence.source.published or "")
    return found


def _names(s: Sentence, question: Question) -> bool:
    """Whether the sentence, or the one before it, holds a name of the question, if that has any.

    A title does not do: an article called after one event tells of others.
    """
    names = question.own_names
    said = {term[:5] for term in terms(f"{s.before} {s.text}")}
    return not names or any(t[:5] in said for n in names for t in terms(n))


def draft(found: Sequence[Value]) -> Draft:
    """Return all values in a line with outlet and date, and the sentences that give them below."""
    found = found[:SHOWN]
    row = " · ".join(f"{v.text} ({origin(v.sentence)}) [{n}]" for n, v in enumerate(found, 1))
    lines = "\n".join(f"{v.sentence.text} [{n}]" for n, v in enumerate(found, 1))
    return Draft(
        f"{row}\n{lines}",
        short=" · ".join(v.text for v in found),
        spans=tuple(v.sentence.span for v in found),
        notes=(
            f"the articles give different values{', at different times' if _apart(found) else ''}",
        ),
    )


def _apart(found: Sequence[Value]) -> bool:
    """Whether the articles are of days so far apart that what they tell may have changed."""
    told = [v.sentence.source.published for v in found]
    known = [date.fromisoformat(day) for day in told if day]
    return bool(known) and max(known) - min(known) > _SOON


def _differ(a: Value, b: Value, question: Question) -> bool:
    if question.kind == "when":
        return _alike(a, b) and _other_day(a, b)
    if question.kind == "who":
        return _alike(a, b) and _other_name(a, b)
    return _other_figure(a, b, question)


def _alike(a: Value, b: Value) -> bool:
    """Whether two sentences say the same but for their values."""
    first, second = (v.sentence.terms - set(terms(v.text)) for v in (a, b))
    context = (v.sentence.features["context"] for v in (a, b))
    shared = len(first & second) / max(min(len(first), len(second)), 1)
    return shared >= _ALIKE and min(*context) >= 0.6


def _other_day(a: Value, b: Value) -> bool:
    first, second = _days(a, a.text), _days(b, b.text)
    return bool(first and second) and not (
        first & _days(b, b.sentence.text) or second & _days(a, a.sentence.text)
    )


def _days(v: Value, text: str) -> set[date]:
    published = v.sentence.source.published
    day = date.fromisoformat(published) if published else None
    return {d for found in days(text) if found.clock is None for d in found.exact(day)}


def _other_name(a: Value, b: Value) -> bool:
    """Whether both are names of two words or more, and neither sentence holds a word of the other's."""
    first, second = (re.findall(r"[^\W\d_]{2,}", v.text) for v in (a, b))
    if any(len(n) < 2 or not all(w[0].isupper() for w in n) for n in (first, second)):
        return False
    return not any(w in b.sentence.text for w in first) and not any(
        w in a.sentence.text for w in second
    )


def _other_figure(a: Value, b: Value, question: Question) -> bool:
    """Whether two sentences count the same thing differently."""
    ours, theirs = figures(a.text), figures(b.text)
    if not ours or not theirs or ours[0].unit != theirs[0].unit:
        return False
    counted = _COUNTED.search(question.text)
    context, best = a.sentence.features["context"], b.sentence.features["context"]
    if counted:  # how many prisoners: both speak of prisoners
        noun = set(terms(counted[1]))
        same_thing = context >= 0.5 * best and all(
            noun <= set(terms(v.sentence.text.partition(v.text)[2][:_BESIDE])) for v in (a, b)
        )
    else:
        same_thing = overlap(a.sentence, b.sentence) >= _COUNTED_ALIKE and context >= 0.9 * best
    held = figures(a.sentence.text), figures(b.sentence.text)
    shared = any(agree(f, theirs[0]) for f in held[0]) or any(agree(ours[0], f) for f in held[1])
    return same_thing and not shared and not agree(ours[0], theirs[0])
