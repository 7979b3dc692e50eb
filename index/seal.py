"""What files were when they were published, and whether they still are: size, time and SHA-256.

A file of the same size and time is taken for the same; any other is read and compared, so that a copy of an
index opens and a damaged file is told before an engine opens it (one can kill the process). `deep` reads all.
Nothing is mended here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import marshal
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Seals = dict[str, list[Any]]
"""By relative name: size in bytes, time of the last change in ns, SHA-256."""

_CHROMA = "chroma.sqlite3"
_TOUCHED = {"acquire_write"}
"""The one table that Chroma's readers write to."""


def seal(folder: Path, but: str) -> Seals:
    """Return the seals of every file below a folder, `but` for the file that is to hold them."""
    found: Seals = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name != but and not file.name.endswith(("-wal", "-shm")):
            stat = file.stat()
            # Chroma's SQLite file is touched by readers: of it the rows count.
            rows = file.name == _CHROMA
            size, time = (0, 0) if rows else (stat.st_size, stat.st_mtime_ns)
            found[str(file.relative_to(folder))] = [
                size,
                time,
                rows_digest(file) if rows else digest(file),
            ]
    return found


def broken(folder: Path, seals: Mapping[str, Any], *, deep: bool = False) -> Path | None:
    """Return the first file that is not what was sealed, or None.

    Raises ValueError or TypeError for seals that are none.
    """
    for name, (size, time, wanted) in seals.items():
        file = folder / name
        try:
            stat = file.stat()
            if file.name == _CHROMA:
                same = stat.st_size > 0 and (not deep or rows_digest(file) == wanted)
            elif stat.st_size != size:
                same = False
            else:
                same = (not deep and stat.st_mtime_ns == time) or digest(file) == wanted
        except (OSError, sqlite3.Error):
            same = False
        if not same:
            return file
    return None


def digest(file: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def rows_digest(file: Path) -> str:
    """Return the SHA-256 of what an SQLite file says, row by row. Raises `sqlite3.Error` for a damaged one."""
    hashed = hashlib.sha256()
    with contextlib.closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as db:
        db.text_factory = bytes
        if db.execute("PRAGMA integrity_check").fetchone()[0] not in ("ok", b"ok"):
            raise sqlite3.DatabaseError("not sound")
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        for (name,) in names.fetchall():
            table = name.decode()
            if table in _TOUCHED or table.endswith(
                ("_data", "_idx", "_content", "_docsize", "_config")
            ):
                continue  # the inside of Chroma's full-text table, which holds nothing here
            for row in db.execute(f'SELECT * FROM "{table}"'):
                hashed.update(marshal.dumps((table, row), 2))  # of this version: no references
    return hashed.hexdigest()


def write(file: Path, fields: dict[str, Any]) -> None:
    """Write an object with its own hash, in one step that leaves the old one or the new one."""
    text = json.dumps(fields, sort_keys=True)
    whole = json.dumps({**fields, "check": hashlib.sha256(text.encode()).hexdigest()}, indent=1)
    new = file.with_name(file.name + ".new")
    with new.open("w") as handle:
        handle.write(whole)
        handle.flush()
        os.fsync(handle.fileno())
    new.replace(file)


def read(file: Path) -> dict[str, Any]:
    """Return an object that `write` wrote. Raises OSError or ValueError when it is not whole."""
    fields = json.loads(file.read_text())
    if not isinstance(fields, dict):
        raise ValueError(f"{file} holds no object")
    check = fields.pop("check", None)
    text = json.dumps(fields, sort_keys=True)
    if check != hashlib.sha256(text.encode()).hexdigest():
        raise ValueError(f"{file} is not what was written")
    return fields
