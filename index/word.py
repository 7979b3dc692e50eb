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
_SAID = {
    f"{_W}t": "",
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
}
"""What a run says: its text, or the sign that stands for it."""


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
    from docx.text.paragraph import Paragraph

    for element in _elements(document.element.body):
        if element.tag == f"{_W}tbl":
            for row in Table(element, document).rows:
                # A merged cell is told once for each place that it takes.
                cells = {id(cell._tc): _cell(cell._tc) for cell in row.cells}
                if text := " | ".join(cell for cell in cells.values() if cell):
                    yield "row", text
            continue
        block = Paragraph(element, document)
        if text := _text(element).strip():
            style = str(block.style.name) if block.style is not None else ""
            if style.startswith("List") or (
                element.pPr is not None and element.pPr.numPr is not None
            ):
                yield "row", f"- {text}"
            else:
                yield style, text


def _elements(parent: Any) -> Iterator[Any]:
    """The paragraphs and tables below an element in their order, those in content controls included."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _elements(child)


def _cell(cell: Any) -> str:
    texts = (_text(p) for p in cell.iter(f"{_W}p"))
    return " ".join(" ".join(texts).split())


def _text(paragraph: Any) -> str:
    """The paragraph's text as it stands with its tracked changes accepted, without runs that Word hides."""
    return "".join(
        _SAID[node.tag] or node.text or ""
        for run in _runs(paragraph)
        if not _is_hidden(run)
        for node in run
        if node.tag in _SAID
    )


def _runs(parent: Any) -> Iterator[Any]:
    for child in parent:
        if child.tag == f"{_W}r":
            yield child
        elif child.tag not in (f"{_W}pPr", f"{_W}del", f"{_W}moveFrom"):
            yield from _runs(child)


def _is_hidden(run: Any) -> bool:
    marks = run.findall(f"{_W}rPr/{_W}vanish")
    return any(mark.get(f"{_W}val") not in ("0", "false", "off") for mark in marks)
