"""RSS and Atom files: one article an entry, from what the feed itself holds of it.

Nothing is fetched, so a feed of teasers gives teasers. lxml reads them: a feed library would add a dependency
for formats that have not changed in years. Entities that a file defines itself are never resolved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.errors import NothingToRead, UnreadableFile
from index.fields import to_record
from index.record import Failure, Record

_FIELDS = {
    "title": "title", "link": "url", "guid": "guid", "id": "id", "pubdate": "pubdate",
    "published": "published", "date": "date", "updated": "created", "issued": "published",
    "author": "author", "creator": "author", "encoded": "content", "content": "content",
    "description": "description", "summary": "summary",
}  # fmt: skip


def read_feed(data: bytes, name: str) -> Iterator[Record | Failure]:
    """Yield the entries of a feed."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(data, parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise UnreadableFile("damaged or not XML")
    if _name(root) not in ("rss", "feed", "rdf"):
        raise NothingToRead("XML that is no RSS or Atom feed")
    titles = (e for e in root.iter() if _name(e) == "title")
    outlet = next((_words(e) for e in titles if _name(e.getparent()) in ("channel", "feed")), None)
    entries = [e for e in root.iter() if _name(e) in ("item", "entry")]
    if not entries:
        raise NothingToRead("a feed without entries")
    for number, entry in enumerate(entries, 1):
        where = f"entry {number}"
        record = to_record({"source": outlet, **_fields(entry)}, where)
        yield record if record.text.strip() else Failure(name, where, "no text")


def _fields(entry: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for element in entry:
        kind = _name(element)
        field = _FIELDS.get(kind)
        if field is None:
            if kind == "source" and (title := _child(element, "title") or element.text):
                found["source"] = title
            continue
        value = _words(element)
        if kind == "link" and element.get("href"):
            value = element.get("href") if element.get("rel", "alternate") == "alternate" else None
        elif kind == "author":
            value = _child(element, "name") or value
        if value:
            if field == "author":
                found.setdefault("authors", []).append(value)
            else:
                found.setdefault(field, value)
    return found


def _child(element: Any, name: str) -> str | None:
    return next((_words(child) for child in element if _name(child) == name), None)


def _words(element: Any) -> str | None:
    """An element's text; markup that is not escaped (XHTML in Atom) is kept as markup."""
    from lxml import etree

    if len(element):
        inner = "".join(
            etree.tostring(child, encoding="unicode", with_tail=True) for child in element
        )
        return ((element.text or "") + inner).strip() or None
    return (element.text or "").strip() or None


def _name(element: Any) -> str:
    """An element's name without its namespace, in lower case; comments and the like have none."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
