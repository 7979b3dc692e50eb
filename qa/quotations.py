"""Text in quotation marks, and whether a source holds it.

White space, the glyphs of quotes and dashes, the case of the first letter, and what an ellipsis or
a bracket leaves out may differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PAIRS = re.compile(
    r"“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|(?<!\w)\"([^\"\n]+)\"(?!\w)|(?<!\w)‘([^‘\n]+?)’(?!\w)|"
    # An apostrophe within a word ends nothing, and one before a figure ('90s) begins nothing.
    r"(?<!\w)'(?!\d)([^'\n]+(?:(?<=\w)'(?=\w)[^'\n]+){0,20})'(?!\w)"
)
_GLYPHS = str.maketrans({**dict.fromkeys("“”„«»‟", '"'), **dict.fromkeys("‘’‚‛`´", "'")})
_DASHES = re.compile(r" ?[‐-―−] ?| -+ |--+")
_GAP = re.compile(r"\[[^\[\]]*\]|\(\.\.\.\)|…|\.{3,}|(?:\. ){2,}\.")


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands in quotation marks; `[start:end)` includes the marks."""

    text: str
    start: int
    end: int


def quotations(text: str) -> list[Quotation]:
    """Return the quotations of a text that hold a word, in order."""
    found = []
    for match in _PAIRS.finditer(text):
        quoted = next(group for group in match.groups() if group is not None)
        if re.search(r"\w", quoted):
            found.append(Quotation(quoted, *match.span()))
    return found


def unfounded(text: str, sources: Sequence[str]) -> list[int]:
    """Return the places after the quotations in `text` that stand in none of `sources`."""
    known = [flat(source) for source in sources]
    return [q.end for q in quotations(text) if not any(holds(k, q.text) for k in known)]


def holds(source: str, quoted: str) -> bool:
    """Whether a source, made `flat`, holds these words, but for what a quotation may leave out."""
    return _holds(source, _parts(quoted))


def _parts(quoted: str) -> list[str]:
    return [part for part in map(_trimmed, _GAP.split(quoted)) if part]


def _holds(source: str, parts: Sequence[str]) -> bool:
    """Whether the parts stand in the source, whole words, in this order."""
    at = 0
    for part in parts:
        first = f"[{re.escape(part[0].lower())}{re.escape(part[0].upper())}]"
        pattern = rf"(?<!\w){first}{re.escape(part[1:])}(?!\w)"
        found = re.compile(pattern).search(source, at)
        if not found:
            return False
        at = found.end()
    return bool(parts)


def _trimmed(part: str) -> str:
    """A part without the punctuation that a sentence around it may have put there."""
    return flat(part).strip(" .,;:!?'\"-")


def flat(text: str) -> str:
    """Return a text with one glyph for each quote and dash, and single spaces."""
    line = " ".join(text.translate(_GLYPHS).split())
    return " ".join(_DASHES.sub(" - ", line).split())
