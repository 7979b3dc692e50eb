"""What the catalogue keeps of near-copies: each article's sketch, and the pairs that are alike.

An article's text never changes under its row id, so a pair that is alike stays so. Pairs need no generation:
the groups of a generation are what its living articles connect, the same whatever came first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from index.stories import Hashes, differ, groups, promising, same_story, shingles, sketch

TABLES = """
CREATE TABLE sketches (article INTEGER PRIMARY KEY, size INTEGER NOT NULL, hashes BLOB NOT NULL);
CREATE TABLE shingles (hash INTEGER, article INTEGER, PRIMARY KEY (hash, article)) WITHOUT ROWID;
CREATE TABLE twins (one INTEGER, other INTEGER, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE INDEX twins_other ON twins (other);
"""

_COMPARED = 64
"""Up to so many candidates are compared in full: of a larger group each member knows so many others."""

_LISTED = 64
"""Up to so many articles are listed under one hash: what is in more of them is an outlet's furniture."""


class Story(NamedTuple):
    """A group of near-copies: the id of its first member, how many articles, from how many known outlets."""

    id: str
    copies: int
    outlets: int

    def of_source(self) -> dict[str, Any]:
        """Return the fields of a `Source` that say it."""
        return {"story": self.id, "copies": self.copies, "outlets": self.outlets}


def group(db: sqlite3.Connection, progress: Callable[[str, int, int], None]) -> None:
    """Compare every living article that was not compared yet, in one transaction; the others cost nothing."""
    rows = db.execute(
        "SELECT id FROM articles WHERE died IS NULL AND id NOT IN (SELECT article FROM sketches) ORDER BY id"
    ).fetchall()

    @lru_cache(maxsize=256)
    def article(row: int) -> tuple[Hashes, str | None, str]:
        text, publisher, title = db.execute(
            "SELECT text, publisher, title FROM articles WHERE id = ?", [row]
        ).fetchone()
        return shingles(text), publisher, title

    with db:
        for done, (row,) in enumerate(rows):
            progress("comparing", done, len(rows))
            hashes, publisher, title = article(row)
            own = sketch(hashes)
            for candidate in _candidates(db, own, len(hashes), publisher):
                others, outlet, headline = article(candidate)
                if same_story(hashes, others, (publisher, outlet), (title, headline)):
                    db.execute("INSERT INTO twins VALUES (?, ?)", [candidate, row])
            db.execute("INSERT INTO sketches VALUES (?, ?, ?)", [row, len(hashes), own.tobytes()])
            db.executemany(
                "INSERT INTO shingles SELECT ?1, ?2 WHERE (SELECT count(*) FROM "
                f"(SELECT 1 FROM shingles WHERE hash = ?1 LIMIT {_LISTED})) < {_LISTED}",
                [(h, row) for h in own.tolist()],
            )
    progress("comparing", len(rows), len(rows))


def _candidates(db: sqlite3.Connection, own: Hashes, size: int, publisher: str | None) -> list[int]:
    """The living articles that are worth a comparison with a sketch, those that share most first."""
    counts: dict[int, int] = {}
    hashes = own.tolist()
    for i in range(0, len(hashes), 500):
        part = hashes[i : i + 500]
        for (article,) in db.execute(
            f"SELECT article FROM shingles WHERE hash IN ({','.join('?' * len(part))})", part
        ):
            counts[article] = counts.get(article, 0) + 1
    found: list[int] = []
    for article, shared in sorted(counts.items(), key=lambda c: (-c[1], c[0])):
        if shared < 2 or len(found) == _COMPARED:
            break
        row = db.execute(
            "SELECT size, publisher FROM sketches JOIN articles ON id = article "
            "WHERE article = ? AND died IS NULL",
            [article],
        ).fetchone()
        if row and promising(shared, (size, row[0]), differ(publisher, row[1])):
            found.append(article)
    return found


def forget(db: sqlite3.Connection, articles: str, generation: int) -> None:
    """Drop what is kept of the articles that a subquery names, before they are dropped themselves."""
    gone = db.execute(
        f"SELECT article, hashes FROM sketches WHERE article IN {articles}", [generation]
    ).fetchall()
    for row, hashes in gone:
        listed = np.frombuffer(hashes, dtype=np.int64).tolist()
        db.executemany(
            "DELETE FROM shingles WHERE hash = ? AND article = ?", [(h, row) for h in listed]
        )
        db.execute("DELETE FROM twins WHERE one = ?1 OR other = ?1", [row])
        db.execute("DELETE FROM sketches WHERE article = ?", [row])


def stories(db: sqlite3.Connection, g: int) -> dict[int, Story]:
    """Return the story of every article of a generation that has a near-copy in it, by row id.

    The first member is the one published first, by its id among equals; it does not depend on what was
    indexed when.
    """
    alive = "born <= :g AND (died IS NULL OR died > :g)"
    members = {
        row[0]: row
        for row in db.execute(
            "SELECT id, coalesce(published, '9999'), article_id, publisher FROM articles WHERE "
            f"(id IN (SELECT one FROM twins) OR id IN (SELECT other FROM twins)) AND {alive}",
            {"g": g},
        )
    }
    pairs = [
        (one, other)
        for one, other in db.execute("SELECT one, other FROM twins")
        if one in members and other in members
    ]
    first = groups(pairs, {row: (m[1], m[2]) for row, m in members.items()})
    by_first: dict[int, list[int]] = {}
    for row, head in first.items():
        by_first.setdefault(head, []).append(row)
    found: dict[int, Story] = {}
    for head, rows in by_first.items():
        outlets = {members[row][3] for row in rows} - {None}
        found |= dict.fromkeys(rows, Story(members[head][2], len(rows), len(outlets)))
    return found
