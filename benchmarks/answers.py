"""Print what the built-in answerer is worth, set by set, each with the figure to reach.

make bench-answers                     the sample set
make bench-answers DATA=folder         the sets of a folder of data too (see `SETS`)
python -m benchmarks.answers DATA --only xquad news --share 0.2 --news-index folder/.qa

A question that is wrongly refused counts as 0. `--share` asks a fixed random part of each set. Sets that
are asked of a whole index are searched as `qa ask` searches, `--rerank` included; SQuAD 2.0 and CLAPNQ give
their passages, and need no search.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks.collections import KEPT
from benchmarks.reader_data import Questions, held_out, read_squad
from benchmarks.reader_stories import FOLDER, SUBJECTS, read_stories
from eval.cases import load_cases
from eval.match import exact, holds_any, overlaps, token_f1
from index.build import build
from index.corpus import Corpus
from index.embed import open_embedder
from index.types import Hit
from qa.citations import check
from qa.extractive import Extractive
from qa.pipeline import Pipeline
from qa.rerank import BUILT_IN, open_reranker
from qa.types import Answer, Draft, Finished, Message

SETS = ("sample", "stories", "subjects", "xquad", "squad", "news", "clapnq")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is known of its answer. `quotes` are sentences that are right."""

    text: str
    answers: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    history: tuple[Message, ...] = ()

    @property
    def answerable(self) -> bool:
        return bool(self.answers or self.quotes)


@dataclass(frozen=True, slots=True)
class Scores:
    """What came of one question, each from 0 to 1; `None` where there is nothing to compare with."""

    refused: float
    em: float | None
    f1: float | None
    contains: float | None
    cited: float | None


def scored(asked: Asked, short: str, quotes: Sequence[str], refused: bool) -> Scores:
    """Return the scores of an answer; a refused question that has an answer gets 0."""
    if not asked.answerable:
        return Scores(float(refused), None, None, None, None)
    said = "" if refused else short
    shown = [] if refused else list(quotes)
    return Scores(
        float(refused),
        max((exact(a, said) for a in asked.answers), default=None),
        max((token_f1(a, said) for a in asked.answers), default=None),
        float(holds_any(" ".join([said, *shown]), asked.answers)) if asked.answers else None,
        float(
            any(
                holds_any(q, asked.answers) or any(overlaps(q, g) for g in asked.quotes)
                for q in shown[:1]
            )
        ),
    )


def show(name: str, asked: Sequence[Asked], scores: Sequence[Scores], reach: str) -> None:
    """Print a line for the questions that have an answer, and one for the others."""

    def mean(values: Iterable[float | None]) -> str:
        known = [v for v in values if v is not None]
        return f"{np.mean(known):.3f}" if known else "-"

    yes = [s for a, s in zip(asked, scores, strict=True) if a.answerable]
    no = [s for a, s in zip(asked, scores, strict=True) if not a.answerable]
    if yes:
        print(
            f"{name} ({len(yes)} answerable): EM {mean(s.em for s in yes)}  short F1 {mean(s.f1 for s in yes)}"
            f"  contains {mean(s.contains for s in yes)}  first cited sentence {mean(s.cited for s in yes)}"
            f"  refused {mean(s.refused for s in yes)}"
        )
    if no:
        print(f"{name} ({len(no)} unanswerable): refused {mean(s.refused for s in no)}")
    print(f"    to reach: {reach}", flush=True)


A = TypeVar("A", bound=Asked)


