"""Markdown and plain text files, with front matter.

Markup is brought to plain text: the words of links stay, pictures and comments go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from index.decode import decode
from index.fields import to_record
from index.markup import strip_tags
from index.record import Record

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?\r?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S)
_MAX_FRONT = 20_000
_COMMENT = re.compile(r"<!--.*?-->", re.S)


def read_text(data: bytes, name: str) -> Iterator[Record]:
    """Yield a plain text file as it is."""
    yield Record(text=decode(data))


def read_markdown(data: bytes, name: str) -> Iterator[Record]:
    """Yield the one article of a Markdown file; its front matter is read as metadata."""
    text = decode(data)
    fields: dict[str, Any] = {}
    if (match := _FRONT.match(text)) and len(match[1]) <= _MAX_FRONT:
        front = _front_matter(match[1])
        if front is not None:
            fields, text = front, text[match.end() :]
    body, heading = _plain(text)
    record = to_record({**fields, "text": ""}, None)
    title = record.title or heading
    yield Record(
        text=body,
        title=title,
        publisher=record.publisher,
        published=record.published,
        url=record.url,
        authors=record.authors,
        source_id=record.source_id,
    )


def _front_matter(text: str) -> dict[str, Any] | None:
    """The front matter's fields, or None where it is not a mapping (then it is text)."""
    import yaml

    if re.search(
        r"(?m)^[^'\"\n]*[:\[,-]\s*[&*]\w", text
    ):  # anchors: a small text can grow without end
        return _lines(text)
    try:
        loaded = yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return _lines(text)
    return (
        {str(key): value for key, value in loaded.items()} if isinstance(loaded, Mapping) else None
    )


def _lines(text: str) -> dict[str, Any]:
    pairs = (line.partition(":") for line in text.splitlines() if re.match(r"\w[\w -]*:\s", line))
    return {key.strip(): value.strip().strip("'\"") for key, _, value in pairs}


def _plain(text: str) -> tuple[str, str | None]:
    """The text without markup, and the first heading where the text begins with it."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(_COMMENT.sub("", text))
    out: list[str] = []
    heading: str | None = None
    lists: list[int | None] = []  # the next number of each open list; None in a list of bullets
    row: list[str] | None = None
    for index, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrGet("start") or 1) if token.type[0] == "o" else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            number = lists[-1]
            out.append(f"\0{'- ' if number is None else f'{number}. '}")
            if number is not None:
                lists[-1] = number + 1
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            out.append("\0" + " | ".join(row))
            row = None
        elif token.type == "inline":
            words = _inline(token)
            if row is not None:
                row.append(words)
            elif out and re.fullmatch(r"\0(?:- |\d+\. )", out[-1]):
                out[-1] += words
            else:
                if not out and not heading and tokens[index - 1].type == "heading_open":
                    heading = words
                out.append(words)
        elif token.type in ("fence", "code_block"):
            out.append(token.content.rstrip("\n"))
        elif token.type == "html_block":
            out.append(strip_tags(token.content))
    return _joined(out), heading


def _joined(parts: list[str]) -> str:
    """Blocks with a blank line between; list items and table rows (marked by NUL) on lines."""
    pieces: list[str] = []
    before = (
        ""  # only the last block is looked at: a text of many MB would be searched again for each
    )
    for part in parts:
        words = part.lstrip("\0").strip()
        if not words:
            continue
        pieces += ["\n" if part.startswith("\0") and tight(before) else "\n\n", words]
        before = words
    return "".join(pieces).strip()


def tight(text: str) -> bool:
    """Whether the last line of `text` is a list item or table row."""
    last = text.rpartition("\n")[2]
    return bool(re.match(r"- |\d+\. ", last)) or " | " in last


def _inline(token: Token) -> str:
    words = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            words.append(child.content)
        elif child.type in ("softbreak",):
            words.append(" ")
        elif child.type == "hardbreak":
            words.append("\n")
    return re.sub(r"[ \t]+", " ", "".join(words)).strip()
