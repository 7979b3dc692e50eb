"""The folder `.qa/`: where it is, who writes in it, who reads from it, and what a published index is.

.qa/catalogue.sqlite3      the truth (index.catalogue), which names the live generation
.qa/generations/N/         chroma/, words/ and manifest.json: disposable, never written after publishing
.qa/writer, .qa/readers    locks that the kernel releases when their holder dies
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.errors import IndexMissing, QaError, Unreachable, UsageError

NAME = ".qa"
MEAN = "mean.npy"
"""The mean of a generation's vectors, beside its collection."""


class Busy(QaError):
    """Another process is writing the index."""

    exit_code = 4


def find_store(start: Path, named: str | None = None) -> Path:
    """Return the folder of the index: the named one, else the nearest `.qa` here or above, else `./.qa`.

    It need not exist yet.
    """
    if named:
        path = Path(named).expanduser()
        return path if path.name == NAME or not (path / NAME).is_dir() else path / NAME
    for folder in (start, *start.parents):
        if (folder / NAME).is_dir():
            return folder / NAME
    return start / NAME


@contextlib.contextmanager
def writing(store: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the writer's lock; `wait` seconds at most for another writer to finish.

    Raises `Busy`, naming the process that holds it.
    """
    if store.exists() and not store.is_dir():
        raise UsageError(
            f"the index cannot be in {store}: it is a file", "name a folder: --store DIR"
        )
    try:
        store.mkdir(parents=True, exist_ok=True)
        ignore = store / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        handle = os.open(store / "writer", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Unreachable(
            f"the index in {store} cannot be written: {error.strerror}",
            "use a folder that you may write (--store DIR)",
        ) from error
    try:
        deadline = time.monotonic() + wait
        while not _lock(handle, shared=False):
            if time.monotonic() >= deadline:
                holder = (
                    os.pread(handle, 64, 0).decode(errors="replace").strip() or "another process"
                )
                raise Busy(f"the index is being written by {holder}", "try again when it is done")
            time.sleep(0.1)
        os.truncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()}".encode(), 0)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def reading(store: Path) -> Iterator[None]:
    """Keep what the live generation needs from being deleted while a question is answered."""
    try:
        handle = os.open(store / "readers", os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError:  # a read-only folder: nobody deletes anything there
        yield
        return
    try:
        _lock(handle, shared=True)
        yield
    finally:
        os.close(handle)


def no_readers(store: Path, wait: float = 2.0) -> bool:
    """Whether within `wait` seconds there is a moment in which no question is being answered."""
    handle = os.open(store / "readers", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + wait
        while not _lock(handle, shared=False):
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        return True
    finally:
        os.close(handle)


def _lock(handle: int, *, shared: bool) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows: an open file cannot be deleted there anyway
        return True
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        # A reader waits for the writer's brief exclusive moment; a writer never waits here.
        fcntl.flock(handle, kind if shared else kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Generation:
    """A published folder: its collection in Chroma, and the size of every file that must not have changed."""

    folder: Path
    collection: str
    passages: int
    sizes: dict[str, int]

    @property
    def chroma(self) -> Path:
        return self.folder / "chroma"

    @property
    def words(self) -> Path:
        return self.folder / "words"


_MANIFEST = "manifest.json"


def publish(folder: Path, collection: str, passages: int) -> Generation:
    """Write the manifest and see everything onto the disk; the catalogue then makes it live."""
    sizes = {
        str(file.relative_to(folder)): file.stat().st_size
        for file in sorted(folder.rglob("*"))
        # Chroma's SQLite file is touched by readers; SQLite guards it itself.
        if file.is_file() and file.name not in (_MANIFEST,) and "sqlite" not in file.name
    }
    manifest = {"collection": collection, "passages": passages, "sizes": sizes}
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1))
    for file in [*folder.rglob("*"), folder, folder.parent]:
        handle = os.open(file, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return Generation(folder, collection, passages, sizes)


def open_generation(folder: Path) -> Generation:
    """Read a published folder and compare the sizes of its files.

    A damaged HNSW file can kill the process that opens it, so it is never opened before this check.
    Raises `IndexMissing` when a file is missing or has another size.
    """
    hint = "qa index --rebuild PATH… (nothing is embedded again)"
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
        generation = Generation(
            folder, manifest["collection"], manifest["passages"], dict(manifest["sizes"])
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexMissing(
            f"the index in {folder} is damaged: no readable manifest", hint
        ) from error
    for name, size in generation.sizes.items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != size:
            raise IndexMissing(f"the index is damaged: {file} is not what was published", hint)
    return generation


def writable(folder: Path) -> tuple[Path, tempfile.TemporaryDirectory[str] | None]:
    """Return a folder to open in place of one that cannot be written, and what keeps it on the disk.

    The engines want to write where they only read: Chroma opens its SQLite file to write, tantivy
    takes a lock. They get a folder of links, with a copy of the SQLite file.
    """
    if os.access(folder, os.W_OK):
        return folder, None
    kept = tempfile.TemporaryDirectory(prefix="qa-", ignore_cleanup_errors=True)
    for file in folder.iterdir():
        if "sqlite" in file.name:
            shutil.copyfile(file, Path(kept.name, file.name))
        elif file.suffix != ".lock":
            Path(kept.name, file.name).symlink_to(file.resolve())
    return Path(kept.name), kept


def remove(folder: Path) -> None:
    """Delete a folder that is no longer used; what cannot be deleted now is left for the next run."""
    shutil.rmtree(folder, ignore_errors=True)
