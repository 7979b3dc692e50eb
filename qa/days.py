"""The dates and times of day that a text mentions, in any of the usual forms.

"31 May 2025", "May 31", "2025-05-31", "Friday" and "yesterday" can be one day, once it is known when the
article was published. English month and day names only; what a question calls "recently" is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {
    name: n
    for n, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|"
        "october oct|november nov|december dec".split("|"),
        1,
    )
    for name in names.split()
}
_DAYS = {
    name: n
    for n, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())
}
_BESIDE = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)(?![a-z])"
)
_DAY = r"(?P<{0}>\d{{1,2}})(?:st|nd|rd|th)?"
_YEAR = r"(?P<{0}>(?:1[0-9]|20)\d\d)(?![\d,]*\d)"
_DATE = re.compile(
    r"(?<![\w.,/-])(?:"
    rf"{_DAY.format('d1')}\s+(?:of\s+)?(?P<m1>{_MONTH})(?:\s*,?\s+{_YEAR.format('y1')})?"
    rf"|(?P<m2>{_MONTH})\s+{_DAY.format('d2')}(?!\d|:|\s+(?:percent|million|billion))(?:\s*,?\s+{_YEAR.format('y2')})?"
    rf"|(?P<m3>{_MONTH})\s*,?\s+(?:of\s+)?{_YEAR.format('y3')}"
    r"|(?P<y4>(?:1[0-9]|20)\d\d)-(?P<m4>\d\d)-(?P<d4>\d\d)"
    r"|(?P<d5>\d{1,2})[./](?P<m5>\d{1,2})[./](?P<y5>(?:1[0-9]|20)\d\d)"
    rf"|(?<=[Ii]n )(?P<m6>{_MONTH})|(?<=(?:last|next|this) )(?P<m7>{_MONTH})|(?<=(?:late|mid-|past) )(?P<m8>{_MONTH})"
    rf"|(?<=(?:since|until|early) )(?P<m9>{_MONTH})|(?P<m10>(?:January|February|August|September|October|November|"
    r"December|June|July|April))\b"
    rf"|{_YEAR.format('y6')}(?!\s*(?:people|troops|soldiers|prisoners|dollars|euros|miles|km|metres|meters|m\b))"
    r"|(?P<w>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)(?=s?\b)"
    r"|(?P<b>[Tt]oday|[Tt]onight|[Yy]esterday|[Tt]omorrow)\b"
    r")"
)
_CLOCK = re.compile(
    r"(?<![\d.:])(?:(?P<h>\d{1,2})[:.](?P<min>\d\d)(?::\d\d)?\s*(?P<half>[ap]\.?m\b\.?)?|(?P<h2>\d{1,2})\s?(?P<half2>[ap]\.?m\b\.?))"
    r"(?![\d%])",
    re.IGNORECASE,
)
_NEAR = 7


@dataclass(frozen=True, slots=True)
class Day:
    """What a text says of a day at `[start:end)`: the parts it names, None for the rest; weekday 0 is Monday.

    `beside` counts days from the article's own ("yesterday" is -1). `clock` is a time in minutes.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    beside: int | None = None
    clock: int | None = None

    def exact(self, published: date | None) -> list[date]:
        """Return the days that this can be, for an article of that date; none where it names no day."""
        if self.beside is not None:
            return [published + timedelta(self.beside)] if published else []
        if self.weekday is not None and self.day is None:
            if not published:
                return []
            around = (published + timedelta(n) for n in range(-_NEAR, _NEAR + 1))
            return [d for d in around if d.weekday() == self.weekday]
        if self.day is None or self.month is None:
            return []
        years = [self.year] if self.year else _years(self.month, self.day, published)
        return [d for y in years if (d := _day(y, self.month, self.day))]


def days(text: str) -> list[Day]:
    """Return the days and times that a text mentions, in order."""
    found = [*_dates(text)]
    for match in _CLOCK.finditer(text):
        if match["h"] and "." in match[0][: len(match["h"]) + 1] and not match["half"]:
            continue  # 1.28 is a number
        hour, minute = int(match["h"] or match["h2"]), int(match["min"] or 0)
        half = (match["half"] or match["half2"] or "").casefold()[:1]
        if hour > 24 or minute > 59:
            continue
        hour = hour % 12 + (12 if half == "p" else 0) if half else hour
        if not any(d.start < match.end() and match.start() < d.end for d in found):
            found.append(Day(*match.span(), clock=hour * 60 + minute))
    return sorted(found, key=lambda d: d.start)


def written(day: str) -> str:
    """Return an ISO day or month as people write it: 2 June 2025."""
    parts = day.split("-")
    month = date(2000, int(parts[1]), 1).strftime("%B") if len(parts) > 1 else ""
    return " ".join(p for p in (str(int(parts[2])) if len(parts) > 2 else "", month, parts[0]) if p)


def borne_out(claimed: Day, held: Sequence[Day], published: date | None) -> bool:
    """Whether an article that mentions the days `held`, and is of `published`, mentions the claimed one.

    A part that the claim leaves out may be anything; a year that the article leaves out is the one that
    brings the day near its own date.
    """
    if claimed.clock is not None:
        return any(h.clock is not None and (h.clock - claimed.clock) % 720 == 0 for h in held)
    if claimed.beside is not None:
        return True  # relative to a day that only the writer knows
    known: list[tuple[int | None, int | None, int | None, int | None]] = []
    for h in held:
        exact = h.exact(published)
        known += [(d.year, d.month, d.day, d.weekday()) for d in exact]
        if not exact:
            years = [h.year] if h.year else _years(h.month, 15, published)
            known += [(y, h.month, h.day, h.weekday) for y in (*years, None)]
    if published:
        known.append((published.year, published.month, published.day, published.weekday()))
    wanted = (claimed.year, claimed.month, claimed.day, claimed.weekday)
    return any(all(w is None or w == k for w, k in zip(wanted, ks, strict=True)) for ks in known)


def _dates(text: str) -> Iterator[Day]:
    for match in _DATE.finditer(text):
        parts = {k: v for k, v in match.groupdict().items() if v is not None}
        if "w" in parts:
            yield Day(*match.span(), weekday=_DAYS[parts["w"].casefold()])
        elif "b" in parts:
            yield Day(*match.span(), beside=_BESIDE[parts["b"].casefold()])
        else:
            year = next((int(v) for k, v in parts.items() if k[0] == "y"), None)
            month = next((v for k, v in parts.items() if k[0] == "m"), None)
            day = next((int(v) for k, v in parts.items() if k[0] == "d"), None)
            number = None
            if month is not None:
                number = int(month) if month.isdigit() else _MONTHS[month.casefold().rstrip(".")]
                if number > 12 and day is not None and day <= 12:  # 05/31/2025
                    number, day = day, number
            if (number or 1) <= 12 and 0 < (day or 1) <= 31:
                yield Day(*match.span(), year, number, day)


def _years(month: int | None, day: int, published: date | None) -> list[int]:
    """The years that a day without one may be of: the article's own, or its neighbour where that is nearer."""
    there = _day(published.year, month, min(day, 28)) if published and month else None
    if published is None or there is None:
        return []
    apart = (there - published).days
    if apart > 45:
        return [published.year, published.year - 1]
    return [published.year, published.year + 1] if apart < -240 else [published.year]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
