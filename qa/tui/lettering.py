"""Turns answers, sources and quotes into styled text, from plain strings only.

Left out on purpose: every markup parser, Textual's Markdown among them. Untrusted text can kill it
or make it act; here `**bold**`, bullets, headings and `[n]` are all that is understood.
"""

from __future__ import annotations

import re
from collections.abc import Container

from textual.content import Content, Span
from textual.style import Style

from index.safe import safe
from index.types import Source

# More than this is not laid out: a model that runs wild must not freeze the screen.
SHOWN = 12_000

_INLINE = re.compile(r"\*\*([^*\n]{1,400})\*\*|\[(\d{1,2})\]")
_HEADING = re.compile(r"#{1,6} +")
_BULLET = re.compile(r"( {0,8})[-*] +")

MARKER = "bold $accent"


def line(text: str, limit: int = 300) -> str:
    """Return untrusted text as one harmless line of bounded length."""
    text = safe(text[: limit * 4], newlines=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def letter_answer(text: str, numbers: Container[int] | None = None) -> Content:
    """Style what a model wrote; only markers in `numbers` (all when None) are lit."""
    hidden = len(text) - SHOWN
    body, spans = "", list[Span]()
    pieces: list[str] = []
    at = 0

    def put(piece: str, *styles: str | Style) -> None:
        nonlocal at
        if piece:
            pieces.append(piece)
            spans.extend(Span(at, at + len(piece), style) for style in styles)
            at += len(piece)

    for number, row in enumerate(safe(text[:SHOWN]).split("\n")):
        if number:
            put("\n")
        if heading := _HEADING.match(row):
            put(row[heading.end() :].replace("**", ""), "bold")
            continue
        if bullet := _BULLET.match(row):
            put(bullet.group(1) + "• ")
            row = row[bullet.end() :]
        last = 0
        for found in _INLINE.finditer(row):
            put(row[last : found.start()])
            last = found.end()
            bold, digits = found.groups()
            if bold is not None:
                put(bold, "bold")
            elif numbers is None or int(digits) in numbers:
                # While the text still comes (numbers is None) there is nothing to open yet.
                click = Style.from_meta({"@click": f"cite({int(digits)})"})
                put(f"[{digits}]", MARKER, *(() if numbers is None else (click,)))
            else:
                put(found.group())
        put(row[last:])
    if hidden > 0:
        put(f"\n… {hidden:,} more characters are not shown; y copies them all", "dim italic")
    body = "".join(pieces)
    return Content(body, spans)


def byline(source: Source) -> str:
    """Return outlet and date, as far as they are known."""
    known = [line(part, 60) for part in (source.publisher, source.published) if part]
    return " · ".join(known) or "outlet and date unknown"


def title(source: Source) -> str:
    """Return what the article is called, its file or id when it has no title."""
    return line(source.title, 200) or line(source.path or source.article_id, 200)


def letter_quote(before: str, quote: str, after: str) -> Content:
    """Set a quote inside its passage so that it stands out without colour."""
    return Content.assemble(
        (safe(before, newlines=False) + " " if before.strip() else "", "dim"),
        ("▸ " + safe(quote, newlines=False), "bold underline"),
        (" " + safe(after, newlines=False) if after.strip() else "", "dim"),
    )
