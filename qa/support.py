"""Which sentence of a passage supports a claim best, by the words, numbers and names they share.

No embedder: a shared figure or name counts for more than a likeness of meaning, and a reader can
see why a sentence was chosen. A claim in another language is matched by names and numbers alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.split import sentences
from index.types import Passage
from qa.words import COMMON, WORD, norms, plain, words

_COMMON_WEIGHT, _NAME_WEIGHT, _NUMBER_WEIGHT, _FOCUS = 0.1, 1.5, 2.0, 0.15
_MOST = 3


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
                    content = sum(word not in COMMON for word in shared)
                    at = passage.start
                    best = Evidence(passage, at + start, at + end, score, content)
        return best

    def cover(self, claim: str, passages: Sequence[Passage]) -> list[Evidence]:
        """Return up to three sentences that together hold most of the claim, the best first.

        A further one is taken where it holds a tenth of the claim that the others do not.
        """
        best = self.best(claim, passages)
        if best is None:
            return []
        weights = self._weights(claim)
        whole = sum(weights.values()) or 1.0
        chosen, held = [best], self._in(best, weights)
        while len(chosen) < _MOST:
            gains = []
            for passage in passages:
                for start, end, found in self._sentences[passage.passage_id]:
                    gain = sum(w for word, w in weights.items() if word in found - held)
                    gains.append((gain, -passage.start - start, passage, start, end, found))
            gain, _, passage, start, end, found = max(gains, key=lambda row: row[:2])
            if gain < 0.1 * whole:
                break
            shared = sum(word in found and word not in COMMON for word in weights)
            at = passage.start
            chosen.append(Evidence(passage, at + start, at + end, gain / whole, shared))
            held |= found
        return chosen

    def covered(self, claim: str, evidence: Sequence[Evidence]) -> float:
        """Return the share of the claim's weight that the evidence and its source's name hold, 0 to 1.

        Figures are left out: whether they agree is not a matter of spelling.
        """
        weights = {word: w for word, w in self._weights(claim).items() if not word[0].isdigit()}
        held: set[str] = set()
        for e in evidence:
            source = e.passage.source
            held |= self._in(e, weights)
            held |= set(words(f"{source.title} {source.publisher or ''} {source.published or ''}"))
        whole = sum(weights.values()) or 1.0
        return sum(w for word, w in weights.items() if word in held) / whole

    def _in(self, evidence: Evidence, weights: dict[str, float]) -> set[str]:
        return {word for word in words(evidence.text) if word in weights}

    def _rarity(self, word: str) -> float:
        if word in COMMON:
            return _COMMON_WEIGHT
        return math.log(1 + self._total / max(1, self._seen[word]))

    def _weights(self, claim: str) -> dict[str, float]:
        weights: dict[str, float] = {}
        for place, match in enumerate(WORD.finditer(plain(claim))):
            raw = match[0]
            named = place > 0 and raw[0].isupper() and raw.casefold() not in COMMON
            for word in norms(raw):
                factor = _NUMBER_WEIGHT if word[0].isdigit() else _NAME_WEIGHT if named else 1.0
                weights[word] = max(weights.get(word, 0.0), factor * self._rarity(word))
        return weights
