"""The parts of a sentence that have the form which a question asks for.

A date for "when", a figure for "how many", a name for "who" and "where". What the question itself mentions
is no answer. Which part is the answer is for the reader to say; why, how and what have no form here.
"""

from __future__ import annotations

import re

from qa.days import days
from qa.question import Kind, Question

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_FIGURE = (
    r"(?<![\d:])\d(?![\d,]*:\d)[\d,]*(?:\.\d+)?(?:[-–]\d[\d,]*(?:\.\d+)?)?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|hundreds?|thousands?|dozens?|a dozen|half|a third|a quarter)\b"
)
_SCALE = r"(?:\s*(?:hundred|thousand|million|billion|trillion|bn|m|k)(?![^\W\d_]))?"
_ABOUT = (
    r"(?:(?:about|around|nearly|almost|close to|more than|less than|fewer than|at least|up to|"
    r"(?<!hand )(?<!hands )(?<!handed )(?<!handing )(?<!turned )(?<!took )over|under|"
    r"just over|roughly|some|as many as)\s+)?"
)
_UNIT_OF_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|nights?)"

_FORMS: dict[Kind, re.Pattern[str]] = {
    "when": re.compile(
        rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:\s*,?\s*\d{{4}})?)|(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?"
        rf"(?!\d)(?:\s*,\s*\d{{4}})?)|(?:{_MONTH}\s+\d{{4}})|(?:\b(?:in|since|until|by|from)\s+(?:1[5-9]|20)\d\d\b)|"
        rf"(?:\b(?:last|next|this|on|early|late)\s+(?:{_DAY}|{_MONTH}|week|month|year|morning|night)\b)|(?:\b{_DAY}\b)|"
        rf"(?:\b\d{{1,2}}:\d\d(?:\s*(?:UTC|GMT|[ap]\.?m\.?))?)|(?:\b\d{{1,2}}(?:\.\d\d)?\s?[ap]\.?m\b\.?)|(?:\b(?:1[5-9]|20)\d\d\b)|(?:\bin\s+{_MONTH})"
    ),
    "money": re.compile(
        rf"{_ABOUT}(?:(?:US)?[$€£¥₹]\s?\d[\d,]*(?:\.\d+)?{_SCALE}(?:\s+(?:to|and|[-–])\s+[$€£¥₹]?\d[\d,]*(?:\.\d+)?{_SCALE})?|"
        rf"\d[\d,]*(?:\.\d+)?{_SCALE}\s+(?:dollars?|euros?|pounds?|rupees?|yen|yuan|roubles?|rubles?|lira)\b)",
        re.IGNORECASE,
    ),
    "duration": re.compile(
        rf"{_ABOUT}(?:(?:{_FIGURE}|an?|several)(?:\s+and\s+a\s+half)?[\s-]+(?:more\s+)?{_UNIT_OF_TIME}\b(?:[\s-]old\b)?|"
        rf"(?:aged?|age of)\s+\d+|(?<![\d,.])\d{{1,3}},(?!\d))",
        re.IGNORECASE,
    ),
    "quantity": re.compile(
        rf"{_ABOUT}(?:[$€£¥₹]\s?)?(?:{_FIGURE}){_SCALE}(?:\s*(?:%|per ?cent|percent|kilometres|kilometers|km|"
        rf"metres|meters|miles|feet|tonnes|tons|{_UNIT_OF_TIME}\b))?",
        re.IGNORECASE,
    ),
}  # fmt: skip

_PERSON_OR_BODY = re.compile(
    r"\b[A-ZÀ-ÖØ-Þİ][\w’'-]*\.?(?:\s+(?:(?:of|de|la|von|van|bin|al|al-)\s+)?[A-ZÀ-ÖØ-Þİ][\w’'-]*\.?)*"
)
_PLACE = re.compile(
    r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Oo]utside|[Ii]nside|[Tt]o|[Ff]rom|[Oo]n|[Oo]ff|[Aa]round|[Tt]hrough)\s+"
    r"((?:the\s+)?(?:[a-z]+\s+of\s+)?[A-ZÀ-ÖØ-Þİ][\w’'-]*(?:\s+(?:of\s+|the\s+)*[A-ZÀ-ÖØ-Þİ][\w’'-]*)*)"
)
_NOT_A_NAME = {
    "the", "a", "an", "it", "he", "she", "they", "we", "i", "you", "his", "her", "its", "their", "this", "that",
    "these", "those", "there", "in", "on", "at", "by", "for", "from", "to", "of", "and", "but", "or", "if", "when",
    "while", "after", "before", "as", "with", "without", "no", "not", "all", "both", "one", "some", "most", "many",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march",
    "april", "may", "june", "july", "august", "september", "october", "november", "december", "what", "who",
    "yes", "so", "then", "now", "today", "yesterday", "earlier", "later", "our", "your", "my",
}  # fmt: skip


def candidates(sentence: str, question: Question) -> list[tuple[int, int]]:
    """Return the `(start, end)` of the parts that have the form asked for and are not in the question."""
    kind = question.kind
    if kind in ("who", "other"):
        found = list(_names(sentence))
        if kind == "other":
            return []
    elif kind == "where":
        found = [m.span(1) for m in _PLACE.finditer(sentence)]
    elif kind in _FORMS:
        found = [m.span() for m in _FORMS[kind].finditer(sentence) if m.group().strip()]
        if kind == "quantity":  # "19 July" counts nothing
            dated = [(d.start, d.end) for d in days(sentence) if d.month]
            found = [(a, b) for a, b in found if not any(a < y and x < b for x, y in dated)]
    else:
        return []
    asked = question.text.casefold()
    known = set(re.findall(r"\w+", asked))
    return [
        (a, b) for a, b in found if not set(re.findall(r"\w+", sentence[a:b].casefold())) <= known
    ]


def _names(sentence: str) -> list[tuple[int, int]]:
    spans = []
    for match in _PERSON_OR_BODY.finditer(sentence):
        start, end = match.span()
        words = re.findall(r"\S+", match.group())
        # A sentence may open with a small word that only its place makes a capital.
        while words and words[0].casefold().strip(".,'’") in _NOT_A_NAME:
            start += len(words[0])
            while start < end and sentence[start] == " ":
                start += 1
            words = words[1:]
        if words and len(sentence[start:end].strip(".")) > 1:
            text = sentence[start:end]
            for possessive in ("’s", "'s"):
                text = text.removesuffix(possessive)
            spans.append((start, start + len(text.rstrip("."))))
    return spans
