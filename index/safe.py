"""The one gate that untrusted text passes on its way to a terminal, a log or an export.

Articles, titles, file names, model output and error bodies can carry escape codes (clipboard writes,
title changes), bidirectional overrides that show another text than the one that is there, and tag
characters that nobody sees. Nothing here knows markup: untrusted text is never given to a markup parser.
"""

from __future__ import annotations

_REMOVED = [
    0x00AD,  # soft hyphen
    0x034F,  # combining grapheme joiner
    0x061C,  # Arabic letter mark
    0x115F,
    0x1160,  # Hangul fillers
    0x17B4,
    0x17B5,
    0x180E,
    0x200B,  # zero width space; ZWNJ and ZWJ (200C, 200D) stay: scripts and emoji need them
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),  # bidirectional embeddings and overrides
    *range(0x2060, 0x2070),  # word joiner, invisible operators, bidirectional isolates
    0x3164,
    0xFEFF,
    0xFFA0,
    *range(0xFFF9, 0xFFFC),  # interlinear annotation
    *range(0xE0000, 0xE0080),  # tag characters
]

_TABLE: dict[int, str | None] = {
    **{c: chr(0x2400 + c) for c in range(0x20) if c not in (0x09, 0x0A)},
    0x7F: "\u2421",
    **{c: "\ufffd" for c in range(0x80, 0xA0)},
    0x85: "\n",
    0x2028: "\n",
    0x2029: "\n",
    **{c: None for c in _REMOVED},
    **{c: "\ufffd" for c in range(0xD800, 0xE000)},  # lone surrogates
    **{c: "\ufffd" for c in range(0xE000, 0xF900)},  # private use
}


def _harmless(character: str) -> str:
    """What stands for one character: itself, another or nothing; private planes go by rule."""
    code = ord(character)
    if 0xF0000 <= code <= 0x10FFFF:
        return "\ufffd"
    return (_TABLE[code] or "") if code in _TABLE else character


def safe(text: str, *, newlines: bool = True) -> str:
    """Return `text` with every control, invisible and direction-changing character made harmless.

    `\\r\\n` and a lone `\\r` become a newline first. With `newlines=False` the result is one line.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # A text has few different characters: looking at each of them once is far quicker than
    # `str.translate`, which calls back for every character that is not in its table.
    changed = {character: _harmless(character) for character in set(text)}
    for character, harmless in changed.items():
        if character != harmless:
            text = text.replace(character, harmless)
    return text if newlines else " ".join(text.split())
