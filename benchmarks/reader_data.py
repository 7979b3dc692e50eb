"""Questions with candidate sentences out of SQuAD files, to train the reader and to measure it."""

from __future__ import annotations

import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.lexical import terms
from index.split import sentences
from qa.reader import Candidate

HELD_OUT = {"SQuAD": 2, "XQuAD": 16}
"""Articles that are never trained on, of 16 and of 48."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph in its article, cut into sentences; `published` is the article's day, where it has one."""

    title: str
    text: str
    spans: tuple[tuple[int, int], ...]
    published: str = ""

    def candidate(self, i: int) -> Candidate:
        """Return the i-th sentence with what stands around it."""
        before = self.text[slice(*self.spans[i - 1])] if i else ""
        return Candidate(self.title, before, self.text[slice(*self.spans[i])])


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a paragraph. `gold` are (sentence, start in it, text).

    `plausible` are the sentences of an unanswerable question that look most like an answer. Of the other articles of
    its story those `beside` do not answer it, and the other ones may.
    """

    text: str
    paragraph: int
    answers: tuple[str, ...]
    gold: tuple[tuple[int, int, str], ...]
    plausible: tuple[int, ...]
    beside: tuple[int, ...] = ()
    answering: tuple[int, ...] = ()

    def moved(self, n: int) -> Question:
        """Return the question over paragraphs that stand `n` places further on."""
        return replace(
            self,
            paragraph=self.paragraph + n,
            beside=tuple(p + n for p in self.beside),
            answering=tuple(p + n for p in self.answering),
        )


@dataclass(frozen=True, slots=True)
class Questions:
    """Paragraphs and the questions about them."""

    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Question, ...]

    def only(self, titles: Iterable[str]) -> Questions:
        """Return the questions about the articles of those titles, over the same paragraphs."""
        wanted = set(titles)
        kept = tuple(q for q in self.questions if self.paragraphs[q.paragraph].title in wanted)
        return Questions(self.paragraphs, kept)

    @property
    def titles(self) -> list[str]:
        """The titles of the articles asked about, in order."""
        return list(dict.fromkeys(self.paragraphs[q.paragraph].title for q in self.questions))


def read_squad(path: Path, without: Iterable[Path] = ()) -> Questions:
    """Read a SQuAD 1 or 2 file, less the paragraphs that the files `without` hold too."""
    known = {
        _folded(p["context"])
        for other in without
        for article in json.loads(other.read_text())["data"]
        for p in article["paragraphs"]
    }
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    for article in json.loads(path.read_text())["data"]:
        title = article["title"].replace("_", " ")
        for p in article["paragraphs"]:
            if _folded(p["context"]) in known:
                continue
            paragraph = Paragraph(title, p["context"], tuple(sentences(p["context"])))
            paragraphs.append(paragraph)
            for q in p["qas"]:
                gold = [located(paragraph, a["answer_start"], a["text"]) for a in q["answers"]]
                near = q.get("plausible_answers", [])
                plausible = [located(paragraph, a["answer_start"], a["text"]) for a in near]
                questions.append(
                    Question(
                        q["question"].strip(),
                        len(paragraphs) - 1,
                        tuple(dict.fromkeys(a["text"] for a in q["answers"])),
                        tuple(dict.fromkeys(g for g in gold if g)),
                        tuple(dict.fromkeys(g[0] for g in plausible if g)),
                    )
                )
    return Questions(tuple(paragraphs), tuple(questions))


def held_out(squad: Questions, xquad: Questions | None) -> set[str]:
    """Return the titles that are never trained on, in neither set: the same ones every time."""
    held = set(random.Random(13).sample(sorted(squad.titles), HELD_OUT["SQuAD"]))
    if xquad:
        others = sorted(set(xquad.titles) - set(squad.titles))
        held |= set(random.Random(13).sample(others, HELD_OUT["XQuAD"]))
    return held


def training(squad: Questions, xquad: Questions | None, held: set[str]) -> Questions:
    """Return what is trained on; XQuAD gives only the articles that the other does not have."""
    kept = squad.only(t for t in squad.titles if t not in held)
    if xquad is None:
        return kept
    known = held | set(squad.titles)
    return joined(kept, xquad.only(t for t in xquad.titles if t not in known))


def joined(one: Questions, other: Questions) -> Questions:
    """Return both sets as one."""
    moved = tuple(q.moved(len(one.paragraphs)) for q in other.questions)
    return Questions((*one.paragraphs, *other.paragraphs), (*one.questions, *moved))


def split(data: Questions) -> tuple[Questions, Questions]:
    """Return what is trained on and what is held out of one set alone."""
    held = held_out(data, None)
    return training(data, None, held), data.only(held)


def _folded(text: str) -> str:
    return "".join(text.lower().split())


def located(paragraph: Paragraph, start: int, text: str) -> tuple[int, int, str] | None:
    """Return (sentence, start in it, text) of an answer; none when it runs over a border of sentences."""
    for i, (a, b) in enumerate(paragraph.spans):
        if a <= start and start + len(text) <= b:
            return i, start - a, text
    return None


class Overlap:
    """Sentences ranked by the words they share with a question, rare words counting more."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._terms = [frozenset(terms(t)) for t in texts]
        counts = Counter(w for words in self._terms for w in words)
        self._idf = {w: math.log(1 + len(texts) / c) for w, c in counts.items()}
        self._having: dict[str, list[int]] = defaultdict(list)
        for i, words in enumerate(self._terms):
            for w in words:
                self._having[w].append(i)

    def score(self, question: str, i: int) -> float:
        """Return the summed rarity of the question's words that sentence i holds."""
        return sum(self._idf[w] for w in set(terms(question)) if w in self._terms[i])

    def best(self, question: str, n: int) -> list[int]:
        """Return the n best sentences of all, best first."""
        found: Counter[int] = Counter()
        for w in set(terms(question)):
            for i in self._having.get(w, ()):
                # A long sentence shares words by chance.
                found[i] += self._idf[w] / (1 + 0.01 * len(self._terms[i]))  # type: ignore[assignment]
        return [i for i, _ in found.most_common(n)]
