"""Connections to SQLite files: what a damaged or unreachable file says is told in the words of the index."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from index.errors import IndexMissing, Unreachable

T = TypeVar("T")

REBUILD = "qa index --rebuild PATH…"


def connect_to_read(file: Path) -> sqlite3.Connection:
    """Open a file to be read, by whoever may; every later fault of it is told as `IndexMissing`."""
    uri = f"{file.resolve().as_uri()}?mode=ro"
    try:
        return _connect(uri, _Reading)
    except sqlite3.OperationalError:
        # A folder that cannot be written has no room for the write-ahead log's shared memory.
        return telling(lambda: _connect(f"{uri}&immutable=1", _Reading), file)
    except sqlite3.DatabaseError as error:
        raise damaged(file, error) from error


def connect_to_write(file: Path) -> sqlite3.Connection:
    """Open a file to be changed, made when it is not there. Raises `sqlite3.DatabaseError`."""
    db = _connect(file.resolve().as_uri(), sqlite3.Connection)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA cache_size = -65536")
    return db


def damaged(file: Path | str, error: Exception | str) -> IndexMissing:
    """Return the error for a file that does not hold what it should."""
    return IndexMissing(f"{file} is damaged: {error}", REBUILD)


def telling(function: Callable[[], T], file: Path | str) -> T:
    """Return what a function returns; SQLite's faults become errors that say what to type next."""
    try:
        return function()
    except sqlite3.ProgrammingError:
        raise  # ours, not the file's
    except sqlite3.DatabaseError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise Unreachable(f"{file} is busy: {text}", "try again") from error
        if "disk I/O" in text or "full" in text:
            raise Unreachable(f"{file} cannot be read: {text}", "check the disk") from error
        raise damaged(file, error) from error


class _Cursor(sqlite3.Cursor):
    def execute(self, *arguments: Any) -> Any:
        return telling(lambda: super(_Cursor, self).execute(*arguments), _named(self.connection))

    def fetchone(self) -> Any:
        return telling(super().fetchone, _named(self.connection))

    def fetchall(self) -> Any:
        return telling(super().fetchall, _named(self.connection))

    def __next__(self) -> Any:
        return telling(super().__next__, _named(self.connection))


class _Reading(sqlite3.Connection):
    name = "the index"

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)

    def execute(self, *arguments: Any) -> Any:
        return self.cursor().execute(*arguments)


def _named(db: sqlite3.Connection) -> str:
    return str(getattr(db, "name", "the index"))


def _connect(uri: str, kind: type[sqlite3.Connection]) -> sqlite3.Connection:
    db = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=30, factory=kind)
    db.row_factory = sqlite3.Row
    if isinstance(db, _Reading):
        db.name = uri.removeprefix("file://").partition("?")[0]
    sqlite3.Connection.execute(db, "SELECT count(*) FROM sqlite_master").fetchone()
    return db
