"""Drafts of cases from one's own articles, without a model: a sentence is turned into a question.

Templates over who did it, who said it, figures and dates. A draft keeps the words of its sentence, so
it is easier for the search than what people ask: a person should reword it (`qa eval SET --edit`).
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from eval.askable import reads_well, stands_alone
from eval.cases import Case
from eval.match import normalise
from index.dates import MONTH
from index.split import sentences
from index.types import Article, Hit, Source

_PER_ARTICLE = 3
_POOL = 6  # articles with a draft for each case that is wanted

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
_TITLE = re.compile(
    r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Lord|Lady|Baroness|President|Chancellor|Judge|"
    r"(?:(?:Prime|Foreign|Finance|Defence|Health|Home|Trade|Culture|Shadow)\s+)*(?:Minister|Secretary))\.?\s+"
)
_THING = re.compile(r"[A-Z]{2,}|\d|\w-\w|s$")
"""What a name has that may not be a person's; one that is asked for as "who or what" reads well too."""

_MANY = re.compile(rf"(?<![\w$€£.,-])({_NUMBER})\s+((?:[a-z]+\s+){{0,1}}[a-z]{{3,}}s)\b")
_MONEY = re.compile(
    r"(?<!\w)((?:US)?[$€£]\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:million|billion|trillion|bn|m)\b)?)(?![\w-]|[.,]\d)",
    re.IGNORECASE,
)
_DATELINE = re.compile(r"^[A-Z][A-Z .,'’]{2,40}(?:\([^)]{2,30}\)\s*)?\s*[—–-]+\s+(?=[A-Z])")
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


class Corpus(Protocol):
    """The articles that drafts are made from."""

    def sources(self) -> list[Source]:
        """Return every article's source, by id."""

    def article(self, article_id: str) -> Article:
        """Return an article by its id."""

    def search(self, question: str, n: int) -> tuple[Hit, ...]:
        """Return the `n` best passages."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that a sentence of an article answers, and which template made it."""

    question: str
    answers: tuple[str, ...]
    sentence: str
    article_id: str
    template: str


def draft_cases(corpus: Corpus, n: int, *, seed: int = 0) -> list[Case]:
    """Return up to `n` cases drawn from all over the corpus, none twice; the same seed, the same cases.

    Kinds of question take turns, so that the easiest template does not make all of them.
    """
    rng = random.Random(seed)
    sources = sorted(corpus.sources(), key=lambda source: source.article_id)
    rng.shuffle(sources)
    # The first drafts of all articles come before the second ones: no article is asked about too often.
    rounds: list[list[Draft]] = [[] for _ in range(_PER_ARTICLE)]
    for count, source in enumerate(sources):
        if count >= 20 and len(rounds[0]) >= n * _POOL:
            break
        found = list(drafts_of(corpus.article(source.article_id)))
        rng.shuffle(found)
        one_each = {draft.sentence: draft for draft in found}.values()
        for place, draft in zip(rounds, one_each, strict=False):
            place.append(draft)
    by_kind: dict[str, list[Draft]] = {}
    seen: set[str] = set()
    for draft in itertools.chain(*rounds):
        key = normalise(draft.question)
        if key not in seen:
            seen.add(key)
            by_kind.setdefault(draft.template, []).append(draft)
    chosen: list[Draft] = []
    kinds = sorted(by_kind)
    while len(chosen) < n and any(by_kind.values()):
        for kind in kinds:
            if by_kind[kind] and len(chosen) < n:
                chosen.append(by_kind[kind].pop(0))
    return [case_of(draft, f"d{place:03}") for place, draft in enumerate(chosen, 1)]


def case_of(draft: Draft, name: str) -> Case:
    """Return the case of a draft; `draft` among its tags says that nobody has looked at it yet."""
    return Case(
        name,
        draft.question,
        draft.answers,
        (draft.article_id,),
        (draft.sentence,),
        tags=("draft", draft.template),
    )


def drafts_of(article: Article) -> Iterator[Draft]:
    """Yield every draft that the templates find in an article."""
    for start, end in sentences(article.text):
        sentence = article.text[start:end]
        plain = _DATELINE.sub("", re.sub(r"\s+", " ", sentence).strip())
        if not stands_alone(plain):
            continue
        for template, make in TEMPLATES.items():
            made = make(plain)
            if made is not None and reads_well(*made):
                question, answer = made
                accepted = _accepted(answer, article.text)
                yield Draft(question, accepted, sentence, article.source.article_id, template)


def _accepted(answer: str, text: str) -> tuple[str, ...]:
    """The answer; of a person with a title also the name without it, and in full where the text has it."""
    title = _TITLE.match(answer)
    if title is None:
        return (answer,)
    name = answer[title.end() :]
    full = re.findall(rf"\b([A-Z][a-zà-ÿ’'-]+\s+{re.escape(name)})\b", text)
    longer = [f for f in full if not _TITLE.match(f) and f not in answer]
    return tuple(dict.fromkeys([answer, name, *longer[:1]]))


# ---------------------------------------------------------------- templates: sentence → question, answer

Made = tuple[str, str] | None


def _who(sentence: str) -> Made:
    match = _WHO.match(sentence)
    if match is None or _ORG.search(match[1]) or match[2].startswith(("said", "told")):
        return None
    thing = _THING.search(match[1]) and not _TITLE.match(match[1])
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
