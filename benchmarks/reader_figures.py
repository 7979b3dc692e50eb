"""Print what the shipped reader is worth.

    python -m benchmarks.reader_figures --squad squad2.json --xquad xquad.json \\
        --sample eval/sample [--model other.onnx] [--share 0.5] [--latency]

Each file may be left out. `--share` asks that part of the questions only, drawn with a fixed seed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import string
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

import qa.reader
from benchmarks.reader_data import Overlap, read_squad, split
from index.build import build
from index.corpus import Corpus
from index.embed import Embedder, open_embedder
from index.split import sentences
from qa.reader import Candidate, Reader, Reading

PASSAGES, SENTENCES = 10, 12
"""What the first stage hands to the reader: so many sentences out of so many passages."""

PASSAGE_WEIGHT = 2.0
"""What the passage's score (0..1) counts for beside its sentence's words (0..1)."""


def plain(text: str) -> str:
    """SQuAD's normal form: no case, punctuation, articles."""
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def exact(said: str, answers: Iterable[str]) -> float:
    """Return 1 when it is one of the answers."""
    return float(any(plain(said) == plain(a) for a in answers))


def f1(said: str, answers: Iterable[str]) -> float:
    """Return the best F1 of words."""
    best = 0.0
    found = plain(said).split()
    for answer in answers:
        wanted = plain(answer).split()
        same = sum((Counter(found) & Counter(wanted)).values())
        if same:
            best = max(best, 2 * same / (len(found) + len(wanted)))
    return best


def auroc(yes: Sequence[float], no: Sequence[float]) -> float:
    """Return how often a yes scores above a no."""
    order = np.argsort(np.argsort(np.array([*yes, *no]), kind="stable")) + 1.0
    return float((order[: len(yes)].sum() - len(yes) * (len(yes) + 1) / 2) / (len(yes) * len(no)))


def thresholds(yes: Sequence[float], no: Sequence[float]) -> None:
    """Print the AUROC, the threshold of the best accuracy, and a table of others."""
    values = sorted([*yes, *no])
    pairs = [(a + b) / 2 for a, b in pairwise(values)]

    def accuracy(t: float) -> float:
        kept, left = sum(v >= t for v in yes), sum(v < t for v in no)
        return (kept / len(yes) + left / len(no)) / 2

    best = max(pairs, key=accuracy)
    print(f"  AUROC {auroc(yes, no):.3f} ({len(yes)} answerable, {len(no)} not)")
    print(f"  best threshold {best:+.2f}: balanced accuracy {accuracy(best):.3f}")
    for t in sorted({-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, best}):
        kept = sum(v >= t for v in yes) / len(yes)
        left = sum(v < t for v in no)
        said_no = left + sum(v < t for v in yes)
        precision, recall = left / max(said_no, 1), left / len(no)
        f = 2 * precision * recall / max(precision + recall, 1e-9)
        print(
            f"    at {t:+.2f}: answers {kept:.3f} of the answerable, refuses {recall:.3f} of the"
            f" others; F1 of refusing {f:.3f}"
        )


def some(items: Sequence[object], share: float) -> list[int]:
    """Return the places of a fixed random part."""
    order = list(range(len(items)))
    random.Random(5).shuffle(order)
    return sorted(order[: round(share * len(order))])


def squad_figures(path: Path, without: Path | None, reader: Reader, share: float) -> None:
    """Print the figures of the held-out articles, paragraph by paragraph."""
    data, held = split(read_squad(path, [without] if without else []))
    del data
    print(f"SQuAD 2.0, articles held out: {', '.join(held.titles)}")
    all_texts = [p.candidate(i).sentence for p in held.paragraphs for i in range(len(p.spans))]
    overlap = Overlap(all_texts)
    first = np.cumsum([0, *(len(p.spans) for p in held.paragraphs)])
    yes: list[float] = []
    no: list[float] = []
    right, lexical, gold_f1, gold_em, top_f1, top_em = ([] for _ in range(6))
    outcomes: list[tuple[float, float, float, bool]] = []
    for n in some(held.questions, share):
        q = held.questions[n]
        if q.answers and not q.gold:
            continue
        p = held.paragraphs[q.paragraph]
        candidates = [p.candidate(i) for i in range(len(p.spans))]
        found = reader.read(q.text, candidates)
        top = max(range(len(found)), key=lambda i: found[i].score)
        said = candidates[top].sentence[found[top].start : found[top].end]
        if not q.gold:
            no.append(found[top].score)
            outcomes.append((found[top].score, 0.0, 0.0, False))
            continue
        yes.append(found[top].score)
        golden = {g[0] for g in q.gold}
        right.append(top in golden)
        shared = [overlap.score(q.text, int(first[q.paragraph]) + i) for i in range(len(found))]
        lexical.append(int(np.argmax(shared)) in golden)
        inside = q.gold[0][0]
        read = candidates[inside].sentence[found[inside].start : found[inside].end]
        gold_f1.append(f1(read, q.answers))
        gold_em.append(exact(read, q.answers))
        top_f1.append(f1(said, q.answers))
        top_em.append(exact(said, q.answers))
        outcomes.append((found[top].score, top_em[-1], top_f1[-1], True))
    print(
        f"  right sentence of the paragraph {np.mean(right):.3f}; by words {np.mean(lexical):.3f}"
    )
    print(f"  span in the right sentence: EM {np.mean(gold_em):.3f} F1 {np.mean(gold_f1):.3f}")
    print(f"  span in the chosen sentence: EM {np.mean(top_em):.3f} F1 {np.mean(top_f1):.3f}")
    thresholds(yes, no)

    def whole(t: float, column: int) -> float:
        return float(np.mean([o[column] if o[0] >= t else not o[3] for o in outcomes]))

    best = max((o[0] for o in outcomes), key=lambda t: whole(t, 2))
    print(f"  SQuAD 2.0 as a whole at {best:+.2f}: EM {whole(best, 1):.3f} F1 {whole(best, 2):.3f}")


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence of the first stage: the words it shares with the question, its passage's score."""

    candidate: Candidate
    words: float
    passage: float

    @property
    def first(self) -> float:
        """The first stage's score."""
        return self.words + PASSAGE_WEIGHT * self.passage


