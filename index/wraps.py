"""Hard line wraps: found by statistics over the whole text, and joined to paragraphs.

Lists, tables, verse and other blocks of short lines keep their lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

_ITEM = re.compile(r"(?:[-*•▪■●◦–—]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|#{1,6}|>)\s+\S|[QA]:\s|\|")
_SPEAKER = re.compile(r"[A-Z][A-Z .'’-]{1,30}:\s")
_END = re.compile(r"[.!?…:][\"'”’)\]]*$")
_WORD = re.compile(r"\w+(?:-\w+)*")
_BROKEN = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)-$")
_MIN_WIDTH, _MAX_WIDTH = 40, 140
_LONG = 100  # a line of this length that is no wrap is a paragraph by itself


@dataclass(frozen=True, slots=True)
class Wrapping:
    """How a text is wrapped: `width` is 0 where it is not."""

    width: int = 0

    def is_full(self, line: str, following: str) -> bool:
        """Whether `line` was broken because the next word did not fit."""
        if not self.width:
            return False
        word = following.split(" ", 1)[0]
        return len(line) + 1 + len(word) > self.width * 0.88


def find_wrapping(blocks: Iterable[list[str]]) -> Wrapping:
    """Return the wrapping of a text, given as blocks of lines between blank lines."""
    parts = [
        [pair for pair in pairwise(block) if "://" not in pair[0] and not _ITEM.match(pair[1])]
        for block in blocks
    ]
    lengths = sorted(len(line) for part in parts for line, _ in part)
    if not lengths:
        return Wrapping()
    width = lengths[-1] if len(lengths) < 10 else lengths[int(len(lengths) * 0.98)]
    if not _MIN_WIDTH <= width <= _MAX_WIDTH:
        return Wrapping()
    # A stanza among prose is a block of short lines, and a heading may stand right above its text.
    pairs = [
        (line, following)
        for part in parts
        if max((len(line) for line, _ in part), default=0) > 0.6 * width
        for place, (line, following) in enumerate(part)
        if place or len(line) > 0.5 * width
    ]
    wrapping = Wrapping(width)
    full = [(line, following) for line, following in pairs if wrapping.is_full(line, following)]
    open_pairs = [pair for pair in pairs if not _END.search(pair[0])]
    open_full = [pair for pair in full if not _END.search(pair[0])]
    # Verse has line ends that are no wraps, and begins most lines with a capital.
    if len(open_full) < 0.8 * len(open_pairs) or len(full) < 0.6 * len(pairs):
        return Wrapping()
    capitals = sum(following[:1].isupper() for _, following in open_full)
    if len(open_full) >= 3 and capitals > 0.75 * len(open_full):
        return Wrapping()
    return wrapping


def join_block(block: list[str], wrapping: Wrapping, words: frozenset[str]) -> str:
    """Return a block of lines with its wraps joined; other line ends stay, or part paragraphs."""
    text = block[0]
    last = block[0]
    for index, line in enumerate(block[1:], 1):
        starts = bool(_ITEM.match(line) or _SPEAKER.match(line))
        if wrapping.is_full(last, line) and not starts:
            joined = join_broken_word(text, line, words, keep_hyphen=True)
            text = joined if joined is not None else f"{text} {line}"
        elif not starts and _paragraph_ends(last, line, wrapping, block, index):
            text += "\n\n" + line
        else:
            text += "\n" + line
        last = line
    return text


def _paragraph_ends(last: str, line: str, wrapping: Wrapping, block: list[str], index: int) -> bool:
    """Whether a line break without a blank line parts two paragraphs."""
    if len(last) > _LONG or (len(line) > _LONG and not wrapping.width):
        return True
    if wrapping.width and _END.search(last) and index + 1 < len(block):
        return wrapping.is_full(line, block[index + 1])
    return False


def vocabulary(lines: Iterable[str]) -> frozenset[str]:
    """Return the words of a text in lower case, compounds as one; broken ends are left out."""
    words: set[str] = set()
    for line in lines:
        words.update(_WORD.findall(_BROKEN.sub("", line.lower())))
    return frozenset(words)


def join_broken_word(
    text: str, line: str, words: frozenset[str], *, keep_hyphen: bool
) -> str | None:
    """Join a word that was broken at its hyphen; None where `text` ends with no broken word.

    The text's own words decide whether the hyphen stays; `keep_hyphen` where they do not tell.
    """
    if not text.endswith("-"):
        return None
    tail = _BROKEN.search(text[-60:])
    head = re.match(r"[^\W_]+(?:-[^\W_]+)*", line)
    if not tail or not head:
        return None
    first, second = tail[1].lower(), head[0].lower()
    if first + second in words:
        keep = False
    elif (
        f"{first}-{second}" in words
        or not head[0][0].islower()
        or keep_hyphen
        or "-" in first
        or "-" in second
    ):
        keep = True
    else:
        keep = first in words and second in words
    return (text if keep else text[:-1]) + line
