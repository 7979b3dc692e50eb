"""The usual field names of article records, and one record from them.

Fields with other names are left out; a record says nothing that it was not asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from index.dates import parse_date
from index.markup import strip_tags
from index.record import Record

_TITLES = ("title", "headline", "name", "subject")
_TEXTS = (
    "text", "body", "content", "article", "article_body", "articlebody", "full_text", "fulltext",
    "maintext", "content_text", "content_html", "body_text", "body_html", "story", "passage",
    "abstract", "description", "summary",
)  # fmt: skip
_DATES = (
    "date", "published", "published_at", "pub_date", "publish_date", "date_published",
    "datepublished", "publication_date", "published_date", "published_on", "pubdate", "publishedat",
    "publishdate", "date_publish", "created_at", "created", "timestamp", "datetime", "time",
)  # fmt: skip
_URLS = (
    "url",
    "link",
    "canonical_url",
    "source_url",
    "web_url",
    "weburl",
    "permalink",
    "href",
    "uri",
)
_PUBLISHERS = (
    "source",
    "publisher",
    "outlet",
    "site_name",
    "sitename",
    "source_name",
    "site",
    "newspaper",
    "publication",
    "source_domain",
)
_AUTHORS = ("author", "authors", "byline", "by", "creator", "writer")
_IDS = ("id", "_id", "doc_id", "docid", "document_id", "article_id", "guid", "uid", "uuid")
_AND = re.compile(r"\s*[;|\n]\s*|\s*,\s*(?:and\s+)?|\s+(?:and|&)\s+")


def to_record(fields: Mapping[str, Any], where: str | None) -> Record:
    """Return the record that `fields` describe, by their usual names in any case."""
    lower = {_key(key): value for key, value in fields.items()}
    texts = (_text(lower.get(name)) for name in _TEXTS)
    dates = (parse_date(_scalar(lower.get(name))) for name in _DATES)
    return Record(
        text=next((text for text in texts if text.strip()), ""),
        title=_first(lower, _TITLES),
        publisher=_first(lower, _PUBLISHERS),
        published=next((date for date in dates if date), None),
        url=_first(lower, _URLS),
        authors=next((names for name in _AUTHORS if (names := split_authors(lower.get(name)))), ()),
        source_id=_first(lower, _IDS),
        where=where,
    )


def has_text(fields: Mapping[str, Any]) -> bool:
    """Whether `fields` look like an article: some field of theirs is named as a text is."""
    return any(_key(key) in _TEXTS for key in fields)


def _key(name: object) -> str:
    return re.sub(r"[\s-]+", "_", str(name).lstrip("\ufeff").strip().lower())


def split_authors(value: object) -> tuple[str, ...]:
    """Return the names in a by-line, a list of names, or a list of objects that hold them."""
    if isinstance(value, Mapping):
        value = value.get("name")
    if isinstance(value, list | tuple):
        names = [name for item in value for name in split_authors(item)]
        return tuple(dict.fromkeys(names))
    if not isinstance(value, str):
        return ()
    line = re.sub(r"^\s*by[\s:]+", "", strip_tags(value), flags=re.I)
    names = [name.strip(" .") for name in _AND.split(line.strip("[]"))]
    return tuple(dict.fromkeys(name.strip("'\"") for name in names if 1 < len(name) <= 80))


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = _scalar(fields.get(name))
        if (
            value is not None
            and not isinstance(value, bool)
            and (text := strip_tags(str(value)).strip())
        ):
            return text
    return None


def _scalar(value: object) -> object:
    """The one value in what may be an object (`{"name": …}`, `{"$oid": …}`) or a list of one."""
    if isinstance(value, list):
        return _scalar(value[0]) if len(value) == 1 else None
    if isinstance(value, Mapping):
        return next(
            (
                value[key]
                for key in ("name", "title", "rendered", "$oid", "$date", "#text")
                if key in value
            ),
            None,
        )
    return value


def _text(value: object) -> str:
    if isinstance(value, list):
        return "\n\n".join(_text(item) for item in value)
    if isinstance(value, Mapping):
        return _text(value.get("rendered") or value.get("text") or value.get("value"))
    return strip_tags(value) if isinstance(value, str) else ""
