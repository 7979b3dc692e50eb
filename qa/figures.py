"""The figures of a text: amounts of money, counts, shares and measures, however they are written.

"€5bn", "5 billion euros" and "five billion euros" are one figure. Dates and times of day are read in
`qa.days`; vague words ("hundreds", "several") are no figures. English words and signs only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: float(n) for n, word in enumerate(_SMALL.split())} | {
    word: float(n * 10) for n, word in enumerate(_TENS.split(), 2)
}
_SCALES = {
    "dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "k": 1e3, "lakh": 1e5, "million": 1e6, "mn": 1e6, "m": 1e6,
    "crore": 1e7, "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_ORDINALS = {
    word: float(n)
    for n, word in enumerate(
        "second third fourth fifth sixth seventh eighth ninth tenth".split(), 2
    )
}
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₺": "TRY"}
_CURRENCIES = {
    "dollar": "USD", "usd": "USD", "euro": "EUR", "eur": "EUR", "gbp": "GBP", "sterling": "GBP", "yen": "JPY",
    "jpy": "JPY", "rupee": "INR", "inr": "INR", "rouble": "RUB", "ruble": "RUB", "rub": "RUB", "lira": "TRY",
    "yuan": "CNY", "renminbi": "CNY", "cny": "CNY", "franc": "CHF", "chf": "CHF", "peso": "peso", "krona": "krona",
}  # fmt: skip
_UNITS = {
    "%": "%", "percent": "%", "per cent": "%", "pct": "%", "percentage point": "%",
    "second": "s", "minute": "min", "min": "min", "hour": "h", "hr": "h", "day": "d", "week": "wk", "month": "mo",
    "year": "y", "yr": "y", "decade": "decade", "century": "century", "centurie": "century",
    "kilometre": "km", "kilometer": "km", "km": "km", "mile": "mi", "metre": "m", "meter": "m", "feet": "ft",
    "foot": "ft", "ft": "ft", "inch": "in", "inche": "in", "centimetre": "cm", "centimeter": "cm", "cm": "cm",
    "kilogram": "kg", "kg": "kg", "tonne": "t", "ton": "t", "pound": "lb", "mph": "mph", "degree": "°", "°": "°",
    "megawatt": "MW", "mw": "MW", "gigawatt": "GW", "gw": "GW", "acre": "acre", "hectare": "ha",
    "litre": "l", "liter": "l", "gallon": "gal", "barrel": "bbl",
}  # fmt: skip

_SPELLED = "|".join([*_WORDS, "hundred", "thousand", "million", "billion", "trillion", "dozen"])
_FIGURE = re.compile(
    r"(?P<sign>(?:\b(?:US|A|C|AU|NZ|HK)|(?<!\w))[$€£¥₹₽₺]\s?|\b(?:USD|EUR|GBP|Rs\.?)\s?)?"
    r"(?:(?<![\w])(?<!\d[.,])(?<![^\W\d_]-)(?P<digits>\d{1,3}(?:[,   ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"|\b(?P<words>(?:half\s+)?an?(?=[\s-]+(?:{'|'.join(s for s in _SCALES if len(s) > 3)}|second|minute|"
    r"hour|day|week|month|year|decade|century|mile|kilomet))"
    rf"|(?:{_SPELLED})(?:(?:[\s-]+(?:and[\s-]+)?)(?:{_SPELLED}))*)\b)"
    r"(?P<half>\s+and\s+a\s+half)?"
    r"(?P<scale>(?:\s|-)?(?:hundred|thousand|million|billion|trillion|dozen|crore|lakh|bn|mn|tn|[mkb](?![\w²³]))\b)*"
    r"(?P<rank>(?:st|nd|rd|th)\b)?",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[\s-]{0,2}(?:of\s+(?:a\s+)?)?(?:US\s+|more\s+|full\s+|Australian\s+|Canadian\s+|square\s+)?"
    r"(%|°|percentage points?|per cent|[a-z]+)",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    rf"(?<![\w-])(?:{'|'.join(_ORDINALS)})\b(?!\s+(?:later|half\b))", re.IGNORECASE
)
_RANGE = re.compile(r"\s*(?:to|and|or|-|–|—)\s*", re.IGNORECASE)
ROUNDED = re.compile(
    r"(?:about|around|nearly|almost|roughly|some|over|under|more than|less than|fewer than|at least|up to|"
    r"approximately|close to|just)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at `[start:end)`: its value, and its unit: a currency's code, `%`, `h`, `km`…, "th" or "" for none.

    `rounded` says that the words before it leave it vague ("about", "nearly").
    """

    start: int
    end: int
    value: float
    unit: str
    money: bool
    rounded: bool = False


