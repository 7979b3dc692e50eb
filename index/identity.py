"""The ids of articles that claim the same one: two texts under one address, or one text described in two ways.

Each of them gets the hash of what it says behind the shared id, whichever was read first; one that is alone has
the plain id. So ids depend on what the index holds, and never on the order of the files or of the runs.
"""

from __future__ import annotations

import re
import sqlite3

_COLUMNS = (
    "article_id", "fingerprint", "title", "publisher", "published", "url", "authors", "source_id",
    "text", "original",
)  # fmt: skip
_VERSION = re.compile(r"(?<=-[0-9a-f]{8})-[0-9a-f]{6}$")


def versioned(base: str, fingerprint: str) -> str:
    """Return the id of one of several articles that would all have the id `base`."""
    return f"{base}-{fingerprint[:6]}"


def base_of(article_id: str) -> str:
    """Return the id without what tells versions apart."""
    return _VERSION.sub("", article_id)


def settle_ids(db: sqlite3.Connection, g: int) -> None:
    """Give every article that generation `g` shares with a newcomer or a leaver the id that it should have.

    An article of an earlier generation dies and is born again under its new id; its vectors are kept.
    """
    touched = {
        base_of(row[0])
        for row in db.execute("SELECT article_id FROM articles WHERE born = ? OR died = ?", [g, g])
    }
    for base in sorted(touched):
        rows = db.execute(
            "SELECT id, article_id, fingerprint, born FROM articles WHERE died IS NULL "
            "AND (article_id = :b OR (article_id > :b || '-' AND article_id < :b || '.')) ORDER BY id",
            {"b": base},
        ).fetchall()
        rows = [row for row in rows if base_of(row["article_id"]) == base]
        for row in rows:
            wanted = base if len(rows) == 1 else versioned(base, row["fingerprint"])
            if row["article_id"] != wanted:
                bear_again(db, row["id"], g, fresh=row["born"] == g, article_id=wanted)


def bear_again(db: sqlite3.Connection, row: int, g: int, *, fresh: bool, **changes: str) -> int:
    """Change columns of an article: in place where it is `fresh` in generation `g`, else in a copy of it.

    The old row dies; passages and links are copied, and the vectors stay those of the texts. Return the row.
    """
    if fresh:
        db.execute(
            f"UPDATE articles SET {', '.join(f'{column} = ?' for column in changes)} WHERE id = ?",
            [*changes.values(), row],
        )
        return row
    values = {column: column for column in _COLUMNS} | dict.fromkeys(changes, "?") | {"born": "?"}
    born = db.execute(
        f"INSERT INTO articles ({', '.join(values)}) "
        f"SELECT {', '.join(values.values())} FROM articles WHERE id = ?",
        [*(changes[column] for column in values if column in changes), g, row],
    ).lastrowid
    assert born is not None
    db.execute("INSERT INTO spellings SELECT ?, said FROM spellings WHERE article = ?", [born, row])
    db.execute(
        "INSERT INTO passages (article, n, start, stop, tokens, vector) "
        "SELECT ?, n, start, stop, tokens, vector FROM passages WHERE article = ? ORDER BY n",
        [born, row],
    )
    db.execute(
        "INSERT INTO links SELECT l.file, ?, l.record FROM links l JOIN files f ON f.id = l.file "
        "WHERE l.article = ? AND f.died IS NULL",
        [born, row],
    )
    db.execute("UPDATE articles SET died = ? WHERE id = ?", [g, row])
    return born
