"""Follow-ups made to stand alone without a model, from what was said before.

"and when did he lead it?" is searched with the names and rare words of the last question and answer in
brackets; "what about Ukraine?" becomes the last question with the name exchanged, "and according to the
Americans?" the last question with that behind it. A question that names its own subject is left as it is. The
question that the person typed is what is shown beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.question import names_in, read_question
from qa.types import Message

_SMALL = frozenset(
    """
    a an the of to in on at by for from with as and or but is are was were be been do does did has have had
    who whom whose what which when where why how much many long far it its he she him his her they them their
    this that these those there then say said says one of according about into than not no yes could would
    will first please tell me us
    """.split()
)
_MOST = 14
_NO_ANSWER = re.compile(r"^\W*(?:no answer|the articles (?:hold|do not|don't))", re.IGNORECASE)

_OPENS = re.compile(
    r"^\W*(?:(?:and|but|so|or|also|then|ok(?:ay)?|now)\b[\s,]*)*(?P<what>(?:what|how) about\b)?[\s,]*",
    re.IGNORECASE,
)
_QUALIFIES = re.compile(
    r"(?:according to|after|before|at|by|during|for|from|in|on|since|under|until|with|without)\b",
    re.IGNORECASE,
)
"""How a fragment begins that leaves the question as it was: "and according to the Americans?"."""

_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|did|does|do|is|are|was|were|has|have|had|will|would|can|"
    r"could|should)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:(?P<person>he|she|him|they|them|it)|(?P<whose>his|hers?|their|theirs|its)|(?P<there>there)|"
    r"(?P<those>those|these|this|that)|(?P<one>(?:the|which|that|this|other|another) ones?|the same))\b",
    re.IGNORECASE,
)
_OF_WHO = re.compile(r"^\W*who\s+\w+\s+([^?,.;]{3,60}?)\W*$", re.IGNORECASE)
_IT = re.compile(r"\b(?:it|them)(?=\W*$)", re.IGNORECASE)
_HE = re.compile(
    r"(\b(?:did|does|do|has|had|will|would|was|is|of|to|by|for|with)\s)(?:he|she|him)\b",
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
    accident agreement amount attack building case claim company cost deal decision event figure firm group idea
    incident judge man meeting money move number offer people person place plan price project proposal reason
    result rise ruling second sentence ship site step suspect team third toll total trial verdict victim victims
    vote winner woman work
    """.split()
)
"""What nearly anything may be called that was spoken of in other words."""

_CALENDAR_NAME = re.compile(
    r"(?:\w+ )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|"
    r"October|November|December"
)
_ORIGIN = re.compile(r"\s\([^()\n]+, (?:\d{1,2} )?[A-Z][a-z]+ \d{4}\)(?=\s|$)")
_TOLD = 300
"""Characters of an answer whose names are looked for."""

_ONE = re.compile(r"^(?:the\s+)?([A-ZÀ-ÖØ-Þİ][\w’'-]+)\s+(?:ones?|side|team)$")
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")


def stand_alone(question: str, history: Sequence[Message]) -> str:
    """Return the question so that it can be understood alone, or as it is when it needs nothing.

    What was left unsaid comes from the last question, itself made to stand alone, and its answer.
    """
    last = max((n for n, m in enumerate(history) if m.role == "user"), default=None)
    if last is None:
        return question
    said = next((m.content for m in history[last + 1 :] if m.role == "assistant"), None)
    refused = said is not None and (not said.strip() or bool(_NO_ANSWER.match(said)))
    fragment = _fragment(question)
    # "the bridge" after a question that led nowhere is another subject; "it" is not
    left_unsaid = _points_back(question) or (
        not refused and _is_definite(question, f"{history[last].content} {said or ''}")
    )
    if fragment is None and not left_unsaid:
        return question
    asked = stand_alone(history[last].content, history[:last])
    if fragment and (exchanged := _exchanged(fragment, asked)):
        return exchanged
    if fragment and _QUALIFIES.match(fragment):
        bare, bracket, rest = asked.partition(" (")
        return f"{bare.rstrip(' ?')}, {fragment}?{bracket}{rest}"
    answered = "" if refused else said or ""
    names = _named(answered)
    if read_question(asked).kind == "who" and (who := _person(names, asked)):
        # "who led the talks?" "… Vladimir Medinsky …" "and when did he lead them?"
        named = _HE.sub(lambda found: found[1] + who, question, count=1)
        if named != question:
            question, names = named, []
            if what := _OF_WHO.match(asked):
                question = _IT.sub(lambda _: what[1], named, count=1)
                if question != named:
                    return question
    known = set(re.findall(r"\w+", question.casefold()))
    added: list[str] = []
    for word in (*content(asked), *names):
        parts = set(re.findall(r"\w+", word.casefold()))
        if parts and not parts <= known:
            added.append(word)
            known |= parts
    if not added:
        return question
    return f"{question} ({', '.join(added[:_MOST])})"


