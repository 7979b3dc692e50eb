"""Turns answers, sources and quotes into styled text, from plain strings only.

Left out on purpose: every markup parser, Textual's Markdown among them. Untrusted text can kill it
or make it act; here `**bold**`, `*italic*`, `code`, fences, bullets, headings, quotes and `[n]` are all
that is understood.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from textual.content import Content, Span
from textual.style import Style

from index.safe import safe
from index.types import Source

# More than this is not laid out: a model that runs wild must not freeze the screen.
SHOWN = 12_000

_MARKS = "\\[(\\d{1,2})\\]|([\ue000\ue001])|\ue002(?:([^\ue000-\ue003\n]{1,200})\ue003)?"
_MARK = re.compile(_MARKS)
_INLINE = re.compile(
    r"\*\*([^*\n]{1,400})\*\*|`([^`\n]{1,200})`|(?<![\w*])\*([^*\s][^*\n]{0,200})\*(?![\w*])|"
    + _MARKS
)
_HEADING = re.compile(r"#{1,6} +")
_BULLET = re.compile(r"( {0,8})[-*] +")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_SIGNS = {"\ue000": " ❞", "\ue001": " ✓"}

MARKER = "bold $accent"


def line(text: str, limit: int = 300) -> str:
    """Return untrusted text as one harmless line of bounded length."""
    text = safe(text[: limit * 4], newlines=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def letter_answer(text: str, numbers: Container[int] | None = None) -> Content:
    """Style what a model wrote; only markers in `numbers` (all when None) are lit."""
    return letter_safe(safe(text[:SHOWN]), numbers, len(text) - SHOWN)


def letter_safe(text: str, numbers: Container[int] | None = None, hidden: int = 0) -> Content:
    """Style text that passed `safe()` and may carry the marks of `verdicts.py`."""
    if len(text) > SHOWN:
        hidden, text = hidden + len(text) - SHOWN, text[:SHOWN]
    writer = _Writer(numbers)
    fence = ""
    for number, row in enumerate(text.split("\n")):
        if number:
            writer.put("\n")
        fenced = _FENCE.match(row)
        if fenced and (not fence or fenced.group(1).startswith(fence)):
            fence = "" if fence else fenced.group(1)
            writer.put("┄" * 8 + (f" {row.strip('`~ ')}" if fence else ""), "dim")
        elif fence:
            writer.put_marked(row, "$secondary", code=True)
        else:
            writer.put_row(row)
    if hidden > 0:
        writer.put(f"\n… {hidden:,} more characters are not shown; y copies them all", "dim italic")
    return Content("".join(writer.pieces), writer.spans)


class _Writer:
    """Gathers pieces and the styles that lie on them."""

    def __init__(self, numbers: Container[int] | None) -> None:
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self._numbers = numbers
        self._at = 0

    def put(self, piece: str, *styles: str | Style) -> None:
        if piece:
            self.pieces.append(piece)
            self.spans.extend(Span(self._at, self._at + len(piece), style) for style in styles)
            self._at += len(piece)

    def put_row(self, row: str) -> None:
        styles: tuple[str, ...] = ()
        if heading := _HEADING.match(row):
            row, styles = row[heading.end() :].replace("**", ""), ("bold",)
        elif bullet := _BULLET.match(row):
            self.put(bullet.group(1) + "• ")
            row = row[bullet.end() :]
        elif row.startswith("> "):
            self.put("│ ", "dim")
            row, styles = row[2:], ("italic",)
        last = 0
        for found in _INLINE.finditer(row):
            self.put(row[last : found.start()], *styles)
            last = found.end()
            self._put_inline(found, styles)
        self.put(row[last:], *styles)

    def _put_inline(self, found: re.Match[str], styles: tuple[str, ...]) -> None:
        bold, code, slanted, *mark = found.groups()
        if bold is not None:
            self.put_marked(bold, *styles, "bold")
        elif code is not None:
            self.put_marked(code, *styles, "$secondary", code=True)
        elif slanted is not None:
            self.put_marked(slanted, *styles, "italic")
        else:
            self._put_mark(found[0], mark, styles)

    def put_marked(self, piece: str, *styles: str, code: bool = False) -> None:
        """A piece of one style, with the marks of `verdicts.py` and, but for `code`, the markers that stand in it."""
        last = 0
        for found in _MARK.finditer(piece):
            self.put(piece[last : found.start()], *styles)
            last = found.end()
            if found[1] and code:
                self.put(found[0], *styles)
            else:
                self._put_mark(found[0], found.groups(), styles)
        self.put(piece[last:], *styles)

    def _put_mark(self, shown: str, mark: Sequence[str | None], styles: tuple[str, ...]) -> None:
        """A marker, a sign, or what was not found: the groups of `_MARKS`."""
        digits, sign, missing = mark
        if sign is not None:
            self.put(_SIGNS[sign], "dim")
        elif digits is None:
            names = f": {missing}" if missing else ""
            self.put(f" ✗ not found{names}", "bold $warning")
        elif self._numbers is None or int(digits) in self._numbers:
            # While the text still comes (numbers is None) there is nothing to open yet.
            click = Style.from_meta({"@click": f"cite({int(digits)})"})
            self.put(f"[{digits}]", MARKER, *(() if self._numbers is None else (click,)))
        else:
            self.put(shown, *styles)


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
