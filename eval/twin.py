"""Unanswerable twins: a question with one of its particulars exchanged, so that no article answers it.

A year, a month or a name gives way to another: a person to a person, and what a preposition leads to ("from
Johannesburg,") to what the same one leads to elsewhere. That no article answers is checked by words: no
passage holds the new particular beside half of what else is asked. A person should look at each all the same.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from eval.cases import Case
from eval.draft import Corpus
from index.dates import MONTH
from index.lexical import terms

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MONTH = re.compile(rf"\b{MONTH}(?=\s+\d)|(?<=\d\s){MONTH}\b")
_PLACED = re.compile(
    r"\b(in|at|from|to|near|with|by|of|against|for|across|outside)\s+"
    r"([A-ZÀ-ÖØ-Þİ][\w’-]*[a-zà-ÿ](?:\s+(?:(?:of|de|la|von|van)\s+)?[A-ZÀ-ÖØ-Þİ][\w’-]*[a-zà-ÿ]){0,3})"
    r"(?=[,;.?]|\s+(?:in|on|at|to|from|with|by|for|and|who|which|that|was|were|is|are|has|had|will|after|"
    r"before|during)\b)(?!\.\w)"
)
"""A name that is all of what a preposition leads to: "in Venezuela,", not "at US telecoms giants"."""

_PERSON = re.compile(r"\b(Mr|Mrs|Ms|Dr)\.?\s+([A-ZÀ-ÖØ-Þ][\w’-]*[a-zà-ÿ])\b")
_TRIED = 8
_LOOKED_AT = 20
_ARTICLES = 300
_NO_NAME = re.compile(
    rf"^(?:{MONTH}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|I|The|Mr|Mrs|Ms|Dr|Prof)\b"
)


def twins(cases: Sequence[Case], corpus: Corpus, n: int, *, seed: int = 0) -> list[Case]:
    """Return up to `n` unanswerable twins of the cases, tagged `twin`; ids are those with `-none`."""
    rng = random.Random(seed)
    pool = _names(corpus, rng)
    found: list[Case] = []
    for case in rng.sample(list(cases), len(cases)):
        if len(found) == n:
            break
        changed = _changed(case.question, pool, rng)
        fitting = (q for q in changed if _unanswered(q, case.question, corpus))
        question = next(fitting, None)
        if question is not None:
            tags = ("draft", "twin")
            found.append(Case(f"{case.id}-none", question, answerable=False, tags=tags))
    return sorted(found, key=lambda case: case.id)


def _names(corpus: Corpus, rng: random.Random) -> Mapping[str, list[str]]:
    """Names of the corpus by the word before them, and surnames by the title, the usual ones first."""
    sources = corpus.sources()
    seen: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for source in rng.sample(sources, min(len(sources), _ARTICLES)):
        text = corpus.article(source.article_id).text
        for before, name in {*_PLACED.findall(text), *_PERSON.findall(text)}:
            if not _NO_NAME.match(name):
                seen[before][name] += 1
    return {
        before: sorted(names, key=lambda name: (-names[name], name))
        for before, names in seen.items()
    }


def _changed(question: str, pool: Mapping[str, list[str]], rng: random.Random) -> Iterator[str]:
    """The question with a year, a month or a name exchanged, a few times."""
    for year in _YEAR.findall(question)[:1]:
        for shift in (-3, -7, 2):
            yield question.replace(year, str(int(year) + shift), 1)
    for match in (*_PERSON.finditer(question), *_PLACED.finditer(question)):
        before, name = match.groups()
        alike = [n for n in pool.get(before, ()) if len(n.split()) == len(name.split())][:60]
        for other in rng.sample(alike, min(_TRIED, len(alike))):
            if other not in question and not set(other.split()) & set(name.split()):
                yield question[: match.start(2)] + other + question[match.end(2) :]
    for month in _MONTH.findall(question)[:1]:
        for other in rng.sample(["January", "April", "September", "November"], 4):
            if other[:3] != month[:3]:
                yield question.replace(month, other, 1)


def _unanswered(question: str, original: str, corpus: Corpus) -> bool:
    asked, before = set(terms(question)), set(terms(original))
    added, kept = asked - before, asked & before
    if not added or not kept:
        return False
    for hit in corpus.search(question, _LOOKED_AT):
        held = set(terms(f"{hit.passage.source.title} {hit.passage.text}"))
        if added <= held and len(kept & held) >= len(kept) / 2:
            return False
    return True
