"""What a question leaves unsaid: whether it is a fragment, points back, or could be asked of anything.

"and in 2024?", "when did he lead it?", "why was the idea turned down?", "how many people died?". What is to be
put in its place is for `qa.followup`.
"""

from __future__ import annotations

import re

from qa.question import names_in, read_question

_SMALL = frozenset(
    """
    a an the of to in on at by for from with as and or but is are was were be been do does did has have had
    who whom whose what which when where why how much many long far it its he she him his her they them their
    this that these those there then say said says one of according about into than not no yes could would
    will first please tell me us
    """.split()
)
_OPENS = re.compile(
    r"^\W*(?:(?:and|but|so|or|also|then|ok(?:ay)?|now)\b[\s,]*)*(?P<what>(?:what|how) about\b)?[\s,]*",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|did|does|do|is|are|was|were|has|have|had|will|would|can|"
    r"could|should)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:(?P<person>he|she|him|they|them|it)|(?P<whose>his|hers?|their|theirs|its)|(?P<there>there)|"
    r"(?P<one>(?:the|which|that|this|other|another) ones?|the same)|(?P<those>those|these|this|that))\b",
    re.IGNORECASE,
)
_THERE_IS = re.compile(
    r"\b(?:is|are|was|were|be|been|will)\s+$|^\s+(?:is|are|was|were|be|been)\b", re.IGNORECASE
)
_THAT = re.compile(
    r"^(?:\s*[?.!,;]|\s*$|\s+(?:out|time|year|day|week|month|place|figure|number|man|woman|meeting|deal|round|"
    r"happen\w*|cost|mean|bill|case|report|statement|decision|plan|claim|in|for|at|on|by|were|are|is|was)\b)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:was|is|were|are|did|does|do|has|had|will|would|can|could)\s+$", re.IGNORECASE
)
_CALENDAR = re.compile(
    r"^\s+(?:week|month|year|morning|evening|summer|autumn|spring|winter)\b", re.IGNORECASE
)
_IMPERSONAL = re.compile(r"^\s+(?:takes?|took|costs?|needs?|needed)\b.*\bto\b", re.IGNORECASE)
_AFTER_SUBJECT = re.compile(
    r"^\s+(?!(?:in|on|at|to|for|from|with|by|of|and|or|against|after|before|into|about|over|during|as)\b)[a-z]+",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\b(?:did|does|do|has|have|had|will|would|the|an?)\s+(?!(?:he|she|it|they|you|we|i|not|the|an?)\b)[a-z]{3,}\s",
    re.IGNORECASE,
)
_COUNTS_NOTHING = re.compile(
    r"\bhow many\s+(?:did|do|does|were|was|are|is|have|has|had|will|of|in|on|from|by)\b",
    re.IGNORECASE,
)
_DEFINITE = re.compile(
    r"\bthe\s+(?!(?:most|first|last|same)\b)([a-z]{3,})(?:\s+([a-z]{3,}))?", re.IGNORECASE
)
_ANYTHING = frozenset(
    """
    accident agreement amount attack attacker building captain case chief claim coach company cost crew deal
    decision driver event figure firm group gunman idea incident investigators judge killer man manager mayor
    meeting money motive move number offer owner passengers people person pilot place plan police price
    project proposal reason rescuers result rise ruling school second sentence ship shooter site step suspect
    team third toll total trial verdict victim victims vote winner woman work
    """.split()
)
"""What nearly anything may be called that was spoken of in other words."""

_OF_ANY_EVENT = frozenset(
    """
    afterwards america anybody anyone arrested began begin britain came cases casualties cause caused closed cost
    damage dead decided died end ended escaped europe finally finished happen happened hurt injured involved
    killed later lose lost next open opened over paid pay people person reopen reopened rescued responsible
    quit resign resigned second third
    start started survived take there took uk us victims win won world worldwide wounded
    """.split()
)
"""What can be asked about whatever was spoken of, and says not about what."""

_OPENER = re.compile(
    r"^\W*(?:(?:can|could|would|should) (?:you|we|i|he|she|they|it)\b|"
    r"(?:after|before|during|since|under|name|list|describe|explain|give|show|tell|summari[sz]e|please)\b)",
    re.IGNORECASE,
)
"""What only its place gives a capital."""


def fragment_of(question: str) -> str | None:
    """What is new in "and in 2024?" or "what about Ukraine?"; None for a whole question."""
    opens = _OPENS.match(question)
    rest = question[opens.end() if opens else 0 :].strip(" ?!.")
    if opens and opens["what"]:
        return rest
    words = re.findall(r"\w+", rest)
    if not _ASKS.search(rest) and len(words) <= 6 and ((opens and opens.end()) or len(words) <= 4):
        return rest
    # "why?", "how many?", "where exactly?"
    content = [w for w in words if w.casefold() not in _SMALL]
    return (
        "" if len(words) <= 3 and len(content) <= 1 and not read_question(question).names else None
    )


def points_back(question: str) -> bool:
    """Whether a word of the question stands for something that the question does not name."""
    if _COUNTS_NOTHING.search(question):
        return True
    for found in _PRONOUN.finditer(question):
        before, after = question[: found.start()], question[found.end() :]
        existential = _THERE_IS.search(before) and re.match(r"\s+\w", after)
        if found["there"] and (existential or _THERE_IS.match(after)):
            continue
        if found["those"]:
            joins = found[0].casefold() == "that" and not _THAT.match(after)
            if (joins and not _VERB.search(before)) or _CALENDAR.match(after):
                continue
        if found[0].casefold() == "it" and _IMPERSONAL.match(after):
            if names_of(after) or _DEFINITE.search(after):  # it took … to refloat the ship
                continue
            return True
        if found["person"] or found["whose"]:
            named = len(names_of(before)) + bool(_THING.search(f"{before} "))
            subject = found["whose"] or _AFTER_SUBJECT.match(after)
            if named and (subject or len(names_of(before)) > 1):
                continue
        return True
    return False


def is_definite(question: str, said: str) -> bool:
    """Whether what was said tells which one is meant: "why was the idea turned down?".

    A thing that was not spoken of is a new subject: "who won the chess match?" after a question about talks.
    """
    things = [w.casefold() for f in _DEFINITE.finditer(question) for w in f.groups() if w]
    if not things or names_of(question) or len(content(question)) > 3:
        return False
    spoken = {s for word in re.findall(r"[a-z]+", said.casefold()) for s in (word, f"{word}s")}
    return any(t in spoken or f"{t}s" in spoken or t in _ANYTHING for t in things)


def says_nothing(question: str) -> bool:
    """Whether it could be asked of any event: "how many people died?", "who took over?"."""
    said = {w.casefold() for w in content(question)}
    return bool(said) and said <= _OF_ANY_EVENT and not re.search(r"\d", question)


def names_of(text: str) -> list[str]:
    """The names of a text, without the small words that only their place makes capitals."""
    found = []
    for name in names_in(_OPENER.sub("", text)):
        words = name.removesuffix("’s").removesuffix("'s").split()
        while words and words[0].casefold() in _SMALL:
            words = words[1:]
        if words:
            found.append(" ".join(words))
    return found


def content(text: str) -> list[str]:
    """Return the names of a text, then its other words that say something."""
    names = names_of(text)
    taken = {w for name in names for w in re.findall(r"\w+", name.casefold())}
    rest = [
        w
        for w in re.findall(r"[\w'’-]+", text)
        if w.casefold().removesuffix("'s").removesuffix("’s") not in _SMALL | taken and len(w) > 2
    ]
    return names + rest
