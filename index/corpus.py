"""An index that is open to be read: search it, and get its articles and passages by id.

A corpus follows the index: before each question it looks which generation is live and reopens when
that changed. Within `snapshot()` everything comes from one generation.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from index.asked import Asked, read_wish
from index.beside import described
from index.calibration import Calibration, load_calibrations
from index.catalogue import Catalogue
from index.embed import Embedder
from index.errors import IndexMissing, NothingIndexed, UsageError
from index.explain import FAR, WhyNot, why_not
from index.fold import fold
from index.found import Found, notes
from index.fuse import DENSE_WEIGHT
from index.opened import Opened, open_live
from index.rerank import Reranker, rerank
from index.search import POOL, RANKING, Candidates, Scored, Search
from index.spelling import misspelt
from index.split import size_of
from index.store import base_of, reading
from index.types import Article, Hit, Passage, Scope, Source, Trace
from index.walk import name_in

if TYPE_CHECKING:
    from index.mirror import Mirror


@dataclass(frozen=True, slots=True)
class Status:
    """What is indexed, for people."""

    store: str
    files: int
    articles: int
    passages: int
    embedder: str
    splitter: str
    indexed_at: str | None
    oldest: str | None
    newest: str | None
    publishers: dict[str, int]
    failures: list[dict[str, str]]
    generation: int
    stories: int = 0
    copies: int = 0


class Corpus:
    """A reader of one index. `search` and the look-ups may be called from any thread.

    `reranker`, where there is one, reads the best passages of every search again; `dense_weight` is the share
    of the dense score in the fusion (index.fuse).
    Raises `IndexMissing` when there is no index, or when it was made with another embedder.
    """

    def __init__(
        self, store: Path, open_embedder: Callable[[], Embedder], mirror: Mirror | None = None
    ) -> None:
        """`mirror` is given where `store` is the mirror of a server."""
        self.store = store
        self._base = base_of(store)
        self._mirror = mirror
        if mirror:
            mirror.pull()
        self._catalogue = Catalogue.open_to_read(store)
        self._open_embedder = open_embedder
        self._embedder: Embedder | None = None
        self._opened: Opened | None = None
        self.reranker: Reranker | None = None
        self.dense_weight = DENSE_WEIGHT
        self._lock = threading.RLock()
        self._depth = 0
        self._lease = contextlib.ExitStack()
        if self._catalogue.live == 0:
            raise NothingIndexed(f"nothing is indexed in {store} yet", "qa index PATH…")

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within it every answer comes from one generation, and what it needs is not deleted."""
        with self._lock:
            if self._depth == 0:
                if self._mirror:
                    self._mirror.pull()
                self._lease.enter_context(reading(self.store))
            self._depth += 1
        try:
            self._follow()
            yield
        finally:
            with self._lock:
                self._depth -= 1
                if self._depth == 0:
                    self._lease.close()

    @property
    def embedder(self) -> Embedder:
        """The embedder of the index, loaded at the first use."""
        with self._lock:
            embedder = self._embedder or self._open_embedder()
            found = self._catalogue.get("embedder")
            if embedder.identity != found:  # at each question: the index may have been made anew
                self._embedder = None
                raise IndexMissing(
                    f"the index was made with the embedder {found}, the settings name {embedder.identity}",
                    "qa index --rebuild PATH…, or choose the embedder of the index (--embedder)",
                )
            self._embedder = embedder
            return embedder

    @property
    def identity(self) -> str:
        """The identity of the embedder that the index was made with."""
        with self._lock:
            return self._catalogue.get("embedder") or "?"

    @property
    def passage_tokens(self) -> int | None:
        """The most tokens of a passage, None for as many as the embedder reads."""
        with self._lock:
            return size_of(self._catalogue.get("splitter") or "")

    def retrieval(self, rerank: str = "none") -> str:
        """Return the identity of what ranks the passages, by which a calibration is kept."""
        parts = f"{described(self.identity, self.passage_tokens)}, ranked by {RANKING}"
        if self.dense_weight != DENSE_WEIGHT:
            parts += f" with a dense weight of {self.dense_weight:g}"
        return parts if rerank == "none" else f"{parts}, reranked by {rerank}"

    def calibrations(self) -> list[Calibration]:
        """Return the thresholds that are kept with the index, those of other parts too."""
        with self._lock:
            return load_calibrations(self._catalogue)

    def calibration(self, answerer: str, rerank: str = "none") -> float | None:
        """Return the confidence below which that answerer abstains, None where none was fitted.

        One that was fitted with another search (embedder, reranker) does not count.
        """
        parts = (self.retrieval(rerank), answerer)
        fit = (c.threshold for c in self.calibrations() if (c.search, c.answerer) == parts)
        return next(fit, None)

    @property
    def live(self) -> int:
        """The number of the live generation."""
        with self._lock:
            return self._catalogue.live

    def search(self, question: str, n: int, scope: Scope | None = None) -> tuple[Hit, ...]:
        """Return the `n` best passages for a question, best first, echoes among them."""
        return self.find(question, n, scope, k=0).hits

    def find(
        self, question: str, n: int, scope: Scope | None = None, *, k: int | None = None
    ) -> Found:
        """Return the `n` best passages for a question, and what is to be said of how they were found.

        The first `k` of them (all, where it is None) are without echoes; with `k` = `n` there may be
        fewer than `n`, for what is passed over comes behind.
        """
        *_, found = self.looks(question, n, scope, k=k)
        return found

    def looks(
        self, question: str, n: int, scope: Scope | None = None, *, k: int | None = None
    ) -> Iterator[Found]:
        """Yield what `find` returns and, where a reranker reads it again, before that what it will read."""
        k = n if k is None else k
        with self.snapshot(), self._lock:
            search = self._search(scope)
            # What a reranker reads does not depend on how many are wanted.
            read = self.reranker.depth(question) if self.reranker else 0
            for again, depth in enumerate(_depths(n, k, read)):
                found, asked = self._ranked(search, question, depth)
                if read and not again:
                    first, _ = fold(found, k)
                    yield Found(first[:n], len(first), (), search.scope, asked)
                found = self._read_again(question, found)
                shown, behind = fold(found, k)
                if len(shown) == k or len(found) < depth:
                    break
            hits = shown if k >= n else (*shown, *behind)[:n]
            yield Found(hits, len(shown), tuple(notes(search, asked)), search.scope, asked)

    def _search(self, scope: Scope | None) -> Search:
        opened = self._follow()
        return Search(opened, self._catalogue, opened.spelt(scope or Scope()), self.dense_weight)

    def _ranked(
        self, search: Search, question: str, n: int, *, whole: bool = False
    ) -> tuple[tuple[Hit, ...], Asked]:
        """The `n` best of a search, before any is read again, and what the question asked.

        With `whole`, those behind them too, down to the last candidate.
        """
        today = date.fromisoformat(search.scope.as_of) if search.scope.as_of else date.today()
        asked = read_wish(question, today, search.opened.publishers, search.opened.newest)
        vector = self.embedder.embed([question], query=True)[0]
        ranked = search.rank(question, vector, n, asked)
        ranked = ranked if whole else ranked[:n]
        passages = self._catalogue.passages([f.row for f in ranked], search.opened.g)
        kept = [f for f in ranked if f.row in passages]
        hits = tuple(
            Hit(
                rank=rank,
                score=f.score,
                passage=passages[f.row],
                cosine=f.traces[0].score or 0.0,
                traces=(*f.traces, Trace("fusion", rank, f.score)),
            )
            for rank, f in enumerate(kept, 1)
        )
        return hits, asked

    def _read_again(self, question: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        return rerank(self.reranker, question, hits) if self.reranker else hits

    def why_not(self, question: str, passage_id: str, k: int, scope: Scope | None = None) -> WhyNot:
        """Return where a passage was lost among those that `find(question, k, scope)` gives.

        Raises `UsageError` when the index has no passage of that id.
        """
        with self.snapshot(), self._lock:
            search = self._search(scope)
            article_id = passage_id.rpartition("#")[0]
            rows = self._catalogue.article_passages(article_id, search.opened.g)
            row = next((row for row, p in rows if p.passage_id == passage_id), None)
            if row is None:
                raise UsageError(
                    f"there is no passage {passage_id!r} in the index", "qa search QUERY"
                )
            in_scope = bool(search.opened.mask(search.scope)[search.opened.places([row])[0]])
            vector = self.embedder.embed([question], query=True)[0]
            wide = search.candidates(question, vector, FAR)
            far = {"dense": _place(wide.near, row), "lexical": _place(wide.said, row)}
            read = self.reranker.depth(question) if self.reranker else 0
            # As deep as `find` goes: with more candidates words count for others, and places change.
            for depth in _depths(k, k, read):
                ranked, _ = self._ranked(search, question, depth, whole=True)
                found = self._read_again(question, ranked)
                shown, behind = fold(found[:depth], k)
                if len(shown) == k or len(found) < depth:
                    break
            return why_not(
                passage_id,
                in_scope=in_scope,
                far=far,
                pool=max(POOL, depth),
                candidates=found,
                shown=shown,
                behind=behind,
                scope=search.scope,
            )

    def candidates(self, question: str, n: int, scope: Scope) -> Candidates:
        """Return what is fused, before anything is lifted: the `n` best of each retriever."""
        with self.snapshot(), self._lock:
            search = self._search(scope)
            vector = self.embedder.embed([question], query=True)[0]
            return search.candidates(question, vector, n)

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """Return the passages of those rows, in their order."""
        with self.snapshot(), self._lock:
            found = self._catalogue.passages(rows, self._follow().g)
        return [found[row] for row in rows if row in found]

    def article(self, article_id: str) -> Article:
        """Return an article by its id. Raises `UsageError` when the index has none of that id."""
        with self.snapshot(), self._lock:
            found = self._catalogue.article(article_id, self._follow().g)
        if found is None:
            raise UsageError(f"there is no article {article_id!r} in the index", "qa search QUERY")
        return found

    def passage(self, passage_id: str) -> Passage:
        """Return a passage by its id (`article#n`). Raises `UsageError` when there is none."""
        article_id = passage_id.rpartition("#")[0]
        for passage in self.article_passages(article_id):
            if passage.passage_id == passage_id:
                return passage
        raise UsageError(f"there is no passage {passage_id!r} in the index", "qa search QUERY")

    def article_passages(self, article_id: str) -> list[Passage]:
        """Return the passages of an article in reading order; none when there is no such article."""
        with self.snapshot(), self._lock:
            found = self._catalogue.article_passages(article_id, self._follow().g)
        return [passage for _, passage in found]

    def resolve(self, name: str) -> frozenset[str]:
        """Return the ids of the articles that an id (of a passage: its article), source id, address or path names.

        A path is that of the index, the end of one, or one that leads to the file from here.
        """
        with self.snapshot(), self._lock:
            return self._catalogue.resolve(name, name_in(self._base, name), self._follow().g)

    def sources(self) -> list[Source]:
        """Return what a citation shows of every article, by id."""
        with self.snapshot(), self._lock:
            return list(self._catalogue.sources(self._follow().g))

    def story(self, story: str) -> tuple[Source, ...]:
        """Return the near-copies of a story (`Source.story`), the first of them first; none when it is unknown."""
        with self.snapshot(), self._lock:
            return tuple(self._catalogue.story(story, self._follow().g))

    @property
    def size(self) -> int:
        """How many passages are indexed."""
        with self.snapshot():
            return len(self._follow().rows)

    def misspelt(self, question: str) -> dict[str, str]:
        """Return the words of a question that are slips of the keys, with what they are to be read as."""
        with self.snapshot(), self._lock:
            return misspelt(question, self._follow().words, self.embedder.count_tokens)

    def rarity(self, words: Sequence[str]) -> list[float]:
        """Return the inverse document frequency of indexed terms (as in BM25), 0 for none of them."""
        with self.snapshot(), self._lock:
            return self._follow().words.rarity(words)

    def status(self) -> Status:
        """Return counts, dates, outlets, identity and what could not be read."""
        with self.snapshot(), self._lock:
            g = self._catalogue.live
            files, articles, passages = self._catalogue.counts(g)
            sources = list(self._catalogue.sources(g))
            dates = sorted(s.published for s in sources if s.published)
            publishers: dict[str, int] = {}
            for s in sources:
                name = s.publisher or "(unknown)"
                publishers[name] = publishers.get(name, 0) + 1
            return Status(
                store=str(self.store),
                files=files,
                articles=articles,
                passages=passages,
                embedder=self._catalogue.get("embedder") or "?",
                splitter=self._catalogue.get("splitter") or "?",
                indexed_at=self._catalogue.get("indexed_at"),
                oldest=dates[0] if dates else None,
                newest=dates[-1] if dates else None,
                publishers=dict(sorted(publishers.items(), key=lambda x: (-x[1], x[0]))),
                failures=self._catalogue.failures(g),
                generation=g,
                stories=len({s.story for s in sources if s.story}),
                copies=sum(1 for s in sources if s.story),
            )

    def content_hash(self) -> str:
        """Return a hash over every passage's id, text, offsets and the embedder: equal content, equal hash."""
        digest = hashlib.sha256((self._catalogue.get("embedder") or "").encode())
        with self.snapshot(), self._lock:
            rows = self._follow().rows.tolist()
            lines = []
            for i in range(0, len(rows), 1000):
                for p in self._catalogue.passages(rows[i : i + 1000], self._follow().g).values():
                    text = hashlib.sha256(p.text.encode()).hexdigest()
                    lines.append(f"{p.passage_id} {p.start} {p.end} {text}")
        digest.update("\n".join(sorted(lines)).encode())
        return digest.hexdigest()

    def audit(self) -> list[str]:
        """Return what is wrong with the index, compared piece by piece: nothing, if it is sound."""
        wrong: list[str] = []
        with self.snapshot(), self._lock:
            opened = self._follow()
            rows = opened.rows.tolist()
            if len(opened.words) != len(rows):
                wrong.append(f"the word index holds {len(opened.words)} of {len(rows)} passages")
            for i in range(0, len(rows), 1000):
                chunk = rows[i : i + 1000]
                vectors = self._catalogue.vectors(chunk)
                for row, passage in self._catalogue.passages(chunk, opened.g).items():
                    if not passage.text or passage.end - passage.start != len(passage.text):
                        wrong.append(f"{passage.passage_id} is not a slice of its article")
                    vector = vectors.get(row)
                    if vector is None or abs(float(vector @ vector) - 1) > 1e-3:
                        wrong.append(f"{passage.passage_id} has no sound vector")
            for row, vector in self._catalogue.vectors(rows[:: max(len(rows) // 50, 1)]).items():
                found = opened.dense.search(vector, 10)
                if not found or found[0][1] < 0.999:
                    wrong.append(f"passage {row} is not found by its own vector")
        return wrong

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._opened = None
            self._catalogue.close()

    def _follow(self) -> Opened:
        """The live generation, reopened when it changed since the last question."""
        with self._lock:
            if self._opened is not None and self._depth > 1:
                return self._opened
            if self._catalogue.replaced:
                fresh = Catalogue.open_to_read(self.store)
                self._catalogue.close()
                self._catalogue, self._opened = fresh, None
            live = self._catalogue.live
            if self._opened is None or self._opened.g != live:
                served = self._mirror.dense if self._mirror else None
                self._opened = open_live(self.store, self._catalogue, live, served)
            return self._opened


def _depths(n: int, k: int, read: int) -> tuple[int, int]:
    """How many candidates are looked at for `n` hits, `k` of them without echoes, and how many then.

    Four times as many are seldom all echoes; where they are, all candidates are looked at.
    """
    least = max(n, 4 * k, read)
    return least, max(least, 2 * POOL)


def _place(ranking: Scored, row: int) -> tuple[int | None, float | None]:
    """The rank, from 1, and the score of a row; None where it is not there."""
    for rank, (found, score) in enumerate(ranking, 1):
        if found == row:
            return rank, score
    return None, None
