"""One reader per format, in a table by suffix; `read_file` is the way in.

A file is read from its bytes only: nothing is fetched. To add a format, add a line.
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

from index.errors import UnreadableFile
from index.pages import read_html
from index.pdf import read_pdf
from index.prose import read_markdown, read_text
from index.record import Failure, Record
from index.records import read_json, stream_csv, stream_jsonl
from index.word import read_docx

__all__ = ["READERS", "Failure", "Record", "read_file", "supported"]

MAX_FILE = 64 * 2**20
MAX_STREAM = 2 * 2**30
MAX_UNPACKED = 512 * 2**20
MAX_RATIO = 200

Reader = Callable[[bytes, str], Iterator[Record | Failure]]
Stream = Callable[[IO[bytes], str], Iterator[Record | Failure]]


def _whole(stream: Stream) -> Reader:
    return lambda data, name: stream(io.BytesIO(data), name)


# Formats with a record a line: these are never held in memory whole.
STREAMS: dict[str, Stream] = {".jsonl": stream_jsonl, ".ndjson": stream_jsonl, ".csv": stream_csv}
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
}
_BINARY = {".pdf", ".docx"}  # packed already: not read out of a .gz


def supported(path: Path) -> bool:
    """Whether a file's name says that it can be read."""
    suffix, packed = _suffix(path)
    return suffix in READERS and not (packed and suffix in _BINARY)


def read_file(path: Path) -> Iterator[Record | Failure]:
    """Yield the records of a file, and a Failure for each bad one in a file that otherwise is fine.

    Raises UnreadableFile, with a short plain reason, where the file as a whole cannot be read.
    """
    suffix, packed = _suffix(path)
    if not supported(path):
        raise UnreadableFile("not a format that is read")
    yielded = 0
    try:
        with _open(path, MAX_STREAM if suffix in STREAMS else MAX_FILE) as file:
            handle: IO[bytes] = _unpack(file) if packed else file
            if suffix in STREAMS:
                found = STREAMS[suffix](handle, path.name)
            else:
                found = READERS[suffix](_read_whole(handle), path.name)
            for item in found:
                yield item
                yielded += 1
    except UnreadableFile as error:
        if not yielded:
            raise
        yield Failure(path.name, None, f"the rest of the file cannot be read: {error.message}")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        if not yielded:
            raise UnreadableFile("damaged gzip file") from None
        yield Failure(path.name, None, "the rest of the file cannot be read: damaged gzip file")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UnreadableFile(reason) from error
    except UnicodeError as error:
        raise UnreadableFile("not a text file") from error


def _suffix(path: Path) -> tuple[str, bool]:
    name = path.name.lower()
    packed = name.endswith(".gz")
    return Path(name.removesuffix(".gz")).suffix, packed


def _open(path: Path, limit: int) -> IO[bytes]:
    """Open a regular file within the limit; a pipe or device would block or never end."""
    descriptor = os.open(
        path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    about = os.fstat(descriptor)
    reason = None
    if not stat.S_ISREG(about.st_mode):
        reason = "not a regular file"
    elif about.st_size == 0:
        reason = "empty file"
    elif about.st_size > limit:
        reason = f"larger than {limit // 2**20:,} MB"
    if reason:
        os.close(descriptor)
        raise UnreadableFile(reason)
    return os.fdopen(descriptor, "rb")


def _read_whole(handle: IO[bytes]) -> bytes:
    data = handle.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise UnreadableFile(f"larger than {MAX_FILE // 2**20:,} MB")
    if not data.strip():
        raise UnreadableFile("empty file")
    return data


def _unpack(file: IO[bytes]) -> IO[bytes]:
    packed = os.fstat(file.fileno()).st_size
    return io.BufferedReader(
        _Unpacked(file, min(MAX_UNPACKED, max(packed * MAX_RATIO, 2**20))), 2**20
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
