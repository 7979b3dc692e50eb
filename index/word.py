"""Word documents: paragraphs and tables in their order, title and author.

Headers, footers, comments and hidden text are left out.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from index.errors import NothingToRead, UnreadableFile
from index.record import Record

_MAX_UNPACKED = 256 * 2**20
_MAX_RATIO = 100
_MAX_PARTS = 10_000
_DAMAGED = "damaged or not a Word document"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read_docx(data: bytes, name: str) -> Iterator[Record]:
    """Yield the one article of a Word document."""
    _check(data)
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
        blocks = list(_blocks(document))
        properties = document.core_properties
        title, author = properties.title, properties.author
    except Exception as error:  # python-docx lets lxml's, zipfile's and its own errors through
        raise UnreadableFile(_DAMAGED) from error
    heading = next(
        (text for style, text in blocks[:3] if style.startswith(("Heading 1", "Title"))), None
    )
    text = "".join(("\n" if style == "row" else "\n\n") + text for style, text in blocks).strip()
    if not text:
        raise NothingToRead("the document holds no text")
    author = (
        author
        if author and author.lower() not in ("python-docx", "user", "admin", "author")
        else None
    )
    # A title in the properties is often the template's: it counts only where the text has it too.
    title = title if title and title.strip() and title.strip() in text else None
    yield Record(text=text, title=heading or title, authors=(author,) if author else ())


def _check(data: bytes) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile("encrypted or an old Word format (.doc)")
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        raise UnreadableFile(_DAMAGED) from None
    size = sum(part.file_size for part in parts)
    if (
        size > _MAX_UNPACKED
        or len(parts) > _MAX_PARTS
        or size > max(len(data), 1 << 16) * _MAX_RATIO
    ):
        raise UnreadableFile("unpacks to too much data")


def _blocks(document: Any) -> Iterator[tuple[str, str]]:
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                cells = dict.fromkeys(cell.text.strip().replace("\n", " ") for cell in row.cells)
                if text := " | ".join(cell for cell in cells if cell):
                    yield "row", text
        elif text := _text(block).strip():
            style = str(block.style.name) if block.style is not None else ""
            if style.startswith("List") or (
                block._p.pPr is not None and block._p.pPr.numPr is not None
            ):
                yield "row", f"- {text}"
            else:
                yield style, text


def _text(paragraph: Any) -> str:
    """The paragraph's text without runs that Word hides."""
    if not paragraph._p.findall(f".//{_W}vanish"):
        return str(paragraph.text)
    return "".join(run.text for run in paragraph.runs if not run.font.hidden)
