"""Files of records: JSON, JSON lines and CSV.

One bad record is a Failure and the rest goes on; lines are streamed, so a file may be large. Of a record that
is known nothing is made but its digest; one that cannot be used is never known.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import IO, Any

from index.decode import decode, detect
from index.errors import NothingToRead, UnreadableFile
from index.fields import has_text, to_record
from index.limits import MAX_LINE
from index.record import Failure, Known, Raw, Record, digests, recalled

_LISTS = (
    "articles",
    "records",
    "items",
    "data",
    "results",
    "docs",
    "documents",
    "entries",
    "stories",
    "rows",
)
NO_TEXT = "no text"


def read_json(data: bytes, name: str, known: Known = None) -> Iterator[Raw | Record | Failure]:
    """Yield the records of a JSON file: one article, an array, or an object that holds an array."""
    text = decode(data)
    try:
        loaded = json.loads(text)
    except RecursionError:
        raise UnreadableFile("JSON nested too deeply") from None
    except ValueError as error:
        if getattr(error, "msg", "") == "Extra data" and text.lstrip()[:1] == "{":
            yield from stream_jsonl(io.BytesIO(data), name, known)
            return
        line = getattr(error, "lineno", None)
        raise UnreadableFile(
            f"not valid JSON (line {line})" if line else "not valid JSON"
        ) from None
    try:
        found = _find_records(loaded)
    except RecursionError:
        raise UnreadableFile("JSON nested too deeply") from None
    if found is None:
        raise NothingToRead("JSON without articles (no field such as text, body or content)")
    digest = digests(name)
    for where, fields in found:
        yield from recalled(digest(json.dumps(fields)), known, _checked, fields, where, name)


def stream_jsonl(
    handle: IO[bytes], name: str, known: Known = None
) -> Iterator[Raw | Record | Failure]:
    """Yield the records of a file with one JSON object a line."""
    good = 0
    failures: list[Failure] = []
    digest = digests(name)
    for number, line in enumerate(_lines(handle), 1):
        where = f"line {number}"
        if line is None:
            outcome: list[Raw | Record | Failure] = [Failure(name, where, "the line is too long")]
        elif not line.strip():
            continue
        else:
            outcome = recalled(digest(line.strip()), known, _parsed, line, where, name)
        if good:
            yield from outcome
        elif isinstance(first := outcome[0], Failure):  # a file of failures only is one failure
            failures.append(first)
            if len(failures) >= 1000:
                break
        else:
            good += 1
            yield from failures
            yield from outcome
    if not good:
        reason = (
            failures[0].reason
            if len({failure.reason for failure in failures}) == 1
            else "no valid record"
        )
        if not failures:
            raise NothingToRead("empty file")
        raise UnreadableFile(f"{reason} ({failures[0].where})")


def stream_csv(
    handle: IO[bytes], name: str, known: Known = None
) -> Iterator[Raw | Record | Failure]:
    """Yield the records of a CSV file; its first row names the fields."""
    csv.field_size_limit(MAX_LINE)
    lines = (line or "" for line in _lines(handle))
    head = list(line for _, line in zip(range(50), lines, strict=False))
    if not "".join(head).strip():
        raise NothingToRead("empty file")
    delimiter = _delimiter(head[0])
    reader = csv.DictReader(chain(head, lines), delimiter=delimiter, strict=False)
    names = reader.fieldnames or []
    if len(names) > 1000 or not has_text(dict.fromkeys(names)):
        raise NothingToRead(
            "CSV without a text column (its first row names no text, body or content)"
        )
    digest = digests(name)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Failure(name, f"line {reader.line_num}", f"not valid CSV ({error})")
            continue
        row.pop(None, None)  # cells beyond the header
        if any(row.values()):
            where = f"line {reader.line_num}"
            yield from recalled(digest(json.dumps(row)), known, _checked, row, where, name)


def _parsed(line: str, where: str | None, name: str) -> Record | Failure:
    try:
        return _checked(json.loads(line), where, name)
    except (ValueError, RecursionError):
        return Failure(name, where, "not valid JSON")


def _checked(fields: object, where: str | None, name: str) -> Record | Failure:
    if not isinstance(fields, Mapping):
        return Failure(name, where, "not a record")
    try:
        record = to_record(fields, where)
    except RecursionError:
        return Failure(name, where, "nested too deeply")
    return record if record.text.strip() else Failure(name, where, NO_TEXT)


def _delimiter(header: str) -> str:
    """The sign that parts the most names in the header; csv.Sniffer is misled by the texts."""
    return max(
        ",;\t|",
        key=lambda sign: (
            len(re.findall(r'["\w]\s*' + re.escape(sign) + r'\s*["\w]', header)),
            sign == ",",
        ),
    )


def _lines(handle: IO[bytes]) -> Iterator[str | None]:
    """The lines of a file in its encoding; None for a line over the limit."""
    peek = handle.read(1 << 20)
    encoding = detect(peek)
    stream = io.TextIOWrapper(
        io.BufferedReader(_Joined(peek, handle), 1 << 20),
        encoding=encoding,
        errors="replace",
        newline="",
    )
    while line := stream.readline(MAX_LINE):
        if len(line) < MAX_LINE or line.endswith("\n"):
            yield line
            continue
        while line and not line.endswith("\n"):
            line = stream.readline(MAX_LINE)
        yield None


class _Joined(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, first: bytes, rest: IO[bytes]) -> None:
        self._first = memoryview(first)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._first[: len(buffer)] if self._first else self._rest.read(len(buffer))
        self._first = self._first[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def _find_records(loaded: object) -> list[tuple[str | None, object]] | None:
    if isinstance(loaded, list):
        return _numbered(loaded) if any(isinstance(item, Mapping) for item in loaded) else None
    if not isinstance(loaded, Mapping):
        return None
    lists = [name for name in _LISTS if _is_list(loaded.get(name))]
    # A feed has a description of its own beside its articles.
    if articles := next((n for n in lists if any(map(_is_article, loaded[n]))), None):
        return _numbered(loaded[articles])
    if has_text(loaded) and to_record(loaded, None).text.strip():
        return [(None, loaded)]
    lists += [name for name, value in loaded.items() if _is_list(value)]
    if lists:
        return _numbered(loaded[lists[0]])
    values = list(loaded.values())
    if len(values) == 1 and isinstance(values[0], Mapping):
        return _find_records(values[0])
    if (
        values
        and all(isinstance(value, Mapping) for value in values)
        and any(map(has_text, values))
    ):
        return [(str(key), {"id": key, **value}) for key, value in loaded.items()]
    return [(None, loaded)] if has_text(loaded) else None


def _is_list(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _is_article(value: object) -> bool:
    return isinstance(value, Mapping) and has_text(value)


def _numbered(items: list[object]) -> list[tuple[str | None, object]]:
    return [(f"record {number}", item) for number, item in enumerate(items, 1)]
