"""Two questions in one: "who led the delegation and when did it arrive?", "when and where was she born?".

They are taken apart by their question words, answered each from the same passages, and put together again.
More than two, and questions without a question word, are left as they are.
"""

from __future__ import annotations

import re
from dataclasses import replace

from qa.followup import AUXILIARY, stand_alone
from qa.question import names_in, read_question
from qa.types import Draft, Message, Span
from qa.unsaid import content

_WORD = r"(?:who|whom|whose|what|which|when|where|why|how)"
_ASK = rf"(?:(?:at|by|for|from|in|on|to|with)\s+)?{_WORD}\b"
_BOTH = re.compile(rf"^\W*({_WORD})\s+and\s+({_WORD})\s+(\w.*)$", re.IGNORECASE | re.DOTALL)
_TWO = re.compile(
    rf"^(\W*{_WORD}\b[^.?!]*?[^\s,]),?\s+and\s+({_ASK}[^?]*)\??\W*$",
    re.IGNORECASE | re.DOTALL,
)
_THIRD = re.compile(rf"(?:,|\band)\s+{_ASK}", re.IGNORECASE)
_ALONE = re.compile(rf"(?:exactly\s+)?{_WORD}\W*", re.IGNORECASE)

_AFTER = rf"(\b{AUXILIARY}\s)"
_IT = re.compile(rf"{_AFTER}it\b", re.IGNORECASE)
_SUBJECT = re.compile(rf"{_AFTER}(?:it|he|she|they)\b", re.IGNORECASE)
_BESIDE = r"(?:about|at|by|for|from|in|near|of|on|over|to|with)"
_WHO_IS = re.compile(r"^\W*who\s+(?:is|was|are|were)\s+[A-ZÀ-ÖØ-Þ]")

_ADDED = 8

LINES = 2
"""Of each half of the answer, so that both are seen."""


def halves(question: str) -> tuple[str, str] | None:
    """Return the two questions that one asks, each to stand alone; None where it asks one."""
    if both := _BOTH.match(question):
        first, second, rest = both.groups()
        pair = f"{first} {rest}", f"{second} {rest}"
    elif two := _TWO.match(question):
        first, second = two.groups()
        if _THIRD.search(second):
            return None
        if _ALONE.fullmatch(second):  # "when was he shot and where?"
            rest = re.sub(rf"^\W*{_WORD}\s+", "", first, flags=re.IGNORECASE)
            pair = f"{first}?", f"{second} {rest}?"
        elif len(re.findall(r"\w+", first)) < 3 or len(re.findall(r"\w+", second)) < 3:
            return None
        else:
            named = _named(f"{second}?", first)
            pair = (
                _completed(f"{first}?", second),
                _completed(stand_alone(named, [Message("user", first)]), first),
            )
    else:
        return None
    # "how and why did it fall?" is explained at once
    return None if {read_question(q).kind for q in pair} <= {"why", "how"} else pair


def _named(question: str, first: str) -> str:
    """The second half with its "it", "he", "she" or "they" exchanged for the one name that the first is about.

    "it" is not Tarn in "when was the bridge in Tarn hit?", nor in "when did Tarn's team arrive?"; and who "he" is in
    "who bought Kestrel Air and how much did he pay?" only the answer tells.
    """
    names = names_in(re.sub(rf"^\W*{_WORD}\b", "", first, flags=re.IGNORECASE))
    if len(names) != 1 or names_in(re.sub(r"^\W*\w+", "", question)):
        return question
    after = rf"\b{_BESIDE}\s+(?:the\s+)?{re.escape(names[0])}"
    if re.search(after, first) or re.search("['’]s?$", names[0]):
        return question
    asks_who = read_question(first).kind == "who" and not _WHO_IS.match(first)
    before = re.search(rf"\bthe\s+(?={re.escape(names[0])})", first, re.IGNORECASE)
    name = (before[0] if before else "") + names[0]
    return (_IT if asks_who else _SUBJECT).sub(lambda found: found[1] + name, question, count=1)


def _completed(question: str, other: str) -> str:
    """A half that names nothing, with what the other half is about in brackets: "who was killed? (crash, Tarn)"."""
    if read_question(question).names or "(" in question:
        return question
    known = question.casefold()
    words = [word for word in content(other) if word.casefold() not in known]
    return f"{question} ({', '.join(words[:_ADDED])})" if words else question


def together(first: Draft, second: Draft, asked: tuple[str, str]) -> Draft:
    """Return one draft of the answers to both halves; what has none is told in a note.

    Both abstain where neither half has an answer.
    """
    if first.abstained and second.abstained:
        return first
    if first.abstained or second.abstained:
        told, silent = (second, asked[0]) if first.abstained else (first, asked[1])
        note = f"no answer was found to “{read_question(silent).asked}”"
        return replace(told, notes=(*told.notes, note))
    # What both halves quote is said once, in its first place.
    lines = _lines(first)
    lines |= {span: line for span, line in _lines(second).items() if span not in lines}
    text = "\n".join(f"{line} [{n}]" for n, line in enumerate(lines.values(), 1))
    short = " · ".join(dict.fromkeys(d.short for d in (first, second) if d.short)) or None
    sure = [d.confidence for d in (first, second) if d.confidence is not None]
    return Draft(
        text,
        short=short,
        spans=tuple(lines),
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
        confidence=min(sure, default=None),
    )


def _lines(draft: Draft) -> dict[Span, str]:
    """The first lines of a half by what they are tied to, without their markers; a row of values stands above them."""
    told = draft.text.split("\n")[-len(draft.spans) :]
    bare = [line.removesuffix(f" [{n}]") for n, line in enumerate(told, 1)]
    return dict(list(zip(draft.spans, bare, strict=True))[:LINES])
