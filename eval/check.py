"""What is wrong with a question set, found before anything runs.

Near-duplicates are found by shared word triples (Jaccard), so that two questions on one fact in other
words pass. Whether an answer is true is not asked, only whether it stands in its evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from eval.cases import Case, Corpus
from eval.figures import figures, leading_figure
from eval.match import holds, holds_any, normalise, tokens
from eval.statistics import cases_needed

NEAR = 0.8
"""Share of common word triples from which two questions count as nearly the same."""

_DISCORDANT = 0.2
"""Of yes/no scores, the share that changes between two settings, where nothing is known yet."""

_OFTEN = 400
"""A triple in more questions than this says nothing, and comparing them all would take for ever."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: an `error` makes scores wrong, a `warning` makes them say less than they seem to."""

    level: Literal["error", "warning"]
    kind: str
    text: str
    ids: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the finding as plain values."""
        return asdict(self)


def check_set(
    cases: Sequence[Case], corpus: Corpus | None, *, effect: float = 0.05
) -> list[Finding]:
    """Return what is wrong with a set; without a corpus its evidence is not looked at."""
    found = [*_duplicates(cases), *_size(cases, effect)]
    if corpus is not None:
        found = [*_evidence(cases, corpus), *found]
    return found


def check_leaks(sets: Mapping[str, Sequence[Case]]) -> list[Finding]:
    """Return the questions that stand, nearly the same, in more than one of the sets.

    What was chosen or fitted on one set would look better on the other than it is.
    """
    found = []
    names = list(sets)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            for a, b, share in _near(sets[one], sets[other]):
                same = "the same" if share == 1 else "nearly the same"
                text = f"{one}: {a.id} and {other}: {b.id} ask {same}: {a.question}"
                found.append(Finding("error", "leak", text, (a.id, b.id)))
    return found


# ---------------------------------------------------------------- evidence


def _evidence(cases: Sequence[Case], corpus: Corpus) -> Iterator[Finding]:
    texts: dict[str, str] = {}
    for case in cases:
        articles: set[str] = set()
        for evidence in case.evidence:
            resolved = corpus.resolve(evidence)
            if not resolved:
                text = f"{case.id}: evidence {evidence!r} is not in the index"
                yield Finding("error", "evidence", text, (case.id,))
            articles |= resolved
        if case.answerable and not case.evidence:
            text = f"{case.id}: no evidence, so the search and the citations cannot be scored"
            yield Finding("warning", "no evidence", text, (case.id,))
        if not articles:
            continue
        for article in articles - texts.keys():
            texts[article] = corpus.article(article).text
        held = [texts[article] for article in sorted(articles)]
        for quote in case.quotes:
            if tokens(quote) and not any(holds(text, quote) for text in held):
                text = f"{case.id}: this gold sentence is in none of its evidence: “{quote}”"
                yield Finding("error", "quote", text, (case.id,))
        if case.answers and not any(_answered(text, case.answers) for text in held):
            shown = "; ".join(case.answers)
            text = f"{case.id}: no accepted answer stands in its evidence: {shown}"
            # Of "why" and of "yes" it need not: what is scored by words then cannot be found.
            yield Finding("warning", "answer", text, (case.id,))


def _answered(text: str, answers: Sequence[str]) -> bool:
    if holds_any(text, answers):
        return True
    wanted = [figure for answer in answers if (figure := leading_figure(answer))]
    return bool(wanted) and any(f.near(w, 0.0) for f in figures(text) for w in wanted)


# ---------------------------------------------------------------- duplicates


def _duplicates(cases: Sequence[Case]) -> Iterator[Finding]:
    for a, b, share in _near(cases, None):
        if a.history != b.history:
            continue
        contrary = a.answerable is not b.answerable or (
            share == 1 and not _agree(a.answers, b.answers)
        )
        if share == 1 and contrary:
            text = f"{a.id} and {b.id} ask the same and expect different things: {a.question}"
            yield Finding("error", "contradiction", text, (a.id, b.id))
        elif share == 1:
            text = f"{a.id} and {b.id} ask the same: {a.question}"
            yield Finding("error", "duplicate", text, (a.id, b.id))
        elif not contrary and _agree(a.answers, b.answers):
            text = f"{a.id} and {b.id} are nearly the same: {a.question} / {b.question}"
            yield Finding("warning", "near-duplicate", text, (a.id, b.id))


def _agree(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists of accepted answers share one, or neither has any."""
    return not (one or other) or bool(set(map(normalise, one)) & set(map(normalise, other)))


def _near(one: Sequence[Case], other: Sequence[Case] | None) -> Iterator[tuple[Case, Case, float]]:
    """Pairs of cases, of one set or of two, whose questions share nearly all their word triples."""
    within = other is None
    pool = list(one) if other is None else list(other)
    shingles = [_triples(case.question) for case in pool]
    where: dict[str, list[int]] = defaultdict(list)
    for place, triples in enumerate(shingles):
        for triple in triples:
            where[triple].append(place)
    for place, case in enumerate(one):
        own = shingles[place] if within else _triples(case.question)
        shared: dict[int, int] = defaultdict(int)
        for triple in own:
            if len(where[triple]) <= _OFTEN:
                for near in where[triple]:
                    shared[near] += 1
        for near, count in sorted(shared.items()):
            if within and near <= place:
                continue
            share = count / (len(own) + len(shingles[near]) - count)
            if share >= NEAR:
                yield case, pool[near], share


def _triples(question: str) -> frozenset[str]:
    words = ["^", *tokens(question), "$"]
    if len(words) < 4:
        return frozenset([" ".join(words)])
    return frozenset(" ".join(words[n : n + 3]) for n in range(len(words) - 2))


# ---------------------------------------------------------------- size


def _size(cases: Sequence[Case], effect: float) -> Iterator[Finding]:
    answerable = [case for case in cases if case.answerable]
    needed = cases_needed(effect, _DISCORDANT)
    if answerable and len(answerable) < needed:
        text = (
            f"{len(answerable):,} answerable cases cannot show a difference of {effect:g}: about "
            f"{needed:,} are needed, if a fifth of the cases change (80 % power, 95 % confidence)"
        )
        yield Finding("warning", "too few", text)
    missing = len(cases) - len(answerable)
    if not missing:
        text = "no unanswerable case: nothing can be said of abstaining"
        yield Finding("warning", "no unanswerable", text)
    elif missing < 30:
        text = f"only {missing} unanswerable cases: a share of them is known to ±{0.98 / missing**0.5:.2f}"
        yield Finding("warning", "few unanswerable", text)
