"""One reader per format, in a table by suffix; `read_stream` is the way in.

A file is read from its bytes only: nothing is fetched. To add a format, add a line. Archives, which hold
files, are taken apart elsewhere.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from index.errors import NothingToRead, UnreadableFile
from index.feeds import read_feed
from index.limits import MAX_FILE, MAX_RATIO, MAX_STREAM, MAX_UNPACKED, MIB, SMALL
from index.mail import read_eml, stream_mbox
from index.pages import read_html
from index.pdf import read_pdf
from index.prose import read_markdown, read_text
from index.record import Failure, Known, Raw, Record
from index.records import read_json, stream_csv, stream_jsonl
from index.word import read_docx

__all__ = ["READERS", "Failure", "Record", "open_regular", "read_file", "read_stream", "supported"]

Found = Iterator[Raw | Record | Failure]
Reader = Callable[[bytes, str], Found]
Stream = Callable[[IO[bytes], str, Known], Found]


def _whole(stream: Stream) -> Reader:
    return lambda data, name: stream(io.BytesIO(data), name, None)


# Formats with many records: these are never held in memory whole.
STREAMS: dict[str, Stream] = {
    ".jsonl": stream_jsonl,
    ".ndjson": stream_jsonl,
    ".csv": stream_csv,
    ".mbox": stream_mbox,
}
READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".json": read_json,
    **{suffix: _whole(stream) for suffix, stream in STREAMS.items()},
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".eml": read_eml,
    ".rss": read_feed,
    ".atom": read_feed,
    ".xml": read_feed,
}
_BINARY = {".pdf", ".docx"}  # packed already: not read out of a .gz
_PLAIN = {".txt", ".jsonl", ".ndjson", ".csv", ".json"}


ARCHIVES = {".zip"}


def supported(name: str) -> bool:
    """Whether a file's name says that it can be read."""
    suffix, packed = _suffix(name)
    return (suffix in READERS and not (packed and suffix in _BINARY)) or is_archive(name)


def unsupported(name: str) -> str:
    """Return the reason for a name that `supported` refuses."""
    return f"not a kind that is read ({''.join(Path(name).suffixes[-2:]) or 'no ending'})"


def is_archive(name: str) -> bool:
    """Whether a file's name says that it holds files."""
    return Path(name).suffix.lower() in ARCHIVES


def plain(name: str) -> bool:
    """Whether a format is simple enough to be read beside everything else: text, line by line."""
    return Path(name).suffix.lower() in _PLAIN


def read_file(path: Path) -> Iterator[Record | Failure]:
    """Yield the records of a file, and a Failure for each bad one in a file that otherwise is fine.

    Raises UnreadableFile, with a short plain reason, where the file as a whole cannot be read.
    """
    try:
        with open_regular(path) as file:
            for found in read_stream(file, path.name, os.fstat(file.fileno()).st_size):
                if not isinstance(found, Raw):
                    yield found
    except OSError as error:
        raise UnreadableFile((error.strerror or type(error).__name__).lower()) from error


def read_stream(file: IO[bytes], name: str, size: int, known: Known = None) -> Found:
    """Yield the records of an open file of `size` bytes; `name` says the format. Raises as `read_file`.

    Where `known` is given, each record of a file that may hold many comes after its digest, or is passed over.
    """
    suffix, packed = _suffix(name)
    if suffix not in READERS or (packed and suffix in _BINARY):
        raise NothingToRead("not a format that is read")
    yielded = 0
    try:
        handle: IO[bytes] = _unpack(file, size) if packed else file
        if stream := STREAMS.get(suffix):
            found = stream(handle, name, known)
        elif suffix == ".json":
            found = read_json(_read_whole(handle), name, known)
        else:
            found = READERS[suffix](_read_whole(handle), name)
        for item in found:
            yield item
            yielded += 1
    except UnreadableFile as error:
        if not yielded:
            raise
        yield Failure(name, None, f"the rest of the file cannot be read: {error.message}")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        if not yielded:
            raise UnreadableFile("damaged gzip file") from None
        yield Failure(name, None, "the rest of the file cannot be read: damaged gzip file")
    except UnicodeError as error:
        raise UnreadableFile("not a text file") from error


def _suffix(name: str) -> tuple[str, bool]:
    name = name.lower()
    packed = name.endswith(".gz")
    return Path(name.removesuffix(".gz")).suffix, packed


def open_regular(path: Path) -> io.BufferedReader:
    """Open a regular file within its limit; a pipe or device would block or never end."""
    whole = _suffix(path.name)[0] not in STREAMS and not is_archive(path.name)
    limit = MAX_FILE if whole else MAX_STREAM
    descriptor = os.open(
        path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    about = os.fstat(descriptor)
    reason: UnreadableFile | None = None
    if not stat.S_ISREG(about.st_mode):
        reason = NothingToRead("not a regular file")
    elif about.st_size == 0:
        reason = NothingToRead("empty file")
    elif about.st_size > limit:
        reason = UnreadableFile(f"larger than {limit // MIB:,} MB")
    if reason:
        os.close(descriptor)
        raise reason
    return os.fdopen(descriptor, "rb")


def _read_whole(handle: IO[bytes]) -> bytes:
    data = handle.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise UnreadableFile(f"larger than {MAX_FILE // MIB:,} MB")
    if not data.strip():
        raise NothingToRead("empty file")
    return data


def _unpack(file: IO[bytes], packed: int) -> IO[bytes]:
    return io.BufferedReader(
        _Unpacked(file, min(MAX_UNPACKED, max(packed * MAX_RATIO, SMALL))), MIB
    )


class _Unpacked(io.RawIOBase):
    """A gzip stream that stops at its limit, so that a small file cannot fill the memory."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._gzip = gzip.GzipFile(fileobj=file)
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._gzip.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableFile("unpacks to too much data")
        buffer[: len(data)] = data
        return len(data)
