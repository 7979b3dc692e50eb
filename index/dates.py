"""Dates in any usual form, brought to ISO days.

Times and zones are left out: an article's date is the day that its publisher put on it.
"""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime

MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
_CLOCK = (
    r"(?:,?\s*(?:at\s+)?\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?"
    r"(?:\s?(?:[A-Z]{1,4}|[+-]\d{2}:?\d{2}))?)?"
)
# A whole date as people write it at the top of an article; the day is in the group `day`.
DATE = (
    rf"{_WEEKDAY}(?P<day>\d{{4}}-\d{{2}}-\d{{2}}(?:T[\d:.]+Z?)?|\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH},?\s+\d{{4}}"
    rf"|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}){_CLOCK}"
)

_ISO = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})(?:T\d+Z?)?\s*")
_EPOCH = re.compile(r"\s*-?\d{9,13}(?:\.\d+)?\s*")
_IN_PATH = re.compile(r"(?<!\d)((?:19|20)\d{2})([-/_])(\d{1,2})\2(\d{1,2})(?!\d)")
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")


def parse_date(value: object) -> str | None:
    """Return the ISO day that `value` (text, number, datetime) stands for, or None.

    A date that lacks its day or year is None: guessing either would put a wrong date under a quote.
    """
    if isinstance(value, datetime):
        return _iso(value.year, value.month, value.day)
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    if not text or len(text) > 80:
        return None
    if match := _ISO.match(text) or _COMPACT.fullmatch(text):
        return _iso(*(int(part) for part in match.groups()))
    if _EPOCH.fullmatch(text):
        return _from_epoch(float(text))
    return _from_words(text)


def find_date(path: str) -> str | None:
    """Return the date inside an address (`/2025/05/13/`)."""
    match = _IN_PATH.search(path)
    return _iso(int(match[1]), int(match[3]), int(match[4])) if match else None


def find_name_date(name: str) -> str | None:
    """Return the date inside a file name (`2025-05-31-talks.txt`, `20250531.txt`)."""
    match = _IN_NAME.search(name)
    return _iso(int(match[1]), int(match[2]), int(match[3])) if match else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return datetime(year, month, day).date().isoformat() if 1700 <= year <= 2100 else None
    except ValueError:
        return None


def _from_epoch(number: float) -> str | None:
    if abs(number) >= 1e11:  # milliseconds
        number /= 1000
    try:
        moment = datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return _iso(moment.year, moment.month, moment.day)


def _from_words(text: str) -> str | None:
    from dateutil import parser

    text = re.sub(r"(?i)\b(published|posted|updated|on|at)\b:?", " ", text)
    # 05.03.2024 is written where the day comes first; 03/05/2024 is read as in America.
    dotted = bool(re.search(r"(?<!\d)\d{1,2}\.\d{1,2}\.\d{4}", text))
    found = []
    for default in (datetime(1804, 1, 1), datetime(1908, 2, 2)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read = parser.parse(text, default=default, ignoretz=True, dayfirst=dotted)
                found.append(read.date())
        except (ValueError, OverflowError, TypeError, AttributeError, RecursionError):
            return None
    first, second = found
    if first != second:  # the default showed through: the text held no whole date
        return None
    return _iso(first.year, first.month, first.day)
