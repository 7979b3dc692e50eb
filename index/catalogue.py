"""The catalogue: one SQLite file that holds the truth (files, articles, passages, vectors).

Rows are never changed in place. Each carries the generation in which it was born and that in which it
died; a reader sees the rows of the *live* generation. The writer stages the next generation beside
them, and one update of one row switches every reader over, so that a crash at any moment leaves either
the old state or the new one. What a crash leaves staged is dropped by the next writer. Vectors are a
cache, by content, and outlive generations: nothing is embedded twice.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Vectors
from index.errors import IndexMissing
from index.types import Article, Passage, Source

FILE = "catalogue.sqlite3"
SCHEMA = 1

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL, failures TEXT NOT NULL, born INTEGER NOT NULL, died INTEGER
);
CREATE TABLE links (file INTEGER NOT NULL, article INTEGER NOT NULL, PRIMARY KEY (file, article));
CREATE INDEX links_article ON links (article);
CREATE TABLE articles (
    id INTEGER PRIMARY KEY, article_id TEXT NOT NULL, fingerprint TEXT NOT NULL, title TEXT NOT NULL,
    publisher TEXT, published TEXT, url TEXT, authors TEXT NOT NULL, source_id TEXT,
    text TEXT NOT NULL, original BLOB NOT NULL, born INTEGER NOT NULL, died INTEGER
);
CREATE INDEX articles_article_id ON articles (article_id);
CREATE INDEX articles_source_id ON articles (source_id);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY, article INTEGER NOT NULL, n INTEGER NOT NULL,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, tokens INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX passages_article ON passages (article, n);
CREATE INDEX passages_vector ON passages (vector);
CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL);
"""

# A row is seen in generation :g when it was born by then and has not died by then.
ALIVE = "(born <= :g AND (died IS NULL OR died > :g))"


