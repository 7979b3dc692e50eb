"""The layout of the catalogue's file: its tables, and what makes an older layout this one."""

from __future__ import annotations

import sqlite3

from index import cache, grouping, naming

SCHEMA = 5
_RECORDS = "ALTER TABLE links ADD COLUMN record TEXT;"
UPGRADES = {
    "1": grouping.TABLES + naming.TABLE + cache.UPGRADE + _RECORDS,
    "2": naming.TABLE + cache.UPGRADE + _RECORDS,
    "3": cache.UPGRADE + _RECORDS,
    "4": _RECORDS,
}
"""What a writer adds to an older layout to make it this one; a reader of one does without."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL, failures TEXT NOT NULL, born INTEGER NOT NULL, died INTEGER
);
CREATE TABLE links (
    file INTEGER NOT NULL, article INTEGER NOT NULL, record TEXT, PRIMARY KEY (file, article)
);
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
"""


def create(db: sqlite3.Connection) -> None:
    """Make the tables of an empty catalogue, whose live generation is none, in one transaction."""
    tables = _TABLES + grouping.TABLES + naming.TABLE + cache.TABLE
    first = f"INSERT INTO meta VALUES ('schema', '{SCHEMA}'), ('live', '0');"
    db.executescript(f"BEGIN; {tables} {first} COMMIT;")


def upgrade(db: sqlite3.Connection) -> None:
    """Bring an older layout up to this one, in one transaction; articles and vectors stay."""
    schema = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    if schema and (added := UPGRADES.get(schema[0])):
        db.executescript(
            f"BEGIN; {added} UPDATE meta SET value = '{SCHEMA}' WHERE key = 'schema'; COMMIT;"
        )
