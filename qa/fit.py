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
_TIME_FROM = re.compile(r"\s+(?:after|before)\b", re.IGNORECASE)
_LASTS = (
    r"(?:for|in|of|over|within|last(?:s|ed|ing)?|took|takes?|taken|spen[dt]|waited|needed|miss(?:ed)?|served?|stayed|"
    r"remained|ran)(?:\s+(?:about|around|nearly|almost|some|roughly|just|over|more|less|than|at|least|up|to|an?|the|another|"
    r"only)\b){0,3}\s*"
)
_LASTS_BEFORE, _LASTS_AT = (re.compile(p, re.IGNORECASE) for p in (rf"\b{_LASTS}$", rf"\b{_LASTS}"))
_APART = re.compile(r"\W*\b(?:late|later|earlier|ago)\b", re.IGNORECASE)


_OF_TIME = frozenset(["", "th", "s", "min", "h", "d", "wk", "mo", "y", "decade", "century"])
_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_RANK = re.compile(
    r"\W*(?:the )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th))\W*",
    re.IGNORECASE,
)
_PERCENTAGE = re.compile(r"\b(?:percentage|per ?cent|what proportion)\b", re.IGNORECASE)
_PER_CENT = re.compile(r"\s*(?:%|per ?cent|percentage)", re.IGNORECASE)
_PART = re.compile(
    r"%|\b(?:hal(?:f|ves)|thirds?|quarters?|fifths?|tenths?|majority|most|all|none|of|in|per ?cent)\b",
    re.IGNORECASE,
)
_ROLE_BEFORE = re.compile(r"\b[Tt]he ([a-z]+(?: [a-z]+)?), $")


def _done_to(role: str, asked: str) -> bool:
    """Whether "who" asks for another than the one of that role, who stands behind the verb: "who paid the mayor?"."""
    verb = r"(?!is\b|was\b|are\b|were\b|became\b|will\b|has\b|had\b)\w+"
    return bool(re.match(rf"\W*who {verb}(?: \w+)?? the {role}\W*$", asked, re.IGNORECASE))


_WHAT_SAID = re.compile(
    r"\bwhat (?:did|does|has|have) ((?:\S+ ){1,6})(?:say|said|tell|told|claim|claimed)\b",
    re.IGNORECASE,
)
_SPEAKS = re.compile(
    r"[\"“”„«]|\b(?:according to|statement|(?:ac)?knowledg|accus|admit|add(?:ed|s)\b|agree|announc|apologi|argu|"
    r"ask|assert|believ|blam|call|cit(?:e|ing)|claim|comment|complain|conced|concern|conclud|condemn|confirm|contend|critici|declar|"
    r"defend|demand|den(?:y|ied|ies)\b|describ|disclos|dismiss|disput|estimat|expect|explain|express|found\b|hail|hint|"
    r"hop(?:e|ing)|insist|joke|label|maintain|mention|not(?:e|ing)|pledg|point|posted|prais|predict|promis|propos|question|recall|refer|"
    r"refus|reject|remark|repl|report|respon|reveal|rul|said|say|speak|spoke|stated\b|stating|stress|suggest|talk|tell|"
    r"testif|thank|think|thought|threat|told|tweet|urg|voic|vow|want|warn|welcom|wish|word|writ|wrote)",
    re.IGNORECASE,
)
"""What tells of somebody's words: a quotation, or the stem of a verb of saying."""


def speaks(text: str, question: Question) -> bool:
    """Whether a text tells of words at all, where the question is what somebody whom it names said."""
    asked = _WHAT_SAID.search(question.asked)
    named = asked and any(name in asked[1] for name in question.own_names)
    return not named or bool(_SPEAKS.search(text))


def fits(answer: str, question: Question, after: str = "", before: str = "") -> bool:
    """Whether `answer` has the form of an answer to the question, `before` and `after` beside it in its sentence."""
    said = [w for w in re.findall(r"[\w’']+", answer) if w]
    if not said or all(w.casefold() in _PRONOUNS for w in said):
        return False
    asked = set(re.findall(r"[\w’']+", question.asked.casefold()))
    if all(w.casefold() in asked for w in said):
        return False
    if question.kind == "when":
        if _LENGTH.search(answer) and _FROM.match(after) and not _FROM.search(question.asked):
            return False  # "7 July, 106 days after it ran aground" is not when it did
        measured = figures(answer)
        if measured and not days(answer) and all(f.unit not in _OF_TIME for f in measured):
            return False  # "6.21 metres"
        return bool(_WHEN.search(answer) or days(answer))
    if question.kind == "duration" and _APART.match(after) and not _APART.search(question.asked):
        return False  # "started two hours late" is not how long it lasted
    if (
        question.kind == "duration"
        and _LENGTH.search(answer)
        and _TIME_FROM.match(after)
        and not _FROM.search(question.asked)
        and not (_LASTS_BEFORE.search(before) or _LASTS_AT.match(answer))
    ):
        return False  # nor is "fell ill five days after her dose"; "was stuck for six days before it moved" is
    counted = figures(answer)
    if _HOW_LONG.search(question.asked) and counted and not _TIMED.search(answer):
        return False  # nor is "117" how long it was prepared, or "about twenty to eight"
    if question.kind == "money" and counted and all(f.unit and not f.money for f in counted):
        return False  # "400 metres"
    if question.kind == "quantity":
        if _HOW_MANY.search(question.asked) and _RANK.fullmatch(answer):
            return False  # "got the third"
        shared = (
            any(f.unit == "%" for f in counted) or _PART.search(answer) or _PER_CENT.match(after)
        )
        if counted and _PERCENTAGE.search(question.asked) and not shared:
            return False  # "11,873 votes"
    if question.kind in ("quantity", "money", "duration"):
        return bool(counted or _MANY.search(answer))
    if question.kind == "who":
        follows = re.match(
            r"\s*([^\W\d_]+)", after
        )  # "former Prime Minister" before the name asked about
        if follows and follows[1][0].isupper() and follows[1].casefold() in asked:
            return False
        # "The mayor, Colin Abara, urged them": of him it is asked who criticised the mayor.
        if (role := _ROLE_BEFORE.search(before)) and _done_to(role[1].casefold(), question.asked):
            return False
        words = {w.casefold() for w in said}
        for name in question.own_names:  # "Alexander Boris Johnson" did not succeed Boris Johnson
            parts = [w.casefold() for w in re.findall(r"[\w’']+", name)]
            if len(parts) > 1 and words.issuperset(parts):
                return False
        return any(w[:1].isupper() for w in said) or not figures(answer)
    return True
