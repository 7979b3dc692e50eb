"""Make the folder of a generation: vectors and words, new or as a copy of the live one with the difference.

It takes every vector from the catalogue's cache; what is embedded, and when it is seen, is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from index import distinct, lexical, matrix
from index.catalogue import ASIDE, Catalogue
from index.embed import Vectors
from index.errors import IndexMissing
from index.names import plain_name
from index.sealed import FILE
from index.staging import Progress
from index.store import MEAN, Generation, no_readers, open_generation, publish, remove
from index.watched import StoodStill, VectorsWriter


class Storing:
    """The storing part of a run, into generation `g`."""

    def __init__(
        self,
        store: Path,
        catalogue: Catalogue,
        g: int,
        progress: Progress,
        rebuild: bool,
        *,
        graph: bool = True,
    ) -> None:
        """`graph` False leaves the vectors out of the folder: a server holds them."""
        self.graph = graph
        self.store, self.catalogue, self.g = store, catalogue, g
        self.progress, self.rebuild = progress, rebuild

    def make(self, added: Sequence[int], removed: Sequence[int]) -> Path:
        """Return the folder of the new generation: the live one when no passage changed, else a new one."""
        name = self.catalogue.get("folder")
        old = self.store / "generations" / name if name else None
        changed = bool(added or removed)
        live = None if self.rebuild or old is None else _sound(old, deep=changed)
        if live and not (live.distinct and lexical.is_current(live.words)):
            live = None
        if live and not added and not removed:
            return live.folder
        for left in (self.store / "generations").glob(f"{self.g}.*"):
            remove(left)
        # Of its own name: what an interrupted run has started may still be at work in the other.
        folder = self.store / "generations" / f"{self.g}.{os.getpid()}"
        folder.mkdir(parents=True)
        self.progress("storing", 0, len(added) + len(removed))
        try:
            small = live and len(added) + len(removed) <= 0.25 * live.passages
            return self._fill(folder, live if small else None, added, removed)
        except BaseException as error:
            remove(folder)  # gives a full disk its room back
            if type(error).__name__ == "PanicException":  # an engine's own, which is no Exception
                raise RuntimeError(str(error)) from error
            raise

    def _fill(
        self, folder: Path, live: Generation | None, added: Sequence[int], removed: Sequence[int]
    ) -> Path:
        collection = None
        if live:
            try:
                collection = self._write(folder, live, added, removed)
            except StoodStill:
                raise
            except Exception:
                # A copy that will not take the change: the catalogue can make it anew.
                shutil.rmtree(folder)
                folder.mkdir()
        if collection is None:
            collection = self._write(folder, None, self._alive(), ())
        publish(folder, collection, self.catalogue.counts(self.g)[2])
        return folder

    def _write(
        self, folder: Path, live: Generation | None, added: Sequence[int], removed: Sequence[int]
    ) -> str:
        """Fill the folder, beginning with a copy of the live one where it is given; return the collection."""
        with contextlib.ExitStack() as stack:
            writer = stack.enter_context(VectorsWriter()) if self.graph else None
            if live:
                self._copy(live, folder)
            if writer:
                come, gone = self._standing(live, added, removed)
                writer.begin(
                    self.store / FILE,
                    folder / "chroma",
                    live.collection if live else None,
                    come,
                    gone,
                    _some(added or self._alive(3)),
                    self.catalogue.counts(self.g)[2],
                )
                total = len(come) + len(gone)
            lexical.write(folder / "words", self._entries(added), removed)
            np.save(folder / MEAN, self._write_matrix(folder, live, added, removed))
            if not writer:
                return ""
            return writer.finish(lambda done: self.progress("storing", done, total))

    def _standing(
        self, live: Generation | None, added: Sequence[int], removed: Sequence[int]
    ) -> tuple[Sequence[int], Sequence[int]]:
        """Which passages the graph is given, and which are taken from it."""
        if live is None:
            return distinct.standing(self.catalogue.db), ()
        return distinct.difference(self.catalogue.db, self.g, [*added, *removed])

    def _copy(self, live: Generation, folder: Path) -> None:
        shutil.copytree(live.words, folder / "words")
        if not self.graph:
            return
        shutil.copytree(live.chroma, folder / "chroma", ignore=shutil.ignore_patterns("*.sqlite3*"))
        # Readers may have the file open: SQLite's own copy is whole, a file copy might not be.
        source = sqlite3.connect(live.chroma / "chroma.sqlite3")
        target = sqlite3.connect(folder / "chroma" / "chroma.sqlite3")
        source.backup(target)
        source.close()
        target.close()

    def _alive(self, most: int = -1) -> list[int]:
        """The row ids of the passages of this generation, in order; of `most` of them at most."""
        rows = self.catalogue.db.execute(
            "SELECT p.id FROM passages p JOIN articles a ON a.id = p.article WHERE a.died IS NULL "
            "ORDER BY p.id LIMIT ?",
            [most],
        )
        return [row[0] for row in rows]

    def _write_matrix(
        self, folder: Path, live: Generation | None, added: Sequence[int], removed: Sequence[int]
    ) -> Vectors:
        """Write the array of all vectors and return their mean: its product with a question is the mean cosine."""
        rows, old = np.array(self._alive(), dtype=np.int64), None
        if live and (live.folder / matrix.FILE).exists():
            kept = rows[~np.isin(rows, added)]
            old = live.folder, np.union1d(kept, np.array(removed, dtype=np.int64))
        return matrix.write(folder, rows, self.catalogue.vectors, old)

    def _entries(self, rows: Sequence[int]) -> Iterator[lexical.Entry]:
        for i in range(0, len(rows), 1000):
            chunk = rows[i : i + 1000]
            found = self.catalogue.passages(chunk, self.g)
            for row in chunk:
                p = found[row]
                source = p.source
                name = plain_name(source.title) if p.passage_id.endswith("#1") else ""
                yield lexical.Entry(
                    row, source.title, p.text, source.published, source.publisher, name
                )

    def clean_up(self, folder: Path) -> None:
        """Delete what no reader needs: now if no question is being answered, else at the next run."""
        if no_readers(self.store):
            self.catalogue.drop_dead(self.g)
            for other in (self.store / "generations").iterdir():
                if other.name != folder.name:
                    remove(other)
            for aside in self.store.glob(f"{ASIDE}*"):
                aside.unlink(missing_ok=True)
        self.catalogue.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sound(folder: Path, deep: bool) -> Generation | None:
    """The live generation, or None when it is damaged; one that is to be copied is read to the last byte."""
    try:
        return open_generation(folder, deep=deep)
    except IndexMissing:
        return None


def _some(rows: Sequence[int]) -> Sequence[int]:
    """Three of them, from all over."""
    return rows[:: max(len(rows) // 3, 1)][:3]
