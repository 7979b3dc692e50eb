"""Fit the built-in answerer's weights (`qa/weights.py`) on development questions, and print them.

    python -m benchmarks.fit_weights DATA [--share 0.5] [--only xquad squad clapnq]

Of XQuAD and SQuAD 2.0 only articles that the reader was not trained on, and CLAPNQ's passages; neither the
sample nor the news questions, which are for measuring. All are searched as `qa ask` searches. Three fits:

`SENTENCE` by pairs of a sentence that answers and one read beside it that does not. `ANSWERABLE`, whether the
best sentence answers: questions with an answer against those that have none, and XQuAD's asked
once more without the article that answers. `FIRST`, which sentences to read, by pairs too.

Printed beside them: how well questions are told apart in five-fold cross-validation by article, the threshold
that leaves a stated share of the answerable questions unanswered, and the risk at each coverage.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.answers import Asked, Bench
from benchmarks.reader_data import Questions, held_out, read_squad
from eval.match import holds_any, overlaps
from index.corpus import Corpus
from index.types import Hit
from qa import weights
from qa.extractive import Extractive
from qa.question import read_question
from qa.rerank import BUILT_IN, open_reranker
from qa.sentence import Sentence

_PAIRS = 12
"""Wrong sentences compared with the right one, of each question."""

SETS = ("xquad", "squad", "clapnq")

_COST = {"SENTENCE": 1.0, "FIRST": 1.0, "ANSWERABLE": 1.0}
"""Inverse strength of the ridge penalty; features are of the order of 1."""

_AGAINST = {"missing", "numbers", "names", "unfit", "asks"}
"""What can only speak against a sentence."""


@dataclass(frozen=True, slots=True)
class Read:
    """A question, its sentences best first with whether each is right, and what to hold out together."""

    kind: str
    group: str
    answerable: bool
    ranked: list[Sentence]
    right: list[bool]


def collect(bench: Bench, data: Path, only: Sequence[str] = SETS) -> Iterator[Read]:
    """Ask everything and yield what was measured."""
    squad, xquad = (
        read_squad(data / "qa/squad2_half_dev.json"),
        read_squad(data / "qa/xquad.en.json"),
    )
    held = held_out(squad, xquad)
    if "xquad" in only:
        corpus = bench.paragraphs("answers-xquad", xquad, range(len(xquad.paragraphs)))
        answerer = _answerer(corpus)
        for q in bench.part(_asked(xquad.only(held))):
            hits = corpus.search(q.text, 40)
            yield _read(answerer, "xquad", q.group, q, hits)
            rest = tuple(h for h in hits if h.passage.source.title != q.group)
            unanswered = Titled(q.text, group=q.group)
            yield _read(answerer, "xquad, article away", q.group, unanswered, rest)
    if "squad" in only:
        questions = squad.only(held)
        used = sorted({q.paragraph for q in questions.questions})
        corpus = bench.paragraphs("answers-squad", questions, used)
        answerer = _answerer(corpus)
        for q in bench.part(_asked(questions)):
            yield _read(answerer, "squad", q.group, q, corpus.search(q.text, 40))
    if "clapnq" in only:
        corpus, cases = bench.clapnq_cases()
        answerer = _answerer(corpus)
        for a, _ in cases:
            q = Titled(a.text, a.answers, a.quotes, group=a.text[:12])
            yield _read(answerer, "clapnq", q.group, q, corpus.search(q.text, 40))


def _answerer(corpus: Corpus) -> Extractive:
    """The answerer of an index that is searched as `qa ask` searches."""
    corpus.reranker = open_reranker(BUILT_IN, corpus.rarity)
    return Extractive(corpus, rerank=BUILT_IN)


@dataclass(frozen=True, slots=True)
class Titled(Asked):
    """A question with the title of its article."""

    group: str = ""


def _asked(data: Questions) -> list[Titled]:
    return [
        Titled(q.text, q.answers, group=data.paragraphs[q.paragraph].title) for q in data.questions
    ]


def _read(answerer: Extractive, kind: str, group: str, asked: Asked, hits: Sequence[Hit]) -> Read:
    ranked = answerer.rank(read_question(asked.text), hits)
    right = [
        holds_any(s.text, asked.answers) or any(overlaps(s.text, q) for q in asked.quotes)
        for s in ranked
    ]
    return Read(kind, group, asked.answerable, ranked, right)


def by_pairs(reads: Sequence[Read], names: Sequence[str], cost: float) -> dict[str, float]:
    """Return the weights under which right sentences stand above wrong ones of the same question."""
    from sklearn.linear_model import LogisticRegression

    rows, share = [], []
    for read in reads:
        right = [s for s, r in zip(read.ranked, read.right, strict=True) if r][:2]
        wrong = [s for s, r in zip(read.ranked, read.right, strict=True) if not r]
        wrong = random.Random(1).sample(wrong, min(_PAIRS, len(wrong)))
        for good in right:
            for bad in wrong:
                rows.append(_vector(good, names) - _vector(bad, names))
                share.append(1 / (len(right) * len(wrong)))
    x = np.array(rows)
    both = np.concatenate([x, -x])
    truth = np.repeat([1, 0], len(x))
    model = LogisticRegression(C=cost, fit_intercept=False, max_iter=2000)
    model.fit(both, truth, sample_weight=np.tile(share, 2))
    return dict(zip(names, model.coef_[0].tolist(), strict=True))


def answerable(
    reads: Sequence[Read], names: Sequence[str], cost: float
) -> tuple[dict[str, float], NDArray[np.float64]]:
    """Return the weights of `ANSWERABLE`, and each question's probability when its article is left out."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    x = np.array([_vector(r.ranked[0], names) for r in reads])
    truth = np.array([r.answerable for r in reads])
    # Every kind of question counts the same, answerable or not.
    keys = [(r.kind, r.answerable) for r in reads]
    share = np.array([1.0 / keys.count(k) for k in keys]) * len(reads) / len(set(keys))
    for side in (True, False):
        share[truth == side] *= len(reads) / 2 / share[truth == side].sum()
    model = LogisticRegression(C=cost, max_iter=2000)
    left_out = np.zeros(len(reads))
    for fit, test in GroupKFold(5).split(x, truth, [r.group for r in reads]):
        model.fit(x[fit], truth[fit], sample_weight=share[fit])
        left_out[test] = model.predict_proba(x[test])[:, 1]
    model.fit(x, truth, sample_weight=share)
    found = dict(zip(names, model.coef_[0].tolist(), strict=True))
    return {"bias": float(model.intercept_[0]), **found}, left_out


