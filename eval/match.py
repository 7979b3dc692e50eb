"""Whether two texts say the same, as SQuAD compares them.

After the official script, evaluate-v2.0.py (rajpurkar.github.io/SQuAD-explorer), which knows the marks of ASCII
only: quotes, dashes and dots as they are printed are taken for those first. English articles are dropped; synonyms,
inflection and units are not seen.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_PUNCTUATION = frozenset(string.punctuation)
AS_TYPED = str.maketrans(
    dict.fromkeys("‘’‚‛′", "'")
    | dict.fromkeys("“”„‟″«»‹›", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"…": "..."}
)
"""For `str.translate`: the marks of printed text as a keyboard has them."""

_MARKER = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")


def normalise(text: str) -> str:
    """Return `text` in lower case without punctuation, articles and surplus blanks."""
    text = text.lower().translate(AS_TYPED)
    text = "".join(char for char in text if char not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", text).split())


def tokens(text: str) -> list[str]:
    """Return the words of the normalised text."""
    return normalise(text).split()


def exact(gold: str, said: str) -> float:
    """Return 1 if both are the same once normalised, else 0."""
    return float(normalise(gold) == normalise(said))


def token_f1(gold: str, said: str) -> float:
    """Return the harmonic mean of precision and recall over words; two empty texts agree."""
    wanted, got = tokens(gold), tokens(said)
    if not wanted or not got:
        return float(wanted == got)
    same = sum((Counter(wanted) & Counter(got)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(got), same / len(wanted)
    return 2 * precision * recall / (precision + recall)


def holds(text: str, part: str) -> bool:
    """Say whether the words of `part` stand in `text` in a row.

    A part without words is held by nothing. Scripts without blanks between words are not cut.
    """
    wanted = normalise(part)
    return bool(wanted) and f" {wanted} " in f" {normalise(text)} "


def holds_any(text: str, parts: Iterable[str]) -> bool:
    """Say whether `text` holds one of the parts."""
    return any(holds(text, part) for part in parts)


def overlaps(one: str, other: str, threshold: float = 0.8) -> bool:
    """Say whether one sentence holds the other or they share nearly all their words."""
    return _within(one, other) or _within(other, one) or token_f1(one, other) >= threshold


def _within(part: str, whole: str) -> bool:
    # A word or two of a sentence is no sentence, though it stands in it.
    return len(tokens(part)) >= 4 and holds(whole, part)


def without_markers(text: str) -> str:
    """Return an answer without its `[n]` markers."""
    return _MARKER.sub("", text)
