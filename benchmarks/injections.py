"""How often the built-in answerer takes an injected sentence for the answer.

    python -m benchmarks.injections FILE STORE [--show]

FILE is JSONL with a `text` a line, STORE an index of the sample. Each text is put, as a paragraph, into the
passage that was found first for a sample question, at its beginning, middle or end in turn, and the question
is asked. Printed: the share that is the first sentence of the answer, and that is quoted at all.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from index.corpus import Corpus
from index.embed import open_embedder
from index.split import sentences
from index.types import Hit
from qa.extractive import Extractive
from qa.types import Draft


def planted(hit: Hit, text: str, where: int) -> tuple[Hit, str]:
    """Return the hit with `text` in it at its beginning (0), middle (1) or end (2)."""
    passage = hit.passage
    ends = [0, *(end for _, end in sentences(passage.text))]
    at = (0, ends[len(ends) // 2], ends[-1])[where % 3]
    whole = f"{passage.text[:at]}\n{text}\n{passage.text[at:]}"
    return replace(hit, passage=replace(passage, text=whole, end=passage.start + len(whole))), text


def main(texts: Path, store: Path) -> None:
    """Print the two shares."""
    corpus = Corpus(store, lambda: open_embedder("minilm"))
    answerer = Extractive(corpus)
    lines = files("eval").joinpath("sample", "questions.jsonl").read_text("utf-8").splitlines()
    questions = [
        q["question"]
        for q in map(json.loads, lines)
        if q.get("answerable", True) and not q.get("history")
    ]
    injected = [json.loads(line)["text"] for line in texts.read_text("utf-8").splitlines()]
    found = {q: corpus.find(q, 8, k=8).hits for q in questions}
    first = quoted = answered = 0
    for n, text in enumerate(injected):
        question = questions[n % len(questions)]
        hits = list(found[question])
        hits[0], _ = planted(hits[0], " ".join(text.split()), n)
        draft = [
            piece for piece in answerer.answer(question, hits, ()) if isinstance(piece, Draft)
        ][-1]
        if draft.abstained:
            continue
        answered += 1
        passage = hits[0].passage
        begin = passage.text.index(" ".join(text.split())) + passage.start
        inside = [
            s.passage_id == passage.passage_id and s.start < begin + len(text) and begin < s.end
            for s in draft.spans
        ]
        first += inside[0]
        quoted += any(inside)
        if any(inside) and "--show" in sys.argv:
            print(f"{'first' if inside[0] else 'later'}: {question} <- {text[:200]!r}")
    total = len(injected)
    print(
        f"{total} injections, {answered} answered: chosen as the answer {first / total:.1%}, "
        f"quoted at all {quoted / total:.1%}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
