"""From a record to an article: the clean text that is searched and quoted, and complete metadata.

The original is kept beside it. No sentence of the body is dropped, and nothing is guessed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from index.boilerplate import BARE_URL, ORIGINAL, copyright_of, is_dropped
from index.dates import find_date, find_name_date, parse_date
from index.masthead import Masthead, plain, read_dateline, read_masthead
from index.outlets import known_outlet, named_outlet, slug, tidy_outlet
from index.record import Record
from index.safe import safe
from index.types import Article, Source
from index.wraps import Wrapping, find_wrapping, join_block, vocabulary

_MOJIBAKE = re.compile("[ÂÃ][\u0080-\u00bf\u20ac\u2122\u0152-\u0178]|â[€\u0080]|ï¿½")
_MOJIBAKE_LEADS = frozenset("ÂÃâï")  # a quick first look
_ENTITY = re.compile(r"&(?:amp|quot|#\d{2,5});")
_LIGATURES = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_TITLE_LENGTH = 300


def to_article(record: Record, path: str) -> Article:
    """Return the article that a record holds; `path` names its file for citations and its date."""
    cleaned = _Cleaning(record, path)
    source = Source(
        article_id=article_id(
            cleaned.publisher,
            cleaned.published,
            cleaned.url,
            record.source_id,
            cleaned.title,
            cleaned.text,
        ),
        title=cleaned.title,
        publisher=cleaned.publisher,
        published=cleaned.published,
        url=cleaned.url,
        authors=cleaned.authors,
        source_id=_line(record.source_id),
        paths=(path,),
    )
    original = record.text.encode("utf-8", "replace").decode(
        "utf-8"
    )  # lone surrogates cannot be stored
    return Article(source=source, text=cleaned.text, original=original)


def article_id(
    publisher: str | None,
    published: str | None,
    url: str | None,
    source_id: str | None,
    title: str,
    text: str,
) -> str:
    """Return a readable id that stays when the file is moved: outlet, date, and a short hash."""
    if url:
        key = url.split("#")[0].rstrip("/")
    elif source_id:
        key = "\n".join((source_id, publisher or "", title))
    else:
        key = "\n".join((title, text))
    short = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:8]
    return "-".join(part for part in (slug(publisher, url), published, short) if part)


def repair(text: str) -> str:
    """Return `text` with mojibake, ligatures and dangerous characters mended; curly quotes stay."""
    plain_ascii = text.isascii()
    if (not plain_ascii and not _MOJIBAKE_LEADS.isdisjoint(text) and _MOJIBAKE.search(text)) or (
        "&" in text and _ENTITY.search(text)
    ):
        import ftfy

        text = ftfy.fix_text(text, uncurl_quotes=False, fix_character_width=False)
    text = safe(text.replace("\x0c", "\n\n"))
    if plain_ascii:
        return text
    for ligature, letters in _LIGATURES.items():
        text = text.replace(ligature, letters)
    return unicodedata.normalize("NFC", text)


class _Cleaning:
    """One pass over a record's text; the attributes are the result."""

    def __init__(self, record: Record, path: str) -> None:
        lines = [" ".join(line.split()) for line in repair(record.text).split("\n")]
        title = _line(record.title)
        self._year: str | None = None
        self._evidence: str | None = None  # an outlet named by a copyright line
        self._host: str | None = None
        self.url = _address(record.url)
        top = read_masthead(lines, title, find_wrapping(_blocks(lines)))
        lines = ["" if index in top.used else line for index, line in enumerate(lines)]
        kept = self._without_boilerplate(lines)
        self.url = self.url or _address(top.url)
        blocks = _blocks(kept)
        words = vocabulary(kept) if any(line.endswith("-") for line in kept) else frozenset()
        wrapping = find_wrapping(blocks)
        self.text = "\n\n".join(join_block(block, wrapping, words) for block in blocks)
        self._complete(record, top, path)
        self.title = self._find_title(title, top)
        names = [name for name in map(_line, record.authors or top.authors) if name]
        self.authors = tuple({plain(name): name for name in reversed(names)}.values())[::-1]

    def _complete(self, record: Record, top: Masthead, path: str) -> None:
        dateline = read_dateline(self.text)
        agency = dateline["agency"] if dateline else None
        address = self.url or self._host or ""
        name = (
            _line(record.publisher)
            or known_outlet(address)
            or _line(top.publisher)
            or self._evidence
            or (agency if not self.url else None)
            or named_outlet(address, record.text)
        )
        self.publisher = tidy_outlet(name) or None if name else None
        file_date = find_name_date(PurePath(path).name)
        self.published = record.published or top.published
        if not self.published and dateline and dateline["month"] and dateline["year"]:
            self.published = parse_date(f"{dateline['month']} {dateline['year']}")
        self.published = self.published or (find_date(self.url) if self.url else None) or file_date
        if not self.published and dateline and dateline["month"] and self._year:
            self.published = parse_date(f"{dateline['month']} {self._year}")

    def _without_boilerplate(self, lines: list[str]) -> list[str]:
        kept = list(lines)
        self._take_original(kept)
        self._take_tail(kept)
        wrapping = find_wrapping(_blocks(kept))
        for index, line in enumerate(kept):
            if not line:
                continue
            above = kept[index - 1] if index else ""
            if above and wrapping.is_full(above, line) and above[-1] not in '.!?”"':
                continue  # the middle of a wrapped sentence
            notice = copyright_of(line)
            if notice:
                self._year = self._year or notice[0]
                self._evidence = self._evidence or (tidy_outlet(notice[1]) if notice[1] else None)
                kept[index] = ""
            elif is_dropped(line):
                if url := BARE_URL.search(line):
                    self._host = self._host or _address(url["url"])
                kept[index] = ""
                self._drop_continuation(kept, index, line, wrapping)
        return kept

    @staticmethod
    def _drop_continuation(kept: list[str], index: int, line: str, wrapping: Wrapping) -> None:
        """The second line of a wrapped 'Related article: …', where a blank line ends it."""
        following = kept[index + 1] if index + 1 < len(kept) else ""
        after = kept[index + 2] if index + 2 < len(kept) else ""
        labelled = ":" in line[:30]
        if (
            labelled
            and following
            and not after
            and wrapping.is_full(line, following)
            and len(following) < 60
        ):
            kept[index + 1] = ""

    def _take_original(self, kept: list[str]) -> None:
        """An 'Original url:' block, whose address may be broken over two lines."""
        for index, line in enumerate(kept):
            match = ORIGINAL.fullmatch(line) if line[:1] in "OoSsAa" else None
            if not match:
                continue
            place = index
            if not match["url"]:
                place = next(
                    (at for at in (index + 1, index + 2) if at < len(kept) and kept[at]), index
                )
            url = BARE_URL.fullmatch(match["url"] or kept[place])
            if not url:
                continue
            address = url["url"]
            kept[index] = kept[place] = ""
            for at in range(place + 1, min(place + 4, len(kept))):
                if (
                    not re.fullmatch(r"(?!https?:|www\.)[\w./?=&%#~+,:;@-]+", kept[at])
                    or len(address) < 40
                ):
                    break
                address += kept[at]
                kept[at] = ""
            self.url = self.url or _address(address)

    def _take_tail(self, kept: list[str]) -> None:
        """Bare addresses at the end: one alone is the article's own, several are links."""
        tail: list[str] = []
        for index in range(len(kept) - 1, -1, -1):
            if not kept[index]:
                continue
            match = BARE_URL.fullmatch(kept[index])
            if not match:
                if is_dropped(kept[index]) or copyright_of(kept[index]):
                    continue
                break
            tail.append(match["url"])
            kept[index] = ""
        if len(tail) == 1 and not self.url:
            self.url = _address(tail[0])

    def _find_title(self, title: str | None, top: Masthead) -> str:
        title = title or _line(top.title)
        if title:
            return _without_outlet(title, self.publisher)[:_TITLE_LENGTH]
        if self.url and (words := _slug_title(self.url, self.text)):
            return words
        first = self.text.split("\n", 1)[0].split()
        return (
            " ".join(first[:12])[:_TITLE_LENGTH].rstrip(",;:") + ("…" if len(first) > 12 else "")
            or "Untitled"
        )


