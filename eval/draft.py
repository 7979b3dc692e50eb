"""Drafts of cases from one's own articles, without a model: a sentence is turned into a question.

Templates over who did it, who said it, figures and dates. A draft keeps the words of its sentence, so
it is easier for the search than what people ask: a person should reword it (`qa eval SET --edit`).
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from eval.askable import reads_well, stands_alone
from eval.cases import Case
from eval.match import normalise
from eval.templates import TEMPLATES, TITLE
from index.split import sentences
from index.types import Article, Hit, Source

_PER_ARTICLE = 3
_POOL = 6  # articles with a draft for each case that is wanted
_DATELINE = re.compile(r"^[A-Z][A-Z .,'’]{2,40}(?:\([^)]{2,30}\)\s*)?\s*[—–-]+\s+(?=[A-Z])")


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
    copies: dict[str, list[Source]] = {}
    for source in sources:
        if source.story:
            copies.setdefault(source.story, []).append(source)
    # The first drafts of all articles come before the second ones: no article is asked about too often.
    rounds: list[list[Draft]] = [[] for _ in range(_PER_ARTICLE)]
    for count, source in enumerate(sources):
        if count >= 20 and len(rounds[0]) >= n * _POOL:
            break
        others = [
            corpus.article(other.article_id).text
            for other in copies.get(source.story or "", ())
            if other != source
        ]
        drafts = drafts_of(corpus.article(source.article_id))
        # What a near-copy says too is evidence in two places, and asking about it would know of one.
        found = [d for d in drafts if not any(d.sentence in text for text in others)]
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
    title = TITLE.match(answer)
    if title is None:
        return (answer,)
    name = answer[title.end() :]
    full = re.findall(rf"\b([A-Z][a-zà-ÿ’'-]+\s+{re.escape(name)})\b", text)
    longer = [f for f in full if not TITLE.match(f) and f not in answer]
    return tuple(dict.fromkeys([answer, name, *longer[:1]]))