def figures(text: str, taken: Sequence[tuple[int, int]] = ()) -> list[Figure]:
    """Return the figures of a text in order, none within the slices that are `taken` (dates, names)."""
    found = [f for f in _read(text) if not any(a < f.end and f.start < b for a, b in taken)]
    found.sort(key=lambda f: f.start)
    for place, (first, second) in enumerate(pairwise(found)):
        # "$30 to $40 million": the first of a range has the scale and the unit of the second.
        # "Up 76% to $1.13bn" is none.
        alike = first.unit in ("", second.unit) or (first.money and not second.unit)
        if alike and _RANGE.fullmatch(text, first.end, second.start) and first.value < second.value:
            scale = 10.0 ** (3 * int(math.log10(second.value) // 3)) if second.value >= 1e6 else 1.0
            value = first.value * scale if first.value < 1e3 <= scale else first.value
            money, unit = (True, second.unit) if second.money else (first.money, first.unit)
            found[place] = replace(first, value=value, unit=unit or second.unit, money=money)
    return found


def agree(claimed: Figure, held: Figure) -> bool:
    """Whether a source's figure bears out a claimed one.

    The units must be the same; a figure without one may stand for any count, never for money. A vague
    claim ("about 1.7 billion") may be the rounded value.
    """
    if claimed.unit != held.unit and (
        claimed.money or held.money or "" not in (claimed.unit, held.unit)
    ):
        return False
    if abs(claimed.value - held.value) <= 1e-9 * max(abs(held.value), 1.0):
        return True
    near = abs(claimed.value - held.value) <= 0.05 * abs(held.value)
    return claimed.rounded and near


def _read(text: str) -> Iterator[Figure]:
    end = 0
    for match in _FIGURE.finditer(text):
        value = _value(match)
        if value is None or not math.isfinite(value) or match.start() < end:
            continue
        start, end = match.span()
        rounded = bool(ROUNDED.search(text[max(0, start - 20) : start]))
        unit, stop = "th" if match["rank"] else "", end
        sign = (match["sign"] or "").strip()
        if sign:
            unit = _SIGNS.get(
                sign[-1], {"EUR": "EUR", "GBP": "GBP", "USD": "USD"}.get(sign.upper(), "INR")
            )
        elif not unit and (after := _UNIT.match(text, end)):
            unit, stop = _unit(after, end)
        if (
            match["words"]
            and value == 1
            and not unit
            and not match["scale"]
            and "half" not in match[0].lower()
        ):
            continue  # "one of them" counts nothing
        money = bool(sign) or unit in _CURRENCIES.values()
        end = max(end, stop)
        yield Figure(start, end, value, unit, money, rounded)
    for match in _ORDINAL.finditer(text):
        yield Figure(*match.span(), _ORDINALS[match[0].casefold()], "th", False)


def _unit(after: re.Match[str], end: int) -> tuple[str, int]:
    word = after[1].casefold()
    singular = word[:-1] if word.endswith("s") and len(word) > 2 else word
    for name in (word, singular):
        if name == "pound":  # of money or of weight: money is what news counts in pounds
            return "GBP", after.end()
        if name in _CURRENCIES:
            return _CURRENCIES[name], after.end()
        if name in _UNITS:
            return _UNITS[name], after.end()
    return "", end


def _value(match: re.Match[str]) -> float | None:
    if match["digits"]:
        value = float(re.sub(r"[,   ]", "", match["digits"]))
    else:
        spelled = match["words"].casefold()
        read = _spelled(re.findall(r"[a-z]+", spelled))
        if read is None:
            return None
        value = read
    if match["half"]:
        value += 0.5
    begin = match.end("digits") if match["digits"] else match.end("words")
    for scale in (
        re.findall(r"[a-z]+", match.string[begin : match.end("scale")].casefold())
        if match["scale"]
        else ()
    ):
        if scale in _SCALES:
            value *= _SCALES[scale]
    return value


def _spelled(words: Sequence[str]) -> float | None:
    """The value of number words in English order: "one hundred and twenty thousand"."""
    total, part, seen = 0.0, 0.0, False
    for word in words:
        if word in ("a", "an"):
            part, seen = part + 1, True
        elif word == "half":
            part, seen = part - 0.5, True
        elif word in _WORDS:
            part, seen = part + _WORDS[word], True
        elif word in _SCALES:
            scale = _SCALES[word]
            seen = True
            if scale <= 100:
                part = (part or 1) * scale
            else:
                total, part = total + (part or 1) * scale, 0.0
    return total + part if seen else None
