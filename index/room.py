"""What a full or failing disk says of a run that writes, whoever it was that could not write.

The engines tell such faults in errors of their own, so that texts are looked at where there is no number.
"""

from __future__ import annotations

import errno
import re
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from index.errors import Unreachable
from index.walk import File
from index.watched import NotWritten

_FULL = re.compile(
    r"no space left|disk is full|disk quota|file too large|\(os error (28|122|27)\)", re.IGNORECASE
)
_FAILED = re.compile(r"disk i/o error|input/output error|\(os error 5\)|io::error", re.IGNORECASE)
_NUMBERS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def explain(
    error: BaseException, store: Path, files: Sequence[File], db: sqlite3.Connection | None
) -> Unreachable | None:
    """Return what to tell of an error that a full or failing disk caused; None for any other."""
    full, failed = False, False
    cause: BaseException | None = error
    while cause is not None:
        number = cause.errno if isinstance(cause, OSError) else None
        full |= number in _NUMBERS or bool(_FULL.search(str(cause)))
        failed |= number == errno.EIO or bool(_FAILED.search(str(cause)))
        # Chroma does not always say what the disk said to it.
        failed |= isinstance(cause, NotWritten)
        cause = cause.__cause__ or cause.__context__
    if not full and not failed:
        return None
    first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    free = shutil.disk_usage(store if store.exists() else store.parent).free
    return Unreachable(
        f"the index in {store} could not be written ({first}): about {needed(files, db):,} bytes are "
        f"needed, {free:,} are free",
        ("free some space" if full else "check the disk")
        + " and run it again: the index is as it was, what is embedded stays embedded",
    )


def needed(files: Sequence[File], db: sqlite3.Connection | None) -> int:
    """Return about how many bytes a run still has to write: vectors that are not cached, and a generation."""
    passages = cached = 0
    width = 4 * 384
    if db is not None:
        try:
            alive = "passages p JOIN articles a ON a.id = p.article WHERE a.died IS NULL"
            passages = db.execute(f"SELECT count(*) FROM {alive}").fetchone()[0]
            cached = db.execute(
                f"SELECT count(*) FROM {alive} AND p.vector IN (SELECT key FROM vectors)"
            ).fetchone()[0]
            row = db.execute("SELECT length(vector) FROM vectors LIMIT 1").fetchone()
            width = row[0] if row else width
        except sqlite3.Error:
            passages = 0
    # A generation holds a vector twice (in Chroma's log and in its graph), ids, links and words.
    generation = 500_000 + passages * (2 * width + 700)
    texts = 0 if passages else 5 * sum(file.size for file in files)
    return generation + (passages - cached) * (width + 80) + texts
