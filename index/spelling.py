"""Slips of the keys in a question: a word that is in no dictionary and hardly in the index, read as one that is there.

One letter too many, too few, another, or two exchanged, as in Norvig's "How to write a spelling corrector"
(norvig.com/spell-correct.html), with the index for the dictionary: what it does not hold helps nobody. Only words typed
without a capital are looked at: who types a name as a name means it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from index.lexical import LexicalIndex, terms

_TYPED = re.compile(r"(?<![\w’'-])[a-z]{4,24}(?![\w’'-])")
_STRAYS = 3
"""Passages of a large index in which a word may be misspelt too."""

_MORE = 30
"""How many times as many hold the word that was meant, at least."""


def misspelt(
    question: str, words: LexicalIndex, count_tokens: Callable[[Sequence[str]], list[int]]
) -> dict[str, str]:
    """Return the words of a question that are to be read as others; of several that fit, the most frequent.

    `count_tokens` is the embedder's, for which a common word is one token: the dictionary is opened for others only.
    """
    held = {w: _count(w, words) for w in _TYPED.findall(question) if terms(w)}
    rare = [w for w, n in held.items() if n <= _STRAYS]
    strange = [w for w, n in zip(rare, count_tokens(rare), strict=True) if n > 1] if rare else []
    unknown = _dictionary().unknown(strange) if strange else ()
    found = {}
    for word in (w for w in strange if w in unknown):
        near = {w: n for w in set(_edits(word)) if (n := _count(w, words)) > _MORE * held[word]}
        if near:
            known = _dictionary().known(near)
            found[word] = max(sorted(near), key=lambda w: (w in known, near[w]))
    return found


@cache
def _dictionary() -> Any:
    """English words; a third of a second to read, so that it is read when it is needed."""
    from spellchecker import SpellChecker

    return SpellChecker()


def _count(word: str, words: LexicalIndex) -> int:
    stems = terms(word)
    return words.count(stems[0]) if len(stems) == 1 else 0


def _edits(word: str) -> Iterator[str]:
    """What one slip makes of a word; the first letter is seldom wrong, and stays."""
    for i in range(1, len(word) + 1):
        first, rest = word[:i], word[i:]
        yield from (first + letter + rest for letter in string.ascii_lowercase)
        if rest:
            yield first + rest[1:]
            yield from (first + letter + rest[1:] for letter in string.ascii_lowercase)
        if len(rest) > 1:
            yield first + rest[1] + rest[0] + rest[2:]
