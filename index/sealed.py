"""The seal of the catalogue's file: what it was when the last writer closed it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from index import seal

FILE = "catalogue.sqlite3"
SEAL = "catalogue.seal"


def unsealed(store: Path, *, deep: bool = True) -> bool:
    """Whether the catalogue is not what the last writer sealed; False where that cannot be known.

    A writer that was interrupted left no seal; rows in the write-ahead log are not in the sealed file yet.
    """
    wal = store / f"{FILE}-wal"
    try:
        if not (store / FILE).exists() or (wal.exists() and wal.stat().st_size):
            return False
        sealed = seal.read(store / SEAL)
        return seal.broken(store, {FILE: sealed["catalogue"]}, deep=deep) is not None
    except FileNotFoundError:
        return False
    except (ValueError, KeyError, TypeError):
        return False  # the seal itself is damaged


def break_seal(store: Path) -> None:
    """Drop the seal, before the first change."""
    (store / SEAL).unlink(missing_ok=True)


def set_seal(store: Path) -> None:
    """Seal the catalogue as it is, unless some of it is still in the write-ahead log."""
    file, wal = store / FILE, store / f"{FILE}-wal"
    if file.is_file() and not (wal.exists() and wal.stat().st_size):
        stat = file.stat()
        with contextlib.suppress(OSError):  # no room: nothing is lost but the check
            sealed = [stat.st_size, stat.st_mtime_ns, seal.digest(file)]
            seal.write(store / SEAL, {"catalogue": sealed})
