"""The members of a .zip as files of their own, named `archive.zip!/member`; nothing is unpacked onto the disk.

Archives inside an archive are read to a depth of two. Names that climb out of the archive are only names here.
"""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from index import readers
from index.errors import NothingToRead, UnreadableFile
from index.limits import (
    ARCHIVE_SECONDS,
    MAX_DEPTH,
    MAX_FILE,
    MAX_MEMBERS,
    MAX_RATIO,
    MAX_UNPACKED,
    MIB,
    SMALL,
)

MARK = "!/"
"""Stands between the name of an archive and that of its member."""

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression or a version that zipfile does not know
    RuntimeError,  # a password is needed
    ValueError,
    OSError,
)


def archive_of(path: str) -> str | None:
    """Return the name of the archive that a path leads into, or None: a folder may be called "wow!" too."""
    at = path.find(MARK)
    while at >= 0:
        if readers.is_archive(path[:at]):
            return path[:at]
        at = path.find(MARK, at + 1)
    return None


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its name within the archive, or with `unfit` why it is not read."""

    name: str
    size: int = 0
    digest: str = ""
    file: IO[bytes] | None = None
    unfit: UnreadableFile | None = None


class Archive:
    """A .zip and the .zip files in it, with one budget of members, bytes and seconds for all of them."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size = file, size
        self._members = self._bytes = 0
        self._began = time.process_time()

    def members(self, first: int = 0) -> Iterator[Member]:
        """Yield the members but for the `first` ones. Raises UnreadableFile when it is no archive."""
        for number, (name, info, container) in enumerate(self._listed(self._file, "", 1)):
            if number >= first:
                yield self._opened(name, info, container)

    def _listed(
        self, file: IO[bytes], prefix: str, depth: int
    ) -> Iterator[tuple[str, zipfile.ZipInfo | UnreadableFile, zipfile.ZipFile | None]]:
        try:
            container = zipfile.ZipFile(file)
        except _BROKEN:
            raise UnreadableFile("damaged or not a zip archive") from None
        seen: set[str] = set()
        for info in container.infolist():
            name = harmless(info.filename)
            if info.is_dir() or not name:
                continue
            self._members += 1
            if self._members > MAX_MEMBERS:
                raise UnreadableFile(f"more than {MAX_MEMBERS:,} members: the rest is not read")
            if time.process_time() - self._began > ARCHIVE_SECONDS:
                raise UnreadableFile(f"takes over {ARCHIVE_SECONDS} s: the rest is not read")
            if name in seen:
                reason = NothingToRead("the archive holds another member of this name")
                yield f"{prefix}{name} ({self._members})", reason, None
            elif not readers.is_archive(name):
                yield prefix + name, info, container
            elif depth == MAX_DEPTH:
                yield prefix + name, NothingToRead("archives nested too deeply"), None
            else:
                yield from self._nested(prefix + name, info, container, depth)
            seen.add(name)

    def _nested(
        self, name: str, info: zipfile.ZipInfo, container: zipfile.ZipFile, depth: int
    ) -> Iterator[tuple[str, zipfile.ZipInfo | UnreadableFile, zipfile.ZipFile | None]]:
        inner = self._opened(name, info, container)
        if inner.file is None:
            yield name, inner.unfit or UnreadableFile("cannot be opened"), None
            return
        try:
            yield from self._listed(inner.file, name + MARK, depth + 1)
        except UnreadableFile as error:
            yield name, error, None

    def _opened(
        self,
        name: str,
        info: zipfile.ZipInfo | UnreadableFile,
        container: zipfile.ZipFile | None,
    ) -> Member:
        if isinstance(info, UnreadableFile) or container is None:
            return Member(name, unfit=info if isinstance(info, UnreadableFile) else None)
        unfit = self._unfit(name, info)
        if unfit:
            return Member(name, unfit=unfit)
        self._bytes += info.file_size
        try:
            data = container.read(info)  # at most MAX_FILE: zipfile holds members to their size
        except _BROKEN:
            return Member(name, unfit=UnreadableFile("damaged in its archive"))
        return Member(name, len(data), f"crc32:{info.CRC:08x}", io.BytesIO(data))

    def _unfit(self, name: str, info: zipfile.ZipInfo) -> UnreadableFile | None:
        last = name.rpartition(MARK)[2]
        if any(part.startswith((".", "__MACOSX")) for part in last.split("/")):
            return NothingToRead("hidden")
        if not readers.supported(last):
            return NothingToRead(readers.unsupported(last))
        if info.flag_bits & 1:
            return UnreadableFile("encrypted")
        if info.file_size == 0:
            return NothingToRead("empty file")
        if info.file_size > MAX_FILE:
            return UnreadableFile(f"larger than {MAX_FILE // MIB:,} MB")
        if info.file_size > max(info.compress_size * MAX_RATIO, SMALL):
            return UnreadableFile(f"unpacks to more than {MAX_RATIO} times its size")
        if self._bytes + info.file_size > MAX_UNPACKED:
            return UnreadableFile(f"the archive unpacks to more than {MAX_UNPACKED // MIB:,} MB")
        return None


def harmless(name: str) -> str:
    """Return a member's name without drive, root and steps upwards: it names, and never leads anywhere."""
    parts = name.replace("\\", "/").split("/")
    return "/".join(p for p in parts if p not in ("", ".", "..") and not p.endswith(":"))
