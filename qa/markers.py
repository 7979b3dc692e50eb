"""The `[n]` markers of a text: taken out, tied to the words that they vouch for, and put back.

What a marker leads to is not known here.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.split import sentences

LONGEST_CLAIM = 200

# Every repetition is bounded: a text made to be slow must not be.
_NUMBER = r"(?:(?:passage|source|article|document|doc)s?[ :#]{0,3}|[#^])?\d{1,3}"
_NUMBERS = rf"{_NUMBER}(?: {{0,2}}(?:, {{0,2}}and|[,;&–-]|and) {{0,2}}{_NUMBER}){{0,30}}"
# In round brackets only with its name: "(1)" may count, and "(article 5)" may be of a treaty.
_MARKER = re.compile(
    rf"(\[)?[\[【［] {{0,2}}({_NUMBERS})(?:†[^\]】]{{0,80}})? {{0,2}}[\]】］](?(1)\])"
    r"(?:\((?:https?://|[#/])[^()\s]{0,2000}\))?"
    rf"|\((?=passage|source)({_NUMBERS})\)",
    re.I,
)
_BUILT = re.compile(r"(?<= )\[(\d{1,3})\](?=\n|$| · |[.,;])")
_BETWEEN = " · "
_VALUE = re.compile(r"[^\n]{1,160}\([^()\n]{1,120}\)\s*")
_ASIDE = re.compile(r"\([^()\n]{1,120}\)\W{0,3}")
_WIDEST = 20  # a range such as [1-500] is no citation


@dataclass(frozen=True, slots=True)
class Claim:
    """What the markers at a place vouch for: a slice `[start:end)` of the text, and of which sentence."""

    sentence: int
    start: int
    end: int


def without_markers(text: str, *, built: bool = False) -> tuple[str, list[tuple[int, list[int]]]]:
    """Return the text without markers and, for each place in it, the numbers that stood there.

    Of a text that was `built` of quoted sentences only those behind a line or a value are meant: a sentence may have
    such numbers of its own ("opened in 2004.[12]").
    """
    pieces, found, last, length = [], [], 0, 0
    for match in (_BUILT if built else _MARKER).finditer(text):
        piece = text[last : match.start()].rstrip(" \t")
        pieces.append(piece)
        length += len(piece)
        last = match.end()
        if not piece or piece[-1] == "\n":  # a line that begins with it
            while text[last : last + 1] in (" ", "\t"):
                last += 1
        found.append((length, _numbers(match[1] if built else match[2] or match[3])))
    return "".join([*pieces, text[last:]]), found


def _numbers(written: str) -> list[int]:
    numbers: list[int] = []
    listed = re.sub(r"[^\d,–-]", "", re.sub("[;&]|and", ",", written, flags=re.I))
    for part in filter(None, listed.split(",")):
        ends = [int(n) for n in re.split("[–-]", part)]
        if len(ends) == 2 and 0 < ends[0] < ends[1] < ends[0] + _WIDEST:
            numbers += range(ends[0], ends[1] + 1)
        else:
            numbers += ends
    return numbers


def claims(
    text: str, statements: Sequence[tuple[int, int]], places: Sequence[int]
) -> dict[int, Claim]:
    """Return the words that each place vouches for: its sentence, or a clause of several."""
    found = {}
    starts, marked = [start for start, _ in statements], sorted(set(places))
    for at, place in enumerate(marked):
        # The sentence that began before the place, or after it where the place begins a line.
        begins = place == 0 or text[place - 1] == "\n"
        which = min(max(bisect.bisect_left(starts, place) - (not begins), 0), len(statements) - 1)
        start, end = statements[which] if statements else (0, 0)
        before = marked[at - 1] if at and marked[at - 1] > start else None
        later = at + 1 < len(marked) and marked[at + 1] <= end
        clause = (start if before is None else before, min(place, end))
        split = (before is not None or later) and len(re.findall(r"\w+", text[slice(*clause)])) >= 3
        # Short clauses of a line without an end would each have the whole of it for a claim.
        near = (max(start, place - LONGEST_CLAIM), min(end, place + LONGEST_CLAIM))
        found[place] = Claim(which, *(clause if split else near))
    return found


def statements(text: str) -> list[tuple[int, int]]:
    """Return the sentences, none longer than a line."""
    spans: list[tuple[int, int]] = []
    at = 0
    for line in text.splitlines(keepends=True):
        first = len(spans)
        for a, b in _row(line) or sentences(line):
            # "(Reuters, 2 June)" behind a sentence belongs to it.
            if len(spans) > first and _ASIDE.fullmatch(line, a, b):
                spans[-1] = (spans[-1][0], at + b)
            else:
                spans.append((at + a, at + b))
        at += len(line)
    return spans


def _row(line: str) -> list[tuple[int, int]]:
    """The pieces of a row of values, each with its outlet and date: "three (CNN, 18 July 2022) · 21 (…)"."""
    pieces = line.split(_BETWEEN)
    if len(pieces) < 2 or not all(_VALUE.fullmatch(piece) for piece in pieces):
        return []
    spans, at = [], 0
    for piece in pieces:
        spans.append((at, at + len(piece.rstrip())))
        at += len(piece) + len(_BETWEEN)
    return spans


class Marked:
    """A text with marks put back, and where its places have moved to."""

    def __init__(self, text: str, marks: Mapping[int, Sequence[str]]) -> None:
        pieces, last = [], 0
        self._places: list[int] = []
        self._grown = [0]
        for place in sorted(marks):
            pieces.append(text[last:place])
            words = [mark for mark in marks[place] if not mark.startswith("[")]
            numbers = "".join(mark for mark in marks[place] if mark.startswith("["))
            put = " ".join([*words, *([numbers] if numbers else [])])
            begins = place == 0 or text[place - 1].isspace()
            pieces.append(f"{put} " if begins else f" {put}")
            self._places.append(place)
            self._grown.append(self._grown[-1] + len(put) + 1)
            last = place
        whole = "".join([*pieces, text[last:]])
        self.text = whole.strip()
        self._cut = len(whole) - len(whole.lstrip())

    def start(self, place: int) -> int:
        """Return where a slice that began at `place` begins; a mark there is part of it."""
        return self._moved(place, bisect.bisect_left(self._places, place))

    def end(self, place: int) -> int:
        """Return where a slice that ended at `place` ends; a mark there is part of it."""
        return self._moved(place, bisect.bisect_right(self._places, place))

    def bare(self, start: int, end: int) -> tuple[int, int]:
        """Return where a slice has moved to, without the marks at its ends."""
        return (
            self._moved(start, bisect.bisect_right(self._places, start)),
            self._moved(end, bisect.bisect_left(self._places, end)),
        )

    def _moved(self, place: int, passed: int) -> int:
        return min(max(place + self._grown[passed] - self._cut, 0), len(self.text))
