"""Judges each sentence of an answer against the passages that it cites, by code.

A sentence is a quote where its words stand so in a source, supported where the sources hold nearly all
of its words and every particular, and else not found. Meaning is not weighed: a paraphrase that
keeps no word of its source is not found, and so is a sentence in another language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Passage
from qa.particulars import Found, Held, missing
from qa.quotations import flat, holds, quotations
from qa.support import Evidence, Support
from qa.types import Span, Verdict
from qa.words import COMMON, words

ENOUGH = 0.5
"""Of the weight of a claim's words, the share that its evidence must hold."""

_QUOTED = 0.5
"""Of a sentence's words, the share within a true quotation that makes it a quote."""

_MOST_PARTS = 20
LONGEST = 3000
"""Characters of a sentence that are looked at."""

_DAY = re.compile(r"^\s*(?:\d{1,2} )?[A-Z][a-z]+ \d{4}: ")
_ORIGIN = re.compile(r"\s*\([^()\n]{1,120}\)\W*$")
_NEGATIVE = re.compile(
    r"\b(?:not|never|no|nor|neither|none|nobody|nothing|without|cannot|hardly|barely)\b|n[’']t\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"(?:\b(?:not|never|cannot)|n[’']t)\b(?! (?:only|just|merely|least|until|long|all|every)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A slice `[start:end)` of the answer that is judged at once, and the passages that it cites."""

    start: int
    end: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a sentence; `missing` are slices of the answer."""

    verdict: Verdict
    support: float
    evidence: Span | None
    missing: tuple[Found, ...]


class Judge:
    """Judges the sentences of one answer by the passages that its writer was given."""

    def __init__(self, text: str, passages: Sequence[Passage]) -> None:
        self._text, self._passages = text, passages
        self._support = Support(passages)
        self._flat: dict[str, list[str]] = {}
        self._known: dict[str, Held] = {}

    def judge(self, start: int, end: int, parts: Sequence[Part]) -> Finding | None:
        """Return the finding on the sentence `[start:end)`, None where it says nothing.

        Without parts it is judged by whichever passage supports it best.
        """
        end = min(end, start + LONGEST)  # a line without an end must not be slow
        sentence = self._text[start:end]
        if not any(word not in COMMON for word in words(sentence)):
            return None
        if not parts:
            best = self._support.best(sentence, self._passages)
            nearest = (best.passage,) if best else ()
            parts = [Part(start, end, nearest)]
        elif len(parts) == 1:  # then its marker vouches for the whole of it
            parts = [Part(start, end, parts[0].passages)]
        found = [self._part(part) for part in parts[:_MOST_PARTS]]
        lost = tuple(sorted({place for finding in found for place in finding.missing}))
        worst = min(found, key=lambda finding: finding.support)
        verdicts = {finding.verdict for finding in found}
        verdict: Verdict = "supported"
        if "not found" in verdicts:
            verdict = "not found"
        elif verdicts == {"quote"}:
            verdict = "quote"
        return Finding(verdict, worst.support, worst.evidence, lost)

    def _part(self, part: Part) -> Finding:
        claim = self._text[part.start : part.end]
        evidence = self._support.cover(claim, part.passages) if part.passages else []
        if not evidence:
            return Finding("not found", 0.0, None, ())
        first = evidence[0]
        span = Span(first.passage.passage_id, first.start, first.end)
        texts = list(dict.fromkeys(text for p in part.passages for text in self._texts(p)))
        quoted = [(q, any(holds(text, q.text) for text in texts)) for q in quotations(claim)]
        lost: list[Found] = [
            (part.start + q.start, part.start + q.end, "quotation")
            for q, true in quoted
            if not true
        ]
        # What an answerer of ours puts around a quote: its day before, outlet and date behind.
        bare = _ORIGIN.sub("", _DAY.sub("", claim)).strip(" .,;:·—–-\n\t\"“”'‘’")
        verbatim = any(holds(text, bare) for text in texts)
        if verbatim and bare == claim:
            return Finding("quote", 1.0, span, ())
        unfound = _missing(claim, self._held(part.passages))
        if verbatim and not unfound:
            return Finding("quote", 1.0, span, ())
        lost += [(part.start + a, part.start + b, kind) for a, b, kind in unfound]
        support = self._support.covered(claim, evidence)
        if lost or support < ENOUGH or _turned(claim, evidence):
            return Finding("not found", support, span, tuple(lost))
        spoken = sum(len(words(q.text)) for q, _ in quoted)
        mostly = spoken >= _QUOTED * max(len(words(claim)), 1)
        return Finding("quote" if mostly else "supported", support, span, ())

    def _texts(self, passage: Passage) -> list[str]:
        """What a quotation may be of: the passage, the title of its article, its outlet."""
        if passage.passage_id not in self._flat:
            source = passage.source
            known = (passage.text, source.title, source.publisher or "")
            self._flat[passage.passage_id] = [flat(text) for text in known if text]
        return self._flat[passage.passage_id]

    def _held(self, passages: Sequence[Passage]) -> list[Held]:
        """What the passages hold, those of one article together."""
        articles: dict[str, list[Passage]] = {}
        for passage in passages:
            articles.setdefault(passage.source.article_id, []).append(passage)
        for group in articles.values():
            key = " ".join(p.passage_id for p in group)
            if key not in self._known:
                self._known[key] = Held(group)
        return [self._known[" ".join(p.passage_id for p in g)] for g in articles.values()]


def _turned(claim: str, evidence: Sequence[Evidence]) -> bool:
    """Whether the claim denies what none of its evidence denies, or states what the best of it denies."""
    if _NEGATIVE.search(claim):
        return not any(_NEGATIVE.search(e.text) for e in evidence)
    said, best = set(words(claim)), evidence[0].text
    for denial in _DENIAL.finditer(best):
        # "would not be made public yet": what is denied are the words next behind it.
        denied = [w for w in words(best[denial.end() :][:60].partition(",")[0]) if w not in COMMON]
        if denied and said.issuperset(denied[:2]):
            return True
    return False


def _missing(claim: str, held: Sequence[Held]) -> list[Found]:
    """What no source holds of a claim, and of the outlet and date behind it, each read by itself."""
    origin = _ORIGIN.search(claim)
    if not origin:
        return missing(claim, held)
    at = origin.start()
    return missing(claim[:at], held) + [
        (at + a, at + b, kind) for a, b, kind in missing(claim[at:], held)
    ]