class Bench:
    """The sets, asked of the built-in answerer as `qa ask` asks it."""

    def __init__(
        self, data: Path | None, share: float, news_index: Path | None, rerank: str = BUILT_IN
    ) -> None:
        self.data = data
        self.share = share
        self.news_index = news_index
        self.rerank = rerank
        self.embedder = open_embedder("minilm")

    def corpus(self, name: str, articles: Path) -> Corpus:
        """Return an index of those articles, kept for the next run."""
        store = KEPT / name / ".qa"
        build(store, [articles], self.embedder)
        return Corpus(store, lambda: self.embedder)

    def written(self, name: str, records: Iterable[dict[str, str]]) -> Path:
        """Return a file of those articles."""
        KEPT.mkdir(exist_ok=True)
        path = KEPT / f"{name}.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
        return path

    def paragraphs(self, name: str, data: Questions, used: Iterable[int]) -> Corpus:
        """Return an index of those paragraphs, each an article whose `source_id` is its number."""
        chosen = ((n, data.paragraphs[n]) for n in used)
        records = (
            {"id": str(n), "title": p.title, "text": p.text, "date": p.published} for n, p in chosen
        )
        return self.corpus(name, self.written(name, records))

    def part(self, items: Sequence[A]) -> list[A]:
        """Return the share of them that is asked: the same ones every time."""
        order = list(items)
        random.Random(5).shuffle(order)
        return order[: max(round(self.share * len(order)), 1)]

    def ask(self, corpus: Corpus, asked: Sequence[Asked]) -> list[Scores]:
        """Ask each of the whole corpus."""
        corpus.reranker = open_reranker(self.rerank, corpus.rarity)
        pipeline = Pipeline(corpus, Extractive(corpus, rerank=self.rerank))
        found = []
        for a in asked:
            answer = _last(pipeline, a)
            quotes = [c.quote for c in answer.citations]
            found.append(scored(a, answer.short or "", quotes, answer.abstained))
        return found

    def sample(self) -> None:
        """The questions that ship with the package, follow-ups included."""
        folder = Path(str(files("eval") / "sample"))
        asked = self.part(
            [
                Asked(
                    c.question,
                    c.answers if c.answerable else (),
                    c.quotes if c.answerable else (),
                    c.history,
                )
                for c in load_cases(folder / "questions.jsonl")
            ]
        )
        corpus = self.corpus("sample", folder / "articles")
        show("sample", asked, self.ask(corpus, asked), "short F1 .70, cited .90, unanswerable .75")

    def stories(self) -> None:
        """Stories written for the reader, those that it never saw: each question over all of them."""
        self._composed("stories", FOLDER, "as the sample")

    def subjects(self) -> None:
        """Encyclopaedia articles written for the reader, those that it never saw: over all their paragraphs."""
        self._composed("subjects", SUBJECTS, "as XQuAD")

    def _composed(self, name: str, folder: Path, reach: str) -> None:
        data = read_stories(held=True, folder=folder)
        corpus = self.paragraphs(f"answers-{name}", data, range(len(data.paragraphs)))
        asked = self.part(list(dict.fromkeys(Asked(q.text, q.answers) for q in data.questions)))
        show(f"{name}, held-out ones", asked, self.ask(corpus, asked), reach)

    def xquad(self) -> None:
        """XQuAD's questions over all its paragraphs; those on articles that the reader never saw apart."""
        path = self._file("qa/xquad.en.json")
        data = read_squad(path)
        held = held_out(read_squad(self._file("qa/squad2_half_dev.json")), data)
        corpus = self.paragraphs("answers-xquad", data, range(len(data.paragraphs)))
        for name, unseen in (("articles not trained on", True), ("articles trained on", False)):
            asked = self.part(
                [
                    Asked(q.text, q.answers)
                    for q in data.questions
                    if (data.paragraphs[q.paragraph].title in held) is unseen
                ]
            )
            show(f"XQuAD, {name}", asked, self.ask(corpus, asked), "short F1 .60, cited .86")

    def squad(self) -> None:
        """SQuAD 2.0, articles that the reader never saw, one paragraph given."""
        whole = read_squad(self._file("qa/squad2_half_dev.json"))
        held = held_out(whole, read_squad(self._file("qa/xquad.en.json")))
        data = whole.only(held)
        used = sorted({q.paragraph for q in data.questions})
        corpus = self.paragraphs("answers-squad", data, used)
        asked = {Asked(q.text, q.answers): str(q.paragraph) for q in data.questions}
        chosen = self.part(list(asked))
        answerer = Extractive(corpus)
        scores = []
        for a in chosen:
            hits = corpus.search(a.text, len(used) * 3)
            given = tuple(h for h in hits if h.passage.source.source_id == asked[a])
            scores.append(_given(answerer, corpus, a, given))
        show("SQuAD 2.0, held-out articles", chosen, scores, "below")
        f1 = [s.f1 if s.f1 is not None else s.refused for s in scores]
        right = [
            s.refused if not a.answerable else 1 - s.refused
            for a, s in zip(chosen, scores, strict=True)
        ]
        print(
            f"    as SQuAD 2.0 counts: F1 {np.mean(f1):.3f}; answer or none right {np.mean(right):.3f}"
        )
        print("    to reach: F1 .65, answer or none .70")

    def news(self) -> None:
        """Questions of weekly news quizzes of June and July 2022, and of 2025, over the articles of 2022."""
        folder = self._file("news_qa")
        if self.news_index:
            corpus = Corpus(self.news_index, lambda: self.embedder)
        else:
            corpus = self.corpus("answers-news", folder / "articles_2022.jsonl.gz")
        rows = [
            json.loads(line)
            for line in (folder / "questions_2022_jun_jul.jsonl").read_text().splitlines()
        ]
        within = [
            Asked(r["question"], tuple(r["answers"])) for r in rows if r["gold_docs_with_answer"]
        ]
        asked = self.part(within)
        reach = "EM .20, F1 .30, contains .50, refused at most .20"
        show("news, answer in the articles", asked, self.ask(corpus, asked), reach)
        later = json.loads((folder / "out_of_corpus_questions.json").read_text())
        asked = self.part([Asked(r["question"]) for r in later])
        show("questions on 2025", asked, self.ask(corpus, asked), "refused .85")

    def clapnq_cases(self) -> tuple[Corpus, list[tuple[Asked, str]]]:
        """Return an index of CLAPNQ's passages, and its questions with the id of the passage of each."""
        rows = [
            json.loads(line)
            for name in ("answerable", "unanswerable")
            for line in self._file(f"qa/clapnq/{name}.jsonl").read_text().splitlines()
        ]
        records = [
            {"id": r["id"], "title": r["passages"][0]["title"], "text": r["passages"][0]["text"]}
            for r in rows
        ]
        corpus = self.corpus("answers-clapnq", self.written("answers-clapnq", records))
        cases = []
        for r in rows:
            gold = tuple(s for o in r["output"] for s in o["selected_sentences"])
            cases.append((Asked(r["input"], (), gold), r["id"]))
        return corpus, cases

    def clapnq(self) -> None:
        """CLAPNQ's development questions, each with the one passage that it comes with."""
        corpus, cases = self.clapnq_cases()
        ids = dict(cases)
        chosen = self.part(list(ids))
        answerer = Extractive(corpus)
        scores = []
        for a in chosen:
            hits = corpus.search(a.text, 3 * len(cases))
            given = tuple(h for h in hits if h.passage.source.source_id == ids[a])
            scores.append(_given(answerer, corpus, a, given))
        show("CLAPNQ", chosen, scores, "cited .60, unanswerable refused .80")

    def _file(self, name: str) -> Path:
        if self.data is None or not (path := self.data / name).exists():
            raise FileNotFoundError(f"{name} is not in the folder of data ({self.data})")
        return path


