"""The cache of vectors in the catalogue: by the hash of what was embedded and with which embedder.

A vector is kept with its checksum: a rebuild takes what is whole, from a damaged catalogue too, and only the
rest is embedded again.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

TABLE = "CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, crc INTEGER);"
UPGRADE = "ALTER TABLE vectors ADD COLUMN crc INTEGER;"

_TRIES = 20_000
"""So many reads of a damaged table at most; what is behind is embedded again."""


def add(db: sqlite3.Connection, keys: Sequence[bytes], vectors: Vectors) -> None:
    """Keep vectors, committed at once."""
    packed = ((key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True))
    with db:
        db.executemany(
            "INSERT OR REPLACE INTO vectors (key, vector, crc) VALUES (?, ?, ?)",
            [(key, blob, zlib.crc32(blob)) for key, blob in packed],
        )


def of_passages(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Vectors]:
    """Return the vectors of those passages, by row id; one that is not cached is left out."""
    found: dict[int, Vectors] = {}
    for i in range(0, len(ids), 500):
        chunk = list(ids[i : i + 500])
        marks = ",".join("?" * len(chunk))
        for row in db.execute(
            "SELECT p.id, v.vector FROM passages p JOIN vectors v ON v.key = p.vector "
            f"WHERE p.id IN ({marks})",
            chunk,
        ).fetchall():
            found[row[0]] = np.frombuffer(row[1], dtype=np.float32)
    return found


def whole(blob: Any, crc: Any) -> bool:
    """Whether a vector is what was kept; of one from before checksums its length of 1 is all there is to see."""
    if not isinstance(blob, bytes) or len(blob) % 4:
        return False
    if crc is not None:
        return bool(zlib.crc32(blob) == crc)
    vector = np.frombuffer(blob, dtype=np.float32)
    return bool(abs(float(vector @ vector) - 1) < 1e-3)


def damaged(db: sqlite3.Connection) -> list[bytes]:
    """Return the keys of the vectors that are not what was kept."""
    return [
        key
        for key, blob, crc in db.execute("SELECT key, vector, crc FROM vectors")
        if not whole(blob, crc)
    ]


def salvage(file: Path, db: sqlite3.Connection) -> int:
    """Take every vector that is whole from a damaged catalogue, in one transaction; return how many."""
    source = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    try:
        top = source.execute("SELECT max(rowid) FROM vectors").fetchone()[0] or 0
    except sqlite3.Error:
        top = file.stat().st_size // 100
    kept = 0
    with db:
        for key, blob, crc in _readable(source, 1, top):
            if isinstance(key, bytes) and crc is not None and whole(blob, crc):
                db.execute(
                    "INSERT OR IGNORE INTO vectors (key, vector, crc) VALUES (?, ?, ?)",
                    [key, blob, crc],
                )
                kept += 1
    source.close()
    return kept


def _readable(db: sqlite3.Connection, first: int, last: int) -> Iterator[tuple[Any, Any, Any]]:
    """Yield the rows that can be read: a range that cannot is halved until the bad row stands alone."""
    ranges, tries = [(first, last)], 0
    while ranges and tries < _TRIES:
        first, last = ranges.pop()
        middle = min((first + last) // 2, first + 999)
        tries += 1
        try:
            rows = db.execute(
                "SELECT key, vector, crc FROM vectors WHERE rowid BETWEEN ? AND ?", [first, middle]
            ).fetchall()
        except sqlite3.Error:
            if middle < last:
                ranges.append((middle + 1, last))
            if first < middle:
                ranges.append((first, middle))
            continue
        if middle < last:
            ranges.append((middle + 1, last))
        yield from rows