class FirstStage:
    """The project's own retrieval, then sentences by shared words and passage."""

    def __init__(self, folder: Path, store: Path, embedder: Embedder) -> None:
        build(store, [folder], embedder)
        self.corpus = Corpus(store, lambda: embedder)
        self.place: dict[tuple[str, int], int] = {}
        texts: list[str] = []
        for source in self.corpus.sources():
            for p in self.corpus.article_passages(source.article_id):
                for i, (a, b) in enumerate(sentences(p.text)):
                    self.place[p.passage_id, i] = len(texts)
                    texts.append(p.text[a:b])
        self.overlap = Overlap(texts)
        print(f"  {len(self.corpus.sources())} articles, {len(texts)} sentences")

    def best(
        self, question: str, *, skip: Callable[[str], bool] = lambda title: False
    ) -> list[Found]:
        """Return the candidates, best first, without the articles whose title is to be skipped."""
        hits = self.corpus.search(question, 4 * PASSAGES)
        hits_left = [h for h in hits if not skip(h.passage.source.title)][:PASSAGES]
        found: dict[str, Found] = {}
        for h in hits_left:
            p = h.passage
            spans = sentences(p.text)
            for i, (a, b) in enumerate(spans):
                before = p.text[slice(*spans[i - 1])] if i else ""
                words = self.overlap.score(question, self.place[p.passage_id, i])
                candidate = Candidate(p.source.title, before, p.text[a:b])
                found.setdefault(p.text[a:b], Found(candidate, words, h.score))
        most = max((f.words for f in found.values()), default=0.0) or 1.0
        scaled = [replace(f, words=f.words / most) for f in found.values()]
        return sorted(scaled, key=lambda f: -f.first)[:SENTENCES]


def highest(read: Iterable[Reading]) -> float:
    """Return the best logit; one far below any threshold when there is nothing to read."""
    return max((r.score for r in read), default=-20.0)


def holds(sentence: str, answers: Iterable[str]) -> bool:
    """Whether a sentence holds one of the answers, whole words."""
    return any(f" {plain(a)} " in f" {plain(sentence)} " for a in answers)


class Tally:
    """Counts top sentences for the first stage, the reader, and sums of both."""

    WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0)

    def __init__(self) -> None:
        self.reach: list[bool] = []
        self.first: list[bool] = []
        self.third: list[bool] = []
        self.words: list[bool] = []
        self.reader: dict[float, list[bool]] = {w: [] for w in self.WEIGHTS}
        self.span_f1: list[float] = []
        self.span_em: list[float] = []

    def add(self, answers: Sequence[str], found: list[Found], read: list[Reading]) -> None:
        """Count a question."""
        if not found:
            for column in (self.reach, self.first, self.words, self.third, *self.reader.values()):
                column.append(False)
            return
        good = [holds(f.candidate.sentence, answers) for f in found]
        self.reach.append(any(good))
        self.first.append(good[0])
        self.words.append(good[max(range(len(found)), key=lambda i: found[i].words)])
        by_score = sorted(range(len(found)), key=lambda i: -read[i].score)
        self.third.append(any(good[i] for i in by_score[:3]))
        for w in self.WEIGHTS:
            top = max(range(len(found)), key=lambda i: read[i].score + w * found[i].first)
            self.reader[w].append(good[top])
        best = by_score[0]
        said = found[best].candidate.sentence[read[best].start : read[best].end]
        self.span_f1.append(f1(said, answers))
        self.span_em.append(exact(said, answers))

    def show(self, name: str) -> None:
        """Print the shares."""
        print(f"  {name}: {len(self.first)} questions; top sentence holds the answer:")
        blends = ", ".join(f"+{w} first {np.mean(v):.3f}" for w, v in self.reader.items() if w)
        print(
            f"    by words {np.mean(self.words):.3f}, first stage {np.mean(self.first):.3f},"
            f" reader {np.mean(self.reader[0.0]):.3f}"
            f" ({blends}), reader's top three {np.mean(self.third):.3f},"
            f" any of the {SENTENCES} {np.mean(self.reach):.3f}"
        )
        print(f"    span: EM {np.mean(self.span_em):.3f} F1 {np.mean(self.span_f1):.3f}")


