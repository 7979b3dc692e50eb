"""The catalogue: one SQLite file that holds the truth (files, articles, passages, vectors).

Rows are never changed in place. Each carries the generation in which it was born and that in which it
died; a reader sees the rows of the *live* generation. The writer stages the next generation beside
them, and one update of one row switches every reader over, so that a crash at any moment leaves either
the old state or the new one. What a crash leaves staged is dropped by the next writer. Vectors are a
cache, by content, and outlive generations: nothing is embedded twice.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from index import cache, grouping, schema
from index.archives import archive_of
from index.connection import connect_to_read, connect_to_write, damaged, telling
from index.embed import Vectors
from index.errors import IndexMissing, NothingIndexed
from index.sealed import FILE, break_seal, set_seal, unsealed
from index.types import Article, Passage, Source

ASIDE = "damaged-"

# A row is seen in generation :g when it was born by then and has not died by then.
ALIVE = "(born <= :g AND (died IS NULL OR died > :g))"


_TEXT = "SELECT text FROM articles WHERE id = ?"


class Catalogue:
    """One connection to the catalogue; reading methods take the generation that they are to show."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self._stories: tuple[int, dict[int, grouping.Story]] = (-1, {})
        self._store: Path | None = None
        self._file: tuple[Path, int] | None = None

    @classmethod
    def open_to_read(cls, store: Path) -> Catalogue:
        """Open an existing catalogue. Raises `NothingIndexed` when there is none, `IndexMissing` for a damaged one."""
        file = store / FILE
        if not file.is_file():
            raise NothingIndexed(f"there is no index in {store}", "qa index PATH…")
        db = connect_to_read(file)
        if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
            if (store / "generations").exists():
                raise damaged(file, "it is empty")
            # A first run was interrupted before it had made its tables.
            raise NothingIndexed(f"nothing is indexed in {store} yet", "qa index PATH…")
        catalogue = cls._checked(db, file)
        catalogue._file = (file, file.stat().st_ino)
        return catalogue

    @property
    def replaced(self) -> bool:
        """Whether the file that is open for reading is no longer the catalogue: a rebuild made another."""
        if self._file is None:
            return False
        with contextlib.suppress(OSError):
            return self._file[0].stat().st_ino != self._file[1]
        return False

    @classmethod
    def open_to_write(cls, store: Path) -> Catalogue:
        """Open the catalogue, making it when there is none. The caller holds the writer's lock.

        Raises `IndexMissing` for one that is damaged, `sqlite3.OperationalError` when the disk is full.
        """
        file = store / FILE
        if unsealed(store):
            raise damaged(file, "it is not what was written")
        try:
            db = connect_to_write(file)
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                schema.create(db)
            break_seal(store)
            for aside in sorted(store.glob(f"{ASIDE}*{FILE}")):
                cache.salvage(aside, db)
            schema.upgrade(db)
            catalogue = cls._checked(db, file)
            catalogue._store = store
            return catalogue
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
                raise  # full, locked: the file itself is whole
            raise damaged(file, error) from error

    @classmethod
    def _checked(cls, db: sqlite3.Connection, file: Path) -> Catalogue:
        catalogue = cls(db)
        layout = telling(lambda: catalogue.get("schema"), file)
        if layout != str(schema.SCHEMA) and layout not in schema.UPGRADES:
            raise IndexMissing(
                f"{file} was made by another version of qa (layout {layout}, this one reads {schema.SCHEMA})",
                "qa index --rebuild PATH…",
            )
        return catalogue

    def close(self) -> None:
        """Let go of the file; a writer's is sealed, so that later damage is seen."""
        self.db.close()
        if self._store:
            set_seal(self._store)

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
        live = self.get("live") or "0"
        if not live.isdigit():
            raise damaged(FILE, f"its generation is {live!r}")
        return int(live)

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
        try:
            original = zlib.decompress(row["original"]).decode()
            return Article(self._source(row, g), str(row["text"]), original)
        except (zlib.error, ValueError, TypeError) as error:
            raise damaged(FILE, f"{article_id}: {error}") from error

    def passages(self, ids: Sequence[int], g: int) -> dict[int, Passage]:
        """Return the passages of those row ids; one that is not in the generation is left out."""
        found: dict[int, Passage] = {}
        sources: dict[int, Source] = {}
        for chunk in _chunks(ids):
            marks = ",".join("?" * len(chunk))
            rows = self.db.execute(
                "SELECT p.id AS pid, p.n, p.start, p.stop, a.id, a.article_id, a.title, a.publisher, "
                "a.published, a.url, a.authors, a.source_id "
                f"FROM passages p JOIN articles a ON a.id = p.article WHERE p.id IN ({marks}) "
                "AND a.born <= ? AND (a.died IS NULL OR a.died > ?) ORDER BY a.id",
                [*chunk, g, g],
            ).fetchall()
            new = {row["id"]: row for row in rows if row["id"] not in sources}
            paths = self._paths_of(list(new), g)
            sources |= {id: self._complete(row, paths.get(id, ()), g) for id, row in new.items()}
            for article, its in groupby(rows, key=lambda row: int(row["id"])):
                # Fetched once: SQLite would go through all of a long text for each passage.
                text = str(self.db.execute(_TEXT, [article]).fetchone()[0])
                for row in its:
                    found[row["pid"]] = Passage(
                        passage_id=f"{row['article_id']}#{row['n']}",
                        source=sources[article],
                        start=row["start"],
                        end=row["stop"],
                        text=text[row["start"] : row["stop"]],
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
        return cache.of_passages(self.db, ids)

    def cached(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return which of those keys have a vector in the cache."""
        found: set[bytes] = set()
        for chunk in _chunks(keys):
            marks = ",".join("?" * len(chunk))
            rows = self.db.execute(f"SELECT key FROM vectors WHERE key IN ({marks})", chunk)
            found.update(row[0] for row in rows.fetchall())
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
            yield self._complete(row, paths.get(row["id"], ()), g)

    def resolve(self, name: str, path: str, g: int) -> frozenset[str]:
        """Return the ids of the articles that `name` means: an article id, source id, address, path or end of one.

        The id of a passage means its article. `path` is the whole one that the name may stand for.
        """
        rows = self.db.execute(
            f"SELECT article_id FROM articles WHERE (article_id IN (:n, :a) OR source_id = :n) AND {ALIVE}",
            {"n": name, "a": name.rpartition("#")[0], "g": g},
        ).fetchall()
        if not rows and "://" in name:
            rows = self.db.execute(
                f"SELECT article_id FROM articles WHERE url = :n AND {ALIVE}", {"n": name, "g": g}
            ).fetchall()
        if not rows:
            rows = self.db.execute(
                "SELECT a.article_id FROM files f JOIN links l ON l.file = f.id "
                "JOIN articles a ON a.id = l.article "
                "WHERE (f.path IN (:n, :p) OR substr(f.path, -length(:n) - 1) = '/' || :n) "
                "AND f.born <= :g AND (f.died IS NULL OR f.died > :g) "
                "AND a.born <= :g AND (a.died IS NULL OR a.died > :g)",
                {"n": name.removeprefix("./"), "p": path, "g": g},
            ).fetchall()
        return frozenset(row[0] for row in rows)

    def digest(self, path: str, g: int) -> str | None:
        """Return the hash of a file's bytes when generation `g` read it, or None."""
        row = self.db.execute(
            f"SELECT sha256 FROM files WHERE path = :p AND {ALIVE}", {"p": path, "g": g}
        ).fetchone()
        return row[0] if row else None

    def file_stamps(self, g: int) -> dict[str, tuple[int, int]]:
        """Return (size, mtime_ns) by path of the files on the disk; members of archives are left out."""
        rows = self.db.execute(f"SELECT path, size, mtime_ns FROM files WHERE {ALIVE}", {"g": g})
        return {row[0]: (row[1], row[2]) for row in rows if not archive_of(row[0])}

    def failures(self, g: int) -> list[dict[str, str]]:
        """Return `{path, reason}` for every file and record of the generation that could not be read."""
        rows = self.db.execute(
            f"SELECT failures FROM files WHERE failures != '[]' AND {ALIVE} ORDER BY path", {"g": g}
        )
        return [
            {"path": failure["path"], "reason": failure["reason"]}
            for row in rows
            for failure in json.loads(row[0])
            if failure.get("kind") != "skipped"
        ]

    def _source(self, row: sqlite3.Row, g: int) -> Source:
        return self._complete(row, self._paths_of([row["id"]], g).get(row["id"], ()), g)

    def _paths_of(self, articles: Sequence[int], g: int) -> dict[int, list[str]]:
        """The paths of those articles (as many as a query may name), by row id."""
        found: dict[int, list[str]] = {}
        for article, path in self.db.execute(
            f"SELECT l.article, f.path FROM links l JOIN files f ON f.id = l.file "
            f"WHERE l.article IN ({','.join('?' * len(articles))}) "
            "AND f.born <= ? AND (f.died IS NULL OR f.died > ?) ORDER BY f.path",
            [*articles, g, g],
        ).fetchall():
            found.setdefault(article, []).append(path)
        return found

    def _complete(self, row: sqlite3.Row, paths: Sequence[str], g: int) -> Source:
        story = self.stories(g).get(row["id"])
        source = replace(_bare_source(row), paths=tuple(paths))
        return replace(source, **story.of_source()) if story else source

    def stories(self, g: int) -> dict[int, grouping.Story]:
        """Return the story of every article that has near-copies, by row id."""
        if self._stories[0] != g:
            found = grouping.stories(self.db, g) if self.get("schema") != "1" else {}
            self._stories = (g, found)
        return self._stories[1]

    def story(self, story: str, g: int) -> list[Source]:
        """Return the articles of a story, the first of it first; none when there is no such story."""
        rows = sorted(row for row, found in self.stories(g).items() if found.id == story)
        sources: list[Source] = []
        for chunk in _chunks(rows):
            marks = ",".join("?" * len(chunk))
            found = self.db.execute(f"SELECT * FROM articles WHERE id IN ({marks})", chunk)
            sources += [self._source(row, g) for row in found.fetchall()]
        return sorted(sources, key=lambda s: (s.published or "9999", s.article_id))

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
        grouping.forget(self.db, gone, generation)
        self.db.execute(f"DELETE FROM passages WHERE article IN {gone}", [generation])
        self.db.execute(f"DELETE FROM links WHERE article IN {gone}", [generation])
        self.db.execute(f"DELETE FROM spellings WHERE article IN {gone}", [generation])
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
        cache.add(self.db, keys, vectors)

    def switch(self, g: int, settings: dict[str, str]) -> None:
        """Make generation `g` the live one, in one transaction."""
        with self.db:
            for key, value in settings.items():
                self.put(key, value)
            self.put("live", str(g))


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


def _chunks(ids: Sequence[Any], size: int = 500) -> Iterator[list[Any]]:
    for i in range(0, len(ids), size):
        yield list(ids[i : i + size])


def is_damaged(store: Path) -> bool:
    """Whether the catalogue is not what was sealed, or not sound, or of a layout that is not known."""
    if unsealed(store):
        return True
    try:
        catalogue = Catalogue.open_to_read(store)
        sound = catalogue.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        catalogue.close()
        return not sound
    except NothingIndexed:
        return False
    except IndexMissing:
        return True
