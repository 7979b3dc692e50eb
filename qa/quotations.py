"""Text in quotation marks, and whether a source holds it.

White space, the glyphs of quotes and dashes, the case of the first letter, and what an ellipsis or
a bracket leaves out may differ. Fewer than three words are no quotation: they may be a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FEWEST_WORDS = 3

_PAIRS = re.compile(
    r"“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|(?<!\w)\"([^\"\n]+)\"(?!\w)|(?<!\w)‘([^‘\n]+?)’(?!\w)"
)
_GLYPHS = str.maketrans({**dict.fromkeys("“”„«»‟", '"'), **dict.fromkeys("‘’‚‛`´", "'")})
_DASHES = re.compile(r" ?[‐-―−] ?| -+ |--+")
_GAP = re.compile(r"\[[^\[\]]*\]|\(\.\.\.\)|…|\.{3,}|(?:\. ){2,}\.")


def unfounded(text: str, sources: Sequence[str]) -> list[int]:
    """Return the places after the quotations in `text` that stand in none of `sources`."""
    known = [_flat(source) for source in sources]
    places = []
    for match in _PAIRS.finditer(text):
        quoted = next(group for group in match.groups() if group is not None)
        if len(re.findall(r"\w+", quoted)) < FEWEST_WORDS:
            continue
        parts = [part for part in map(_trimmed, _GAP.split(quoted)) if part]
        if not any(_holds(source, parts) for source in known):
            places.append(match.end())
    return places


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
    return _flat(part).strip(" .,;:!?'\"-")


def _flat(text: str) -> str:
    line = " ".join(text.translate(_GLYPHS).split())
    return " ".join(_DASHES.sub(" - ", line).split())
