"""Web pages: the article's body and what the page says of itself, through trafilatura.

Nothing is fetched. Comments, links and pictures are left out, and so is text that a browser hides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from index.dates import parse_date
from index.decode import decode_page
from index.errors import UnreadableFile
from index.record import Record

_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.I
)
_HIDDEN = "//template|//noscript|//script|//style|//*[@hidden]|//*[@style]"
_PROTECTED = {"html", "body", "main", "article"}
_MAX_DEPTH = 250  # lxml and trafilatura recurse


def read_html(data: bytes, name: str) -> Iterator[Record]:
    """Yield the one article of a web page."""
    page = decode_page(data)
    tree = _parse(page)
    if tree is None:
        raise UnreadableFile("no web page in it")
    found = _metadata(page)
    _drop_hidden(tree)
    text = _extract(tree) or _plain(tree)
    if not text.strip():
        raise UnreadableFile("the page holds no text")
    yield Record(text=text, **found)


def _parse(page: str) -> Any:
    from lxml import etree, html

    parser = html.HTMLParser(
        huge_tree=False, no_network=True, remove_comments=True, encoding="utf-8"
    )
    try:
        return html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _drop_hidden(tree: Any) -> None:
    for element in tree.xpath(_HIDDEN):
        if element.tag in ("template", "noscript", "style"):
            element.drop_tree()
        elif element.tag == "script":
            if "ld+json" not in (element.get("type") or ""):
                element.drop_tree()
        elif element.tag not in _PROTECTED and (
            element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style") or "")
        ):
            element.drop_tree()


def _extract(tree: Any) -> str:
    from trafilatura import bare_extraction

    try:
        document = bare_extraction(tree, include_comments=False, include_tables=True)
    except (
        RecursionError,
        ValueError,
        AttributeError,
        TypeError,
    ):  # its own faults on broken markup
        return ""
    text = getattr(document, "text", None) or ""
    lines = [line.strip() for line in text.split("\n")]
    blocks: list[str] = []
    for line in lines:
        item = line.startswith(("- ", "|"))
        blocks.append(
            ("\n" if item and blocks and blocks[-1].strip().startswith(line[:1]) else "\n\n") + line
        )
    return "".join(blocks).strip()


def _plain(tree: Any) -> str:
    """All the text of the page: the last resort for pages that trafilatura finds nothing in."""
    from lxml import etree

    if _depth(tree) > _MAX_DEPTH:
        return " ".join(tree.itertext()).strip()
    for element in tree.xpath("//script|//nav|//footer|//form|//head"):
        element.drop_tree()
    for element in tree.xpath(
        "//p|//div|//li|//h1|//h2|//h3|//tr|//br|//section|//article|//blockquote"
    ):
        element.tail = "\n\n" + (element.tail or "")
        element.text = "\n\n" + (element.text or "")
    try:
        text = str(tree.text_content())
    except (etree.LxmlError, ValueError):
        return ""
    return re.sub(r"\s*\n\s*\n\s*", "\n\n", text).strip()


def _depth(tree: Any) -> int:
    deepest, level = 0, 0
    from lxml import etree

    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        level += 1 if event == "start" else -1
        deepest = max(deepest, level)
    return deepest


def _metadata(page: str) -> dict[str, Any]:
    from trafilatura import extract_metadata

    try:
        found = extract_metadata(page)
    except (RecursionError, ValueError, AttributeError, TypeError):
        return {}
    authors = tuple(part.strip() for part in (found.author or "").split(";") if part.strip())
    return {
        "title": found.title or None,
        "publisher": found.sitename or None,
        "published": parse_date(found.date),
        "url": found.url or None,
        "authors": authors,
    }
