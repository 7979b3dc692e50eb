"""What a web page says of its article in JSON-LD and Open Graph: headline, date, authors, outlet.

Only a node that is an article counts; pages carry others, for the site, its menus and pictures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from index.dates import parse_date
from index.fields import split_authors
from index.markup import strip_tags

_ARTICLE = re.compile(r"(?:\w*NewsArticle|Article|BlogPosting|Report|LiveBlogPosting)$")
_MAX = 2 * 2**20


@dataclass(frozen=True, slots=True)
class PageData:
    """What was said; None and empty where nothing was."""

    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    authors: tuple[str, ...] = ()


def read_page_data(tree: Any) -> PageData:
    """Return what the page's own data say of the article."""
    node = next(_articles(tree), {})
    site = _words(next(iter(tree.xpath("//meta[@property='og:site_name']/@content")), None))
    publisher = node.get("publisher")
    if isinstance(publisher, list):
        publisher = publisher[0] if publisher else None
    author = node.get("author") or node.get("creator")
    return PageData(
        title=_headline(tree, _words(node.get("headline"))),
        publisher=site
        or (_words(publisher.get("name")) if isinstance(publisher, Mapping) else None),
        published=parse_date(node.get("datePublished")) or _meta_date(tree),
        authors=tuple(name for name in split_authors(author) if is_name(name, site)),
    )


def _meta_date(tree: Any) -> str | None:
    values = tree.xpath(
        "//meta[@property='article:published_time' or @itemprop='datePublished'"
        " or @name='date' or @name='pubdate' or @name='dc.date']/@content"
    )
    return next((date for date in map(parse_date, values) if date), None)


def _headline(tree: Any, said: str | None) -> str | None:
    """The headline where a page has two: the shown one, unless the window title takes the other.

    The second is often written for search engines ("Woman who lost 130lb: seven changes").
    """
    shown = {_words(heading.text_content()) for heading in tree.xpath("//h1")}
    shared = _words(next(iter(tree.xpath("//meta[@property='og:title']/@content")), None))
    window = _words(next(iter(tree.xpath("//head/title/text()")), None)) or ""
    if said and (shared not in shown or window.startswith(said)):
        return said
    return shared if shared and shared in shown else said


def is_name(name: str, site: str | None) -> bool:
    """Whether an author's name may be one: no address, not the outlet itself, not a handle."""
    if re.search(r"(?i)https?\b|www\b|@|\.com\b", name) or (
        site and name.casefold() in site.casefold()
    ):
        return False
    return name.casefold() not in ("condé nast", "admin", "editor", "staff")


def _articles(tree: Any) -> Iterator[Mapping[str, Any]]:
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        text = script.text or ""
        if len(text) > _MAX:
            continue
        try:
            loaded = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(loaded):
            kinds = node.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(kind, str) and _ARTICLE.match(kind) for kind in kinds):
                yield node


def _nodes(loaded: object) -> Iterator[Mapping[str, Any]]:
    """The top nodes of a JSON-LD block: itself, its list, or its graph."""
    for item in loaded if isinstance(loaded, list) else [loaded]:
        if isinstance(item, Mapping):
            yield item
            graph = item.get("@graph")
            yield from (
                (node for node in graph if isinstance(node, Mapping))
                if isinstance(graph, list)
                else ()
            )


def _words(value: object) -> str | None:
    return " ".join(strip_tags(value).split()) or None if isinstance(value, str) else None