def xquad_figures(
    path: Path, squad: Path | None, reader: Reader, embedder: Embedder, share: float
) -> None:
    """Print the figures over all paragraphs of XQuAD, apart for articles the training has seen."""
    data = read_squad(path)
    seen = set(split(read_squad(squad, [path]))[0].titles) if squad else set()
    print("XQuAD, all paragraphs as one corpus")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "articles")
        folder.mkdir()
        lines = [
            json.dumps({"id": f"p{n}", "title": p.title, "text": p.text})
            for n, p in enumerate(data.paragraphs)
        ]
        (folder / "xquad.jsonl").write_text("\n".join(lines) + "\n")
        stage = FirstStage(folder, Path(scratch, "store"), embedder)
        whole, new = Tally(), Tally()
        yes: list[float] = []
        no: list[float] = []
        for n in some(data.questions, share):
            q = data.questions[n]
            title = data.paragraphs[q.paragraph].title
            found = stage.best(q.text)
            read = reader.read(q.text, [f.candidate for f in found])
            whole.add(q.answers, found, read)
            if title not in seen:
                new.add(q.answers, found, read)
                yes.append(highest(read))
                if n % 2:
                    others = stage.best(q.text, skip=lambda t, own=title: t == own)  # type: ignore[misc]
                    no.append(highest(reader.read(q.text, [f.candidate for f in others])))
        whole.show("all")
        new.show("articles of which no paragraph was trained on")
        print("  those again, and every second one with its own article out of sight:")
        thresholds(yes, no)
        stage.corpus.close()


def sample_figures(folder: Path, reader: Reader, embedder: Embedder) -> None:
    """Print the figures of the project's sample set; follow-up questions are left out."""
    print("sample set")
    cases = [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines()]
    with tempfile.TemporaryDirectory() as scratch:
        stage = FirstStage(folder / "articles", Path(scratch, "store"), embedder)
        tally = Tally()
        yes: list[float] = []
        no: list[float] = []
        for case in cases:
            if case.get("history"):
                continue
            found = stage.best(case["question"])
            read = reader.read(case["question"], [f.candidate for f in found])
            (yes if case["answerable"] else no).append(highest(read))
            if case["answerable"]:
                tally.add([*case["answers"], *case["quotes"]], found, read)
        tally.show("answerable")
        thresholds(yes, no)
        stage.corpus.close()


def latency_figures(reader: Reader) -> None:
    """Print the time of 8 and 12 candidates, on one core and on all that there are."""
    sentence = (
        "Vladimir Medinsky, a presidential aide and former culture minister, will head the Russian"
        " delegation, the Kremlin said on Wednesday evening."
    )
    before = "The two sides last met in Istanbul in the spring of 2022, when the talks broke down."
    candidate = Candidate("Delegations arrive in Istanbul for talks", before, sentence)
    known = qa.reader._cores
    for cores in sorted({1, known()}):
        qa.reader._cores = lambda cores=cores: cores  # type: ignore[misc]
        for n in (8, 12):
            times = []
            for _ in range(15):
                begun = time.perf_counter()
                reader.read(
                    "who led Russia's delegation to the talks in Istanbul?", [candidate] * n
                )
                times.append(1000 * (time.perf_counter() - begun))
            print(
                f"  {n} candidates, {cores} core(s): median {np.median(times):.0f} ms,"
                f" best {min(times):.0f} ms"
            )
    qa.reader._cores = known


class Other(Reader):
    """The reader with another graph than the shipped one, to compare them."""

    def __init__(self, model: Path) -> None:
        import onnxruntime

        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )


def main() -> None:
    """Print what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--squad", type=Path)
    parser.add_argument("--xquad", type=Path)
    parser.add_argument("--sample", type=Path)
    parser.add_argument("--model", type=Path, help="a graph to measure instead of the shipped one")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--only", choices=["squad", "xquad", "sample"])
    parser.add_argument("--latency", action="store_true")
    options = parser.parse_args()
    reader = Other(options.model) if options.model else Reader()
    wanted = [options.only] if options.only else ["squad", "xquad", "sample"]
    if options.latency:
        latency_figures(reader)
    if options.squad and "squad" in wanted:
        squad_figures(options.squad, options.xquad, reader, options.share)
    embedder = open_embedder("minilm")
    if options.xquad and "xquad" in wanted:
        xquad_figures(options.xquad, options.squad, reader, embedder, options.share)
    if options.sample and "sample" in wanted:
        sample_figures(options.sample, reader, embedder)


if __name__ == "__main__":
    main()
