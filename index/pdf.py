"""PDF files through pdfium: lines joined to paragraphs by where they stand on the page.

Running heads and feet, page numbers and the hyphens of broken words are left out, and so is text
in pictures.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any

from index.columns import GUTTER, Line, in_reading_order
from index.errors import NothingToRead, UnreadableFile
from index.limits import MAX_PAGES
from index.record import Record
from index.wraps import join_broken_word, vocabulary

_PAGE_NUMBER = re.compile(
    r"(?:page|p\.)?\s*[-–—]?\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\s*[-–—]?", re.I
)
_EDGE = 0.09  # the share of a page's height, above and below, where heads and feet stand
_ENDS = (".", "!", "?", "”", '"', "’", ":", ")")
_MARK = "\ufffe\x02\u00ad"  # what pdfium puts for the hyphen of a broken word


def read_pdf(data: bytes, name: str) -> Iterator[Record]:
    """Yield the one article of a PDF file."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        encrypted = "password" in str(error).lower() or b"/Encrypt" in data
        raise UnreadableFile("encrypted PDF" if encrypted else "damaged or not a PDF") from None
    try:
        pages = len(document)
        if pages > MAX_PAGES:
            raise UnreadableFile(f"more than {MAX_PAGES:,} pages")
        lines = [line for number in range(pages) for line in _page_lines(document, number)]
        about = document.get_metadata_dict()
    finally:
        document.close()
    if not any(re.search(r"\w", line.text) for line in lines):
        raise NothingToRead("PDF holds no text (scanned images?)")
    kept = _without_edges(lines, pages)
    body = median(line.size for line in kept)
    blocks = _paragraphs(kept, body)
    title = _sensible(about.get("Title", "")) or _headline(kept, body)
    author = about.get("Author", "").strip()
    authors = (author,) if 3 < len(author) < 60 and " " in author and "@" not in author else ()
    yield Record(text="\n\n".join(blocks), title=title, authors=authors)


def _page_lines(document: Any, number: int) -> Iterator[Line]:
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        page = document[number]
        width, height = page.get_size()
        textpage = page.get_textpage()
        text = textpage.get_text_range()
    except pypdfium2.PdfiumError:
        return  # one broken page of many; a file of broken pages only holds no text
    aligned = textpage.count_chars() == len(text)
    lines: list[Line] = []
    position = 0
    for raw in text.split("\r\n"):
        cuts = _gaps(textpage, raw, position, width) if aligned else []
        for start, end in pairwise([0, *cuts, len(raw)]):
            piece = raw[start:end]
            first = position + start + len(piece) - len(piece.lstrip())
            piece = piece.strip()
            if not piece:
                continue
            box, last, size = (0.0, 0.0, 0.0, height / 2), (0.0, 0.0, 0.0, 0.0), 0.0
            if aligned:
                try:
                    box = textpage.get_charbox(first, loose=True)
                    last = textpage.get_charbox(first + len(piece) - 1, loose=True)
                    size = float(pdfium.FPDFText_GetFontSize(textpage.raw, first))
                    size = max(size, 1.0) if size > 1.5 else abs(box[3] - box[1])
                except pypdfium2.PdfiumError:
                    pass
            top = 1 - box[3] / height if height else 0.5
            lines.append(Line(number, piece, box[0], last[2], top, height, size))
        position += len(raw) + 2
    yield from in_reading_order(lines, width)


def _gaps(textpage: Any, raw: str, position: int, width: float) -> list[int]:
    """Where a line crosses from one column to the next: at spaces far wider than a letter, and at a broken
    word that pdfium goes on with in the other column.
    """
    import pypdfium2

    found = []
    start = len(raw) - len(raw.lstrip())
    try:
        for match in re.finditer(rf"(?<=\S)(?:\s+|[{_MARK}])(?=\S)", raw):
            before = textpage.get_charbox(position + match.start() - 1)
            after = textpage.get_charbox(position + match.end())
            if match[0] in _MARK:
                crosses = abs(after[0] - textpage.get_charbox(position + start)[0]) > 0.1 * width
            else:
                crosses = after[0] - before[2] > max(GUTTER * width, 1.0)
            if crosses:
                found.append(match.end())
                start = match.end()
    except pypdfium2.PdfiumError:
        return []
    return found


