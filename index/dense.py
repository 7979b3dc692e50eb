"""The dense side of a generation: a Chroma collection that is built aside and then only read.

Embedded Chroma is not safe against crashes and must not be shared between a writer and readers, so a
collection is written once by a process of its own (`index.hnsw`), searched there, and published by the
catalogue. Vectors go in and come out as numbers; no embedding function, document or metadata is given to Chroma.

Reading goes through Chroma's own Rust bindings where they fit, because importing the `chromadb`
package costs more than a whole search; else through its public client.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from index.embed import Vectors
from index.errors import IndexMissing
from index.store import writable

COLLECTION = "passages"
_TENANT, _DATABASE = "default_tenant", "default_database"


class Client:
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
            self._client = Client(place).__enter__()
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
