"""The folder `.qa/`: where it is, who writes in it, who reads from it, and what a published index is.

.qa/catalogue.sqlite3      the truth (index.catalogue), which names the live generation
.qa/generations/N.PID/     chroma/, words/, vectors.npy, manifest.json: disposable, never written after publishing
.qa/writer, .qa/readers    locks that the kernel releases when their holder dies
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index import seal
from index.errors import IndexMissing, QaError, Unreachable, UsageError

NAME = ".qa"
BESIDE = "embedders"
"""The folder, in a store, of the stores of other embedders and sizes of passages (index.beside)."""

SWEEP = "sweep"
"""The folder, in a store, of the stores that a sweep over settings made; it may be deleted at any time."""

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


def base_of(store: Path) -> Path:
    """Return the folder that the names of files are relative to, so that index and articles can move."""
    found = store.resolve()
    return found.parents[2] if found.parent.name in (BESIDE, SWEEP) else found.parent


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
        near = next(folder for folder in (store, *store.absolute().parents) if folder.exists())
        raise Unreachable(
            f"the index in {store} cannot be written: {error.strerror} "
            f"({shutil.disk_usage(near).free:,} bytes are free)",
            "use a folder that you may write (--store DIR)",
        ) from error
    try:
        deadline = time.monotonic() + wait
        while not _lock(handle, shared=False):
            if time.monotonic() >= deadline:
                raise _busy(handle)
            time.sleep(0.1)
        with contextlib.suppress(OSError):  # no room for the name: the lock holds all the same
            # Of fixed width and in one call: whoever asks never finds half a name, nor none.
            os.pwrite(handle, f"process {os.getpid()}".ljust(32).encode(), 0)
        yield
    finally:
        os.close(handle)


def check_free(store: Path) -> None:
    """Raise `Busy` when another process is writing now; for commands that have much to load first."""
    with contextlib.suppress(OSError):  # what else is wrong is told where the lock is taken
        handle = os.open(store / "writer", os.O_RDWR)
        try:
            if not _lock(handle, shared=False):
                raise _busy(handle)
        finally:
            os.close(handle)


def _busy(handle: int) -> Busy:
    holder = ""
    for _ in range(10):  # the first holder ever may not have written its name yet
        if holder := os.pread(handle, 64, 0).decode(errors="replace").strip():
            break
        time.sleep(0.05)
    holder = holder or "another process"
    return Busy(
        f"the index is being written by {holder}",
        "try again when it is done, or wait for it: --wait SECONDS",
    )


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
    """A published folder: its collection in Chroma, how many passages, and the seals of its files.

    `distinct` tells that its graph holds each vector once, as older ones do not (`index.distinct`).
    """

    folder: Path
    collection: str
    passages: int
    seals: seal.Seals
    distinct: bool = True

    @property
    def chroma(self) -> Path:
        return self.folder / "chroma"

    @property
    def words(self) -> Path:
        return self.folder / "words"


_MANIFEST = "manifest.json"


def publish(folder: Path, collection: str, passages: int) -> Generation:
    """Write the manifest and see everything onto the disk; the catalogue then makes it live."""
    for file in [*folder.rglob("*"), folder, folder.parent]:
        _sync(file)
    seals = seal.seal(folder, but=_MANIFEST)
    seal.write(
        folder / _MANIFEST,
        {"collection": collection, "passages": passages, "seals": seals, "distinct": True},
    )
    _sync(folder)
    return Generation(folder, collection, passages, seals)


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_generation(folder: Path, *, deep: bool = False) -> Generation:
    """Read a published folder and compare its files with their seals; `deep` reads every byte.

    A damaged HNSW file can kill the process that opens it, so it is never opened before this check.
    Raises `IndexMissing` when a file is missing or is not what was published.
    """
    hint = "qa index --rebuild PATH… (nothing is embedded again)"
    try:
        manifest = seal.read(folder / _MANIFEST)
        generation = Generation(
            folder,
            manifest["collection"],
            manifest["passages"],
            dict(manifest["seals"]),
            manifest.get("distinct", False),
        )
        found = seal.broken(folder, generation.seals, deep=deep)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexMissing(
            f"the index in {folder} is damaged: no readable manifest", hint
        ) from error
    if found:
        raise IndexMissing(f"the index is damaged: {found} is not what was published", hint)
    return generation


def writable(
    folder: Path, *, full: bool = False
) -> tuple[Path, tempfile.TemporaryDirectory[str] | None]:
    """Return a folder to open in place of one that cannot be written, and what keeps it on the disk.

    The engines want to write where they only read: Chroma opens its SQLite file to write, tantivy
    takes a lock. They get a folder of links, with a copy of the SQLite file; so too on a disk that is full.
    """
    if os.access(folder, os.W_OK) and not full:
        return folder, None
    try:
        kept = tempfile.TemporaryDirectory(prefix="qa-", ignore_cleanup_errors=True)
    except OSError as error:
        raise Unreachable(
            f"the index in {folder} is read-only, and there is no room to open it beside: {error.strerror}",
            "name a folder that may be written: TMPDIR=DIR",
        ) from error
    for file in folder.iterdir():
        if "sqlite" in file.name:
            shutil.copyfile(file, Path(kept.name, file.name))
        elif file.suffix != ".lock":
            Path(kept.name, file.name).symlink_to(file.resolve())
    return Path(kept.name), kept


def remove(folder: Path) -> None:
    """Delete a folder that is no longer used; what cannot be deleted now is left for the next run."""
    shutil.rmtree(folder, ignore_errors=True)
