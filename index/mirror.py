"""The local side of an index on a server: a reader's mirror that knows when it is stale, and a writer's own.

The server answers which vectors are near; words, titles, dates and texts are looked up in a mirror of the
articles (a store like any other, without the graph), because a server's full-text search cannot rank. A reader
fetches what changed when the pointer on the server names another generation. A writer builds in a store of its
own (`index.upload`), whose cache outlives a lost connection.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index import grouping
from index.catalogue import ALIVE, Catalogue
from index.embed import Vectors
from index.errors import IndexMissing, Unreachable
from index.server import Pointer, Server, as_vectors, pages
from index.staging import embedded_text
from index.store import NAME, writing
from index.storing import Storing
from index.types import Article, Source


def place(server: Server, part: str) -> Path:
    """Return the local folder for a server: `reader` or `writer`. It need not exist yet."""
    import platformdirs

    base = Path(os.environ.get("QA_CACHE") or platformdirs.user_cache_path("qa"))
    short = hashlib.sha256(server.key.encode()).hexdigest()[:12]
    return base / "servers" / f"{server.hostname}-{short}" / part / NAME


class Mirror:
    """A reader's copy of what is live on a server. Raises what `Server` raises."""

    def __init__(self, server: Server, *, tell: Callable[[str], None] = lambda line: None) -> None:
        self.server, self.folder = server, place(server, "reader")
        self._tell = tell
        self._collections: dict[str, Any] = {}

    def pull(self) -> None:
        """Bring the mirror up to the pointer; costs one request when nothing changed."""
        pointer = self.server.pointer()
        if pointer is None:
            raise IndexMissing(
                f"nothing is indexed on {self.server.shown} yet",
                f"qa index PATH… --store {self.server.shown}",
            )
        if self._stamp() == pointer.stamp:
            return
        with writing(self.folder, wait=120):  # another reader here may be fetching it
            if self._stamp() == pointer.stamp:
                return
            catalogue = Catalogue.open_to_write(self.folder)
            try:
                self._fetch(catalogue, pointer)
            finally:
                catalogue.close()

    def dense(self, catalogue: Catalogue, g: int) -> ServedIndex:
        """Return the dense side of generation `g`, which is on the server."""
        stamp = catalogue.get("stamp") or ""
        if stamp not in self._collections:
            self._collections = {stamp: self.server.generation(stamp)[0]}
        return ServedIndex(self.server, self._collections[stamp], catalogue, g)

    def _stamp(self) -> str | None:
        try:
            catalogue = Catalogue.open_to_read(self.folder)
        except IndexMissing:
            return None
        try:
            return catalogue.get("stamp") if catalogue.live else None
        finally:
            catalogue.close()

    def _fetch(self, catalogue: Catalogue, pointer: Pointer) -> None:
        catalogue.drop_staged()
        g, db = catalogue.live + 1, catalogue.db
        passages, articles = self.server.generation(pointer.stamp)
        listing = _listing(self.server, articles)
        alive = db.execute(
            "SELECT id, article_id, fingerprint, coalesce(publisher, '') FROM articles WHERE died IS NULL"
        )
        known = {(r[1], r[2], r[3]): r[0] for r in alive.fetchall()}
        if any(catalogue.get(k) != getattr(pointer, k) for k in ("embedder", "splitter")):
            with db:  # the same articles, but other passages or vectors
                db.execute("UPDATE articles SET died = ? WHERE died IS NULL", [g])
            known = {}
        wanted = {
            (name, entry["fingerprint"], entry.get("publisher", ""))
            for name, entry in listing.items()
        }
        new = sorted(key[0] for key in wanted if key not in known)
        self._tell(f"fetching {len(new):,} articles from {self.server.hostname}")
        rows: dict[str, int] = {name: row for (name, _, _), row in known.items()}
        with db:
            db.execute("UPDATE files SET died = ? WHERE died IS NULL", [g])
            for key, row in known.items():
                if key not in wanted:
                    db.execute("UPDATE articles SET died = ? WHERE id = ?", [g, row])
        for part in pages(new, 50):
            records = dict(self._articles(articles, part, listing))
            keys = {name: _keys(record, pointer.embedder) for name, record in records.items()}
            self._fetch_vectors(catalogue, passages, keys)
            with db:
                for name, record in records.items():
                    rows[name] = _add(catalogue, g, record, keys[name])
        with db:
            files: dict[str, int] = {}
            for name, entry in listing.items():
                for path in json.loads(entry["paths"]):
                    if path not in files:
                        files[path] = catalogue.add_file(g, path, 0, 0, "", [])
                    db.execute(
                        "INSERT INTO links (file, article) VALUES (?, ?)", [files[path], rows[name]]
                    )
        grouping.group(db, _silent)
        found = catalogue.counts(g)[2]
        if found != pointer.passages:
            raise Unreachable(
                f"{self.server.shown} holds {found:,} of {pointer.passages:,} passages",
                "run qa index again where it was published",
            )
        storing = Storing(self.folder, catalogue, g, _silent, rebuild=False, graph=False)
        folder = storing.make(_passages(catalogue, "born", g), _passages(catalogue, "died", g))
        named = ("embedder", "splitter", "roots", "indexed_at", "stamp")
        settings = {k: str(v) for k, v in asdict(pointer).items() if k in named}
        catalogue.switch(g, settings | {"folder": folder.name})
        storing.clean_up(folder)

    def _articles(
        self, articles: Any, names: Sequence[str], listing: dict[str, Any]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """The records of those articles, put together from their pieces."""
        ids = [f"{name}/{i}" for name in names for i in range(listing[name]["pieces"])]
        pieces: dict[str, str] = {}
        for page in pages(ids):
            found = self.server.get(articles, ids=list(page), include=["documents"])
            pieces.update(zip(found["ids"], found["documents"], strict=True))
        for name in names:
            whole = "".join(pieces[f"{name}/{i}"] for i in range(listing[name]["pieces"]))
            yield name, json.loads(whole)

    def _fetch_vectors(
        self, catalogue: Catalogue, passages: Any, keys: dict[str, list[bytes]]
    ) -> None:
        """Fetch the vectors of some articles' passages into the cache, which outlives a lost connection."""
        wanted = {f"{name}#{n}": key for name, row in keys.items() for n, key in enumerate(row, 1)}
        there = catalogue.cached(list(wanted.values()))
        for page in pages([name for name, key in wanted.items() if key not in there]):
            found = self.server.get(passages, ids=list(page), include=["embeddings"])
            if len(found["ids"]) != len(page):
                raise Unreachable(
                    f"{self.server.shown} lacks the vectors of some passages",
                    "run qa index again where it was published",
                )
            catalogue.add_vectors([wanted[i] for i in found["ids"]], as_vectors(found))


def _source(record: dict[str, Any]) -> Source:
    return Source(**record["source"] | {"authors": tuple(record["source"]["authors"])})


def _keys(record: dict[str, Any], embedder: str) -> list[bytes]:
    """The keys by which the vectors of an article's passages are cached."""
    title, text = _source(record).title, record["text"]
    inputs = [embedded_text(title, text[a:b]) for a, b, _ in record["passages"]]
    return [hashlib.sha256(f"{embedder}\0{t}".encode()).digest()[:16] for t in inputs]


def _add(catalogue: Catalogue, g: int, record: dict[str, Any], keys: Sequence[bytes]) -> int:
    text, spans, kept = record["text"], record["passages"], record["original"]
    original = text if kept is None else zlib.decompress(base64.b64decode(kept)).decode()
    return catalogue.add_article(
        g,
        Article(_source(record), text, original),
        record["fingerprint"],
        [(a, b, n, key) for (a, b, n), key in zip(spans, keys, strict=True)],
    )


class ServedIndex:
    """The vectors of a generation on a server, searched as `index.dense.DenseIndex` is."""

    def __init__(self, server: Server, collection: Any, catalogue: Catalogue, g: int) -> None:
        self._server, self._collection = server, collection
        self._catalogue, self._g = catalogue, g

    def search(self, vector: Vectors, n: int) -> list[tuple[int, float]]:
        """Return (passage row id, cosine) of about the `n` nearest, nearest first."""
        found = []
        for name, cosine in self._server.nearest(self._collection, vector, n):
            article, _, number = name.rpartition("#")
            row = self._catalogue.db.execute(
                "SELECT p.id FROM passages p JOIN articles a ON a.id = p.article "
                f"WHERE a.article_id = :a AND p.n = :n AND {ALIVE}",
                {"a": article, "n": int(number), "g": self._g},
            ).fetchone()
            if row:
                found.append((int(row[0]), cosine))
        return found


def _silent(phase: str, done: int, total: int) -> None:
    """Progress of steps that are short beside the fetching."""


def _listing(server: Server, articles: Any) -> dict[str, Any]:
    """What the first piece of each article says of it, by article id."""
    found: dict[str, Any] = {}
    offset = 0
    while True:
        page = server.get(
            articles,
            where={"pieces": {"$gte": 1}},
            include=["metadatas"],
            limit=1000 if not server.cloud else 300,
            offset=offset,
        )
        if not page["ids"]:
            return found
        for name, about in zip(page["ids"], page["metadatas"], strict=True):
            found[name.rpartition("/")[0]] = about
        offset += len(page["ids"])


def _passages(catalogue: Catalogue, column: str, g: int) -> list[int]:
    rows = catalogue.db.execute(
        f"SELECT p.id FROM passages p JOIN articles a ON a.id = p.article WHERE a.{column} = ? ORDER BY p.id",
        [g],
    )
    return [row[0] for row in rows]
