"""Titles that stand in a text: what a question names, and what a passage leads on to.

A title counts as a name without its case, accents and what it has in brackets: "Mercury (planet)" is
named by "mercury". Nothing is guessed: what no article is called is no name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_WORDS = 8
"""The longest name, in words; headlines are longer, and nobody calls an article by one."""

_WORD = re.compile(r"\w+")
_BRACKETS = re.compile(r"\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Name:
    """A title that stands at `[start:end)` of a text, as it is looked up."""

    name: str
    start: int
    end: int


def plain_name(title: str) -> str:
    """Return a title as it is looked up; empty where it is too long or has no word."""
    words = _folded(_BRACKETS.sub(" ", title)).split()
    return " ".join(words) if len(words) <= _WORDS else ""


def names_in(
    text: str, known: Callable[[Iterable[str]], frozenset[str]], *, capitals: bool
) -> list[Name]:
    """Return the titles that stand in a text, in order; of two that overlap the longer.

    `known` says which of some names are titles. With `capitals` each must begin with a capital or a
    figure, as in running text; else only those of a single word must.
    """
    found = list(_WORD.finditer(text))
    folded = [_folded(match.group()) for match in found]
    capital = [match.group()[0].isupper() or match.group()[0].isdigit() for match in found]
    runs: dict[tuple[int, int], str] = {}
    for i in range(len(found)):
        if capitals and not capital[i]:
            continue
        for j in range(i + 1, min(i + _WORDS, len(found)) + 1):
            name = " ".join(folded[i:j])
            if len(name) > 3 and (j - i > 1 or capital[i]):
                runs[i, j] = name
    titles = known(dict.fromkeys(runs.values()))
    taken: list[tuple[int, int]] = []
    for i, j in sorted(runs, key=lambda run: (run[0] - run[1], run[0])):
        if runs[i, j] in titles and all(j <= a or b <= i for a, b in taken):
            taken.append((i, j))
    return [Name(runs[i, j], found[i].start(), found[j - 1].end()) for i, j in sorted(taken)]


def _folded(text: str) -> str:
    marks = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in marks if not unicodedata.combining(c)).casefold()
    return " ".join(_WORD.findall(kept))
