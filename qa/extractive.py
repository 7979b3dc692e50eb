"""The built-in answerer: picks the sentences that answer and quotes them verbatim; no model that writes.

Sentences of the best passages are compared with the question by their words (rare ones count more), by
the form that the answer must have, and by how well their passage was found. The best few are read by a
small network (`qa.reader`), which says how likely each answers and which of its words are the answer.
When not even the best is likely to, the articles hold no answer.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache

import numpy as np

from index.corpus import Corpus
from index.lexical import terms
from index.split import sentences
from index.types import Hit
from qa import spans, twofold, weights, windows
from qa.composition import compose, happened
from qa.fit import fits, speaks
from qa.followup import stand_alone, without_brackets
from qa.injected import speaks_to_machine
from qa.late import TokenMatch
from qa.occasions import asked_of
from qa.premise import away, elsewhen, quotes, rival
from qa.question import FRESH, Question, read_question
from qa.reader import Reader, fingerprint, heading
from qa.sentence import Sentence, asks, initials, is_heading, past_dateline
from qa.short import describes
from qa.types import Draft, Message, Token

NAME = "extractive"
DOUBT = "unsure: the articles may not answer this; read the quotes before you rely on it"
_PASSAGES = 8
_NEAREST = 3

_MONTHS = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]


@lru_cache(maxsize=1)
def identity() -> str:
    """Return what names this answerer and its weights: a calibration holds for these only."""
    digest = hashlib.sha256(repr(weights.ANSWERABLE).encode())
    digest.update(fingerprint().encode())
    return f"{NAME}-{digest.hexdigest()[:12]}"


class Extractive:
    """Answers from the passages alone, by quoting them."""

    name = NAME

    def __init__(
        self, corpus: Corpus, *, threshold: float | None = None, rerank: str = "none"
    ) -> None:
        self._corpus = corpus
        self._rerank = rerank
        self._threshold = threshold  # None: as calibrated, else as shipped

    @cached_property
    def _reader(self) -> Reader:
        return Reader()

    @cached_property
    def _tokens(self) -> TokenMatch:
        return TokenMatch(self._corpus.rarity)

    @property
    def threshold(self) -> float:
        """The confidence below which it abstains, unless one article is all there is to answer from."""
        return self._abstains_below(alone=False)

    def threshold_for(self, hits: Sequence[Hit]) -> float:
        """Return the confidence below which it abstains when those passages are all there is to answer from."""
        return self._abstains_below(alone=len({h.passage.source.article_id for h in hits}) == 1)

    def _abstains_below(self, *, alone: bool) -> float:
        if self._threshold is not None:
            return self._threshold
        found = self._corpus.calibration(identity(), self._rerank)
        return weights.threshold(self._corpus.size, alone=alone) if found is None else found

    def rewrite(self, question: str, history: Sequence[Message]) -> Generator[Token, None, str]:
        """Return the question with the names that it leaves to the conversation; waits for nobody."""
        yield from ()
        return stand_alone(without_brackets(question), history)

    def answer(
        self, question: str, hits: Sequence[Hit], history: Sequence[Message]
    ) -> Iterator[Token | Draft]:
        """Yield the quoted sentences and a draft with their spans, or an abstention."""
        question = without_brackets(question)
        asked = read_question(stand_alone(question, history) if history else question)
        own = read_question(question).kind
        if own != "other":  # what a follow-up was completed with must not turn it into another
            asked = replace(asked, kind=own)
        if (pair := twofold.halves(asked.text)) is None:
            found = self._draft(asked, hits)
        else:
            first, second = (self._draft(read_question(half), hits) for half in pair)
            found = twofold.together(first, second, pair)
        if not found.abstained:
            yield Token(found.text)
        yield found

    def _draft(self, asked: Question, hits: Sequence[Hit]) -> Draft:
        """The answer to one question, or an abstention."""
        if on := asked_of(asked):
            found = itertools.chain.from_iterable(_sentences(hit) for hit in hits[:_PASSAGES])
            if told := happened(found, on):
                return told
        ranked = self.rank(asked, hits)
        if not ranked:
            return Draft("", abstained=True, reason="nothing found")
        threshold = self.threshold_for(hits)
        confidence = self._confidence(asked, ranked[0])
        if said := next((s for s in ranked if describes(s, asked)), None):
            # "Prime Minister Eleanor Vance came" tells who she is, and little else that was asked.
            ranked = [said, *(s for s in ranked if s is not said)]
            confidence = max(confidence, threshold)
        if confidence < threshold:
            return Draft(
                "",
                abstained=True,
                reason="found but does not say",
                spans=tuple(s.span for s in ranked[:_NEAREST]),
                confidence=confidence,
            )
        told = compose(ranked, asked)
        notes = told.notes if confidence >= weights.DOUBTFUL else (*told.notes, DOUBT)
        return replace(told, confidence=confidence, notes=notes)

    def _confidence(self, asked: Question, best: Sentence) -> float:
        """The probability that the best sentence answers.

        What a large archive answers, it tells in all that is asked, in whatever words; where a question is of what
        it does not hold, something of the like is found that lacks a part. Among few articles this says nothing.
        """
        share = weights.largeness(self._corpus.size)
        met = self._tokens.score(asked.text, [best.hit.passage])[0] if share else 0.0
        return weights.answerable(best.features | {"met": share * (met - weights.MET)})

    def rank(self, question: Question, hits: Sequence[Hit]) -> list[Sentence]:
        """Return the candidate sentences, best first, with their features and scores."""
        hits = hits[:_PASSAGES]
        wanted = list(dict.fromkeys(terms(_without_small(question.text))))
        if not hits or not wanted:
            return []
        # One more for each: among few articles even the word that matters may stand in most of them.
        rarity = {t: 1 + idf for t, idf in zip(wanted, self._corpus.rarity(wanted), strict=True)}
        passages = [list(_sentences(hit)) for hit in hits]
        for s in itertools.chain(*passages):
            s.features.update(_word_features(s, question, rarity))
            s.score = weights.first_look(s.features)
        places = [(p, i) for p, found in enumerate(passages) for i in range(len(found))]
        places.sort(key=lambda place: -passages[place[0]][place[1]].score)
        runs = windows.choose(passages, places)
        readings = self._reader.read_windows(
            question.text, [windows.window(_heading(run[0].hit), run) for run in runs]
        )
        close = list(itertools.chain(*runs))
        newest = _newest(hits) if FRESH.search(question.text) else {}
        for s, reading in zip(close, itertools.chain(*readings), strict=True):
            s.features["reader"] = reading.score
            s.features["sure"] = reading.span_score
            s.short = (reading.start, reading.end)
            named = s.text[slice(*s.short)].split()
            # "Vladimir Medinsky" says who it is; "Medinsky" may not.
            s.features["full"] = float(
                question.kind == "who" and sum(w[:1].isupper() for w in named) > 1
            )
            s.features["agree"] = float(
                any(
                    a < reading.end and reading.start < b
                    for a, b in spans.candidates(s.text, question)
                )
            )
            s.features["fresh"] = newest.get(s.source.published or "", 0.0)
            s.features["misfit"] = float(
                not fits(
                    s.text[slice(*s.short)], question, s.text[s.short[1] :], s.text[: s.short[0]]
                )
                or not speaks(f"{s.before} {s.text}", question)
            )
            s.features["away"] = float(away(s, question))
            s.features["rival"] = float(rival(s, question))
            s.features["withdrawn"] = float(
                bool(_WITHDRAWN.search(s.text)) and not _OF_ERRORS.search(question.text)
            )
            s.features["elsewhen"] = float(elsewhen(s, question))
            s.score = weights.sentence(s.features)
        # "who said “…”?" is answered where the words stand.
        close.sort(key=lambda s: (not quotes(s, question), -s.score))
        return close


def _sentences(hit: Hit) -> Iterator[Sentence]:
    passage = hit.passage
    source = passage.source
    around = set(terms(source.title)) | _date_terms(source.published)
    around |= set(terms(f"{source.publisher or ''} {initials(source.title)}"))
    known = frozenset(terms(f"{passage.text} {initials(passage.text)}")) | around
    before, before_terms = "", frozenset[str]()
    for start, end in sentences(passage.text):
        start = past_dateline(passage.text, start, end)
        text = passage.text[start:end]
        own = frozenset(terms(text))
        if len(own) >= 2 and not speaks_to_machine(text):
            yield Sentence(
                hit=hit,
                start=passage.start + start,
                end=passage.start + end,
                text=text,
                before=before,
                terms=own,
                context=own | around | before_terms | set(terms(initials(f"{before} {text}"))),
                known=known,
                features={},
            )
        before, before_terms = text, own


def _heading(hit: Hit) -> str:
    source = hit.passage.source
    return heading(source.title, source.published)


def _newest(hits: Sequence[Hit]) -> dict[str, float]:
    """How new each day is among those of the passages: 1 the newest, 0 the oldest."""
    found = sorted({hit.passage.source.published or "" for hit in hits})
    return {day: place / max(len(found) - 1, 1) for place, day in enumerate(found)}


def _date_terms(published: str | None) -> set[str]:
    """What a question may call the day an article is of: its year and its month."""
    if not published:
        return set()
    year, month = published[:4], _MONTHS[int(published[5:7]) - 1]
    return {year, *terms(month)}


def _word_features(s: Sentence, question: Question, rarity: dict[str, float]) -> dict[str, float]:
    total = sum(rarity.values()) or 1.0
    missing = [w for t, w in rarity.items() if t not in s.known]
    found = spans.candidates(s.text, question)
    pairs = list(itertools.pairwise(rarity))
    beside = set(itertools.pairwise(terms(_POSSESSIVE.sub("", s.text))))
    return {
        "cover": sum(w for t, w in rarity.items() if t in s.terms) / total,
        "context": sum(w for t, w in rarity.items() if t in s.context) / total,
        "passage": sum(w for t, w in rarity.items() if t in s.known) / total,
        "missing": max(missing, default=0.0) / (max(rarity.values()) or 1.0),
        **_particulars(s, question),
        "form": float(bool(found)),
        "unfit": float(question.kind in _MEASURED and not found),
        "reason": float(question.kind == "why" and bool(_REASON.search(s.text))),
        "pairs": sum(p in beside for p in pairs) / (len(pairs) or 1),
        "fused": s.hit.score,
        "near": s.hit.cosine,
        "asks": float(asks(s.text)),
        "heading": float(is_heading(s.text)),
        "length": float(np.log(max(len(s.terms), 1))),
    }


def _particulars(s: Sentence, question: Question) -> dict[str, float]:
    """Whether the question names a figure, a date or a name that the passage and its source do not.

    "the July 2025 talks" are not answered by an article on those of May. What was added to a follow-up
    (in brackets) need not be there.
    """
    source = s.hit.passage.source
    text = f"{s.hit.passage.text} {source.title} {source.published or ''}"
    figures = set(re.findall(r"\d[\d.,]*\d|\d", text)) | set(re.findall(r"\d+", text))
    starts = {term[:5] for term in s.known}
    names = [w for n in question.own_names for w in re.findall(r"\w{3,}", n)]
    said = text.casefold()
    ranks = {rank.casefold() for rank in _RANKED.findall(question.asked)}
    strange = any(n not in figures for n in question.numbers if n in question.asked)
    return {
        "numbers": float(strange),
        "unranked": float(any(rank not in said for rank in ranks)),
        "names": float(any(t[:5] not in starts for w in names for t in terms(w))),
    }


_REASON = re.compile(
    r"\b(?:because|since|due to|owing to|as a result|in order to|so that|after|caused|reasons?|blamed|"
    r"therefore|to avoid|led to|out of|meant)\b",
    re.IGNORECASE,
)
_WITHDRAWN = re.compile(
    r"\b(?:our|an earlier|a previous) (?:report|article|story|version)\b|\bwe (?:wrote|reported|stated)\b|"
    r"\b(?:over|under|mis)stated\b|\b(?:wrongly|incorrectly|mistakenly) (?:said|gave|put|stated|reported|named)\b",
    re.IGNORECASE,
)
"""How a correction tells what it takes back."""
_OF_ERRORS = re.compile(
    r"\b(?:wrong|false|incorrect|mistak|error|correct|first|earlier|original|initial|estimate|report|wr[io]te)",
    re.IGNORECASE,
)
_RANKED = re.compile(
    r"\b(third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\s(?!party|parties|quarter|world|person|largest|most|of\b)[a-z]",
    re.IGNORECASE,
)
"""What a question counts off: "the third round". The first and the second are told in other words too."""

_MEASURED = ("when", "money", "duration", "quantity")
_POSSESSIVE = re.compile(r"[’']s\b")
_SMALL = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|many|much|does|did|do|tell me|name of|please)\b",
    re.IGNORECASE,
)


def _without_small(text: str) -> str:
    left = _SMALL.sub(" ", _POSSESSIVE.sub("", text))
    return left if re.search(r"\w", left) else text