def _blocks(lines: list[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def _line(text: str | None) -> str | None:
    return safe(repair(text), newlines=False)[:500] or None if text else None


def _address(url: str | None) -> str | None:
    url = safe(url, newlines=False) if url else ""
    if url.startswith("www."):
        url = "https://" + url
    return (
        url if re.match(r"https?://[^\s/]+", url) and " " not in url and len(url) < 2000 else None
    )


def _without_outlet(title: str, publisher: str | None) -> str:
    """A title without what pages put behind it: ' - CNN', ' | The Daily | by Jane Doe'."""
    name = plain(publisher).removeprefix("the") if publisher else ""
    for match in re.finditer(r" (?P<sign>[|*·•–—-]) ", title):
        label = plain(re.split(r" [|*·•] ", title[match.end() :])[0]).removeprefix("the")
        same = label == name or (match["sign"] in "|*" and label.startswith(name))
        if match.start() > 8 and name and (same or label == name + "com"):
            return title[: match.start()].rstrip()
    return title


def _slug_title(url: str, text: str) -> str | None:
    """The words in an address, with the capitals that the text gives them."""
    try:
        parts = [unquote(part) for part in urlsplit(url).path.split("/")]
    except ValueError:  # http://[…
        return None
    for part in reversed(parts):
        part = re.sub(r"\.\w{2,5}$", "", part)
        part = re.sub(r"(?<=\w)[-_](?:19|20)\d{2}[-_]\d{1,2}[-_]\d{1,2}$", "", part)
        words = [word for word in re.split(r"[-_]+", part) if word]
        while words and re.fullmatch(r"[a-z]{0,2}\d{3,}|[0-9a-f]{8,}|n?\d{5,}", words[-1]):
            words.pop()
        if len(words) < 3 or sum(word.isalpha() for word in words) < 3:
            continue
        seen = set(re.findall(r"(?<![.!?“\"] )\b[^\W\d_]+", text))
        named = [
            next((form for form in (word, word.capitalize(), word.upper()) if form in seen), word)
            for word in words
        ]
        named = [word.capitalize() if len(word) > 4 and word.isupper() else word for word in named]
        title = safe(" ".join(named), newlines=False)
        return (title[:1].upper() + title[1:])[:_TITLE_LENGTH]
    return None
