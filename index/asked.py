"""What the words of a question say of time and outlets: "in May 2025", "last week", "according to Reuters".

It is read from English phrases only, and it never filters: a date in a question may be that of the
event rather than of the article, so what is read here moves passages up and hides none.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {
    name.casefold(): number
    for names in (calendar.month_name, calendar.month_abbr, ("",) * 9 + ("Sept",))
    for number, name in enumerate(names)
    if name
}
_MONTH = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WEEKDAYS = [name.casefold() for name in calendar.day_name]
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "few": 3,
           "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "couple of": 2}  # fmt: skip
_COUNT = r"(?P<count>\d{1,3}|" + "|".join(sorted(_COUNTS, key=len, reverse=True)) + ")"
_UNIT = r"(?P<unit>day|week|month|year)"

# How a period is spoken of: its own days, what comes after it, or what came before.
_LEAD = (
    r"(?P<lead>since|after|from|before|until|till|by|in|on|during|over|for|of|early|late|mid|this|"
    r"reported|published)?[\s-]*(?:the\s+)?(?:(?:early|late|mid|middle of|end of|start of)[\s-]+)?"
)
_DATED = [
    r"(?P<iso>(?:19|20)\d\d-\d\d-\d\d)\b",
    rf"{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",
    rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
    rf"{_MONTH},?\s+(?:of\s+)?{_YEAR}",
]
_ABSOLUTE = [re.compile(rf"\b{_LEAD}{form}", re.IGNORECASE) for form in _DATED]
# A year alone is a date only behind a small word: of "the 2020 election" one may write at any time.
_SMALL = "since|after|from|before|until|till|by|in|during|of"
_ABSOLUTE.append(re.compile(rf"\b(?P<lead>{_SMALL})\s+{_YEAR}", re.IGNORECASE))
_BARE_MONTH = re.compile(
    rf"\b(?P<lead>since|after|from|between|before|until|in|during|last|this)\s+(?:(?:early|late|mid)[\s-]+)?(?-i:"
    rf"(?P<month>{'|'.join(n for n in calendar.month_name if n)}))\b(?!\s+\d)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    rf"\b(?:(?P<near>today|yesterday)\b"
    rf"|(?P<which>last|this|past|previous|current)\s+{_UNIT}\b"
    rf"|(?:in|over|during|within)\s+the\s+(?:last|past)\s+{_COUNT}\s+(?P<units>day|week|month|year)s?\b"
    rf"|{_COUNT.replace('count', 'ago')}\s+(?P<agos>day|week|month|year)s?\s+ago\b"
    rf"|(?:last|on|this)\s+(?P<weekday>{'|'.join(_WEEKDAYS)})\b(?!,?\s+(?:\d|{'|'.join(_MONTHS)})))",
    re.IGNORECASE,
)
_NEWEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|recently|recent|so far|currently|right now|these days|"
    r"up[- ]to[- ]date|as of (?:now|today)|today)\b",
    re.IGNORECASE,
)
_OF_LATE = re.compile(
    r"\b(?:today|tonight|yesterday|now|still|(?:recent|past|last) (?:few )?(?:days|weeks|months)|"
    r"(?:earlier|later) this (?:week|month|year)|"
    rf"(?:this|last|past) (?:day|week|month|morning|evening|weekend|{'|'.join(_WEEKDAYS)}))\b",
    re.IGNORECASE,
)
_SAYS = (
    "(?:reported|reports?|reporting|said|says?|wrote|writes?|quoted|published|covered|articles?|"
    "story|stories|coverage)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question says of time and outlets.

    `since` and `until` are ISO days; `sources` are publishers as spelt in the index; `newest` says
    that the newest is wanted, `recent` that the days are counted from the one on which it is asked ("this week");
    `words` are the phrases that said so.
    """

    since: str | None = None
    until: str | None = None
    sources: tuple[str, ...] = ()
    newest: bool = False
    recent: bool = False
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.sources or self.newest or self.recent)


def read_wish(
    question: str, today: date, publishers: Sequence[str], newest: date | None = None
) -> Asked:
    """Return what a question says of time and outlets.

    `today` is the day on which it is asked, `newest` that of the newest article: "in May" is the last one before both.
    """
    words: list[str] = []
    since = until = None
    for phrase, first, last in _periods(question, today, min(newest or today, today)):
        # Of several periods the whole stretch is meant ("from March to May").
        since = first if not words else (min(since, first) if since and first else None)
        until = last if not words else (max(until, last) if until and last else None)
        words.append(phrase)
    sources = tuple(name for name in publishers if _names_outlet(question, name))
    words.extend(sources)
    return Asked(
        since.isoformat() if since else None,
        until.isoformat() if until else None,
        sources,
        bool(_NEWEST.search(question)),
        bool(_OF_LATE.search(question)),
        tuple(words),
    )


