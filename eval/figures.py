"""Figures and dates in a text, so that "5.2 billion euros" and "€5,200 million" are the same.

English words and the usual units; currencies are not converted, and sums ("an hour and ten minutes")
not worked out. The product reads figures and dates of its own (`qa.figures`, `qa.days`, and the wishes in
`index.asked`), and this shares nothing with it: what one reader misreads, the other does not count as
right. A test holds the two against each other on real sentences.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.dates import MONTH

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {w: n for n, w in enumerate(_ONES)} | {w: 10 * n for n, w in enumerate(_TENS, 2)}
_WORDS |= {
    f"{t}{dash}{o}": _WORDS[t] + _WORDS[o] for t in _TENS for o in _ONES[1:10] for dash in " -"
}
_SCALES = {
    "hundred": 1e2, "dozen": 12, "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6,
    "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_CURRENCIES = {
    "$": "usd", "us$": "usd", "dollar": "usd", "usd": "usd", "€": "eur", "euro": "eur", "eur": "eur",
    "£": "gbp", "pound": "gbp", "gbp": "gbp", "¥": "jpy", "yen": "jpy", "yuan": "cny", "₹": "inr",
    "rupee": "inr", "rouble": "rub", "ruble": "rub", "hryvnia": "uah", "franc": "chf",
}  # fmt: skip
_UNITS: dict[str, tuple[str, float]] = {
    "%": ("share", 1), "percent": ("share", 1), "per cent": ("share", 1),
    "mm": ("length", 1e-3), "millimetre": ("length", 1e-3), "cm": ("length", 0.01),
    "centimetre": ("length", 0.01), "metre": ("length", 1), "km": ("length", 1e3),
    "kilometre": ("length", 1e3), "mile": ("length", 1609.344), "foot": ("length", 0.3048),
    "feet": ("length", 0.3048), "ft": ("length", 0.3048), "inch": ("length", 0.0254),
    "inche": ("length", 0.0254), "yard": ("length", 0.9144), "nautical mile": ("length", 1852),
    "g": ("mass", 1e-3), "gram": ("mass", 1e-3), "kg": ("mass", 1), "kilogram": ("mass", 1),
    "kilo": ("mass", 1), "tonne": ("mass", 1e3), "ton": ("mass", 1e3), "lb": ("mass", 0.45359237),
    "second": ("time", 1), "minute": ("time", 60), "min": ("time", 60), "hour": ("time", 3600),
    "day": ("time", 86400), "week": ("time", 604800), "month": ("time", 2629746),
    "year": ("time", 31556952), "decade": ("time", 315569520), "mph": ("speed", 0.44704),
    "km/h": ("speed", 1 / 3.6), "kph": ("speed", 1 / 3.6), "knot": ("speed", 0.514444),
    "hectare": ("area", 1e4), "acre": ("area", 4046.856), "square kilometre": ("area", 1e6),
    "square mile": ("area", 2589988.11), "litre": ("volume", 1), "gallon": ("volume", 3.785411784),
    "mw": ("power", 1e6), "megawatt": ("power", 1e6), "gw": ("power", 1e9), "gigawatt": ("power", 1e9),
} | {name: (currency, 1) for name, currency in _CURRENCIES.items()}  # fmt: skip


def _any(names: dict[str, object]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_FIGURE = re.compile(
    rf"(?:(?<![\w.,%])(?P<sign>[-−])(?=[\d$€£¥₹]))?(?P<before>us\$|[$€£¥₹])?\s?(?P<number>"
    rf"(?<![\w.])\d{{1,3}}(?:[,  ’']\d{{3}})+(?:\.\d+)?|(?<![\w.])\d+(?:\.\d+)?"
    rf"|\b(?:{_any(dict(_WORDS))}|(?:half\s)?an?(?=\s(?:hundred|dozen|thousand|million|billion|trillion)))\b)"
    rf"(?:[\s-]?(?P<scale>{_any(dict(_SCALES))})\b)?(?:[\s-]?(?P<unit>{_any(dict(_UNITS))})s?(?![\w]))?(?!\w)",
    re.IGNORECASE,
)
_SPELT = re.compile(r"(?<=met)er\b|(?<=lit)er\b|(?<=met)er(?=s\b)|(?<=lit)er(?=s\b)", re.IGNORECASE)
_ABOUT = re.compile(
    r"^(?:(?:about|around|some|nearly|almost|roughly|approximately|over|more than|less than|at least|"
    r"up to|at most|just|only|the|an estimated|estimated|exactly|under)\s+)+",
    re.IGNORECASE,
)
_DAY = r"(?P<{0}>[0-3]?\d)(?:st|nd|rd|th)?"
_DATES = [
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d\d)(?:-(?P<d>\d\d))?\b"),
    re.compile(rf"\b{_DAY.format('d')}(?:\s+of)?\s+(?P<m>{MONTH})(?:,?\s+(?P<y>\d{{4}}))?\b", re.I),
    re.compile(rf"\b(?P<m>{MONTH})\s+{_DAY.format('d')}\b(?!\d)(?:,?\s+(?P<y>\d{{4}}))?", re.I),
    re.compile(rf"\b(?P<m>{MONTH}),?\s+(?P<y>\d{{4}})\b", re.I),
    re.compile(r"\b(?P<y>1[5-9]\d\d|20\d\d)\b"),
]  # fmt: skip
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as written, and in the base unit of its dimension (None where no known unit is named)."""

    written: float
    value: float
    dimension: str | None

    def near(self, other: Figure, tolerance: float) -> bool:
        """Say whether both are the same but for a share `tolerance`; a missing unit fits any."""
        if self.dimension != other.dimension and self.dimension and other.dimension:
            return False
        same = self.dimension == other.dimension
        own, said = (self.value, other.value) if same else (self.written, other.written)
        return abs(own - said) <= (tolerance + 1e-9) * abs(own)


