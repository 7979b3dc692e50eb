"""The search of one generation: two retrievers, what the question names, and what that leads on to.

Candidates of both retrievers are fused. Articles that the question calls by their titles are lifted,
and so is what their passages name in turn, which answers questions of two hops ("the mother of the
director of …") without a model that writes. Dates and outlets in the words of the question lift too.
Reranking and folding come afterwards, elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from index.asked import Asked
from index.catalogue import Catalogue
from index.embed import Vectors
from index.fuse import DENSE_WEIGHT, Fused, agreed, bounded, fuse, lift
from index.lexical import day_number, terms
from index.names import Name, names_in
from index.opened import Opened
from index.rerank import LINK
from index.split import sentences
from index.types import Passage, Scope

Scored = list[tuple[int, float]]

RANKING = "names-4"
"""Part of what a calibration is kept by: another way to rank makes a new one."""

POOL = 100
"""Candidates that each retriever gives to the fusion."""

_NAMED = 0.5
"""Added to the passages of an article whose title makes up half of the question or more."""

_FIRST = 3
"""Passages of named articles from which a second hop is taken."""

_LINKED = 1.1
"""Added to what the best of those names, in a sentence that speaks of all that the question asks."""

_ANYHOW = 0.5
"""The share of that for a sentence which speaks of nothing that the question asks."""

_IN_PERIOD, _AFTER_PERIOD, _FROM_OUTLET, _NEWEST, _RECENT = 0.4, 0.2, 0.4, 0.2, 0.2
_AFTER = timedelta(days=7)
"""What happens in a period is also written of in the days after it."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is fused: (row, score) of each retriever, best first, the cosine of every candidate by row,
    and the question's mean cosine to the whole collection.
    """

    near: Scored
    said: Scored
    cosines: dict[int, float]
    mean: float


@dataclass(frozen=True, slots=True)
class Search:
    """A search of the passages in `scope`, whose publishers are spelt as in the index.

    `weight` is the share of the dense score in the fusion (index.fuse).
    """

    opened: Opened
    catalogue: Catalogue
    scope: Scope
    weight: float = DENSE_WEIGHT

    def candidates(self, question: str, vector: Vectors, n: int) -> Candidates:
        """Return the `n` best of each retriever."""
        near = self.opened.nearest(self.catalogue, vector, n, self.scope)
        said = self.opened.words.search(question, n, self.scope)
        cosines = dict(near)
        self._compare([row for row, _ in said], vector, cosines)
        return Candidates(near, said, cosines, float(self.opened.mean @ vector))

    def rank(self, question: str, vector: Vectors, n: int, asked: Asked) -> list[Fused]:
        """Return all candidates, `n` at least where there are as many, best first, scores in 0..1."""
        found = self.candidates(question, vector, max(POOL, n))
        if asked.since or asked.until or asked.sources:
            found = self._widened(found, question, vector, asked)
        named = self._named(question)
        self._compare(named, vector, found.cosines)
        ranking = self._fused(found)
        if named:
            ranking = self._lift_named(ranking, named)
            ranking = self._lift_linked(ranking, question, vector, named, found)
        else:
            # Where titles are named they lead on to articles that are not alike.
            first = self.opened.places([f.row for f in ranking[:POOL]])
            ranking = agreed(ranking, self.opened.vectors[first])
        if asked:
            ranking = self._lift_asked(ranking, asked)
        return bounded(ranking)

    def _fused(self, found: Candidates) -> list[Fused]:
        return fuse(found.near, found.said, found.cosines, found.mean, self.weight)

    def _compare(self, rows: Iterable[int], vector: Vectors, cosines: dict[int, float]) -> None:
        """Add the cosines of those rows that have none yet."""
        cosines |= self.opened.cosines((row for row in rows if row not in cosines), vector)

    # --- what the question names, and what that leads on to ---

    def _titles(self, text: str, *, capitals: bool) -> tuple[list[Name], dict[str, list[int]]]:
        """The titles in a text, and the first passages of the articles in scope that have them."""
        leads: dict[str, list[int]] = {}

        def known(names: Iterable[str]) -> frozenset[str]:
            leads.update(self.opened.words.titled(names, self.scope))
            return frozenset(leads)

        return names_in(text, known, capitals=capitals), leads

    def _named(self, question: str) -> dict[int, float]:
        """The first passages of the articles that the question names, with the share (0..1) that the
        name has in what the question says; half of it is all.
        """
        names, leads = self._titles(question, capitals=False)
        if not names:
            return {}
        rarity = self._rarity(terms(question))
        total = sum(rarity.values()) or 1.0
        shares: dict[int, float] = {}
        for name in names:
            share = min(2 * sum(rarity.get(t, 0.0) for t in set(terms(name.name))) / total, 1.0)
            for row in leads[name.name]:
                shares[row] = max(shares.get(row, 0.0), share)
        return shares

    def _rarity(self, words: Sequence[str]) -> dict[str, float]:
        distinct = list(dict.fromkeys(words))
        return dict(zip(distinct, self.opened.words.rarity(distinct), strict=True))

    def _article_of(self, rows: Sequence[int]) -> dict[int, int]:
        return dict(zip(rows, self.opened.articles[self.opened.places(rows)].tolist(), strict=True))

    def _lift_named(self, ranking: Sequence[Fused], named: dict[int, float]) -> list[Fused]:
        articles = self._article_of([f.row for f in ranking])
        shares = {articles[row]: share for row, share in named.items()}
        added = {row: _NAMED * shares[a] for row, a in articles.items() if shares.get(a)}
        return lift(ranking, added, "title")

    def _lift_linked(
        self,
        ranking: Sequence[Fused],
        question: str,
        vector: Vectors,
        named: dict[int, float],
        found: Candidates,
    ) -> list[Fused]:
        """Lift one passage of each article that the best passages of named articles name in turn."""
        articles = self._article_of([f.row for f in ranking])
        origin = {articles[row] for row, share in named.items() if share >= 0.2}
        first = [f for f in ranking[:_FIRST] if articles[f.row] in origin]
        links = self._links(first, question, origin) if first else {}
        if not links:
            return list(ranking)
        # An article that no retriever found comes in by its first passage.
        new = [row for row in links if row not in articles]
        before = len(found.cosines)
        self._compare(new, vector, found.cosines)
        if len(found.cosines) > before:
            known = {f.row for f in ranking}
            extra = self._fused(found)
            ranking = [*ranking, *(f for f in extra if f.row not in known)]
            articles = self._article_of([f.row for f in ranking])
        strength = {articles[row]: link for row, link in links.items()}
        added: dict[int, float] = {}
        for f in ranking:  # best first: one passage of each article
            if link := strength.pop(articles[f.row], 0.0):
                added[f.row] = link
        return lift(ranking, added, LINK)

    def _links(self, first: Sequence[Fused], question: str, origin: set[int]) -> dict[int, float]:
        """The first passages of the articles that some passages name, with what that is worth."""
        passages = self.catalogue.passages([f.row for f in first], self.opened.g)
        links: dict[int, float] = {}
        rarity = self._rarity(terms(question))
        for f in first:
            if (passage := passages.get(f.row)) is None:
                continue
            names, leads = self._titles(passage.text, capitals=True)
            articles = self._article_of(list({row for rows in leads.values() for row in rows}))
            title = set(terms(passage.source.title))
            asked = {t: w for t, w in rarity.items() if t not in title}
            for name in names:
                fit = _ANYHOW + (1 - _ANYHOW) * _share(asked, _sentence(passage, name))
                worth = _LINKED * fit * f.score / first[0].score
                for row in leads[name.name]:
                    if articles[row] not in origin:
                        links[row] = max(links.get(row, 0.0), worth)
        return links

    # --- dates and outlets in the words of the question ---

    def _narrowed(self, asked: Asked) -> Scope:
        since = max((d for d in (self.scope.since, asked.since) if d), default=None)
        until = min((d for d in (self.scope.last, asked.until) if d), default=None)
        return replace(
            self.scope, since=since, until=until, sources=asked.sources or self.scope.sources
        )

    def holds(self, asked: Asked) -> bool:
        """Whether any passage in scope is of the days and outlets that the question speaks of."""
        return bool(self.opened.mask(self._narrowed(asked)).any())

    def _widened(
        self, found: Candidates, question: str, vector: Vectors, asked: Asked
    ) -> Candidates:
        """The candidates, with those that are best among the days and outlets asked for."""
        inside = replace(self, scope=self._narrowed(asked)).candidates(question, vector, POOL // 2)
        said = dict(inside.said) | dict(found.said)
        near = dict(inside.near) | dict(found.near)
        return Candidates(
            _best_first(near), _best_first(said), inside.cosines | found.cosines, found.mean
        )

    def _lift_asked(self, ranking: Sequence[Fused], asked: Asked) -> list[Fused]:
        rows = [f.row for f in ranking]
        places = self.opened.places(rows)
        days = self.opened.days[places]
        if asked.since or asked.until:
            low, high = day_number(asked.since) or 1, day_number(asked.until) or 99991231
            inside = (days >= low) & (days <= high)
            last = date.fromisoformat(asked.until) if asked.until else date.min
            # "Today", asked as of 9999-12-31: there is no week after it.
            after = day_number((last + min(_AFTER, date.max - last)).isoformat())
            late = (days > high) & (days <= after)
            worth = _IN_PERIOD * inside + _AFTER_PERIOD * late
            ranking = lift(ranking, _some(rows, worth), "period")
        if asked.sources:
            wanted = [self.opened.publishers.index(name) for name in asked.sources]
            fits = np.isin(self.opened.outlets[places], wanted)
            ranking = lift(ranking, _some(rows, _FROM_OUTLET * fits), "outlet")
        if asked.newest and len(days) and (newest := int(days.max())):
            ages = [_days_between(int(day), newest) if day else None for day in days]
            fresh = np.array([0.0 if a is None else _NEWEST * math.exp(-a / 30) for a in ages])
            ranking = lift(ranking, _some(rows, fresh), "newest")
        elif asked.recent and len(self.opened.days):
            # Who asks of "this week" and does not say when asks of the index's own time, not of years before it.
            newest = min(int(self.opened.days.max()), day_number(self.scope.last) or 99991231)
            near = [math.exp(-_days_between(int(d), newest) / 365) if d else 0.0 for d in days]
            ranking = lift(ranking, _some(rows, _RECENT * np.array(near)), "recent")
        return list(ranking)


def _some(rows: Sequence[int], worth: np.ndarray) -> dict[int, float]:
    return {row: float(w) for row, w in zip(rows, worth, strict=True) if w > 0}


def _days_between(day: int, later: int) -> int:
    return (_date(later) - _date(day)).days


def _date(day: int) -> date:
    return date(day // 10000, day // 100 % 100, day % 100)


def _best_first(scores: dict[int, float]) -> Scored:
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def _sentence(passage: Passage, name: Name) -> set[str]:
    """The terms of the sentence in which a name stands."""
    for start, end in sentences(passage.text):
        if start <= name.start < end:
            return set(terms(passage.text[start:end]))
    return set()


def _share(asked: dict[str, float], said: set[str]) -> float:
    """How much of what is asked some words say, 0..1; half of it is all."""
    total = sum(asked.values())
    return min(2 * sum(w for t, w in asked.items() if t in said) / total, 1.0) if total else 0.0
