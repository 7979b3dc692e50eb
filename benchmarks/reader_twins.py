"""Questions that the text nearly answers, made from questions that it answers.

A name, a figure or a role in the question is exchanged for another of the same kind: "who led Russia's
delegation?" becomes "who led Ukraine's delegation?". The sentence that answered the first does not answer
the second; a network that reads only for likeness does not see it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’-]+(?:\s+(?:of\s+(?:the\s+)?)?[A-ZÀ-ÖØ-Þ][\w’-]+)*")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_FIGURE = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_ASKING = {"Who", "What", "When", "Where", "Why", "How", "Which", "Whose", "Whom", "In", "On", "At", "The", "A",
           "For", "By", "To", "From", "During", "After", "Before", "Of", "Did", "Does", "Is", "Was", "Were", "Are",
           "According", "I", "If", "Name", "With", "Under", "Along", "Since", "Besides"}  # fmt: skip
_ROLES = [
    "first last", "north south", "northern southern", "east west", "eastern western", "before after", "won lost",
    "largest smallest", "highest lowest", "most least", "more fewer", "increase decrease", "increased decreased",
    "rise fall", "rose fell", "began ended", "begin end", "start end", "started stopped", "oldest youngest",
    "earliest latest", "father mother", "son daughter", "brother sister", "king queen", "husband wife", "men women",
    "president secretary", "minister ambassador", "chairman treasurer", "buyer seller", "buy sell", "bought sold",
    "accept reject", "accepted rejected", "agree refuse", "agreed refused", "support oppose", "supported opposed",
    "allowed banned", "gain lose", "gained lost", "win lose", "arrive leave", "arrived left", "born killed",
    "old new", "early late", "maximum minimum", "upper lower", "inside outside", "import export", "day week",
    "month year", "attacked defended", "created destroyed", "founded closed", "opened closed", "joined left",
    "best worst", "second third", "fastest slowest", "longest shortest", "above below", "public private",
    "male female", "positive negative", "strong weak", "rich poor", "hot cold", "death birth", "died married",
]  # fmt: skip
_OTHER_ROLE: dict[str, str] = {}
for _pair in _ROLES:
    _a, _b = _pair.split()
    _OTHER_ROLE.setdefault(_a, _b)
    _OTHER_ROLE.setdefault(_b, _a)


def names(text: str) -> list[str]:
    """Return the capitalised expressions of a text, not those that only open a sentence."""
    found = []
    for match in _NAME.finditer(text):
        words = match.group().split()
        while words and words[0] in _ASKING:
            words = words[1:]
        if words and words[0] not in _MONTHS + _WEEKDAYS and (match.start() or len(words) > 1):
            found.append(" ".join(words))
    return found


def twin(question: str, near: Sequence[str], far: Sequence[str], pick: random.Random) -> str | None:
    """Return the question with one particular exchanged, or None when it has none.

    `near` and `far` are names to take instead: of the same article, and of others.
    """
    ways = []
    if own := names(question):
        ways += ["name"] * 3
    if _YEAR.search(question):
        ways += ["year"] * 3
    elif _FIGURE.search(question):
        ways += ["figure"] * 2
    if dated := [w for w in re.findall(r"[A-Z][a-z]+", question) if w in _MONTHS + _WEEKDAYS]:
        ways += ["date"] * 2
    if roles := [w for w in re.findall(r"[a-z]+", question) if w in _OTHER_ROLE]:
        ways += ["role"] * 2
    if not ways:
        return None
    way = pick.choice(ways)
    if way == "name":
        old = pick.choice(own)
        pool = near if near and pick.random() < 0.6 else far
        # As many words as before, so that a person takes a person's place more often than not.
        like = [n for n in pool if len(n.split()) == len(old.split())] or list(pool)
        fit = [n for n in like if not _shares(n, question)]
        return _exchanged(question, old, pick.choice(fit)) if fit else None
    if way == "year":
        old = pick.choice(_YEAR.findall(question))
        step = pick.choice([-40, -12, -5, -3, -2, -1, 1, 2, 3, 4, 7, 15, 30])
        return _exchanged(question, old, str(int(old) + step))
    if way == "figure":
        old = pick.choice(_FIGURE.findall(question))
        digits = re.sub(r"\d", lambda m: str((int(m.group()) + pick.randint(1, 8)) % 10), old)
        return _exchanged(question, old, digits)
    if way == "date":
        old = pick.choice(dated)
        kind = _MONTHS if old in _MONTHS else _WEEKDAYS
        return _exchanged(question, old, pick.choice([w for w in kind if w != old]))
    old = pick.choice(roles)
    return _exchanged(question, old, _OTHER_ROLE[old])


def _shares(name: str, question: str) -> bool:
    known = set(re.findall(r"\w+", question.lower()))
    return bool(set(re.findall(r"\w+", name.lower())) & known)


def _exchanged(text: str, old: str, new: str) -> str | None:
    result = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text, count=1)
    return result if result != text else None
