"""What a reader finds in a file, before it has been cleaned and has an id.

It knows nothing of formats, so that every reader can import it.
"""

from __future__ import annotations

from dataclasses import dataclass


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
class Failure:
    """One record that cannot be used, in a file that otherwise is fine; the rest goes on."""

    path: str
    where: str | None
    reason: str
