"""What one input file holds: its articles, its faults, and how it ended; a member of an archive is a file too.

Nothing here knows of processes: the same events come from this one and from the one that reads apart.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import IO, Literal

from index import readers
from index.archives import MARK, Archive
from index.clean import to_article
from index.errors import NothingToRead, UnreadableFile
from index.record import Failure, Known, Raw
from index.types import Article

Status = Literal["indexed", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Begun:
    """A file or member is about to be read: what fails from here on fails in it."""

    path: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event of a file or member; size and time are those of the file that was opened.

    `sha256` is empty where nothing could be opened, or not all of it was the same file: it is read again the next
    time. An archive ends after its members.
    """

    path: str
    status: Status
    reason: str | None = None
    sha256: str = ""
    size: int = 0
    mtime_ns: int = 0


Event = Begun | Raw | Article | Failure | Ended


def read_entries(location: Path, path: str, first: int = 0, known: Known = None) -> Iterator[Event]:
    """Yield what the file at `location` holds; `path` is its name in the catalogue.

    `first` members of an archive are passed over; of a record that is `known` only its digest comes. Raises
    nothing for a bad file: that is an event.
    """
    yield Begun(path)
    end = Ended(path, "failed")
    try:
        with readers.open_regular(location) as file:
            about = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            end = replace(end, sha256=digest, size=about.st_size, mtime_ns=about.st_mtime_ns)
            file.seek(0)
            if readers.is_archive(location.name):
                events = _members(Archive(file, about.st_size), path, end, first, known)
            else:
                events = _read(file, location.name, about.st_size, end, known)
            for event in events:
                if isinstance(event, Ended) and event.path == path and _changed(file, about):
                    yield Failure(path, None, "changed while it was read: qa index reads it again")
                    event = replace(event, sha256="")
                yield event
    except UnreadableFile as error:
        yield replace(end, status=_status(error), reason=error.message)
    except (
        OSError
    ) as error:  # of the disk, not of the file: without a digest it is read again the next time
        yield replace(end, sha256="", reason=(error.strerror or type(error).__name__).lower())


def _changed(file: IO[bytes], before: os.stat_result) -> bool:
    """Whether an open file is another than it was: what was read of it may be half one, half the other."""
    now = os.fstat(file.fileno())
    return (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns)


def _members(archive: Archive, path: str, end: Ended, first: int, known: Known) -> Iterator[Event]:
    count = first
    for member in archive.members(first):
        name = path + MARK + member.name
        inner = Ended(name, "failed", sha256=member.digest, size=member.size, mtime_ns=end.mtime_ns)
        yield Begun(name)
        if member.file:
            yield from _read(member.file, member.name, member.size, inner, known)
        else:
            error = member.unfit or UnreadableFile("cannot be opened")
            yield replace(inner, status=_status(error), reason=error.message)
        count += 1
    if not count:
        raise NothingToRead("the archive holds no files")
    yield replace(end, status="indexed")


def _read(file: IO[bytes], name: str, size: int, end: Ended, known: Known) -> Iterator[Event]:
    articles, last = 0, None
    try:
        for found in readers.read_stream(file, PurePath(name).name, size, known):
            if isinstance(found, Raw):
                articles += known is not None and found.digest in known
                yield found
                continue
            if isinstance(found, Failure):
                last = found.reason
                yield replace(found, path=end.path)
                continue
            try:
                article = to_article(found, end.path)
            except Exception as error:  # of a text that no rule was written for: the others go on
                last = f"cannot be cleaned ({type(error).__name__}: {error})"[:200]
                yield Failure(end.path, found.where, last)
                continue
            if article.text.strip():
                articles += 1
                yield article
            else:
                last = "no text but notices, links and names"
                yield Failure(end.path, found.where, last)
    except UnreadableFile as error:
        yield replace(end, status=_status(error), reason=error.message)
        return
    yield replace(
        end, status="indexed" if articles else "failed", reason=None if articles else last
    )


def _status(error: UnreadableFile) -> Status:
    return "skipped" if isinstance(error, NothingToRead) else "failed"
