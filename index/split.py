"""Where the sentences of a text are.

A stand-in: the real splitter knows abbreviations and scripts.
"""

from __future__ import annotations

import re

_END = re.compile(r"(?<=[.!?。！？])[\"'”’»)\]]*(?:\s+|(?<=[。！？]))|\n+")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences, without the space around them."""
    spans, start = [], 0
    for gap in [*_END.finditer(text), None]:
        end = gap.end() if gap else len(text)
        piece = text[start:end]
        if piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            spans.append((left, left + len(piece.strip())))
        start = end
    return spans