def _last(pipeline: Pipeline, asked: Asked) -> Answer:
    *_, last = pipeline.ask(asked.text, history=asked.history)
    assert isinstance(last, Finished)
    return last.answer


def _given(answerer: Extractive, corpus: Corpus, asked: Asked, hits: tuple[Hit, ...]) -> Scores:
    """Ask of those passages alone."""
    *_, draft = answerer.answer(asked.text, hits, ())
    assert isinstance(draft, Draft)
    checked = check(draft, hits, lambda id_: corpus.article(id_).text)
    return scored(asked, draft.short or "", [c.quote for c in checked.citations], draft.abstained)


def main() -> None:
    """Print the sets that there is data for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--only", nargs="*", choices=SETS)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument(
        "--news-index", type=Path, help="an index of the news articles, made before"
    )
    parser.add_argument("--rerank", default=BUILT_IN, help="minilm, none, or a cross-encoder")
    options = parser.parse_args()
    bench = Bench(options.data, options.share, options.news_index, options.rerank)
    sets: dict[str, Callable[[], None]] = {name: getattr(bench, name) for name in SETS}
    for name in options.only or SETS:
        try:
            sets[name]()
        except FileNotFoundError as error:
            print(f"{name}: not measured: {error}")


if __name__ == "__main__":
    main()