class Catalogue:
    """One connection to the catalogue; reading methods take the generation that they are to show."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection

    @classmethod
    def open_to_read(cls, store: Path) -> Catalogue:
        """Open an existing catalogue. Raises `IndexMissing` when there is none that can be read."""
        file = store / FILE
        if not file.is_file():
            raise IndexMissing(f"there is no index in {store}", "qa index PATH…")
        try:
            return cls._checked(_connect(f"{file.resolve().as_uri()}?mode=ro"), file)
        except sqlite3.OperationalError:
            # A folder that cannot be written has no room for the write-ahead log's shared memory.
            try:
                return cls._checked(
                    _connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1"), file
                )
            except sqlite3.Error as error:
                raise _damaged(file, error) from error
        except sqlite3.DatabaseError as error:
            raise _damaged(file, error) from error

    @classmethod
    def open_to_write(cls, store: Path) -> Catalogue:
        """Open the catalogue, making it when there is none. The caller holds the writer's lock."""
        file = store / FILE
        fresh = not file.is_file() or file.stat().st_size == 0
        try:
            db = _connect(file.resolve().as_uri())
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA cache_size = -65536")
            if (
                fresh
                or not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone()
            ):
                db.executescript(f"BEGIN; {_TABLES} COMMIT;")
                with db:
                    db.execute("INSERT INTO meta VALUES ('schema', ?), ('live', '0')", [SCHEMA])
            return cls._checked(db, file)
        except sqlite3.DatabaseError as error:
            if isinstance(
                error, sqlite3.OperationalError
            ):  # full, locked: the file itself is whole
                raise
            raise _damaged(file, error) from error

    @classmethod
    def _checked(cls, db: sqlite3.Connection, file: Path) -> Catalogue:
        catalogue = cls(db)
        schema = catalogue.get("schema")
        if schema != str(SCHEMA):
            raise IndexMissing(
                f"{file} was made by another version of qa (layout {schema}, this one reads {SCHEMA})",
                "qa index --rebuild PATH…",
            )
        return catalogue

    def close(self) -> None:
        self.db.close()

    # --- settings of the index ---

    def get(self, key: str) -> str | None:
        """Return a value of the `meta` table, or None."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return row[0] if row else None

    def put(self, key: str, value: str) -> None:
        """Set a value of the `meta` table; the caller commits."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])

    @property
    def live(self) -> int:
        """The generation that readers see; 0 before the first one."""
        return int(self.get("live") or 0)

    # --- reading ---

    def counts(self, g: int) -> tuple[int, int, int]:
        """Return how many files, articles and passages generation `g` holds."""
        one = {"g": g}
        files = self.db.execute(f"SELECT count(*) FROM files WHERE {ALIVE}", one).fetchone()[0]
        articles = self.db.execute(f"SELECT count(*) FROM articles WHERE {ALIVE}", one).fetchone()[
            0
        ]
        passages = self.db.execute(
            f"SELECT count(*) FROM passages JOIN articles ON articles.id = passages.article WHERE {ALIVE}",
            one,
        ).fetchone()[0]
        return files, articles, passages

    def article(self, article_id: str, g: int) -> Article | None:
        """Return the article of that id, or None."""
        row = self.db.execute(
            f"SELECT * FROM articles WHERE article_id = :id AND {ALIVE}", {"id": article_id, "g": g}
        ).fetchone()
        if row is None:
            return None
        original = zlib.decompress(row["original"]).decode()
        return Article(self._source(row, g), row["text"], original)

    def passages(self, ids: Sequence[int], g: int) -> dict[int, Passage]:
        """Return the passages of those row ids; one that is not in the generation is left out."""
        found: dict[int, Passage] = {}
        sources: dict[int, Source] = {}
        for chunk in _chunks(ids):
            marks = ",".join("?" * len(chunk))
            rows = self.db.execute(
                "SELECT p.id AS pid, p.n, p.start, p.stop, a.id, a.article_id, a.title, a.publisher, "
                "a.published, a.url, a.authors, a.source_id, "
                "substr(a.text, p.start + 1, p.stop - p.start) AS slice "
                f"FROM passages p JOIN articles a ON a.id = p.article WHERE p.id IN ({marks}) "
                "AND a.born <= ? AND (a.died IS NULL OR a.died > ?)",
                [*chunk, g, g],
            )
            for row in rows.fetchall():
                if row["id"] not in sources:
                    sources[row["id"]] = self._source(row, g)
                found[row["pid"]] = Passage(
                    passage_id=f"{row['article_id']}#{row['n']}",
                    source=sources[row["id"]],
                    start=row["start"],
                    end=row["stop"],
                    text=row["slice"],
                )
        return found

    def article_passages(self, article_id: str, g: int) -> list[tuple[int, Passage]]:
        """Return (row id, passage) of one article, in reading order."""
        rows = self.db.execute(
            "SELECT p.id FROM passages p JOIN articles a ON a.id = p.article "
            "WHERE a.article_id = :id AND a.born <= :g AND (a.died IS NULL OR a.died > :g) ORDER BY n",
            {"id": article_id, "g": g},
        ).fetchall()
        passages = self.passages([r[0] for r in rows], g)
        return [(r[0], passages[r[0]]) for r in rows]

    def vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors of those passages, by row id; one that is not cached is left out."""
        found: dict[int, Vectors] = {}
        for chunk in _chunks(ids):
            marks = ",".join("?" * len(chunk))
            for row in self.db.execute(
                "SELECT p.id, v.vector FROM passages p JOIN vectors v ON v.key = p.vector "
                f"WHERE p.id IN ({marks})",
                chunk,
            ):
                found[row[0]] = np.frombuffer(row[1], dtype=np.float32)
        return found

    def publishers(self, g: int) -> list[str]:
        """Return the publishers' names, sorted."""
        rows = self.db.execute(
            f"SELECT DISTINCT publisher FROM articles WHERE publisher NOT NULL AND {ALIVE} ORDER BY 1",
            {"g": g},
        )
        return [row[0] for row in rows]

    def sources(self, g: int) -> Iterator[Source]:
        """Yield what a citation shows of every article, by id."""
        rows = self.db.execute(
            "SELECT id, article_id, title, publisher, published, url, authors, source_id "
            f"FROM articles WHERE {ALIVE} ORDER BY article_id",
            {"g": g},
        ).fetchall()
        paths = self._all_paths(g)
        for row in rows:
            yield replace(_bare_source(row), paths=tuple(paths.get(row["id"], ())))

    def resolve(self, name: str, g: int) -> frozenset[str]:
        """Return the ids of the articles that `name` means: an article id, source id, path or end of one."""
        rows = self.db.execute(
            f"SELECT article_id FROM articles WHERE (article_id = :n OR source_id = :n) AND {ALIVE}",
            {"n": name, "g": g},
        ).fetchall()
        if not rows:
            rows = self.db.execute(
                "SELECT a.article_id FROM files f JOIN links l ON l.file = f.id "
                "JOIN articles a ON a.id = l.article "
                "WHERE (f.path = :n OR substr(f.path, -length(:n) - 1) = '/' || :n) "
                "AND f.born <= :g AND (f.died IS NULL OR f.died > :g) "
                "AND a.born <= :g AND (a.died IS NULL OR a.died > :g)",
                {"n": name.removeprefix("./"), "g": g},
            ).fetchall()
        return frozenset(row[0] for row in rows)

    def failures(self, g: int) -> list[dict[str, str]]:
        """Return `{path, reason}` for every file and record of the generation that could not be read."""
        rows = self.db.execute(
            f"SELECT failures FROM files WHERE failures != '[]' AND {ALIVE} ORDER BY path", {"g": g}
        )
        return [failure for row in rows for failure in json.loads(row[0])]

    def _source(self, row: sqlite3.Row, g: int) -> Source:
        paths = self.db.execute(
            "SELECT path FROM links l JOIN files f ON f.id = l.file WHERE l.article = :a "
            "AND f.born <= :g AND (f.died IS NULL OR f.died > :g) ORDER BY path",
            {"a": row["id"], "g": g},
        )
        return replace(_bare_source(row), paths=tuple(p[0] for p in paths))

    def _all_paths(self, g: int) -> dict[int, list[str]]:
        paths: dict[int, list[str]] = {}
        for row in self.db.execute(
            "SELECT l.article, f.path FROM links l JOIN files f ON f.id = l.file "
            "WHERE f.born <= :g AND (f.died IS NULL OR f.died > :g) ORDER BY f.path",
            {"g": g},
        ):
            paths.setdefault(row[0], []).append(row[1])
        return paths

    # --- writing: the next generation, staged ---

    def drop_staged(self) -> None:
        """Forget what an interrupted run had staged beyond the live generation."""
        live = self.live
        with self.db:
            self._forget("born > ?", live)
            self.db.execute("UPDATE files SET died = NULL WHERE died > ?", [live])
            self.db.execute("UPDATE articles SET died = NULL WHERE died > ?", [live])

    def drop_dead(self, oldest: int) -> None:
        """Delete the rows that no generation from `oldest` on shows, and vectors that nothing uses."""
        with self.db:
            self._forget("died <= ?", oldest)
            self.db.execute("DELETE FROM vectors WHERE key NOT IN (SELECT vector FROM passages)")

    def _forget(self, condition: str, generation: int) -> None:
        gone = f"(SELECT id FROM articles WHERE {condition})"
        self.db.execute(f"DELETE FROM passages WHERE article IN {gone}", [generation])
        self.db.execute(f"DELETE FROM articles WHERE {condition}", [generation])
        self.db.execute(
            f"DELETE FROM links WHERE file IN (SELECT id FROM files WHERE {condition})",
            [generation],
        )
        self.db.execute(f"DELETE FROM files WHERE {condition}", [generation])

    def add_file(
        self,
        g: int,
        path: str,
        size: int,
        mtime_ns: int,
        sha256: str,
        failures: list[dict[str, str]],
    ) -> int:
        """Stage a file and return its row id."""
        cursor = self.db.execute(
            "INSERT INTO files (path, size, mtime_ns, sha256, failures, born) VALUES (?,?,?,?,?,?)",
            [path, size, mtime_ns, sha256, json.dumps(failures), g],
        )
        return int(cursor.lastrowid or 0)

    def add_article(
        self,
        g: int,
        article: Article,
        fingerprint: str,
        passages: Iterable[tuple[int, int, int, bytes]],
    ) -> int:
        """Stage an article with its passages (start, end, tokens, vector key); return its row id."""
        s = article.source
        cursor = self.db.execute(
            "INSERT INTO articles (article_id, fingerprint, title, publisher, published, url, authors, "
            "source_id, text, original, born) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            [
                s.article_id, fingerprint, s.title, s.publisher, s.published, s.url,
                json.dumps(s.authors), s.source_id, article.text,
                zlib.compress(article.original.encode(), 6), g,
            ],
        )  # fmt: skip
        row = int(cursor.lastrowid or 0)
        self.db.executemany(
            "INSERT INTO passages (article, n, start, stop, tokens, vector) VALUES (?,?,?,?,?,?)",
            [
                (row, n, start, stop, tokens, key)
                for n, (start, stop, tokens, key) in enumerate(passages, 1)
            ],
        )
        return row

    def add_vectors(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep vectors in the cache, committed at once."""
        with self.db:
            self.db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True)],
            )

    def switch(self, g: int, settings: dict[str, str]) -> None:
        """Make generation `g` the live one, in one transaction."""
        with self.db:
            for key, value in settings.items():
                self.put(key, value)
            self.put("live", str(g))


def _connect(uri: str) -> sqlite3.Connection:
    db = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=30)
    db.row_factory = sqlite3.Row
    db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return db


def _bare_source(row: sqlite3.Row) -> Source:
    return Source(
        article_id=row["article_id"],
        title=row["title"],
        publisher=row["publisher"],
        published=row["published"],
        url=row["url"],
        authors=tuple(json.loads(row["authors"])),
        source_id=row["source_id"],
    )


def _chunks(ids: Sequence[int], size: int = 500) -> Iterator[list[Any]]:
    for i in range(0, len(ids), size):
        yield list(ids[i : i + size])


def _damaged(file: Path, error: Exception) -> IndexMissing:
    return IndexMissing(f"{file} is damaged: {error}", "qa index --rebuild PATH…")
