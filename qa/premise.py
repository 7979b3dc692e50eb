"""What a question takes for granted, against what a sentence and its surroundings say.

"Who led Ukraine's delegation?" is not answered by "the Russian delegation was led by …", nor the third round by the
second, nor a question on July 2023 by an article on July 2024. Only what stands in the question by name, number or
date is compared: an error in its common words is for the reader to notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

from index.lexical import terms
from qa.days import Day, borne_out, days
from qa.question import Question
from qa.sentence import Sentence
from qa.words import COMMON, norms, plain

_TOKEN = re.compile(r"[^\W_]+(?:[-–.][^\W_]+)*(?:['’]s\b)?")
_ORDINALS = frozenset(
    "first second third fourth fifth sixth seventh eighth ninth tenth last next previous".split()
)
_MODEL = re.compile(r"\b([A-Za-z][\w’']*[A-Za-z])[- –](\d+)\b")
_TWO_MONTHS = re.compile(r"\b[A-Z][a-z]{2,8} (?:and|to|or|[-–]) $")
_SAID_ON = re.compile(
    r"\b(?:said|says|told|wrote|announced|reported|found|ruled)\s+(?:\w+\s+){0,2}?on\s+$"
)
_WHO_SAID = re.compile(
    r"^\W*who (?:\w+ )?(?:said|says|called|calls|described|told|wrote|warned|used|spoke)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"]([^“”\"]+)[”\"]")
_LATELY = 14
"""Days from an article's own within which a sentence tells its news."""

_NOT_TOLD_APART = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday mr mrs ms dr president the".split()
)


def rival(s: Sentence, question: Question) -> bool:
    """Whether the sentence says of another what the question asks: another name or ordinal before the same noun.

    Or another number behind the same name ("Luna-24" for "Luna-25").
    """
    near = f"{s.source.title} {s.before} {s.text}"
    held = {n for word in re.findall(r"\w+", plain(near)) for n in norms(word)}
    said = dict[str, set[str]]()
    for first, second in _pairs(s.text):
        said.setdefault(second, set()).add(first)
    for first, second in _pairs(question.asked):
        # an ordinal is told apart from ordinals, a name from names
        others = {o for o in said.get(second, set()) if (o in _ORDINALS) is (first in _ORDINALS)}
        if others and not _held(first, held) and not any(_alike(first, o) for o in others):
            return True
    passage = plain(s.hit.passage.text + " " + s.source.title).casefold()
    for match in _MODEL.finditer(question.asked):
        name, number = match[1].casefold(), match[2]
        if name in COMMON | _NOT_TOLD_APART:
            continue
        others = set(re.findall(rf"\b{re.escape(plain(name))}[- –]?(\d+)\b", passage))
        if others and number not in others:
            return True
    return False


def away(s: Sentence, question: Question) -> bool:
    """Whether neither the sentence, nor the one before it, nor its title holds a name of the question."""
    starts = {term[:5] for term in s.context}
    words = [w for n in question.own_names for w in re.findall(r"\w{3,}", n)]
    return any(t[:5] not in starts for w in words for t in terms(w))


def elsewhen(s: Sentence, question: Question) -> bool:
    """Whether the question names a month, a day or a year that neither the passage nor its date bears out.

    Or a day of a month, where the sentence names other days and not that one.
    """
    asked = question.asked
    claimed = [
        # "in May and June 2025": either month
        replace(d, month=None) if _TWO_MONTHS.search(asked[: d.start]) else d
        for d in days(asked)
        if d.year or d.month
    ]
    if not claimed:
        return False
    source = s.source
    published = date.fromisoformat(source.published) if source.published else None
    exact = [d for d in claimed if d.month and d.day]
    told = [d for d in days(s.text) if d.month and d.day]
    if exact and told and not any(_same_day(d, t) for d in exact for t in told):
        return True
    if _of_another_year(s, claimed, published):
        return True
    held = days(f"{source.title}\n{s.hit.passage.text}")
    return not any(borne_out(d, held, published) for d in claimed)


def quotes(s: Sentence, question: Question) -> bool:
    """Whether a sentence holds the words, two at least, of which the question asks who said them."""
    if not _WHO_SAID.match(question.asked):
        return False
    asked = [
        " ".join(re.findall(r"\w+", found[1].casefold()))
        for found in _QUOTED.finditer(question.asked)
    ]
    said = " ".join(re.findall(r"\w+", s.text.casefold()))
    return any(" " in words and words in said for words in asked)


def _of_another_year(s: Sentence, claimed: list[Day], published: date | None) -> bool:
    """Whether it tells of days of its article's year, and the question of another year that nothing near it names.

    "Two people died on Saturday", of 2026, tells nothing of the flood of 1998, though that is named further on.
    """
    years = {d.year for d in claimed}
    if not published or None in years or published.year in years:
        return False
    near = f"{s.source.title} {s.before} {s.text}"
    if any(str(year) in near for year in years):
        return False
    told = [
        day
        for d in days(s.text)
        if not _SAID_ON.search(s.text[: d.start])
        for day in d.exact(published)
    ]
    return bool(told) and all(abs((day - published).days) <= _LATELY for day in told)


def _same_day(a: Day, b: Day) -> bool:
    return (a.month, a.day) == (b.month, b.day) and (not a.year or not b.year or a.year == b.year)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Each name or ordinal with the common noun right behind it, both as words are compared."""
    tokens = [m[0] for m in _TOKEN.finditer(plain(text))]
    for first, name, second in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if first.casefold() in _ORDINALS and name[:1].isupper() and second[:1].islower():
            yield norms(first)[0], norms(second)[0]  # "the second Istanbul round"
    for place, (first, second) in enumerate(pairwise(tokens)):
        bare = re.sub(r"['’]s$", "", first)
        named = (place > 0 and bare[:1].isupper()) or (first != bare and bare[:1].isupper())
        ordinal = bare.casefold() in _ORDINALS
        low = second.casefold()
        if not (named or ordinal) or not second[:1].islower() or low in COMMON or len(low) < 4:
            continue
        if bare.casefold() in _NOT_TOLD_APART | COMMON:
            continue
        yield norms(bare)[0], norms(second)[0]


def _alike(a: str, b: str) -> bool:
    """Whether two forms may be of one name: "Ukraine", "Ukrainian"."""
    return a[:4] == b[:4]


def _held(name: str, words: set[str]) -> bool:
    if name in _ORDINALS:
        return name in words
    return any(_alike(name, w) for w in words - _ORDINALS)
