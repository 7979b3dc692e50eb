"""The collections that the benchmarks run on, as an open index and cases with known articles.

The sample ships with the package. The others are read from a folder of data that is given: `qa/xquad.en.json`
(XQuAD), `retrieval/NAME/` (BEIR folders) and `news_qa/` (RealTimeQA's questions and a year of news). Indexes,
and with them the vectors, are kept in `.bench/`, so that a second run embeds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from eval.cases import Case, load_cases
from index.build import build
from index.corpus import Corpus
from index.embed import Embedder, open_embedder
from qa.followup import stand_alone

KEPT = Path(".bench")

SETS = ("sample", "xquad", "time", "cran", "scifact", "2wiki", "news")


@dataclass(frozen=True, slots=True)
class Collection:
    """An open index and its cases; `gold[i]` has the grades of the articles that answer case i.

    An article that could not be indexed (an empty one) stays in the gold: nothing can find it.
    """

    name: str
    corpus: Corpus
    cases: list[Case]
    gold: list[Mapping[str, int]]

    def questions(self) -> list[str]:
        """The questions, follow-ups made to stand alone."""
        return [stand_alone(case.question, case.history) for case in self.cases]


def collections(
    data: Path | None, *, sets: tuple[str, ...] = SETS, limit: int | None = None
) -> Iterator[Collection]:
    """Yield the sets that are named; all but the sample need `data`. `limit` takes so many cases, evenly."""
    embedder = open_embedder("minilm")
    for name in sets:
        if name != "sample" and data is None:
            continue
        articles, cases = _FORMS.get(name, _beir)(data or Path(), name)
        answerable = [case for case in cases if case.evidence]
        step = max(len(answerable) // limit, 1) if limit else 1
        yield _collection(name, articles, answerable[::step][:limit], embedder)


def _collection(name: str, articles: Path, cases: list[Case], embedder: Embedder) -> Collection:
    store = KEPT / name / ".qa"
    build(store, [articles], embedder)
    corpus = Corpus(store, lambda: embedder)
    gold: list[Mapping[str, int]] = []
    for case in cases:
        grades: dict[str, int] = {}
        for evidence in case.evidence:
            for article in corpus.resolve(evidence) or {f"not indexed: {evidence}"}:
                grades[article] = max(grades.get(article, 0), case.grade(evidence))
        gold.append(grades)
    return Collection(name, corpus, cases, gold)


def _sample(data: Path, name: str) -> tuple[Path, list[Case]]:
    folder = Path(str(files("eval") / "sample"))
    return folder / "articles", load_cases(folder / "questions.jsonl")


def _beir(data: Path, name: str) -> tuple[Path, list[Case]]:
    folder = data / "retrieval" / name
    return next(folder.glob("corpus.jsonl*")), load_cases(folder)


def _news(data: Path, name: str) -> tuple[Path, list[Case]]:
    """The questions whose article is known, over all articles."""
    folder = data / "news_qa"
    lines = (folder / "questions_2022_jun_jul.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    cases = [
        Case(r["_id"], r["question"], tuple(r["answers"]), tuple(r["gold_docs_with_answer"]))
        for r in records
        if r["gold_docs_with_answer"]
    ]
    return folder / "articles_2022.jsonl.gz", cases


def _xquad(data: Path, name: str) -> tuple[Path, list[Case]]:
    """Each paragraph an article."""
    KEPT.mkdir(exist_ok=True)
    paragraphs = KEPT / "xquad.jsonl"
    lines: list[str] = []
    cases: list[Case] = []
    read = json.loads((data / "qa" / "xquad.en.json").read_text(encoding="utf-8"))
    for article in read["data"]:
        title = article["title"].replace("_", " ")
        for n, paragraph in enumerate(article["paragraphs"]):
            id_ = f"{article['title']}-{n}"
            lines.append(json.dumps({"id": id_, "title": title, "text": paragraph["context"]}))
            for question in paragraph["qas"]:
                answers = tuple(a["text"] for a in question["answers"])
                cases.append(Case(question["id"], question["question"], answers, (id_,)))
    text = "\n".join(lines) + "\n"
    if not paragraphs.is_file() or paragraphs.read_text(encoding="utf-8") != text:
        paragraphs.write_text(text, encoding="utf-8")
    return paragraphs, cases


_FORMS: dict[str, Callable[[Path, str], tuple[Path, list[Case]]]] = {
    "sample": _sample,
    "xquad": _xquad,
    "news": _news,
}