def _vector(s: Sentence, names: Sequence[str]) -> NDArray[np.float64]:
    return np.array([s.features.get(name, 0.0) for name in names])


def auroc(yes: NDArray[np.float64], no: NDArray[np.float64]) -> float:
    """Return how often a yes scores above a no."""
    return float(np.mean(yes[:, None] > no[None, :]) + np.mean(yes[:, None] == no[None, :]) / 2)


def show(name: str, found: dict[str, float]) -> None:
    """Print weights as they stand in `qa/weights.py`."""
    print(f"{name} = {{")
    for key, value in found.items():
        print(f'    "{key}": {value:.2f},')
    print("}")


def report(reads: Sequence[Read], left_out: NDArray[np.float64]) -> None:
    """Print how well the questions are told apart: by kind, by threshold, by coverage."""
    truth = np.array([r.answerable for r in reads])
    kinds = np.array([r.kind for r in reads])
    right = np.array([r.answerable and r.right[0] for r in reads])
    for kind in dict.fromkeys(kinds):
        yes = left_out[(kinds == kind.split(",")[0]) & truth]
        no = left_out[(kinds == kind) & ~truth]
        if len(no) and len(yes):
            print(f"  AUROC {auroc(yes, no):.3f} ({kind}: {len(yes)} answerable, {len(no)} not)")
    for lost in (0.1, 0.15, 0.2, 0.25, 0.3):
        t = float(np.quantile(left_out[truth], lost))
        shares = ", ".join(
            f"{kind} {np.mean(left_out[(kinds == kind) & ~truth] < t):.2f}"
            for kind in dict.fromkeys(kinds[~truth])
        )
        print(
            f"  threshold {t:.3f} leaves {lost:.0%} of the answerable; refuses of the others: {shares}"
        )
    order = np.argsort(-left_out)
    print("  risk (of what is answered, the share whose best sentence is wrong) at each coverage:")
    for coverage in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0):
        kept = order[: max(round(coverage * len(order)), 1)]
        print(
            f"    {coverage:.0%}: {1 - right[kept].mean():.3f} (threshold {left_out[kept].min():.3f})"
        )


def main() -> None:
    """Collect, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--only", nargs="*", choices=SETS, default=SETS)
    options = parser.parse_args()
    bench = Bench(options.data, options.share, None)
    reads = [r for r in collect(bench, options.data, options.only) if r.ranked]
    print(f"{len(reads)} questions")
    pairs = [r for r in reads if any(r.right) and not all(r.right)]
    top = np.mean([r.right[0] for r in reads if r.answerable])
    reach = np.mean([any(r.right) for r in reads if r.answerable])
    print(f"best sentence right as shipped {top:.3f}; a right one read {reach:.3f}")
    for kind in dict.fromkeys(r.kind for r in reads if r.answerable):
        of_kind = [r for r in reads if r.answerable and r.kind == kind]
        alone = np.mean([_best(r, {"reader": 1.0}) for r in of_kind])
        print(
            f"  {kind}: {np.mean([r.right[0] for r in of_kind]):.3f}, by the reader alone {alone:.3f}"
        )
    print(f"({', '.join(sorted(_AGAINST))}: a weight above 0 is left out of what ships)")
    show("FIRST", by_pairs(pairs, list(weights.FIRST), _COST["FIRST"]))
    sentence = by_pairs(pairs, list(weights.SENTENCE), _COST["SENTENCE"])
    show("SENTENCE", sentence)
    for kind in dict.fromkeys(r.kind for r in reads if r.answerable):
        of_kind = [r for r in reads if r.answerable and r.kind == kind]
        print(f"  fitted, {kind}: {np.mean([_best(r, sentence) for r in of_kind]):.3f}")
    reads = [_ranked(r, sentence) for r in reads]
    found, left_out = answerable(
        reads, [n for n in weights.ANSWERABLE if n != "bias"], _COST["ANSWERABLE"]
    )
    show("ANSWERABLE", found)
    report(reads, left_out)


def _ranked(read: Read, by: dict[str, float]) -> Read:
    """The same, its sentences best first by other weights."""
    scores = [-sum(v * s.features.get(k, 0.0) for k, v in by.items()) for s in read.ranked]
    order = np.argsort(scores, kind="stable")
    return replace(
        read, ranked=[read.ranked[i] for i in order], right=[read.right[i] for i in order]
    )


def _best(read: Read, by: dict[str, float]) -> bool:
    scores = [sum(v * s.features.get(k, 0.0) for k, v in by.items()) for s in read.ranked]
    return read.right[int(np.argmax(scores))]


if __name__ == "__main__":
    main()
