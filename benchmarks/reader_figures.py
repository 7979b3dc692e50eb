"""Print what the reader is worth by itself, without the answerer around it.

    python -m benchmarks.reader_figures --squad squad2.json --xquad xquad.json [--share 0.5] \\
        [--written] [--model other.onnx] [--compare fp32.onnx] [--latency]

Articles that it was not trained on, a paragraph a question. `--share` asks that part of the questions only,
drawn with a fixed seed; `--compare` says how far another graph's scores are from this one's.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.reader_data import Overlap, Paragraph, Questions, held_out, read_squad
from benchmarks.reader_written import read_written
from eval.match import token_f1
from index import networks
from qa.reader import Candidate, Reader, Reading, Window

Read = Callable[[str, Paragraph], list[Reading]]


class Other(Reader):
    """The reader with another graph than the shipped one."""

    def __init__(self, model: Path) -> None:
        super().__init__()
        self._session = networks.open_session(str(model))


def whole(reader: Reader) -> Read:
    """Read a paragraph as windows of up to 800 characters."""

    def read(question: str, paragraph: Paragraph) -> list[Reading]:
        texts = [paragraph.candidate(i).sentence for i in range(len(paragraph.spans))]
        groups: list[list[str]] = [[]]
        for text in texts:
            if groups[-1] and sum(map(len, groups[-1])) + len(text) > 800:
                groups.append([])
            groups[-1].append(text)
        windows = []
        before = ""
        for group in groups:
            windows.append(Window(paragraph.title, before, tuple(group)))
            before = group[-1]
        return [r for found in reader.read_windows(question, windows) for r in found]

    return read


def alone(reader: Reader) -> Read:
    """Read a paragraph sentence by sentence, each with the one before."""
    return lambda question, paragraph: reader.read(
        question, [paragraph.candidate(i) for i in range(len(paragraph.spans))]
    )


def auroc(yes: Sequence[float], no: Sequence[float]) -> float:
    """Return how often a yes scores above a no."""
    a, b = np.array(yes)[:, None], np.array(no)[None, :]
    return float(np.mean(a > b) + np.mean(a == b) / 2)


def f1(said: str, answers: Sequence[str]) -> float:
    """Return the F1 of words with the accepted answer that is nearest."""
    return max((token_f1(answer, said) for answer in answers), default=0.0)


def figures(data: Questions, read: Read, share: float) -> None:
    """Print the figures of questions that each have their paragraph."""
    asked = [q for q in data.questions if q.gold or not q.answers]
    random.Random(5).shuffle(asked)
    texts = [p.candidate(i).sentence for p in data.paragraphs for i in range(len(p.spans))]
    first = np.cumsum([0, *(len(p.spans) for p in data.paragraphs)])
    overlap = Overlap(texts)
    right, words, in_gold = [], [], []
    outcomes: list[tuple[float, float, bool]] = []
    for q in asked[: round(share * len(asked))]:
        p = data.paragraphs[q.paragraph]
        found = read(q.text, p)
        top = max(range(len(found)), key=lambda i: found[i].score)

        def said(i: int, p: Paragraph = p, found: list[Reading] = found) -> str:
            return p.candidate(i).sentence[found[i].start : found[i].end]

        outcomes.append((found[top].score, f1(said(top), q.answers), bool(q.gold)))
        if q.gold:
            gold = {g[0] for g in q.gold}
            shared = [overlap.score(q.text, int(first[q.paragraph]) + i) for i in range(len(found))]
            right.append(top in gold)
            words.append(int(np.argmax(shared)) in gold)
            in_gold.append(f1(said(q.gold[0][0]), q.answers))
    yes = [score for score, _, answerable in outcomes if answerable]
    no = [score for score, _, answerable in outcomes if not answerable]
    print(f"  right sentence {np.mean(right):.3f} (by words {np.mean(words):.3f})")
    print(f"  F1 of the span in the right sentence {np.mean(in_gold):.3f}")
    print(f"  AUROC answerable or not {auroc(yes, no):.3f} ({len(yes)} and {len(no)})")
    for t in sorted({-2.0, -1.0, -0.5, 0.0, 0.5, 1.0}):
        accuracy = np.mean([(score >= t) is answerable for score, _, answerable in outcomes])
        total = np.mean([f if score >= t else not yes_ for score, f, yes_ in outcomes])
        kept, left = np.mean([s >= t for s in yes]), np.mean([s < t for s in no])
        print(
            f"    at {t:+.1f}: answers {kept:.2f}, refuses {left:.2f}; answer or none right {accuracy:.3f},"
            f" SQuAD 2.0 F1 {total:.3f}"
        )


def sets(squad: Path | None, xquad: Path | None, written: bool) -> Iterator[tuple[str, Questions]]:
    """Yield what the reader was not trained on."""
    if squad:
        everything = read_squad(squad)
        held = held_out(everything, read_squad(xquad) if xquad else None)
        yield "SQuAD 2.0, held-out articles", everything.only(held)
    if written:
        yield "the texts written for it, held-out ones", read_written(held=True)


def compare(squad: Path, one: Read, other: Read, share: float) -> None:
    """Print how far two graphs are apart."""
    data = read_squad(squad)
    asked = list(data.questions)
    random.Random(6).shuffle(asked)
    scores: list[tuple[float, float]] = []
    spans = []
    for q in asked[: round(share * len(asked))]:
        p = data.paragraphs[q.paragraph]
        for a, b in zip(one(q.text, p), other(q.text, p), strict=True):
            scores.append((a.score, b.score))
            if max(a.score, b.score) > 0:
                spans.append((a.start, a.end) == (b.start, b.end))
    apart = np.array(scores)[:, 0] - np.array(scores)[:, 1]
    print(
        f"  scores {np.sqrt(np.mean(apart**2)):.2f} apart (root mean square; {np.abs(apart).max():.1f} at most);"
        f" same span in {np.mean(spans):.3f} of the sentences that answer"
    )


def latency_figures(reader: Reader) -> None:
    """Print the processor time of what a question makes it read, on one core."""
    sentence = (
        "Vladimir Medinsky, a presidential aide and former culture minister, will head the Russian"
        " delegation, the Kremlin said on Wednesday evening."
    )
    question = "who led Russia's delegation to the talks in Istanbul?"
    title = "Delegations arrive in Istanbul for talks"
    cores, networks.cores = networks.cores, lambda: 1
    jobs = {
        "800 tokens in 8 windows (a question)": [Window(title, "", (sentence,) * 3)] * 8,
        "30 sentences": [Candidate(title, "", sentence).window] * 30,
        "10 sentences": [Candidate(title, "", sentence).window] * 10,
    }
    for name, windows in jobs.items():
        times = []
        for _ in range(7):
            begun = time.process_time()
            reader.read_windows(question, windows)
            times.append(1000 * (time.process_time() - begun))
        print(f"  {name}: median {np.median(times):.0f} ms, best {min(times):.0f} ms")
    networks.cores = cores


def main() -> None:
    """Print what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--squad", type=Path)
    parser.add_argument("--xquad", type=Path)
    parser.add_argument("--written", action="store_true", help="the texts written for it, too")
    parser.add_argument("--model", type=Path, help="a graph to measure instead of the shipped one")
    parser.add_argument("--compare", type=Path, help="a graph to compare it with")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--latency", action="store_true")
    options = parser.parse_args()
    reader = Other(options.model) if options.model else Reader()
    if options.latency:
        latency_figures(reader)
    if options.squad and options.compare:
        compare(options.squad, whole(reader), whole(Other(options.compare)), options.share)
    else:
        for about, data in sets(options.squad, options.xquad, options.written):
            for name, read in (
                ("whole paragraphs", whole(reader)),
                ("sentence by sentence", alone(reader)),
            ):
                print(f"{about}, {name}")
                figures(data, read, options.share)


if __name__ == "__main__":
    main()
