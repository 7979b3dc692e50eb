"""The dense side of a generation: a Chroma collection that is built aside and then only read.

Embedded Chroma is not safe against crashes and must not be shared between a writer and readers, so a
collection is written once, closed, probed in a child process, and published by the catalogue. Vectors
go in and come out as numbers; no embedding function, document or metadata is given to Chroma.

Reading goes through Chroma's own Rust bindings where they fit, because importing the `chromadb`
package costs more than a whole search; else through its public client.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Vectors
from index.errors import IndexMissing, QaError
from index.store import writable

COLLECTION = "passages"
_BATCH = 5000
_TENANT, _DATABASE = "default_tenant", "default_database"

EF_SEARCH, EF_CONSTRUCTION, NEIGHBOURS = 200, 200, 16
"""Chroma's defaults (100, 100, 16) fall short of a recall@10 of .98 at 100,000 vectors."""


def build(folder: Path, count: int, batches: Iterable[tuple[list[int], Vectors]]) -> str:
    """Write a new collection of `count` unit vectors and return its id."""
    with _Client(folder) as client:
        collection = client.create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={
                "hnsw": {
                    "space": "ip",
                    "ef_construction": EF_CONSTRUCTION,
                    "ef_search": EF_SEARCH,
                    "max_neighbors": NEIGHBOURS,
                    # The graph is written to disk when this many records have come: just once.
                    "sync_threshold": max(count, 2),
                    "batch_size": max(count, 2),
                }
            },
        )
        _add(collection, batches)
        if count == 1:
            _write_again(collection)
        return str(collection.id)


def extend(
    folder: Path, removed: Sequence[int], added: int, batches: Iterable[tuple[list[int], Vectors]]
) -> None:
    """Change a private copy of a collection by the difference between two generations."""
    with _Client(folder) as client:
        collection = client.get_collection(COLLECTION, embedding_function=None)
        changes = max(len(removed) + added, 2)
        collection.modify(
            configuration={"hnsw": {"sync_threshold": changes, "batch_size": changes}}
        )
        for i in range(0, len(removed), _BATCH):
            collection.delete(ids=[str(r) for r in removed[i : i + _BATCH]])
        _add(collection, batches)
        if len(removed) + added == 1:
            _write_again(collection)


def _write_again(collection: Any) -> None:
    """Write some record as it is. A single change would stay below the least threshold that Chroma takes (2): the graph
    would not be written at the end of the build, but by every reader, into files that are sealed.
    """
    some = collection.get(limit=1, include=["embeddings"])
    if some["ids"]:
        collection.upsert(ids=some["ids"], embeddings=some["embeddings"])


def _add(collection: Any, batches: Iterable[tuple[list[int], Vectors]]) -> None:
    for ids, vectors in batches:
        for i in range(0, len(ids), _BATCH):
            collection.add(
                ids=[str(k) for k in ids[i : i + _BATCH]], embeddings=vectors[i : i + _BATCH]
            )


class _Client:
    """Chroma's public client, without telemetry, closed on the way out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Any:
        os.environ["ANONYMIZED_TELEMETRY"] = "False"
        import chromadb
        from chromadb.config import Settings

        self._client = chromadb.PersistentClient(
            str(self._folder), settings=Settings(anonymized_telemetry=False)
        )
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()


class DenseIndex:
    """A published collection, opened to be read. `search` may be called from any thread."""

    def __init__(self, folder: Path, collection: str) -> None:
        self._collection = collection
        place, self._kept = writable(folder)
        try:
            try:
                self._bindings: Any = _open_bindings(place)
            except Exception as error:
                if "disk is full" not in str(error):
                    raise
                # Chroma writes a row as it opens: on a full disk it gets a copy elsewhere.
                place, self._kept = writable(folder, full=True)
                self._bindings = _open_bindings(place)
        except (ImportError, AttributeError, TypeError):
            # Another version of Chroma than those whose bindings are known here.
            self._bindings = None
            self._client = _Client(place).__enter__()
        except Exception as error:  # the bindings raise classes of their own
            raise IndexMissing(
                f"the vectors in {folder} cannot be opened: {error}", REBUILD
            ) from error

    def search(self, vector: Vectors, n: int) -> list[tuple[int, float]]:
        """Return (passage row id, cosine) of about the `n` nearest, nearest first."""
        query = [vector.tolist()]
        try:
            if self._bindings is None:
                found = self._client.get_collection(COLLECTION, embedding_function=None).query(
                    query_embeddings=query, n_results=n, include=["distances"]
                )
                ids, distances = found["ids"][0], found["distances"][0]
            else:
                answer = self._bindings.query(
                    self._collection, None, query, n, None, None, ["distances"], _TENANT, _DATABASE
                )
                ids, distances = answer.ids[0], answer.distances[0]
        except Exception as error:  # the bindings raise classes of their own
            raise IndexMissing(f"the vectors cannot be searched: {error}", REBUILD) from error
        return [(int(i), 1.0 - d) for i, d in zip(ids, distances, strict=True)]


REBUILD = "qa index --rebuild PATH… (vectors come from the cache: nothing is embedded again)"


def _open_bindings(folder: Path) -> Any:
    import chromadb_rust_bindings as rust

    config = rust.SqliteDBConfig(
        hash_type=rust.MigrationHash.MD5,
        migration_mode=rust.MigrationMode.Validate,
        url=str(folder / "chroma.sqlite3"),
    )
    return rust.Bindings(
        allow_reset=False, sqlite_db_config=config, persist_path=str(folder), hnsw_cache_size=16
    )


def probe(folder: Path, collection: str, samples: Sequence[tuple[int, Vectors]]) -> None:
    """Search a new collection for vectors that it must hold, in a child process.

    A broken collection can kill the process that opens it, hence the child. Raises `QaError` when a
    sample is not found.
    """
    import json

    asked = json.dumps(
        {
            "folder": str(folder),
            "collection": collection,
            "samples": [(i, np.asarray(v, dtype=float).tolist()) for i, v in samples],
        }
    )
    child = subprocess.run(
        [sys.executable, "-P", "-m", "index.dense"],
        input=asked,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, _roots()))},
    )
    if child.returncode != 0:
        last = (child.stderr.strip().splitlines() or [f"signal {-child.returncode}"])[-1]
        raise QaError(f"the new index failed its check: {last[:200]}", "run qa index again")


def _roots() -> Iterator[str]:
    yield str(Path(__file__).resolve().parents[1])
    yield os.environ.get("PYTHONPATH", "")


def _probe_child() -> None:
    import json

    asked = json.load(sys.stdin)
    dense = DenseIndex(Path(asked["folder"]), asked["collection"])
    for wanted, vector in asked["samples"]:
        found = dense.search(np.asarray(vector, dtype=np.float32), 10)
        # Equal texts have equal vectors, so the sample itself may stand behind its twins.
        if not found or found[0][1] < 0.999:
            sys.exit(f"passage {wanted} is not found")


if __name__ == "__main__":
    _probe_child()
