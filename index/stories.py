"""Near-copies: which articles tell one story in nearly the same words, as a wire story in several outlets.

A text is taken as the set of its runs of three words (shingles), hashed. The hashes that eight divides (of
long texts 16, 32 or 64) are its sketch: the min-wise sampling of Broder (On the resemblance and containment of
documents, 1997), in the form that still finds a copy that was cut to a third, where the bands of MinHash see
only how alike whole texts are. Articles whose sketches share enough are compared in full. Grouping is metadata:
nothing is hidden or removed here, and what two near-copies do not share (a number, a name) stays to be found.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.int64]

_WORDS = 3
_FEW = 512

# By eye over every pair of 4,758 real articles. Articles of one outlet share its furniture (a daily column
# reached a resemblance of .52 and a containment of .73 with that of another day); two outlets share only what
# one took from the other or both from an agency: copies from .56/.79, and then nothing down to .19/.47.
_ONE_OUTLET = (0.7, 0.9, 0.5)
_TWO_OUTLETS = (0.35, 0.6, 0.25)
"""Resemblance that is enough alone; containment that is enough where the shorter is this part of the longer."""

_IDLE = set(
    "about after all and are been but can did does for from had has have her his how into its just more not now "
    "off one our out over say says she than that the their them there they this was were what when where which "
    "who why will with would you your".split()
)
_word = re.compile(r"\w+")
_PLACES = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


def shingles(text: str) -> Hashes:
    """Return the hashes of a text's runs of three words, each once, sorted; case and punctuation aside."""
    words = _word.findall(text.casefold())
    if len(words) < _WORDS:
        return np.zeros(0, dtype=np.int64)
    codes = np.fromiter(map(_code, words), dtype=np.uint64, count=len(words))
    runs = np.zeros(len(words) - _WORDS + 1, dtype=np.uint64)
    for place in range(_WORDS):
        runs ^= _mixed(codes[place : place + len(runs)] * _PLACES[place] + np.uint64(place + 1))
    hashes = np.sort(_mixed(runs).view(np.int64))
    once: Hashes = hashes[np.concatenate(([True], hashes[1:] != hashes[:-1]))]
    return once


def sketch(hashes: Hashes) -> Hashes:
    """Return the part of the hashes by which near-copies are looked for: of a longer text a smaller part.

    Parts are nested, so that a short text shares hashes with a long one that holds it.
    """
    kept: Hashes = hashes[hashes % _every(len(hashes)) == 0]
    return kept


def promising(shared: int, sizes: tuple[int, int], two_outlets: bool) -> bool:
    """Whether texts of so many shingles, whose sketches share so many, are worth a full comparison."""
    small, large = sorted(sizes)
    _, containment, part = _TWO_OUTLETS if two_outlets else _ONE_OUTLET
    guessed = shared * _every(large) / max(small, 1)
    return shared >= 2 and small >= part * large and guessed >= 0.6 * containment


def _every(size: int) -> int:
    """One hash in how many is in the sketch of a text of so many shingles."""
    return min(64, 8 << (size // _FEW).bit_length())


def differ(one: str | None, other: str | None) -> bool:
    """Whether two outlets are known and not the same."""
    return one is not None and other is not None and one != other


def same_story(
    one: Hashes,
    other: Hashes,
    outlets: tuple[str | None, str | None],
    titles: tuple[str, str],
) -> bool:
    """Whether two texts, as their shingles, are near-copies of each other.

    Two articles of one known outlet must share words of their titles too: pages that came out as the same
    notice (a wall for subscribers, say) are no copies of one story.
    """
    if not len(one) or not len(other):
        return False
    shared = len(np.intersect1d(one, other, assume_unique=True))
    small, large = sorted((len(one), len(other)))
    two = differ(*outlets)
    resemblance, containment, part = _TWO_OUTLETS if two else _ONE_OUTLET
    alike = shared >= resemblance * (small + large - shared)
    cut = shared >= containment * small and small >= part * large
    return (alike or cut) and (two or outlets[0] is None or _titles_meet(*titles, outlets[0]))


def groups(
    pairs: Iterable[tuple[int, int]], order: Mapping[int, tuple[str, str]]
) -> dict[int, int]:
    """Return the first member of every article's group, by the pairs that are alike; `order` says who is first.

    Groups are what the pairs connect, so they do not depend on the order in which articles came.
    """
    parents: dict[int, int] = {}

    def top(article: int) -> int:
        while (parent := parents.setdefault(article, article)) != article:
            parents[article] = parents[parent]
            article = parent
        return article

    for one, other in pairs:
        first, second = sorted((top(one), top(other)), key=order.__getitem__)
        parents[second] = first
    return {article: top(article) for article in parents}


def _titles_meet(one: str, other: str, outlet: str) -> bool:
    """Whether two titles share two telling words, or half of those of the shorter; no words meet any."""
    idle = _IDLE | set(_word.findall(outlet.casefold()))
    telling = [
        {w for w in _word.findall(title.casefold()) if len(w) > 2} - idle for title in (one, other)
    ]
    fewest = min(map(len, telling))
    return len(telling[0] & telling[1]) >= min(2, (fewest + 1) // 2)


@lru_cache(maxsize=1 << 17)
def _code(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits (the end of splitmix64)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
