"""What a text says of itself at its top: outlet, date, by-line, headline.

Only lines that are surely one of these are taken out; anything else is the first line of the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from index.boilerplate import BARE_URL, is_dropped
from index.dates import DATE, MONTH, parse_date
from index.fields import split_authors
from index.wraps import Wrapping

_DATED = re.compile(DATE, re.I)
_LEADING = re.compile(r"date\s*:?\s+(?P<day>\d{4}-\d{2}-\d{2})(?:T[\d:.]+Z?)?\b\s*", re.I)
_LABELLED = re.compile(
    r"(?:first )?(?:published|posted|updated|last updated|publication date|date)(?: on| at)?"
    rf"\s*:?\s+{DATE}\W*",
    re.I,
)
_HEADER = re.compile(
    r"(?P<key>title|headline|author|by|source|publisher|url|link|date)\s*:\s+(?P<value>\S.*)", re.I
)
_BYLINE = re.compile(r"(?:by|words by|story by)[:\s]\s*(?P<names>\S.{1,100})", re.I)
_AGENCIES = re.compile(
    r"from our (?:own )?(?:agencies|correspondents?|staff|reporters?)(?: in [A-Z]\w+)?\.?", re.I
)
_PARTICLE = r"(?:de|van|von|der|den|da|di|la|le|bin|al|del)\b"
_NAME = re.compile(r"(?:The )?[A-Z][\w.'’-]*(?: (?:" + _PARTICLE + r"|of|[A-Z][\w.'’-]*)){0,4}")
_PERSON = re.compile(r"[A-Z][\w.'’-]+(?: (?:" + _PARTICLE + r"|[A-Z][\w.'’-]*)){1,3}")
_OUTLET = re.compile(r"(?:[\w&.'’!-]+ ){0,5}[\w&.'’!-]+")
_SPLIT = re.compile(r"\s*[|·•]\s*|\s+[—–-]\s+|,\s+|\.\s+(?=[Bb]y\s)|\.?$")
DATELINE = re.compile(
    r"(?P<city>[A-Z][A-Z.'’/ -]{2,40}(?:, [A-Z][\w. ]{1,30})?)"
    rf"(?:, (?P<month>{MONTH} \d{{1,2}})(?:, (?P<year>\d{{4}}))?)?"
    r"(?: \((?P<agency>[A-Z][^()]{1,40})\))?\s*(?:--|[-–—])\s"
)
_TOP = 14  # lines that are looked at


@dataclass(slots=True)
class Masthead:
    """What the top of a text said, and which of its lines are no body text."""

    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    used: set[int] = field(default_factory=set)


def plain(text: str) -> str:
    """Return `text` for comparing: letters and digits only, in lower case."""
    return re.sub(r"\W+", "", text.casefold())


def read_masthead(lines: list[str], title: str | None, wrapping: Wrapping) -> Masthead:
    """Read the top of `lines` (blank ones are ""); `title` is the one that is known, if any.

    A leading `date 2025-05-31` is cut off its line, in place.
    """
    found = Masthead()
    heads: list[int] = []
    dated: int | None = None  # the index of a bare date line
    known = plain(title) if title else ""
    headers = sum(bool(_HEADER.fullmatch(line)) for line in [x for x in lines if x][:6]) >= 2
    for index in [index for index, line in enumerate(lines[: 4 * _TOP]) if line][:_TOP]:
        line = lines[index]
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if match := _LEADING.match(line):
            found.published = found.published or parse_date(match["day"])
            lines[index] = line[match.end() :]
            if not lines[index]:
                continue
            if following and wrapping.is_full(
                line, following
            ):  # now too short to be seen as wrapped
                lines[index] += " " + lines.pop(index + 1)
            break
        if headers and (match := _HEADER.fullmatch(line)) and _take_header(found, match):
            found.used.add(index)
        elif is_dropped(line):
            continue
        elif len(line) > 160:
            break
        elif known and plain(line) == known:
            found.used.add(index)
        elif known and following and plain(line + following) == known:
            found.used.update((index, index + 1))
        elif known and index - 1 in found.used and plain(lines[index - 1] + line) == known:
            continue
        elif (match := _LABELLED.fullmatch(line)) or (match := _DATED.fullmatch(line.strip("() "))):
            found.published = found.published or parse_date(match["day"])
            found.used.add(index)
            dated = index if dated is None else dated
        elif _take_masthead(found, line) or _take_byline(found, line):
            found.used.add(index)
        elif len(heads) < 3 and _is_head(line, following, last=index + 1 >= len(lines)):
            heads.append(index)
        else:
            break
    _settle_heads(found, lines, heads, dated, bool(title))
    return found


def read_dateline(text: str) -> re.Match[str] | None:
    """Return the date-line that a paragraph begins with ("ISTANBUL, June 2 (Agency) — …")."""
    match = DATELINE.match(text)
    return match if match and (match["month"] or match["agency"]) else None


def _take_header(found: Masthead, match: re.Match[str]) -> bool:
    key, value = match["key"].lower(), match["value"].strip()
    if key in ("title", "headline"):
        found.title = found.title or value
    elif key in ("author", "by"):
        found.authors = found.authors or split_authors(value)
    elif key in ("source", "publisher"):
        found.publisher = found.publisher or value
    elif key == "date":
        found.published = found.published or parse_date(value)
    elif url := BARE_URL.fullmatch(value):
        found.url = found.url or url["url"]
    else:
        return False
    return True


def _take_byline(found: Masthead, line: str) -> bool:
    if _AGENCIES.fullmatch(line):
        return True
    match = _BYLINE.fullmatch(line)
    if not match or line.endswith((".", "?", "!", ":")):
        return False
    # A role or outlet may follow the names: "By Ana Duarte, Staff Writer".
    names = [
        name
        for name in split_authors(match["names"])
        if not re.search(
            r"(?i)\b(?:staff|writer|editor|reporter|correspondent|published|updated)\b", name
        )
    ]
    if not names or not all(
        _NAME.fullmatch(name) or (name.isupper() and len(name.split()) < 5) for name in names
    ):
        return False
    found.authors = found.authors or tuple(names)
    return True


def _take_masthead(found: Masthead, line: str) -> bool:
    """A line of outlet, date and perhaps author: 'The Daily | 22 July 2024 | Jane Doe'."""
    match = _DATED.search(line)
    if not match or len(line) > 110:
        return False
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    for part in _SPLIT.split(line[: match.start()]) + _SPLIT.split(line[match.end() :]):
        part = part.strip(" ,;:()")
        if not part or re.fullmatch(r"(?i)(?:published|posted|updated|on|at)+", part):
            continue
        if byline := _BYLINE.fullmatch(part):
            authors = split_authors(byline["names"])
        elif (
            publisher is None
            and _OUTLET.fullmatch(part)
            and part[0].isupper()
            and line.find(part) < match.start()
        ):
            publisher = part
        elif _PERSON.fullmatch(part) and not authors:
            authors = split_authors(part)
        else:
            return False
    # "On 5 May 2024" or a headline with a date in it is no masthead: it must have clear parts.
    if publisher and not re.search(r"[|·•—–,:]\s*$|\s-\s*$", line[: match.start()]):
        return False
    found.publisher = found.publisher or publisher
    found.authors = found.authors or authors
    found.published = found.published or parse_date(match["day"])
    return True


def _is_head(line: str, following: str, *, last: bool) -> bool:
    """Whether a line looks like a headline or an outlet's name: short, alone, no sentence."""
    if (
        last
        or len(line) > 150
        or len(line.split()) > 25
        or not re.match(r"[\"'“‘«(]?[A-Z0-9À-Þ$€£#]", line)
    ):
        return False
    if re.search(r"[.,;:—–-]$", line) and not re.search(
        r"(?:\b[A-Z]|\.\.|\b(?:Inc|Jr|Co))\.$", line
    ):
        return False
    if BARE_URL.search(line) or re.match(r"[-*•]|\(?\d{1,2}[.)]\s", line) or read_dateline(line):
        return False
    return (
        not following
        or len(following) > 150
        or bool(_DATED.match(following) or _BYLINE.match(following) or read_dateline(following))
    )


def _settle_heads(
    found: Masthead, lines: list[str], heads: list[int], dated: int | None, titled: bool
) -> None:
    """Decide which of the short lines at the top is the outlet and which the headline."""
    heads = [index for index in heads if any(lines[index + 1 :])]
    if heads and dated is not None and heads[0] < dated and (titled or len(heads) > 1):
        name = re.split(r"\s+[—–|·-]\s+", lines[heads[0]])[0]
        if not any(lines[heads[0] + 1 : dated]) and _OUTLET.fullmatch(name):
            found.publisher = found.publisher or name
            found.used.add(heads.pop(0))
    if heads and not titled and not found.title and len(lines[heads[0]]) > 3:
        # A short line that only stands deep among used lines is a section heading of the body.
        found.title = lines[heads[0]]
        found.used.add(heads[0])
