"""Web pages: the article's body and what the page says of itself, through trafilatura.

Nothing is fetched. Comments, links and pictures are left out, and so is text that a browser hides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from index.dates import parse_date
from index.decode import decode_page
from index.errors import NothingToRead, UnreadableFile
from index.linked import is_name, read_page_data
from index.markup import strip_tags
from index.record import Record

_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.I
)
_HIDDEN = "//template|//noscript|//script|//style|//*[@hidden]|//*[@style]"
_PROTECTED = {"html", "body", "main", "article"}
# Control characters, raw or as entities: no tree can hold them, and no reader needs them.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]"
    r"|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));?(?![0-9a-f])",
    re.I,
)
_LISTED = re.compile(r"comment|reply|teaser|card|promo|related|item|result", re.I)
_MAX_DEPTH = 250  # lxml and trafilatura recurse


def read_html(data: bytes, name: str) -> Iterator[Record]:
    """Yield the one article of a web page."""
    page = _CONTROL.sub("", decode_page(data))
    tree = _parse(page)
    if tree is None:
        raise UnreadableFile("no web page in it")
    found = _metadata(page, tree)
    _drop_hidden(tree)
    _merge_fragments(tree)
    text = _extract(tree) or _plain(tree)
    if not text and _depth(tree) >= _MAX_DEPTH:
        text = strip_tags(page)  # lxml drops what is nested more deeply than it follows
    if not text.strip():
        raise NothingToRead("the page holds no text")
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


def _merge_fragments(tree: Any) -> None:
    """Bring a body that was cut into several boxes of one class into the first of them."""
    boxes: dict[str, list[tuple[Any, int]]] = {}
    for box in tree.xpath("//div[@class][count(p) > 1]"):
        length = sum(len(p.text_content()) for p in box.iterchildren("p"))
        if length > 400 and not _LISTED.search(box.get("class")):
            boxes.setdefault(box.get("class"), []).append((box, length))
    for same in boxes.values():
        first, length = same[0]
        if len(same) < 2 or len(same) > 20 or length < 800:
            continue
        for box, _ in same[1:]:
            if any(box is inner or box in inner.iterancestors() for inner in first.iterancestors()):
                continue
            first.extend(list(box))


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


def _metadata(page: str, tree: Any) -> dict[str, Any]:
    from trafilatura import extract_metadata

    try:
        # Not `extensive`: it takes a day in the text, or the year of a copyright notice, for the article's.
        found = extract_metadata(page, extensive=False)
    except (RecursionError, ValueError, AttributeError, TypeError):
        found = None
    said = read_page_data(tree)
    names = (name.strip() for name in ((found and found.author) or "").split(";"))
    return {
        "title": said.title or (found and found.title) or None,
        "publisher": said.publisher or (found and found.sitename) or None,
        "published": said.published or parse_date(found and found.date),
        "url": (found and found.url) or None,
        "authors": said.authors
        or tuple(name for name in names if name and is_name(name, said.publisher)),
    }
