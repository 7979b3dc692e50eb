"""The templates of drafts: each turns a sentence into a question and its answer, where it can.

They see one sentence, by its words alone: who did it, who said it, figures and dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from index.dates import MONTH

_NAME = r"[A-ZÀ-ÖØ-Þİ][\w’'-]+(?:\s+(?:(?:de|da|la|von|van|bin|al)\s+)?[A-ZÀ-ÖØ-Þİ][\w’'.-]*){1,3}"
_VERB = (
    r"(?:[a-z]\w*ed|led|said|told|won|lost|made|took|gave|held|met|began|ran|sent|built|found|became|kept|left|"
    r"put|set|wrote|spoke|paid|fell|stood|brought|bought|sold|flew|will \w+|has \w+ed)"
)
_ORG = re.compile(
    r"\b(?:Ministry|University|Company|Corporation|Bank|Agency|Council|Committee|Party|Union|Times|Post|"
    r"News|Daily|Inc|Court|Department|House|Senate|Group|Institute|Street|City|States|Kingdom|Islands?)\b"
)
_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"dozens of|hundreds of)"
)
_DATE = rf"(?:\d{{1,2}}\s+{MONTH}(?:\s+\d{{4}})?|{MONTH}\s+\d{{1,2}}(?:,\s+\d{{4}})?)"

_WHO = re.compile(rf"^({_NAME})(?:,[^,]{{3,60}},)?\s+({_VERB}\b.+)$")
_SAID = re.compile(
    rf"^({_NAME})(?:,[^,]{{3,60}},)?\s+(?:said|added|argued|warned)(?:\s+on\s+[A-Z][a-z]+day)?\s+"
    r"(?:that\s+)?(?!(?:on|in|at|to|by|of|after|when|as|during)\b)([^“”\"]+)$"
)
TITLE = re.compile(
    r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Lord|Lady|Baroness|President|Chancellor|Judge|"
    r"(?:(?:Prime|Foreign|Finance|Defence|Health|Home|Trade|Culture|Shadow)\s+)*(?:Minister|Secretary))\.?\s+"
)
"""A title before a person's name."""

_THING = re.compile(r"[A-Z]{2,}|\d|\w-\w|s$")
"""What a name has that may not be a person's; one that is asked for as "who or what" reads well too."""

_MANY = re.compile(rf"(?<![\w$€£.,-])({_NUMBER})\s+((?:[a-z]+\s+){{0,1}}[a-z]{{3,}}s)\b")
_MONEY = re.compile(
    r"(?<!\w)((?:US)?[$€£]\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:million|billion|trillion|bn|m)\b)?)(?![\w-]|[.,]\d)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r",\s+(?=(?:which|who|where|when|as|and|but|in what|an?|the|of|after|before|with|well)\b)"
)
_SHARE = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?)\s?(?:%|per cent|percent)(?!\w)")
_ON = re.compile(rf"\bon\s+({_DATE})(?!\w)")
_YEAR = re.compile(r"\bin\s+((?:19|20)\d\d)\b")
_LITTLE = frozenset("as is was has of in at on to by and or but for from with".split())
_ADDED = re.compile(
    r",\s+(?:he|she|it|they)\s+(?:said|says|added|noted|told\s.*|argued|warned|claimed|believes?)$",
    re.I,
)
_UNITS_OF_TIME = ("minutes", "hours", "days", "weeks", "months", "years", "seconds")

Made = tuple[str, str] | None


def _who(sentence: str) -> Made:
    match = _WHO.match(sentence)
    if match is None or _ORG.search(match[1]) or match[2].startswith(("said", "told")):
        return None
    thing = _THING.search(match[1]) and not TITLE.match(match[1])
    return f"{'Who or what' if thing else 'Who'} {_ask(match[2])}", match[1]


def _said(sentence: str) -> Made:
    match = _SAID.match(sentence)
    if match is None or _ORG.search(match[1]) or len(match[2].split()) < 6:
        return None
    return f"Who said that {_ask(match[2])}", match[1]


def _many(sentence: str) -> Made:
    match = _MANY.search(sentence)
    if match is None or match[2].split()[-1] in ("years", "percent", "times", "others"):
        return None
    if _YEAR.search(f"in {match[1]}") or match[2].split()[0] in _LITTLE:
        return None  # "in 2004 as sales fell"
    before = sentence[: match.start()].split()[-1:] or [""]
    if before[0].lower() in ("the", "to", "and", "or", "than", "between", "other") or (
        before[0][:1].isupper() and match.start() > 8
    ):
        return None  # "the two presidents", "two to three days", "Fortune 500"
    thing = match[2]
    long = thing.split()[-1] in _UNITS_OF_TIME and " " not in thing
    return _in_place(
        sentence, match, f"how many {thing}"
    ), f"{match[1]} {thing}" if long else match[1]


def _money(sentence: str) -> Made:
    match = _MONEY.search(sentence)
    if match is None or re.search(r"\b(?:the|an?|US)\s*$", sentence[: match.start()]):
        return None  # "the $1.90 level"
    return _in_place(sentence, match, "how much money"), match[1].rstrip(",")


def _share(sentence: str) -> Made:
    match = _SHARE.search(sentence)
    if match is None or re.search(r"\b(?:the|an?)\s*$", sentence[: match.start()]):
        return None
    return _in_place(sentence, match, "what percentage"), match[0]


def _on(sentence: str) -> Made:
    match = _ON.search(sentence)
    return (_in_place(sentence, match, "on what date"), match[1].rstrip(".")) if match else None


def _year(sentence: str) -> Made:
    match = _YEAR.search(sentence)
    return (_in_place(sentence, match, "in what year"), match[1]) if match else None


TEMPLATES: dict[str, Callable[[str], Made]] = {
    "who": _who, "said": _said, "how-many": _many, "money": _money, "share": _share, "date": _on,
    "year": _year,
}  # fmt: skip


def _in_place(sentence: str, match: re.Match[str], asked: str) -> str:
    """The sentence with the question where the answer stood; in front, where it began the sentence."""
    before, after = sentence[: match.start()], _ADDED.sub("", sentence[match.end() :].rstrip("."))
    clause = _CLAUSE.search(after)
    if clause and len(before.split()) + len(after[: clause.start()].split()) >= 7:
        after = after[: clause.start()]
    question = f"{before}{asked}{after}".strip()
    return question[0].upper() + question[1:] + "?"


def _ask(rest: str) -> str:
    rest = _ADDED.sub("", rest.strip().rstrip("."))
    clause = _CLAUSE.search(rest)
    if clause and len(rest[: clause.start()].split()) >= 7:
        rest = rest[: clause.start()]
    return rest + "?"