def _periods(
    question: str, today: date, newest: date
) -> Iterator[tuple[str, date | None, date | None]]:
    """Yield each phrase of time with its first and last day (None: open), no part of it read twice."""
    taken: list[tuple[int, int]] = []
    years = re.findall(r"\b(?:19|20)\d\d\b", question)
    for pattern in (*_ABSOLUTE, _RELATIVE, _BARE_MONTH):
        for match in pattern.finditer(question):
            start, end = match.span()
            if any(a < end and start < b for a, b in taken):
                continue
            try:
                start_day, end_day = _days(match.groupdict(), today, newest, years)
            except (ValueError, OverflowError):
                continue  # 31 June
            taken.append((start, end))
            lead = (match.groupdict().get("lead") or "").casefold()
            phrase = match.group().strip()
            if lead in ("since", "after", "from") and not _goes_on(question[end:]):
                yield phrase, start_day, None
            elif lead == "before":
                yield phrase, None, start_day - timedelta(days=1)
            elif lead in ("until", "till", "by"):
                yield phrase, None, end_day
            else:
                yield phrase, start_day, end_day


def _goes_on(rest: str) -> bool:
    """Whether "from March …" is followed by where it ends."""
    return bool(re.match(r"\s*(?:to|until|till|through|and|[-–])\s", rest, re.IGNORECASE))


def _days(
    part: dict[str, str | None], today: date, newest: date, years: Sequence[str]
) -> tuple[date, date]:
    """The first and last day of a phrase; a month without a year takes the question's last one."""
    if iso := part.get("iso"):
        day = date.fromisoformat(iso)
        return day, day
    if part.get("near"):
        day = today - timedelta(days=part["near"] != "today")
        return day, day
    if weekday := part.get("weekday"):
        back = (today.weekday() - _WEEKDAYS.index(weekday.casefold())) % 7 or 7
        day = today - timedelta(days=back)
        return day, day
    if which := part.get("which"):
        return _unit(str(part["unit"]).casefold(), which.casefold() in ("this", "current"), today)
    if units := part.get("units"):
        return today - timedelta(days=_length(units) * _number(part["count"])), today
    if agos := part.get("agos"):
        middle = today - timedelta(days=_length(agos) * _number(part["ago"]))
        return middle - timedelta(days=_length(agos) // 2), middle + timedelta(
            days=_length(agos) // 2
        )
    if month := part.get("month"):
        number = _MONTHS[month.casefold()]
        past = newest.year - (number > newest.month)
        year = int(part.get("year") or (years[-1] if years else past))
        if part.get("day"):
            day = date(year, number, int(str(part["day"])))
            return day, day
        return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])
    year = int(str(part["year"]))
    return date(year, 1, 1), date(year, 12, 31)


def _unit(unit: str, this: bool, today: date) -> tuple[date, date]:
    """The days of this or the last day, week (from Monday), month or year; this one up to today."""
    if unit == "day":
        return today - timedelta(days=not this), today - timedelta(days=not this)
    if unit == "week":
        first = today - timedelta(days=today.weekday())
    elif unit == "month":
        first = today.replace(day=1)
    else:
        first = today.replace(month=1, day=1)
    if this:
        return first, today
    end = first - timedelta(days=1)
    if unit == "week":
        # People say it of the last seven days too.
        return first - timedelta(days=7), max(end, today)
    return (end.replace(day=1) if unit == "month" else end.replace(month=1, day=1)), end


def _length(unit: str) -> int:
    return {"day": 1, "week": 7, "month": 30, "year": 365}[unit.casefold()]


def _number(word: str | None) -> int:
    word = (word or "1").casefold()
    return int(word) if word.isdigit() else _COUNTS[word]


def _names_outlet(question: str, publisher: str) -> bool:
    """Whether the question asks what this outlet reports; one that is only spoken of is not meant."""
    name = re.sub(r"^(?:www\.|the\s+)", "", publisher.casefold().strip())
    name = re.sub(r"\.(?:com|org|net|co\.uk|de|fr)$", "", name)
    if len(name) < 2:
        return False
    named = rf"(?:the\s+)?{re.escape(name)}(?:\.com|[’']s)?"
    told = (
        rf"\baccording to {named}(?!\w)|\b(?:reported|published|written|covered|quoted) (?:by|in) {named}(?!\w)"
        rf"|(?<!\w){named}\s+{_SAYS}\b|\b(?:did|does|has|do|have)\s+{named}\s+(?:\w+\s+)?{_SAYS}\b"
    )
    return bool(re.search(told, question, re.IGNORECASE))