@dataclass(frozen=True, slots=True)
class Date:
    """A day, month or year; what the text leaves open is None."""

    year: int | None
    month: int | None
    day: int | None

    def answers(self, wanted: Date) -> bool:
        """Say whether this is the wanted date, at least as finely; only a year may be left unsaid."""
        for own, other in ((self.month, wanted.month), (self.day, wanted.day)):
            if other is not None and own != other:
                return False
        if wanted.year is None or self.year == wanted.year:
            return True
        return self.year is None and wanted.day is not None


def figures(text: str) -> list[Figure]:
    """Return the figures of a text in order, those inside dates left out."""
    for pattern in _DATES:
        text = pattern.sub(" . ", text)
    return [_figure(match) for match in _FIGURE.finditer(_SPELT.sub("re", text))]


def leading_figure(text: str) -> Figure | None:
    """Return the figure that a text is, with a word about it before and three behind; None for other texts.

    "10 Downing Street", "Seven Sisters" and "7-Eleven" are names.
    """
    text = _SPELT.sub("re", _ABOUT.sub("", text.strip()))
    match = _FIGURE.match(text)
    if dates(text) or not match:
        return None
    rest = text[match.end() :]
    is_name = not match["unit"] and re.match(r"[\s-]*[A-Z][a-z]", rest)
    return None if is_name or len(re.findall(r"\w+", rest)) > 3 else _figure(match)


def _figure(match: re.Match[str]) -> Figure:
    written = match["number"].lower()
    number = float(
        _WORDS.get(written, 0.5 if written.startswith("half") else 1)
        if written[0].isalpha()
        else re.sub(r"[^\d.]", "", written)
    )
    number *= _SCALES.get((match["scale"] or "").lower(), 1)
    unit = (match["unit"] or match["before"] or "").lower()
    dimension, factor = _UNITS.get(unit, (None, 1.0))
    number = -number if match["sign"] else number
    return Figure(number, number * factor, dimension)


def dates(text: str) -> list[Date]:
    """Return the dates of a text, whole ones first."""
    found = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = parts.get("m")
            number = None
            if month:
                number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
            day, year = parts.get("d"), parts.get("y")
            found.append(Date(int(year) if year else None, number, int(day) if day else None))
        text = pattern.sub(" . ", text)
    return found


def leading_date(text: str) -> Date | None:
    """Return the date that a text is; None where it says more than a few words beside it."""
    found = dates(text)
    rest = text
    for pattern in _DATES:
        rest = pattern.sub(" ", rest)
    return found[0] if found and len(re.findall(r"\w+", rest)) <= 2 else None
