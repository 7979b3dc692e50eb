"""The process that writes the vectors of a generation: one request on stdin, lines of JSON on stdout.

Embedded Chroma may stand still for ever on a disk that fails, or end the process that opens what it has written;
so it writes here, is closed, and is searched for what it must hold before anybody else opens it. The vectors come
from the catalogue's file. The process ends itself when a step takes too long, and when nobody waits for it any more.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from index.cache import of_passages
from index.connection import connect_to_read
from index.dense import COLLECTION, Client, DenseIndex
from index.embed import Vectors

EF_CONSTRUCTION, NEIGHBOURS = 200, 16
EF_SEARCH = 200
"""Chroma's defaults (100, 16, 100) fall short of a recall@10 of .98 at 100,000 vectors."""

BATCH = 500
"""Vectors of a step: a second of work on a slow machine. Chroma takes some 5,000 at a time at most."""

_REPORTS = 200  # they must have room in the pipe while nobody reads it

Step = Callable[[int], None]
"""Called with the number of vectors that were added and removed so far."""


def write(
    db: sqlite3.Connection,
    folder: Path,
    collection: str | None,
    added: Sequence[int],
    removed: Sequence[int],
    samples: Sequence[int],
    step: Step,
) -> str:
    """Write a collection and return its id: a new one of the passages `added`, or the difference to the one there.

    Passages are row ids of the catalogue `db`. Raises LookupError when one of `samples` is not found afterwards.
    """
    with Client(folder) as client:
        step(0)  # what was imported for it took its time
        if collection is None:
            opened = client.create_collection(
                COLLECTION,
                embedding_function=None,
                configuration={
                    "hnsw": {
                        "space": "ip",
                        "ef_construction": EF_CONSTRUCTION,
                        "ef_search": EF_SEARCH,
                        "max_neighbors": NEIGHBOURS,
                        **_written_once(len(added)),
                    }
                },
            )
        else:
            opened = client.get_collection(COLLECTION, embedding_function=None)
            opened.modify(configuration={"hnsw": _written_once(len(added) + len(removed))})
        done = 0
        for chunk in _chunks(removed):
            opened.delete(ids=[str(row) for row in chunk])
            step(done := done + len(chunk))
        for chunk in _chunks(added):
            vectors = of_passages(db, chunk)
            opened.add(
                ids=[str(row) for row in chunk], embeddings=np.stack([vectors[r] for r in chunk])
            )
            step(done := done + len(chunk))
        if done == 1:
            _write_again(opened)
        collection = str(opened.id)
    step(done)
    check(DenseIndex(folder, collection), of_passages(db, samples))
    return collection


def check(dense: DenseIndex, samples: dict[int, Vectors]) -> None:
    """Raise LookupError when a collection does not find these vectors."""
    for row, vector in samples.items():
        found = dense.search(vector, 10)
        # Equal texts have equal vectors, so the sample itself may stand behind its twins.
        if not found or found[0][1] < 0.999:
            raise LookupError(f"passage {row} is not found among the vectors just written")


def _written_once(changes: int) -> dict[str, int]:
    """The graph goes to the disk when so many records have come: just once. Chroma takes 2 at least."""
    return {"sync_threshold": max(changes, 2), "batch_size": max(changes, 2)}


def _write_again(collection: Any) -> None:
    """Write some record as it is. A single change would stay below the least threshold: the graph would not be
    written at the end of the build, but by every reader, into files that are sealed.
    """
    some = collection.get(limit=1, include=["embeddings"])
    if some["ids"]:
        collection.upsert(ids=some["ids"], embeddings=some["embeddings"])


def _chunks(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    for i in range(0, len(rows), BATCH):
        yield rows[i : i + BATCH]


def serve(source: IO[bytes], target: IO[bytes]) -> None:
    """Do what the one request says; tell how far it is and, last, the collection or what failed."""
    for number in (signal.SIGINT, getattr(signal, "SIGTSTP", signal.SIGINT)):
        signal.signal(number, signal.SIG_IGN)  # whoever started this ends it; its clock goes on
    asked = json.loads(source.readline())
    threading.Thread(target=_end_with, args=(source,), daemon=True).start()
    patience = float(asked["patience"])
    changes = max(len(asked["added"]) + len(asked["removed"]), 1)
    told = -1

    def step(done: int) -> None:
        nonlocal told
        faulthandler.dump_traceback_later(patience, exit=True)  # it needs not the interpreter
        if told != done * _REPORTS // changes:
            told = done * _REPORTS // changes
            _say(target, done=done)

    try:
        step(0)
        with contextlib.closing(connect_to_read(Path(asked["catalogue"]))) as db:
            collection = write(
                db,
                Path(asked["folder"]),
                asked["collection"],
                asked["added"],
                asked["removed"],
                asked["samples"],
                step,
            )
        _say(target, collection=collection)
    except BaseException as error:  # an engine's panic is no Exception
        _say(target, failed=f"{type(error).__name__}: {error}")


def _say(target: IO[bytes], **said: object) -> None:
    # On a line of its own, whatever a library has printed before.
    target.write(b"\n" + json.dumps(said).encode() + b"\n")


def _end_with(source: IO[bytes]) -> None:
    source.read()
    os._exit(1)


if __name__ == "__main__":
    serve(sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0))
    os._exit(0)  # an engine that is broken may hang when it is taken down
