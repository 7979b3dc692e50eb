"""The one path from a question to a checked answer, with the built-in answerer and with a scripted one."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import pytest

from index.corpus import Corpus
from index.errors import UsageError
from index.types import Hit, Scope
from qa.extractive import DOUBT, Extractive
from qa.pipeline import Pipeline
from qa.types import Answer, Draft, Finished, Message, Retrieved, Token
from qa.weights import DOUBTFUL


class Scripted:
    """An answerer that says what it is told to, and remembers what it was given."""

    name = "scripted"

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.hits: Sequence[Hit] = ()

    def rewrite(self, question: str, history: Sequence[Message]) -> Generator[Token, None, str]:
        yield from ()
        return f"{history[0].content} {question}"

    def answer(
        self, question: str, hits: Sequence[Hit], history: Sequence[Message]
    ) -> Iterator[Token | Draft]:
        self.hits = hits
        yield Token(self.draft.text)
        yield self.draft


@pytest.fixture
def pipeline(sample_corpus: Corpus) -> Pipeline:
    return Pipeline(sample_corpus, Extractive(sample_corpus))


def ask(pipeline: Pipeline, question: str, **options: object) -> Answer:
    events = list(pipeline.ask(question, **options))  # type: ignore[arg-type]
    assert isinstance(events[0], Retrieved)
    assert all(isinstance(e, Token) for e in events[1:-1])
    assert isinstance(events[-1], Finished)
    return events[-1].answer


def test_who_led_the_delegation(pipeline: Pipeline) -> None:
    answer = ask(pipeline, "who led Russia's delegation?")
    assert not answer.abstained
    assert answer.short == "Vladimir Medinsky"
    assert "Vladimir Medinsky" in answer.citations[0].quote
    assert set(answer.timings_ms) == {"retrieve", "answer", "total"}


def test_every_citation_is_an_exact_slice(pipeline: Pipeline) -> None:
    for question in (
        "who led Russia's delegation?",
        "How many prisoners did each side free?",
        "when did the Baltimore bridge collapse?",
        "what did the crowdstrike outage cost Delta",
    ):
        answer = ask(pipeline, question)
        for citation in answer.citations:
            text = pipeline.article(citation.source.article_id).text
            assert citation.verified
            assert text[citation.start : citation.end] == citation.quote
            assert f"[{citation.number}]" in answer.text


def test_what_the_articles_do_not_hold(pipeline: Pipeline) -> None:
    answer = ask(pipeline, "What is the capital of Australia?")
    assert answer.abstained
    assert answer.reason == "found but does not say"
    assert answer.citations == ()
    assert [c.number for c in answer.nearest] == [1, 2, 3]
    for near in answer.nearest:
        text = pipeline.article(near.source.article_id).text
        assert text[near.start : near.end] == near.quote
    assert answer.short is None


def test_an_answer_of_little_confidence_comes_with_a_warning(
    pipeline: Pipeline, sample_corpus: Corpus
) -> None:
    assert DOUBT not in ask(pipeline, "who led Russia's delegation?").notes
    daring = Pipeline(sample_corpus, Extractive(sample_corpus, threshold=0.0))
    for question in (
        "What is the capital of Australia?",
        "what is the capital of Australia and who rules it?",
    ):
        answer = ask(daring, question)
        assert not answer.abstained and (answer.confidence or 0) < DOUBTFUL
        assert answer.notes.count(DOUBT) == 1


def test_a_large_archive_must_tell_all_that_is_asked(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, not_told = (
        "who led Russia's delegation?",
        "who led Brazil's delegation to the climate talks?",
    )
    small = {q: ask(pipeline, q).confidence or 0 for q in (told, not_told)}
    monkeypatch.setattr("qa.weights.largeness", lambda passages: 1.0)
    large = {q: ask(pipeline, q).confidence or 0 for q in (told, not_told)}
    assert large[told] - small[told] > large[not_told] - small[not_told]
    assert large[not_told] < small[not_told]


def test_filters_that_leave_nothing(pipeline: Pipeline) -> None:
    answer = ask(pipeline, "who led Russia's delegation?", scope=Scope(since="2031-01-01"))
    assert answer.abstained
    assert answer.hits == ()
    assert answer.reason == "outside the dates"
    assert answer.nearest[0].verified and "led" in answer.nearest[0].quote


def test_a_follow_up_is_searched_with_what_it_leaves_unsaid(pipeline: Pipeline) -> None:
    history = [
        Message("user", "Who led the Ukrainian delegation at the 2022 Istanbul talks?"),
        Message("assistant", "The Ukrainian side was led by David Arakhamia. [1]"),
    ]
    events = list(pipeline.ask("and who was sitting across from him?", history=history))
    assert isinstance(events[0], Retrieved)
    assert "David Arakhamia" in events[0].question
    assert "2022" in events[0].question


def test_the_answerer_sees_k_passages_and_the_answer_lists_more(sample_corpus: Corpus) -> None:
    scripted = Scripted(Draft("It was so [2], and so [9]."))
    answer = ask(Pipeline(sample_corpus, scripted, k=3), "prisoners", depth=20)
    assert len(scripted.hits) == 3
    assert len(answer.hits) == 20
    assert [h.rank for h in answer.hits] == list(range(1, 21))
    assert "[9]" not in answer.text
    assert [c.passage_id for c in answer.citations] == [answer.hits[1].passage.passage_id]


def test_history_is_rewritten_by_the_answerer(sample_corpus: Corpus) -> None:
    scripted = Scripted(Draft("", abstained=True, reason="no"))
    events = list(
        Pipeline(sample_corpus, scripted).ask("and then?", history=[Message("user", "bridges")])
    )
    assert isinstance(events[0], Retrieved)
    assert events[0].question == "bridges and then?"


@pytest.mark.parametrize("question", ["", "  \n ", "x" * 9000])
def test_questions_that_are_none(pipeline: Pipeline, question: str) -> None:
    with pytest.raises(UsageError):
        list(pipeline.ask(question))


@pytest.mark.parametrize(
    "question", ["?!…", "ما هو الرأس", "🚢🚢", "[1] [2]", "\x1b[31mred", "a" * 3000]
)
def test_odd_questions_end_in_an_answer_or_an_abstention(
    pipeline: Pipeline, question: str, tmp_path: Path
) -> None:
    answer = ask(pipeline, question)
    assert answer.abstained == (answer.citations == ())
