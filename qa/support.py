"""Which sentence of a passage supports a claim best, by the words, numbers and names they share.

No embedder: a shared figure or name counts for more than a likeness of meaning, and a reader can
see why a sentence was chosen. A claim in another language is matched by names and numbers alone.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.split import sentences
from index.types import Passage

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_COUNTING = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = {word: str(number) for number, word in enumerate(_COUNTING.split())}
_LITTLE = (
    "a about after all also an and are as at be been before but by for from had has have he "
    "her his i in into is it its more not of on or over said says she so than that the their "
    "them there these they this to was we were what when which who will with would you"
)
_COMMON = frozenset(_LITTLE.split())
_COMMON_WEIGHT, _NAME_WEIGHT, _NUMBER_WEIGHT, _FOCUS = 0.1, 1.5, 2.0, 0.15


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage, and how much of the claim it holds: 0 nothing, about 1 all."""

    passage: Passage
    start: int
    end: int
    score: float
    shared: int

    @property
    def text(self) -> str:
        """The sentence, as it stands in the passage."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


class Support:
    """The sentences of a few passages, and how rare each word is among them."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._sentences: dict[str, list[tuple[int, int, frozenset[str]]]] = {}
        self._passages = {p.passage_id: p for p in passages}
        seen: Counter[str] = Counter()
        for passage in self._passages.values():
            rows = [(a, b, frozenset(words(passage.text[a:b]))) for a, b in sentences(passage.text)]
            self._sentences[passage.passage_id] = rows
            for _, _, found in rows:
                seen.update(found)
        self._seen = seen
        self._total = sum(map(len, self._sentences.values())) or 1
        self._whole = {
            name: [sum(map(self._rarity, found)) or 1.0 for _, _, found in rows]
            for name, rows in self._sentences.items()
        }

    def best(self, claim: str, passages: Sequence[Passage]) -> Evidence | None:
        """Return the sentence that supports `claim` best, the earliest among equals."""
        weights = self._weights(claim)
        whole = sum(weights.values()) or 1.0
        best: Evidence | None = None
        for passage in passages:
            rows = self._sentences[passage.passage_id]
            wholes = self._whole[passage.passage_id]
            for (start, end, found), all_of_it in zip(rows, wholes, strict=True):
                shared = [word for word in weights if word in found]
                held = sum(weights[word] for word in shared)
                score = held / whole + _FOCUS * min(1.0, held / all_of_it)
                if best is None or score > best.score + 1e-9:
                    content = sum(word not in _COMMON for word in shared)
                    at = passage.start
                    best = Evidence(passage, at + start, at + end, score, content)
        return best

    def _rarity(self, word: str) -> float:
        if word in _COMMON:
            return _COMMON_WEIGHT
        return math.log(1 + self._total / max(1, self._seen[word]))

    def _weights(self, claim: str) -> dict[str, float]:
        weights: dict[str, float] = {}
        for place, match in enumerate(_WORD.finditer(_plain(claim))):
            raw = match[0]
            named = place > 0 and raw[0].isupper() and raw.casefold() not in _COMMON
            for word in _norms(raw):
                factor = _NUMBER_WEIGHT if word[0].isdigit() else _NAME_WEIGHT if named else 1.0
                weights[word] = max(weights.get(word, 0.0), factor * self._rarity(word))
        return weights


def words(text: str) -> list[str]:
    """Return the words of a text in a form that can be compared."""
    return [word for match in _WORD.finditer(_plain(text)) for word in _norms(match[0])]


def _plain(text: str) -> str:
    """Without accents, so that a name matches however it was typed."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _norms(raw: str) -> list[str]:
    word = raw.casefold().replace("’", "'")
    if word[0].isdigit():
        # 1,000 and 1000 are one number; 1.5 stays what it is
        return [re.sub(r"[,.](?=\d{3}(?:\D|$))", "", word)]
    if ord(word[0]) >= 0x2E80:  # scripts without spaces: pairs of characters
        return [word[i : i + 2] for i in range(max(1, len(word) - 1))]
    word = word.removesuffix("'s").removesuffix("'")
    if word in _NUMBERS:
        return [_NUMBERS[word]]
    return [word if word in _COMMON else _stem(word)]


def _stem(word: str) -> str:
    """Cut the commonest English endings; other languages lose little by it."""
    for ending, left in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return word[: -len(ending)] + left
    return word.removesuffix("e") if len(word) > 4 else word
