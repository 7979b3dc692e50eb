"""Follow-ups made to stand alone without a model, from what was said before.

"and when did he lead it?" is searched with the names and rare words of the last question and answer in
brackets; "what about Ukraine?" becomes the last question with the name exchanged, "and according to the
Americans?" the last question with that behind it. A question that names its own subject is left as it is. The
question that the person typed is what is shown beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.split import sentences
from qa.particulars import particulars
from qa.question import read_question
from qa.types import Message
from qa.unsaid import content, fragment_of, is_definite, names_of, points_back, says_nothing

_MOST = 14
_NO_ANSWER = re.compile(r"^\W*(?:no answer|the articles (?:hold|do not|don't))", re.IGNORECASE)

_QUALIFIES = re.compile(
    r"(?:according to|after|before|at|by|during|for|from|in|on|since|under|until|with|without)\b",
    re.IGNORECASE,
)
"""How a fragment begins that leaves the question as it was: "and according to the Americans?"."""

_OF_WHO = re.compile(r"^\W*who\s+\w+\s+([^?,.;]{3,60}?)\W*$", re.IGNORECASE)
_IT = re.compile(r"\b(?:it|them)(?=\W*$)", re.IGNORECASE)
_HE = re.compile(
    r"(\b(?:did|does|do|has|had|will|would|was|is|of|to|by|for|with)\s)(?:he|she|him)\b",
    re.IGNORECASE,
)
_CALENDAR_NAME = re.compile(
    r"(?:\w+ )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|"
    r"October|November|December"
)
_ORIGIN = re.compile(r"\s\([^()\n]+, (?:\d{1,2} )?[A-Z][a-z]+ \d{4}\)(?=\s|$)")
_TOLD = 300
"""Characters of an answer whose names are looked for."""

_NTH = r"(first|second|third|fourth|fifth|last|next)"
_ORDINAL = re.compile(rf"\b{_NTH}\b", re.IGNORECASE)
_OTHER_ORDINAL = re.compile(
    rf"(?:(?:in|on|at|for|during|after)\s+)?the\s+{_NTH}(?:\s+one)?", re.IGNORECASE
)
"""A fragment that exchanges an ordinal: "and on the second?"."""

_SAID_BY = re.compile(r"according to [^,?(]+", re.IGNORECASE)
_ONE = re.compile(r"^(?:the\s+)?([A-ZÀ-ÖØ-Þİ][\w’'-]+)\s+(?:ones?|side|team)$")
AUXILIARY = r"(?:did|does|do|has|have|had|will|would|was|is|were|are|could|can)"
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
    fragment = fragment_of(question)
    # "the bridge" after a question that led nowhere is another subject; "it" is not
    left_unsaid = points_back(question) or (
        not refused and is_definite(question, f"{history[last].content} {said or ''}")
    )
    if fragment is None and not left_unsaid and not says_nothing(question):
        return question
    asked = stand_alone(without_brackets(history[last].content), history[:last])
    if fragment is None and not left_unsaid:
        return _of_topic(question, asked)
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
    bare, _, bracket = asked.partition(" (")
    carried = _names_of(bracket)
    # "when was it freed? (Ever Given)": the next one is about the ship, and need not be about its being freed.
    follows = points_back(question) and (
        any(word[:1].isupper() for word in carried) or _same_subject(question, bare)
    )
    for word in (*(names_of(bare) if follows else content(bare)), *carried, *names):
        parts = set(re.findall(r"\w+", word.casefold()))
        if parts and not parts <= known:
            added.append(word)
            known |= parts
    if not added:
        return question
    return f"{question} ({', '.join(added[:_MOST])})"


def _same_subject(question: str, asked: str) -> bool:
    """Whether "it" is what the last question names: "when did the Ever Given run aground?", "was it freed?"."""
    named = "|".join(re.escape(name) for name in names_of(asked))
    subject = named and re.search(
        rf"\b{AUXILIARY} (?:the )?(?:{named})\b(?!['’])", asked, re.IGNORECASE
    )
    return bool(
        subject and re.search(rf"\b{AUXILIARY} (?:it|he|she|they)\b", question, re.IGNORECASE)
    )


def without_brackets(question: str) -> str:
    """Return a question as it was typed with commas for its brackets: those that are added here mean another thing."""
    return re.sub(r"\s*\(([^()]*)\)", r", \1", question)


def _of_topic(question: str, asked: str) -> str:
    """The question with two names that the last one was about, or words where it named nothing."""
    bare, _, bracket = asked.partition(" (")
    topic = names_of(bare) or _names_of(bracket) or content(bare)
    return f"{question} ({', '.join(topic[:2])})" if topic else question


def _names_of(bracket: str) -> list[str]:
    """The names among what a question was completed with; its common words only where there is none."""
    words = [word for word in bracket.rstrip(")").split(", ") if word]
    return [word for word in words if word[:1].isupper()] or words


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
    if (ordinal := _OTHER_ORDINAL.fullmatch(fragment)) and len(_ORDINAL.findall(asked)) == 1:
        return _ORDINAL.sub(ordinal[1], asked) + bracket + rest
    if (by := _SAID_BY.fullmatch(fragment)) and _SAID_BY.search(asked):
        return _SAID_BY.sub(by[0], asked, count=1) + bracket + rest
    names = names_of(fragment)
    fragment = re.sub(r"['’]s$", "", fragment)  # "and Ukraine's?"
    lower = re.sub(r"^(?:in|for|from|of|by|at|the)\s+", "", fragment, flags=re.IGNORECASE)
    if len(names) != 1 or lower.casefold() != names[0].casefold():
        return None
    known = names_of(asked)
    if any(names[0].casefold() in name.casefold() for name in known):
        return None
    # Of several names the one that is no place: "Who led the Ukrainian team in Istanbul?"
    meant = [
        n
        for n in known
        if not re.search(rf"\b(?:in|at|near|from|on) (?:the )?(?:\d+ )?{re.escape(n)}", asked)
    ]
    if not known and bracket:  # "how much did it cost? (Chandrayaan-3)" "and Luna-25?"
        named = re.sub(r"\b(?:it|he|she|they)\b", lambda _: names[0], asked, count=1)
        return named if named != asked else None
    return asked.replace((meant or known)[0], names[0], 1) + bracket + rest if known else None


def _person(names: Sequence[str], asked: str) -> str | None:
    """The first name of an answer that the question did not know, and that has two to four words."""
    new = (name for name in names if name.casefold() not in asked.casefold())
    return next((name for name in new if 2 <= len(name.split()) <= 4), None)


def _named(text: str) -> list[str]:
    """The names of the first line of an answer: of the short one, where there is one, else of its first sentence."""
    plain = _ORIGIN.sub("", re.sub(r"\s*\[\d+\]", "", text))
    if len(plain) > _TOLD:
        plain = plain[:_TOLD].rpartition(" ")[0]
    line = next((line for line in plain.splitlines() if line.strip()), "")
    found = []
    for start, end in sentences(line):
        sentence = line[start:end]
        found += [sentence[a:b] for a, b in particulars(sentence)[2]]
    names = (name.removesuffix("’s").removesuffix("'s") for name in found)
    return [name for name in names if not _CALENDAR_NAME.fullmatch(name)][:6]
