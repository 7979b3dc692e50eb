"""What a reader finds in a file, before it has been cleaned and has an id.

It knows nothing of formats, so that every reader can import it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from index.dates import find_name_date

Known = Container[str] | None
"""The digests of records of which it is known what was made; None where nobody asks for digests."""

_RULES = "records-2"
"""Part of a record's digest: another way to read or clean a record makes another one."""


@dataclass(frozen=True, slots=True)
class Record:
    """One article as its file holds it: decoded, without the container's markup, not cleaned.

    `published` is an ISO date. `where` says where in the file it stood ("line 12"), for messages.
    """

    text: str
    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    source_id: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as it stands in its file, by its digest; what is made of it comes next, unless it is known."""

    digest: str


def digests(name: str) -> Callable[[str | bytes], str]:
    """Return what hashes the records of a file of that name, as they stand there.

    Of its name an article takes the date, if there is one, and of its place nothing.
    """
    first = hashlib.sha256(f"{_RULES}\0{find_name_date(name)}\0".encode())

    def digest(raw: str | bytes) -> str:
        whole = first.copy()
        whole.update(raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass"))
        return whole.hexdigest()[:32]

    return digest


@dataclass(frozen=True, slots=True)
class Failure:
    """One record that cannot be used, in a file that otherwise is fine; the rest goes on."""

    path: str
    where: str | None
    reason: str


def recalled(
    digest: str,
    known: Known,
    make: Callable[[Any, str | None, str], Record | Failure],
    found: object,
    where: str | None,
    name: str,
) -> list[Raw | Record | Failure]:
    """Return what a file yields for a record: its digest where it is asked for, and `make(…)` unless that is known."""
    if known is not None and digest in known:
        return [Raw(digest)]
    made = make(found, where, name)
    return [made] if known is None or isinstance(made, Failure) else [Raw(digest), made]