def _fragment(question: str) -> str | None:
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


def _points_back(question: str) -> bool:
    """Whether a word of the question stands for something that the question does not name."""
    if _COUNTS_NOTHING.search(question):
        return True
    for found in _PRONOUN.finditer(question):
        before, after = question[: found.start()], question[found.end() :]
        existential = _THERE_IS.search(before) and re.match(r"\s+\w", after)
        if found["there"] and (existential or _THERE_IS.match(after)):
            continue
        if found["those"]:
            word = found[0].casefold()
            if (word == "that" and not _THAT.match(after)) or _CALENDAR.match(after):
                continue
        if found[0].casefold() == "it" and _IMPERSONAL.match(after):
            if _names(after) or _DEFINITE.search(after):  # it took … to refloat the ship
                continue
            return True
        if found["person"] or found["whose"]:
            named = len(_names(before)) + bool(_THING.search(f"{before} "))
            subject = found["whose"] or _AFTER_SUBJECT.match(after)
            if named and (subject or len(_names(before)) > 1):
                continue
        return True
    return False


def _is_definite(question: str, said: str) -> bool:
    """Whether what was said tells which one is meant: "why was the idea turned down?".

    A thing that was not spoken of is a new subject: "who won the chess match?" after a question about talks.
    """
    things = [w.casefold() for f in _DEFINITE.finditer(question) for w in f.groups() if w]
    if not things or _names(question) or len(content(question)) > 3:
        return False
    spoken = {s for word in re.findall(r"[a-z]+", said.casefold()) for s in (word, f"{word}s")}
    return any(t in spoken or f"{t}s" in spoken or t in _ANYTHING for t in things)


def _exchanged(fragment: str, asked: str) -> str | None:
    """The last question with its year, or its one name, exchanged for the fragment's."""
    asked, bracket, rest = asked.partition(" (")  # what it was completed with stays
    years, new = _YEAR.findall(fragment), _YEAR.findall(asked)
    if years:
        added = f"{bracket}{rest}"
        if len(set(years)) == 1:
            added = _YEAR.sub(years[0], added)
        if len(years) == len(new) == 1:
            return _YEAR.sub(years[0], asked) + added
        return f"{asked.rstrip(' ?')} {fragment}?{added}" if not new else None
    fragment = _ONE.sub(r"\1", fragment)  # "and the Ukrainian one?"
    names = _names(fragment)
    lower = re.sub(r"^(?:in|for|from|of|by|at|the)\s+", "", fragment, flags=re.IGNORECASE)
    if len(names) != 1 or lower.casefold() != names[0].casefold():
        return None
    known = _names(asked)
    if any(names[0].casefold() in name.casefold() for name in known):
        return None
    # Of several names the one that is no place: "Who led the Ukrainian team in Istanbul?"
    meant = [
        n
        for n in known
        if not re.search(rf"\b(?:in|at|near|from|on) (?:the )?(?:\d+ )?{re.escape(n)}", asked)
    ]
    return asked.replace((meant or known)[0], names[0], 1) + bracket + rest if known else None


def _names(text: str) -> list[str]:
    """The names of a text, without the small words that only their place makes capitals."""
    found = []
    for name in names_in(text):
        words = name.removesuffix("’s").removesuffix("'s").split()
        while words and words[0].casefold() in _SMALL:
            words = words[1:]
        if words:
            found.append(" ".join(words))
    return found


def content(text: str) -> list[str]:
    """Return the names of a text, then its other words that say something."""
    names = _names(text)
    taken = {w for name in names for w in re.findall(r"\w+", name.casefold())}
    rest = [
        w
        for w in re.findall(r"[\w'’-]+", text)
        if w.casefold().removesuffix("'s").removesuffix("’s") not in _SMALL | taken and len(w) > 2
    ]
    return names + rest


def _person(names: Sequence[str], asked: str) -> str | None:
    """The first name of an answer that the question did not know, and that has two to four words."""
    new = (name for name in names if name.casefold() not in asked.casefold())
    return next((name for name in new if 2 <= len(name.split()) <= 4), None)


def _named(text: str) -> list[str]:
    """The names of the first sentence or two of an answer."""
    plain = _ORIGIN.sub("", re.sub(r"\s*\[\d+\]", "", text))
    if len(plain) > _TOLD:
        plain = plain[:_TOLD].rpartition(" ")[0]
    # Line by line: a short answer stands above its sentence.
    names = [name for line in plain.splitlines() for name in _names(line)]
    return [name for name in names if not _CALENDAR_NAME.fullmatch(name)][:6]
