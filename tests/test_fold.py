"""No echo among what is shown, and where a passage was lost."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from test_build import Hashed

from index.build import build
from index.corpus import Corpus
from index.errors import UsageError
from index.explain import explained
from index.fold import fold
from index.types import Hit, Passage, Scope, Source, Trace


def hits(*articles: str, stories: dict[str, str] | None = None) -> tuple[Hit, ...]:
    """One hit for each named article, best first; a story of two where one is given."""
    stories = stories or {}
    found = []
    for rank, article in enumerate(articles, 1):
        story = stories.get(article)
        source = Source(article, f"Title {article}", story=story, copies=2 if story else 1)
        passage = Passage(f"{article}#{rank}", source, 0, 4, "text")
        found.append(Hit(rank, 1 / rank, passage))
    return tuple(found)


def ids(found: tuple[Hit, ...]) -> list[str]:
    return [hit.passage.passage_id for hit in found]


def test_two_of_an_article() -> None:
    shown, behind = fold(hits("a", "b", "a", "a", "c"), 8)
    assert ids(shown) == ["a#1", "b#2", "a#3", "c#5"]
    assert ids(behind) == ["a#4"]
    assert [hit.rank for hit in (*shown, *behind)] == [1, 2, 3, 4, 5]
    assert behind[0].traces[-1] == Trace("echo", 1, None)


def test_one_of_a_story() -> None:
    found = hits("a", "b", "c", "a", "b", stories={"a": "s", "b": "s"})
    shown, behind = fold(found, 8)
    assert ids(shown) == ["a#1", "c#3"]
    assert ids(behind) == ["b#2", "a#4", "b#5"]


def test_an_article_that_the_question_is_about() -> None:
    assert ids(fold(hits("a", "a", "a", "b", "a"), 8)[0]) == ["a#1", "a#2", "a#3", "b#4", "a#5"]
    named = hits("b", "a", "a", "a")
    traced = [
        Hit(h.rank, h.score, h.passage, 0.0, (Trace("title", None, 0.5),))
        if h.passage.source.article_id == "a"
        else h
        for h in named
    ]
    assert len(fold(traced, 8)[0]) == 4


def test_near_copies_under_the_title_that_the_question_names() -> None:
    stories = {"a": "s", "b": "s", "c": "s"}
    traced = [
        replace(hit, traces=(Trace("title", None, 0.5),))
        for hit in hits("a", "b", "a", "c", "a", "b", stories=stories)
    ]
    shown, behind = fold(traced, 8)
    assert ids(shown) == ["a#1", "a#3", "a#5"]
    assert ids(behind) == ["b#2", "c#4", "b#6"]
    assert behind[0].traces[-1] == Trace("echo", 1, None)


def test_what_did_not_fit_keeps_its_order() -> None:
    shown, behind = fold(hits("a", "b", "a", "a", "c", "d"), 3)
    assert ids(shown) == ["a#1", "b#2", "a#3"]
    assert ids(behind) == ["a#4", "c#5", "d#6"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("fold")
    report = " ".join(f"The harbour wall of Varn was {w} by the storm on Friday." for w in WORDS)
    with (folder / "articles.jsonl").open("w") as file:
        for n, outlet in enumerate(("North Wire", "South Wire", "West Wire")):
            record = {"id": f"c{n}", "title": "Harbour wall falls", "text": report}
            file.write(json.dumps(record | {"source": outlet, "date": f"2025-05-0{n + 1}"}) + "\n")
        other = {"id": "x", "title": "Bakery", "text": "A bakery in Varn sells bread on Friday."}
        file.write(json.dumps(other | {"date": "2025-06-01"}) + "\n")
    store = folder / ".qa"
    build(store, [folder / "articles.jsonl"], Hashed())
    return Corpus(store, Hashed)


WHAT = ("bridge", "ferry", "school", "market", "library", "tram")
WHERE = ("Arden", "Holm", "Grell", "Farlow")
SAID = (
    "The bridge reopened in the evening.",
    "The council met on Tuesday.",
    "Residents complained about the cost.",
    "The ferry ran late.",
    "An engineer in Holm wrote a report.",
)
WORDS = ("broken", "shaken", "lifted", "turned", "washed", "taken", "beaten", "hit", "moved")


@pytest.mark.parametrize(
    "question", ["what did the storm do to the harbour wall?", "Harbour wall falls"]
)
def test_near_copies_are_heard_once(corpus: Corpus, question: str) -> None:
    found = corpus.find(question, 8)
    titles = [hit.passage.source.title for hit in found.hits]
    assert titles == ["Harbour wall falls", "Bakery"]
    assert found.hits[0].passage.source.copies == 3
    everything = corpus.find(question, 8, k=2)
    assert [h.passage.source.title for h in everything.hits].count("Harbour wall falls") == 3
    assert everything.shown == 2


def test_where_a_passage_was_lost(corpus: Corpus) -> None:
    question = "what did the storm do to the harbour wall?"
    found = corpus.find(question, 8)
    first = found.hits[0].passage.passage_id
    assert corpus.why_not(question, first, 8).lost_at is None
    copy = next(
        h.passage.passage_id
        for h in corpus.search(question, 8)
        if h.passage.source.story and h.passage.passage_id != first
    )
    lost = corpus.why_not(question, copy, 8)
    assert (lost.lost_at, lost.stages["echo"]["speaker"]) == ("echo", 1)
    assert corpus.why_not(question, found.hits[1].passage.passage_id, 1).lost_at == "cut"
    scope = Scope(since="2025-06-01", sources=("West Wire", "South Wire"))
    lost = corpus.why_not(question, first, 8, scope)
    assert lost.lost_at == "filters"
    named = "--since 2025-06-01, --source West Wire, --source South Wire"
    assert lost.why == f"the filters leave it out ({named})"
    assert json.dumps(lost.to_json())
    with pytest.raises(UsageError, match="no passage"):
        corpus.why_not(question, "nothing#1", 8)


def test_an_explanation_has_every_stage(corpus: Corpus) -> None:
    scope = Scope(until="2025-12-31")
    found = corpus.find("the harbour wall in May 2025", 8, scope)
    told = explained(found.hits[0], found.scope)
    assert told["retrievers"]["dense"]["rank"] == 1 or told["retrievers"]["lexical"]["rank"] == 1
    assert told["fusion"]["rank"] == 1
    assert "period" in told["lifted"]
    assert told["reranker"] is None
    assert told["filters"] == {"until": "2025-12-31"}


@pytest.mark.parametrize(
    "question", ["the bridge in the evening", "the council met on Tuesday", "who met in Holm?"]
)
def test_where_a_passage_stands_is_said_as_the_search_has_it(crowd: Corpus, question: str) -> None:
    found = crowd.find(question, 8).hits
    told = [crowd.why_not(question, hit.passage.passage_id, 8) for hit in found]
    assert [one.why for one in told] == [f"it is shown, at {rank}" for rank in range(1, 9)]
    scores = [t.score for hit in found for t in hit.traces if t.retriever == "fusion"]
    assert [one.stages["fusion"]["score"] for one in told] == scores
    for hit in crowd.find(question, 100, k=8).hits[60:64]:  # beyond what a search for eight keeps
        assert crowd.why_not(question, hit.passage.passage_id, 8).lost_at == "cut"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """More articles of the same few words than a retriever gives to the fusion."""
    folder, draw = tmp_path_factory.mktemp("crowd"), random.Random(3)
    with (folder / "articles.jsonl").open("w") as file:
        for n in range(240):
            what, did, where = (draw.choice(words) for words in (WHAT, WORDS, WHERE))
            rest = " ".join(draw.choice(SAID) for _ in range(draw.randint(1, 5)))
            text = f"The {what} in {where} was {did}. {rest}"
            file.write(json.dumps({"id": f"{n}", "title": f"Notice {n}", "text": text}) + "\n")
    store = folder / ".qa"
    build(store, [folder / "articles.jsonl"], Hashed())
    return Corpus(store, Hashed)
