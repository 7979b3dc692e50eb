"""Where sentences and passages begin and end; every piece is an exact slice of the text.

Sentence borders come from sentencex (Wikimedia's rule-based segmenter), line by line, with the few
repairs that news text needs. Nothing is lost: only white space lies between two sentences.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

import sentencex

Span = tuple[int, int]

SPLITTER = "sentences-1"
"""Part of the index's identity: a change of the rules below makes a new one."""


def splitter(size: int | None) -> str:
    """Return the identity of the rules with passages of at most `size` tokens (None: all the embedder reads)."""
    return f"{SPLITTER}/{size}" if size else SPLITTER


def size_of(identity: str) -> int | None:
    """Return the most tokens of a passage by a splitter's identity."""
    size = identity.partition("/")[2]
    return int(size) if size.isdigit() else None


# A stop after these does not end a sentence when a day, a month or a number follows.
_CLOCK = re.compile(r"\b[ap]\.m\.$", re.IGNORECASE)
_AFTER_CLOCK = re.compile(
    r"(?:on\b|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z]{2,4}\b|Eastern|Pacific|Central|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))"
)
_UNFINISHED = re.compile(
    r"(?:\b(?:U\.S|U\.K|U\.N|E\.U|No|Nos|St|vs|Gen|Sen|Rep|Gov|Lt|Col|Sgt)\.)$"
)
_ENDS_IN_QUOTE = re.compile(r"(?<=[.!?])[”\"’']*\s+(?=[“\"‘A-Z0-9])")
_LONG = 300
"""Characters; a longer sentence is a quotation of several, and is cut at the stops inside it."""


def sentences(text: str) -> list[Span]:
    """Return the `(start, end)` of each sentence, in order, without the white space around it."""
    spans: list[Span] = []
    for line in re.finditer(r"[^\n]+", text):
        spans.extend(_line_sentences(line.group(), line.start()))
    return spans


def _line_sentences(line: str, offset: int) -> list[Span]:
    pieces: list[str] = []
    for piece in sentencex.segment("en", line):
        if pieces and _belongs_together(_tail(pieces[-1]), piece):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    spans: list[Span] = []
    position = offset
    for piece in pieces:
        for start, end in _quoted_sentences(piece):
            stripped = piece[start:end].strip()
            if stripped:
                begin = position + start + piece[start:end].index(stripped[0])
                spans.append((begin, begin + len(stripped)))
        position += len(piece)
    return spans


def _tail(piece: str) -> str:
    """The end of a piece, which is all that the rules look at: a long line must not be slow."""
    return piece[-100:].rstrip()[-20:]


def _belongs_together(before: str, after: str) -> bool:
    if _CLOCK.search(before):
        return bool(_AFTER_CLOCK.match(after))
    if _UNFINISHED.search(before):
        return before[-4:] != "U.S." or not re.match(r"(?:The|It|He|She|But|They|We|In)\b", after)
    return after[:1].islower() or not re.search(r"\w", after)


def _quoted_sentences(piece: str) -> list[Span]:
    if len(piece) <= _LONG:
        return [(0, len(piece))]
    borders = [0, *(m.end() for m in _ENDS_IN_QUOTE.finditer(piece)), len(piece)]
    parts = [(a, b) for a, b in itertools.pairwise(borders) if b > a]
    merged: list[Span] = []
    for start, end in parts:
        before = _tail(piece[max(start - 100, merged[-1][0]) : start]) if merged else ""
        unfinished = _UNFINISHED.search(before) or re.search(r"\b[A-Z]\.$", before)
        if merged and (unfinished or end - start < 20):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def passages(
    text: str, budget: int, count_tokens: Callable[[Sequence[str]], Sequence[int]]
) -> list[Span]:
    """Cut `text` into passages of whole sentences, each of at most `budget` tokens.

    Passages of one article are about equally long, and one ends at the end of a paragraph where
    that costs little. A sentence longer than the budget is cut between words.
    """
    units = _units(text, budget, count_tokens)
    if not units:
        return []
    total = sum(tokens for _, tokens in units)
    parts = -(-total // budget)
    while True:
        cuts = _even_cuts(text, units, parts)
        sizes = [sum(t for _, t in units[a:b]) for a, b in pairwise(cuts)]
        if max(sizes) <= budget:
            return [(units[a][0][0], units[b - 1][0][1]) for a, b in pairwise(cuts)]
        # One more at a time, but for a book: there the steps would be as many as its pages.
        parts += max(1, parts // 100)


def _even_cuts(text: str, units: Sequence[tuple[Span, int]], parts: int) -> list[int]:
    """Where to cut the units into at most `parts` runs of about equal numbers of tokens.

    Of the borders near an even cut one between paragraphs is preferred.
    """
    ends = list(accumulate(tokens for _, tokens in units))
    share = ends[-1] / parts
    cuts = [0]
    for part in range(1, parts):
        ideal = part * share
        best, least = None, float("inf")
        near = bisect_left(ends, ideal)
        for i in range(max(near - 6, cuts[-1]), min(near + 7, len(units) - 1)):
            paragraph = "\n" in text[units[i][0][1] : units[i + 1][0][0]]
            away = abs(ends[i] - ideal) - (0.08 * share if paragraph else 0)
            if away < least:
                best, least = i + 1, away
        if best is not None and best > cuts[-1]:
            cuts.append(best)
    return [*cuts, len(units)]


def _units(
    text: str, budget: int, count_tokens: Callable[[Sequence[str]], Sequence[int]]
) -> list[tuple[Span, int]]:
    """The sentences with their token counts, over-long ones cut."""
    spans = sentences(text)
    counts = count_tokens([text[a:b] for a, b in spans])
    units: list[tuple[Span, int]] = []
    for span, tokens in zip(spans, counts, strict=True):
        units.extend(
            [(span, tokens)] if tokens <= budget else _cut(text, span, budget, count_tokens)
        )
    return units


def _cut(
    text: str, span: Span, budget: int, count_tokens: Callable[[Sequence[str]], Sequence[int]]
) -> list[tuple[Span, int]]:
    start, end = span
    tokens = count_tokens([text[start:end]])[0]
    if tokens <= budget or end - start < 2:
        return [(span, min(tokens, budget))]
    middle = (start + end) // 2
    space = text.rfind(" ", start + 1, middle)
    if space > start:
        left, right = (start, space), (space + 1, end)
    else:
        left, right = (start, middle), (middle, end)
    return _cut(text, left, budget, count_tokens) + _cut(text, right, budget, count_tokens)
