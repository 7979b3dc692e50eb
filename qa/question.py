"""What a question asks for, read from its words: the kind of answer, and what an answer must mention.

Rules for English questions; a question in another language is of the kind `other` and loses nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["who", "when", "where", "quantity", "money", "duration", "why", "how", "other"]

_ASKED = r"(?:(?:^|[.?!,;:]|\band|\bor|\bbut|\bfrom|\bsince)[\s\"'“‘]*)"
"""Where a "when" or a "where" may ask; elsewhere it joins two clauses."""

_FORMS: list[tuple[Kind, str]] = [
        ("why", r"\bwhy\b|\bfor what reason\b|\bwhat (?:caused|led to|was the reason|is the reason)\b|\bhow come\b"),
        ("money", r"\bhow much money\b|\bhow much (?:does|did|do|will|would|is|was|has|were|are)\b.*\b(?:cost|pay|paid|"
                  r"worth|claim|price|spen[dt]|earn|ask|raise|give|lose|lost|seek|sought|need|demand|charge|promise|donat)|"
                  r"\bwhat\b(?! happened).*\b(?:price|cost|fee|budget|bill|salary)\b|\bwhat (?:was|were|is|are|did)\b"
                  r".*\b(?:loss|losses|compensation|fine|debt|revenue|profit)\b|"
                  r"\bwhat (?:did|does|do|will|must|has|have)\b.*\b(?:pay|cost)\b"),
        ("duration", r"\bhow long\b|\bhow many (?:second|minute|hour|day|week|month|year)s?\b|\bhow old\b"),
        ("quantity", r"\bhow (?:many|much|far|big|large|tall|high|deep|heavy|fast|wide|often)\b|"
                     r"\bwhat (?:\w+ ){0,3}?(?:number|percentage|percent|share|figure|proportion|estimate)s?\b"
                     r"(?! (?:theory|line|system|field))"),
        ("when", rf"{_ASKED}when\b|\b(?:what|which) (?:date|day|month|year|time)\b|"
                 r"\bon (?:what|which) (?:date|day)s?\b|\bdates? (?:on|by) which\b|\bsince when\b"),
        ("where", rf"{_ASKED}where\b|\b(?:what|which) (?:city|country|place|town|state|venue|palace|building|airport|"
                  r"port|village|continent|location)\b"),
        ("who", r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|man|woman|president|minister|leader|official|"
                r"actor|actress|singer|player|company|firm|insurer|outlet|group|team|agency|organi[sz]ation)\b|"
                r"\bwhat (?:is|was|are|were) (?:the |his |her |their )?names?\b"),
        ("how", r"\bhow\b"),
        ("other", r"\b(?:what|which)\b"),
]  # fmt: skip
_KEYWORDS: list[tuple[Kind, str]] = [
        ("money", r"\b(?:price|cost|fee|budget|bill|salary)\b"),
        ("quantity", r"\b(?:figure|number|toll|estimate)s?\b"),
        ("when", r"\bwhen\b|\bdates? (?:when|did|of)\b"),
        ("where", r"\bwhere\b|\bvenue\b"),
        ("who", r"\bname of\b"),
]  # fmt: skip
"""What a question without a question word asks for: "death toll uvalde"."""

_KINDS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _FORMS]
_TOPICS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KEYWORDS]
_CLAUSE = re.compile(
    r"^\W*(?:when|where|how|while|after)\b[^,?]+,\s*(?=(?:who|what|which|where|when|why|how)\b)",
    re.I,
)

FRESH = re.compile(
    r"\b(?:now|latest|newest|current(?:ly)?|today|recent(?:ly)?|so far|still|to date|at present|"
    r"this (?:week|month|year)|these days)\b",
    re.IGNORECASE,
)
"""What asks for the newest there is."""

_PRONOUN = re.compile(
    r"\b(?:he|she|him|his|her|hers|they|them|their|theirs|it|its|this|that|those|these|there|then|one|ones|same)\b",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(r"^(?:and|but|so|or|also|what about|how about|then)\b", re.IGNORECASE)
_NAME = re.compile(
    r"\b[A-ZÀ-ÖØ-Þİ][\w’'.-]*(?:\s+(?:(?:of|the|de|la|von|van|bin|al|al-)\s+)?[A-ZÀ-ÖØ-Þİ][\w’'.-]*)*"
)
_YES_OR_NO = re.compile(
    r"\W*(?:and |but |so )?(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would|should|may|must)\b",
    re.IGNORECASE,
)
_ASKS_FOR = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how)\b[^,.;]*\?", re.IGNORECASE
)
_NUMBER = re.compile(r"\b\d[\d.,]*\b")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read: `names` are its capitalised expressions (not its first word), `numbers` its figures."""

    text: str
    kind: Kind
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    leads_on: bool

    @property
    def asked(self) -> str:
        """The text without what a follow-up was completed with, in brackets."""
        return self.text.partition(" (")[0]

    @property
    def own_names(self) -> tuple[str, ...]:
        """The names that it has without what it was completed with."""
        return tuple(name for name in self.names if name in self.asked)

    @property
    def yes_or_no(self) -> bool:
        """Whether it asks if something is so: the sentences are to be read, no words of them are the answer."""
        return bool(_YES_OR_NO.match(self.text)) and not _ASKS_FOR.search(self.text)


def read_question(text: str) -> Question:
    """Return what the words of a question say about its answer."""
    kind = _kind(text)
    first = re.match(r"\W*\w+", text)
    body_start = first.end() if first else 0
    names = tuple(
        m.group().removesuffix("’s").removesuffix("'s").rstrip(".")
        for m in _NAME.finditer(text)
        if m.start() >= body_start
    )
    numbers = tuple(m.group().rstrip(".,") for m in _NUMBER.finditer(text))
    words = re.findall(r"\w+", text)
    leads_on = bool(
        _LEADS_ON.match(text.strip()) or _PRONOUN.search(text) or (len(words) <= 4 and not names)
    )
    return Question(text, kind, names, numbers, leads_on)


def _kind(text: str) -> Kind:
    """What the first question word asks for: in "who knocked when it reopened?" it is not a time."""
    body = text[clause.end() :] if (clause := _CLAUSE.match(text)) else text
    found = [(m.start(), n) for n, (_, p) in enumerate(_KINDS) if (m := p.search(body))]
    topic: Kind = next((kind for kind, pattern in _TOPICS if pattern.search(body)), "other")
    return _KINDS[min(found)[1]][0] if found else topic


def names_in(text: str) -> list[str]:
    """Return the capitalised expressions of a text in order, those that open a sentence included."""
    return [m.group().rstrip(".") for m in _NAME.finditer(text)]