def _without_edges(lines: list[Line], pages: int) -> list[Line]:
    """Leave out page numbers, and heads and feet: repeated, or small and far from the text."""
    shapes = Counter(
        (_shape(line.text), round(line.top, 1))
        for line in {(x.page, x.text): x for x in lines}.values()
    )
    body = median(line.size for line in lines)
    kept = []
    for index, line in enumerate(lines):
        edge = line.top < _EDGE or line.top > 1 - _EDGE
        if edge and len(line.text) < 120:
            if _PAGE_NUMBER.fullmatch(line.text):
                continue
            seen = shapes[_shape(line.text), round(line.top, 1)]
            if (pages > 2 and seen >= max(2, pages * 0.3)) or (pages == 2 and seen == 2):
                continue
            near = [
                x
                for x in lines[max(0, index - 1) : index + 2]
                if x is not line and x.page == line.page
            ]
            alone = all(abs(x.top - line.top) * line.height > 2.5 * line.size for x in near)
            if line.size < body * 0.95 and near and alone and not line.text.endswith("."):
                continue
        kept.append(line)
    return kept or lines


def _shape(text: str) -> str:
    return re.sub(r"\d+", "0", text.casefold())


def _paragraphs(lines: list[Line], body: float) -> list[str]:
    words = vocabulary(_whole_words(lines))
    edges: dict[tuple[int, int], float] = {}  # the right edge of each column
    for line in lines:
        column = line.page, round(line.left / 20)
        edges[column] = max(edges.get(column, 0.0), line.right)
    steps = [
        (b.top - a.top) * a.height
        for a, b in pairwise(lines)
        if a.page == b.page and 0 < (b.top - a.top) * a.height < 3 * max(body, 1)
    ]
    step = median(steps) if steps else 0.0
    blocks: list[str] = []
    for index, line in enumerate(lines):
        above = lines[index - 1]
        edge = edges.get((above.page, round(above.left / 20)), 0.0)
        if index and not _parted(
            above, line, step * (max(line.size / body, 1.0) if body else 1.0), edge
        ):
            blocks[-1] = _append(blocks[-1], line.text, words)
        else:
            blocks.append(line.text)
    return [re.sub(f"[{_MARK}]", "", block) for block in blocks]


def _whole_words(lines: list[Line]) -> Iterator[str]:
    """The lines without the halves of broken words: a half is no word that says how to join another."""
    broken = False
    for line in lines:
        text = re.sub(rf"\S*[{_MARK}]\S*", " ", line.text)
        yield text.partition(" ")[2] if broken else text
        broken = line.text[-1] in f"-{_MARK}"


def _parted(above: Line, line: Line, step: float, edge: float) -> bool:
    """Whether a paragraph begins with `line`; `edge` is where the lines of the column above end."""
    if re.match(r"[•▪■●◦*–-]\s|\(?\d{1,2}[.)]\s", line.text):
        return True
    gap = (line.top - above.top) * line.height
    if above.page != line.page or gap < 0:  # a new page or column
        return above.text.endswith(_ENDS[:6]) or (
            above.size > 0 and abs(above.size - line.size) > 0.8
        )
    if abs(above.size - line.size) > 0.8:
        return True
    if step and gap > 1.25 * step and gap > step + 2:
        return True
    room = edge - above.right - 0.6 * line.size * (len(line.text.split(" ", 1)[0]) + 2)
    if line.size and room > 0 and (above.text.endswith(_ENDS) or room > 0.25 * (edge - above.left)):
        return True  # the first word would have fitted above
    indented = (
        line.left - above.left > 0.8 * line.size > 0 and line.left - above.left < 6 * line.size
    )
    return indented and above.text.endswith(_ENDS)


def _append(block: str, text: str, words: frozenset[str]) -> str:
    if block[-1:] in _MARK:
        return block[:-1] + text
    return join_broken_word(block, text, words, keep_hyphen=False) or f"{block} {text}"


def _sensible(title: str) -> str | None:
    title = " ".join(title.split())
    junk = re.match(
        r"(?i)untitled|microsoft word|document\d*$|slide ?\d|powerpoint|title$|doi:|\S+\.\w{2,5}$",
        title,
    )
    return title if " " in title and 8 <= len(title) <= 300 and not junk else None


def _headline(lines: list[Line], body: float) -> str | None:
    """The first lines in a clearly larger type."""
    large = [line for line in lines[:12] if line.size > body * 1.2 > 0]
    if not large:
        return None
    size = max(line.size for line in large)
    title = " ".join(line.text for line in large if line.size > size - 0.8)
    return title if 8 <= len(title) <= 300 else None
