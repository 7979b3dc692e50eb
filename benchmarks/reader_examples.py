"""The windows that the reader is trained on, drawn anew each time a question comes up."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.reader_data import Overlap, Paragraph, Question, Questions
from benchmarks.reader_twins import names, twin
from qa.reader import Encoded, Window, encode, heading, open_tokenizer

TWINS = 0.45
"""How often an answerable question is followed by its twin."""

_BESIDE = 0.8
"""How often a question comes with a window of another article of its story."""

_FIRST_DAY, _DAYS = date(1995, 1, 1), 11_000
"""The days that articles without one are given."""

_CHARACTERS = 850
"""Of the longest window, so that few are cut."""


@dataclass(frozen=True, slots=True)
class Example:
    """A window as the model sees it: which sentences answer (from 0), which may, and where the answer stands."""

    encoded: Encoded
    gold: frozenset[int]
    unclear: frozenset[int]
    sentence: int = -1
    start: int = -1
    end: int = -1


class Sampler:
    """Makes the windows of a question, others each time.

    `weights` says how often a question comes up in an epoch, on average (once, unless given). `nearest` are for each
    question the rows of the sentences that an embedder puts nearest to it, best first.
    """

    def __init__(
        self,
        data: Questions,
        seed: int,
        weights: Sequence[float] = (),
        nearest: Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[int]]] | None = None,
    ) -> None:
        self.data = data
        self.weights = weights or [1.0] * len(data.questions)
        self.random = random.Random(seed)
        self.tokenizer = open_tokenizer()
        used = sorted({p for q in data.questions for p in (q.paragraph, *q.beside, *q.answering)})
        self.places = [(p, i) for p in used for i in range(len(data.paragraphs[p].spans))]
        self.row = {place: n for n, place in enumerate(self.places)}
        self.texts = [self._sentence(p, i) for p, i in self.places]
        self.overlap = Overlap(self.texts)
        self.nearest = nearest([q.text for q in data.questions], self.texts) if nearest else None
        self.names = {p: names(data.paragraphs[p].text) for p in used}
        self.of_article: dict[str, list[str]] = {}
        for p in used:
            self.of_article.setdefault(data.paragraphs[p].title, []).extend(self.names[p])
        self.all_names = [n for found in self.of_article.values() for n in set(found)]

    def epoch(self, size: int) -> Iterator[list[list[Example]]]:
        """Yield batches of `size` questions, each a list of windows."""
        pick = self.random
        order = [
            n
            for n, weight in enumerate(self.weights)
            for _ in range(int(weight) + (pick.random() < weight % 1))
        ]
        pick.shuffle(order)
        for i in range(0, len(order) - size + 1, size):
            yield [group for n in order[i : i + size] for group in self.groups(n)]

    def groups(self, n: int) -> list[list[Example]]:
        """Return the windows of a question, and of its twin if it gets one; none if it is not usable."""
        q = self.data.questions[n]
        if q.answers and not q.gold:
            return []
        pick = self.random
        title = self.data.paragraphs[q.paragraph].title
        found = [self._group(n, self._typed(q.text))]
        if q.gold and pick.random() < TWINS:
            near = self.of_article[title]
            other = twin(q.text, near, pick.sample(self.all_names, 40), pick)
            if other:
                # The twin is asked of the very sentence that answers the question.
                lure = Question(other, q.paragraph, (), (), tuple({g[0] for g in q.gold}))
                found.append([self._own(lure, self._typed(other))])
        return found

    def _group(self, n: int, text: str) -> list[Example]:
        q, pick = self.data.questions[n], self.random
        group = [self._own(q, text)]
        if q.beside and pick.random() < _BESIDE:
            p = pick.choice(q.beside)
            group.append(self._window(q, text, p, self._anchor(q, p), whole=pick.random() < 0.4))
        chance = 0.75 if q.gold else 0.3
        if pick.random() < chance and (far := self._far(n)):
            p, i = self.places[pick.choice(far[:8])]
            group.append(self._window(q, text, p, i, whole=False))
        return group

    def _far(self, n: int) -> Sequence[int]:
        """Return sentences of other paragraphs that look like answers, by their words or by what they mean.

        Half the time none shares more of the question's words than what answers it: else a question in other words than
        its answer's would teach that likeness speaks against a sentence.
        """
        q, pick = self.data.questions[n], self.random
        by_words = self.nearest is None or pick.random() < 0.5
        rows = self.overlap.best(q.text, 24) if by_words else self.nearest[n]  # type: ignore[index]
        held = [a.lower() for a in q.answers]
        own = {q.paragraph, *q.answering}
        far = [
            row
            for row in rows
            if self.places[row][0] not in own
            and not any(a in self.texts[row].lower() for a in held)
        ]
        if self.nearest is not None and q.gold and pick.random() < 0.5:
            most = max(self.overlap.score(q.text, self.row[q.paragraph, g[0]]) for g in q.gold)
            far = [row for row in far if self.overlap.score(q.text, row) <= most] or far
        return far

    def _anchor(self, q: Question, p: int) -> int:
        """A sentence of a paragraph, rather one that shares words with the question."""
        shared = [
            self.overlap.score(q.text, self.row[p, i]) * self.random.uniform(0.5, 1)
            for i in range(len(self.data.paragraphs[p].spans))
        ]
        return shared.index(max(shared))

    def _own(self, q: Question, text: str) -> Example:
        """The window of the question's own paragraph around its answer, or around what looks like one."""
        pick = self.random
        if q.gold:
            anchor = pick.choice(q.gold)[0]
        elif q.plausible and pick.random() < 0.85:
            anchor = pick.choice(q.plausible)
        else:
            anchor = self._anchor(q, q.paragraph)
        return self._window(q, text, q.paragraph, anchor, whole=pick.random() < 0.4)

    def _window(self, q: Question, text: str, p: int, anchor: int, *, whole: bool) -> Example:
        paragraph = self.data.paragraphs[p]
        count = len(paragraph.spans)
        pick = self.random
        if whole:
            first, last = 0, count - 1
        else:
            first = max(anchor - pick.choice([0, 0, 1, 1, 2]), 0)
            last = min(anchor + pick.choice([0, 0, 0, 1, 1, 2]), count - 1)
        length = [b - a for a, b in paragraph.spans]
        while sum(length[first : last + 1]) > _CHARACTERS and first < last:
            if last - anchor > anchor - first:
                last -= 1
            else:
                first += 1
        before = self._sentence(p, first - 1) if first and pick.random() < 0.85 else ""
        window = Window(
            self._heading(paragraph) if pick.random() < 0.7 else "",
            before,
            tuple(self._sentence(p, i) for i in range(first, last + 1)),
        )
        e = encode(self.tokenizer, text, window)
        if p != q.paragraph or not q.gold:
            return Example(e, frozenset(), frozenset())
        inside = {i - first for i, _, _ in q.gold if first <= i <= last}
        held = [a.lower() for a in q.answers]
        unclear = {
            k
            for k, sentence in enumerate(window.sentences)
            if k not in inside
            and any(re.search(rf"\b{re.escape(a)}\b", sentence.lower()) for a in held)
        }
        sentence, start, answer = pick.choice([g for g in q.gold if first <= g[0] <= last])
        part = e.parts[sentence - first]
        end = start + len(answer)
        tokens = [k for k, (a, b) in enumerate(part.offsets) if b > start and a < end]
        found = (
            (sentence - first, part.first + tokens[0], part.first + tokens[-1])
            if tokens
            else (-1,) * 3
        )
        return Example(e, frozenset(inside), frozenset(unclear), *found)

    def _heading(self, paragraph: Paragraph) -> str:
        """The title, at times with the article's day, or with any where it has none and none is asked for."""
        pick = self.random
        published = paragraph.published
        if pick.random() < 0.3:
            published = "" if published else str(_FIRST_DAY + timedelta(pick.randrange(_DAYS)))
        return heading(paragraph.title, published)

    def _sentence(self, p: int, i: int) -> str:
        paragraph = self.data.paragraphs[p]
        return paragraph.text[slice(*paragraph.spans[i])]

    def _typed(self, text: str) -> str:
        """The question as people type it: at times without capitals and question mark."""
        roll = self.random.random()
        if roll < 0.2:
            return text.lower().rstrip("?").rstrip()
        return text.rstrip("?").rstrip() if roll < 0.3 else text
