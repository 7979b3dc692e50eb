"""Records that come through a pipe: `-` among the paths of `qa index`, JSON lines on stdin.

What came is kept whole in the index's folder, as `stdin/HASH.jsonl`, so that updates and rebuilds that name no
paths find it again. It is part of the index as long as `-` is among its paths: new records replace all of the
old ones, and a run that names paths without `-` drops them.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import IO

from index.errors import IndexMissing, UsageError
from index.limits import MAX_STREAM, MIB
from index.walk import STDIN, File

_CHUNK = MIB


def receive(store: Path, stream: IO[bytes]) -> File:
    """Keep all that `stream` holds; return it as a file. The caller holds the writer's lock.

    Raises `UsageError` where nothing comes, or too much.
    """
    folder = store / "stdin"
    folder.mkdir(parents=True, exist_ok=True)
    arriving = folder / "arriving"
    digest, size = hashlib.sha256(), 0
    with arriving.open("wb") as kept:
        while data := stream.read(_CHUNK):
            size += len(data)
            if size > MAX_STREAM:
                raise UsageError(
                    f"more than {MAX_STREAM // MIB:,} MB came from stdin", "index a file instead"
                )
            digest.update(data)
            kept.write(data)
    if not size:
        raise UsageError("nothing came from stdin", "qa index - < records.jsonl")
    return _file(arriving.replace(folder / f"{digest.hexdigest()}.jsonl"))


def kept(store: Path, digest: str | None) -> File:
    """Return what came last, whose hash the catalogue knows. Raises `IndexMissing` when it is gone."""
    location = store / "stdin" / f"{digest}.jsonl"
    if not digest or not location.is_file():
        raise IndexMissing(
            "the records that came from stdin are not there any more",
            "pipe them again: … | qa index PATH… -",
        )
    return _file(location)


def drop(store: Path, live: str | None) -> None:
    """Delete what came and is not part of the live index."""
    folder = store / "stdin"
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if file.stem != live:
            file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()  # unless it still holds what is live


def _file(location: Path) -> File:
    about = location.stat()
    return File(location, STDIN, about.st_size, about.st_mtime_ns)
