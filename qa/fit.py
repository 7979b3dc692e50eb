"""Whether a few words can be the answer to a question at all: a figure to "how many", a name to "who".

What the question says itself is no answer to it, nor is a bare pronoun.
"""

from __future__ import annotations

import re

from qa.days import days
from qa.figures import figures
from qa.question import Question

_PRONOUNS = frozenset(
    "he she it they we you i him her them us this that these those who which what one his its their both there here "
    "himself herself itself themselves".split()
)
_WHEN = re.compile(
    r"\d|\b(?:spring|summer|autumn|winter|centur(?:y|ies)|decades?|christmas|easter|midnight|noon|"
    r"(?:last|next|this|past) \w+|(?:day|night|week|month|year|hour)s? (?:before|after|ago|later|earlier))\b",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\d|\b(?:no|none|half|third|quarter|dozens?|hundreds?|thousands?|millions?|billions?|trillions?|several|many|few|"
    r"most|all|both|every|once|twice|double|triple|majority|single|only|more|less|lot|little|pair|couple|percent|"
    r"an?|year|month|week|day|decade|century|life|lifetime|daily|weekly|annually|often|rarely|never|free|nothing|zero)\b",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"\b(?:second|minute|hour|day|week|month|year|decade)s?\W*$")
_TIMED = re.compile(
    r"\b(?:second|minute|hour|day|night|week|month|year|decade|centur(?:y|ie)|round|lap|generation)s?\b|\b(?:since|until|till|from)\b",
    re.IGNORECASE,
)
_HOW_LONG = re.compile(
    r"\bhow long (?:did|does|do|was|were|has|have|had|will|would|ago|it)\b", re.IGNORECASE
)
_FROM = re.compile(r"\W*\b(?:after|before)\b", re.IGNORECASE)
_APART = re.compile(r"\W*\b(?:late|later|earlier|ago)\b", re.IGNORECASE)


def fits(answer: str, question: Question, after: str = "") -> bool:
    """Whether `answer` has the form of an answer to the question; `after` is what follows it in its sentence."""
    said = [w for w in re.findall(r"[\w’']+", answer) if w]
    if not said or all(w.casefold() in _PRONOUNS for w in said):
        return False
    asked = set(re.findall(r"[\w’']+", question.asked.casefold()))
    if all(w.casefold() in asked for w in said):
        return False
    if question.kind == "when":
        if _LENGTH.search(answer) and _FROM.match(after) and not _FROM.search(question.asked):
            return False  # "7 July, 106 days after it ran aground" is not when it did
        return bool(_WHEN.search(answer) or days(answer))
    if question.kind == "duration" and _APART.match(after) and not _APART.search(question.asked):
        return False  # "started two hours late" is not how long it lasted
    counted = figures(answer)
    if _HOW_LONG.search(question.asked) and counted and not _TIMED.search(answer):
        return False  # nor is "117" how long it was prepared, or "about twenty to eight"
    if question.kind == "money" and counted and all(f.unit and not f.money for f in counted):
        return False  # "400 metres"
    if question.kind in ("quantity", "money", "duration"):
        return bool(counted or _MANY.search(answer))
    if question.kind == "who":
        follows = re.match(
            r"\s*([^\W\d_]+)", after
        )  # "former Prime Minister" before the name asked about
        if follows and follows[1][0].isupper() and follows[1].casefold() in asked:
            return False
        words = {w.casefold() for w in said}
        for name in question.own_names:  # "Alexander Boris Johnson" did not succeed Boris Johnson
            parts = [w.casefold() for w in re.findall(r"[\w’']+", name)]
            if len(parts) > 1 and words.issuperset(parts):
                return False
        return any(w[:1].isupper() for w in said) or not figures(answer)
    return True
