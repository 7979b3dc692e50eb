"""The collections that the benchmarks run on, as an open index and cases with known articles.

The sample ships with the package. The others are read from a folder of data that is given: `qa/xquad.en.json`
(XQuAD) and `retrieval/NAME/` (BEIR folders). Indexes are kept in `.bench/`, so that a second run is quick.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from eval.cases import Case, load_cases
from index.build import build
from index.corpus import Corpus
from index.embed import Embedder, open_embedder
from qa.followup import stand_alone

KEPT = Path(".bench")


@dataclass(frozen=True, slots=True)
class Collection:
    """An open index and its cases; `gold[i]` are the ids of the articles that answer case i."""

    name: str
    corpus: Corpus
    cases: list[Case]
    gold: list[frozenset[str]]

    def questions(self) -> list[str]:
        """The questions, follow-ups made to stand alone."""
        return [stand_alone(case.question, case.history) for case in self.cases]


def collections(data: Path | None, *, sets: tuple[str, ...] = ("time",)) -> Iterator[Collection]:
    """Yield the sample and, where `data` is given, XQuAD and the named BEIR sets."""
    embedder = open_embedder("minilm")
    sample = Path(str(files("eval") / "sample"))
    yield _collection(
        "sample", sample / "articles", load_cases(sample / "questions.jsonl"), embedder
    )
    if data is None:
        return
    yield _xquad(data / "qa" / "xquad.en.json", embedder)
    for name in sets:
        folder = data / "retrieval" / name
        corpus = next(folder.glob("corpus.jsonl*"))
        yield _collection(name, corpus, load_cases(folder), embedder)


def _collection(name: str, articles: Path, cases: list[Case], embedder: Embedder) -> Collection:
    store = KEPT / name / ".qa"
    build(store, [articles], embedder)
    corpus = Corpus(store, lambda: embedder)
    gold = [
        frozenset().union(*(corpus.resolve(evidence) for evidence in case.evidence))
        for case in cases
    ]
    return Collection(name, corpus, cases, gold)


def _xquad(file: Path, embedder: Embedder) -> Collection:
    """Each paragraph an article; every third question."""
    KEPT.mkdir(exist_ok=True)
    paragraphs = KEPT / "xquad.jsonl"
    cases: list[Case] = []
    with paragraphs.open("w", encoding="utf-8") as out:
        for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
            title = article["title"].replace("_", " ")
            for n, paragraph in enumerate(article["paragraphs"]):
                name = f"{article['title']}-{n}"
                record = {"id": name, "title": title, "text": paragraph["context"]}
                out.write(json.dumps(record) + "\n")
                for question in paragraph["qas"]:
                    answers = tuple(a["text"] for a in question["answers"])
                    cases.append(
                        Case(question["id"], question["question"], answers, evidence=(name,))
                    )
    return _collection("xquad", paragraphs, cases[::3], embedder)
