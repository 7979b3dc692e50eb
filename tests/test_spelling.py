"""Slips of the keys in a question."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.corpus import Corpus
from index.embed import open_embedder
from qa.extractive import Extractive
from qa.pipeline import Pipeline
from qa.types import Answer, Finished


@pytest.fixture(scope="module")
def corpus(sample_store: Path) -> Corpus:
    return Corpus(sample_store, lambda: open_embedder("minilm"))


@pytest.mark.parametrize(
    "question, slips",
    [
        ("who leed the ukranian delagation", {"leed": "led", "ukranian": "ukrainian", "delagation": "delegation"}),
        ("when was the brige colapsed?", {"brige": "bridge", "colapsed": "collapsed"}),
        ("how many prisonners were relesed", {"prisonners": "prisoners", "relesed": "released"}),
        # words of the language that the index does not hold, and names
        ("how do I reset my router after quitting?", {}),
        ("what ailment had the lender misled us about?", {}),
        ("who painted Guernika?", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_what_is_read_as_another_word(corpus: Corpus, question: str, slips: dict[str, str]) -> None:
    assert corpus.misspelt(question) == slips


def test_a_question_with_slips_is_answered_and_says_so(corpus: Corpus) -> None:
    question = "who leed the ukranian delagation in 2022"
    *_, last = Pipeline(corpus, Extractive(corpus)).ask(question)
    assert isinstance(last, Finished)
    answer: Answer = last.answer
    assert answer.short == "David Arakhamia"
    assert answer.question == question
    assert answer.searched == "who led the ukrainian delegation in 2022"
    assert "“leed” was read as “led”" in answer.notes


def test_the_passages_alone_are_those_that_are_asked_with(corpus: Corpus) -> None:
    question = "who leed the ukranian delagation in 2022"
    pipeline = Pipeline(corpus, Extractive(corpus))
    *_, last = pipeline.ask(question)
    assert isinstance(last, Finished)
    alone = pipeline.search(question, depth=pipeline.k)
    assert [h.passage.passage_id for h in alone] == [h.passage.passage_id for h in last.answer.hits]
    assert [hit.score for hit in alone] == [hit.score for hit in last.answer.hits]
