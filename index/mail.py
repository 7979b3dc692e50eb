"""Mailboxes (.mbox) and single messages (.eml): one article a message, its newest text as the sender wrote it.

Attachments and quoted headers are left out; a message in HTML alone is brought to text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import IO

from index.dates import parse_date
from index.decode import decode
from index.errors import NothingToRead, UnreadableFile
from index.limits import MAX_MESSAGE, MIB
from index.markup import strip_tags
from index.record import Failure, Known, Raw, Record, digests, recalled

_SIGNATURE = re.compile(r"\n-- \n.*\Z", re.S)


def read_eml(data: bytes, name: str) -> Iterator[Record]:
    """Yield the article that a message is."""
    record = _record(data, None)
    if not record.text.strip():
        raise NothingToRead("the message holds no text")
    yield record


def stream_mbox(
    handle: IO[bytes], name: str, known: Known = None
) -> Iterator[Raw | Record | Failure]:
    """Yield the messages of a mailbox, of which one at a time is held in memory."""
    number, digest = 0, digests(name)
    for number, data in enumerate(_messages(handle), 1):
        where = f"message {number}"
        if data is None:
            yield Failure(name, where, f"larger than {MAX_MESSAGE // MIB} MB")
            continue
        yield from recalled(digest(data), known, _message, data, where, name)
    if not number:
        raise UnreadableFile("no mailbox: its first line is no 'From ' line")


def _message(data: bytes, where: str | None, name: str) -> Record | Failure:
    record = _record(data, where)
    return record if record.text.strip() else Failure(name, where, "no text")


def _messages(handle: IO[bytes]) -> Iterator[bytes | None]:
    """The messages between the lines that begin with `From ` after an empty one; None for one too large."""
    lines: list[bytes] | None = None
    size, empty = 0, True
    while line := handle.readline(MIB):
        if empty and line.startswith(b"From "):
            if lines is not None:
                yield b"".join(lines) if size <= MAX_MESSAGE else None
            lines, size = [], 0
        elif lines is None:
            if line.strip():
                return
        else:
            size += len(line)
            if size <= MAX_MESSAGE:
                # A line of the text that begins with `From ` was written as `>From `.
                lines.append(line[1:] if re.match(rb">+From ", line) else line)
        empty = not line.strip(b"\r\n")
    if lines is not None:
        yield b"".join(lines) if size <= MAX_MESSAGE else None


def _record(data: bytes, where: str | None) -> Record:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    sender, address = parseaddr(_header(message, "from"))
    return Record(
        text=_text(message),
        title=_header(message, "subject") or None,
        published=parse_date(_header(message, "date")),
        authors=(sender or address,) if sender or address else (),
        source_id=_header(message, "message-id").strip("<> ") or None,
        where=where,
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name) or "").split())
    except (ValueError, LookupError, AttributeError, IndexError, TypeError):
        return ""  # email's own faults on broken headers


def _text(message: EmailMessage) -> str:
    """The plain text, or where it is blank or missing that of the HTML."""
    if text := _body(message, "plain"):
        return _SIGNATURE.sub("\n", text.replace("\r\n", "\n"))
    return strip_tags(_body(message, "html"))


def _body(message: EmailMessage, kind: str) -> str:
    """The body of that kind; "" where there is none, or nothing in it."""
    try:
        part = message.get_body(preferencelist=(kind,))
        if part is None:
            return ""
        try:
            content = part.get_content()
        except LookupError:  # a charset that Python does not know
            payload = part.get_payload(decode=True)
            content = decode(payload) if isinstance(payload, bytes) else ""
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError, UnreadableFile):
        return ""
    return content if isinstance(content, str) and content.strip() else ""
