"""What the search does beyond fusing: names, two hops, periods, outlets, reranking."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence

import pytest
from test_build import Hashed

from index.build import build
from index.corpus import Corpus
from index.names import names_in, plain_name
from index.rerank import rerank
from index.types import Hit, Passage, Scope

RECORDS = [
    ("Lothair II", "Lothair II was a king. His mother was Ermengarde of Tours."),
    ("Ermengarde of Tours", "Ermengarde was empress of the Franks. She died on 20 March 851."),
    ("Mill of Varn", "The mill of Varn burned down. A mother of two died when it fell."),
    ("Queens of the north", "Many a queen died young, and so did the mother of the king."),
    ("Talks begin", "The talks on grain were held in the old harbour on Friday."),
    ("Talks end", "The talks on grain were held in the old harbour on Wednesday."),
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("search")
    days = ["", "", "", "", "2025-05-02", "2025-07-02"]
    outlets = ["", "", "", "", "North Wire", "South Wire"]
    with (folder / "articles.jsonl").open("w") as file:
        for n, ((title, text), day, outlet) in enumerate(zip(RECORDS, days, outlets, strict=True)):
            record = {"id": str(n), "title": title, "text": text, "date": day, "source": outlet}
            file.write(json.dumps(record) + "\n")
    store = folder / ".qa"
    build(store, [folder / "articles.jsonl"], Hashed())
    return Corpus(store, Hashed)


def titles(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.source.title for hit in hits]


def reasons(hit: Hit) -> set[str]:
    return {trace.retriever for trace in hit.traces} - {"dense", "lexical", "fusion"}


def test_a_second_hop(corpus: Corpus) -> None:
    hits = corpus.search("When did the mother of Lothair II die?", 6)
    assert titles(hits)[:2] == ["Lothair II", "Ermengarde of Tours"]
    assert reasons(hits[0]) == {"title"}
    assert reasons(hits[1]) == {"link"}
    assert all(0 <= hit.score <= 1 for hit in hits)


def test_no_hop_where_nothing_is_named(corpus: Corpus) -> None:
    for hit in corpus.search("when did the old mill burn down?", 6):
        assert reasons(hit) <= {"alike"}


def test_a_period_lifts_and_hides_nothing(corpus: Corpus) -> None:
    found = corpus.find("what became of the talks on grain in July 2025?", 6)
    assert titles(found.hits)[:2] == ["Talks end", "Talks begin"]
    assert "period" in reasons(found.hits[0])
    assert any("2025-07-01" in note for note in found.notes)
    found = corpus.find("what became of the talks on grain in May 2025?", 6)
    assert titles(found.hits)[0] == "Talks begin"
    found = corpus.find("what became of the talks on grain in May 1999?", 6)
    assert {"Talks begin", "Talks end"} <= set(titles(found.hits))
    assert any("no article" in note for note in found.notes)


def test_last_week_counts_from_the_day_asked(corpus: Corpus) -> None:
    found = corpus.find("what of the talks last week?", 6, Scope(as_of="2025-05-06"))
    assert titles(found.hits) == ["Talks begin"]
    assert any("have no date" in note for note in found.notes)


def test_today_may_be_the_last_day_there_is(corpus: Corpus) -> None:
    found = corpus.find("what of the talks today?", 6, Scope(as_of="9999-12-31"))
    assert "Talks begin" in titles(found.hits)


def test_this_week_is_of_the_time_of_the_index(corpus: Corpus) -> None:
    def lifted(scope: Scope) -> dict[str, float | None]:
        hits = corpus.find("where were the talks on grain held this week?", 6, scope).hits
        return {
            hit.passage.source.title: trace.score
            for hit in hits
            for trace in hit.traces
            if trace.retriever == "recent"
        }

    late = lifted(Scope())
    assert set(late) == {"Talks begin", "Talks end"}
    assert late["Talks end"] == pytest.approx(0.2)
    assert late["Talks begin"] == pytest.approx(0.2 * math.exp(-61 / 365))
    # as of a day the newest article is the newest one of then
    assert lifted(Scope(as_of="2025-05-06")) == {
        "Talks begin": pytest.approx(0.2 * math.exp(-4 / 365))
    }


def test_an_outlet_in_the_question_lifts(corpus: Corpus) -> None:
    for outlet, title in (("North Wire", "Talks begin"), ("South Wire", "Talks end")):
        found = corpus.find(f"According to {outlet}, where were the talks on grain?", 6)
        assert titles(found.hits)[0] == title
        assert any(outlet in note for note in found.notes)


def test_a_filter_that_leaves_nothing_says_so(corpus: Corpus) -> None:
    found = corpus.find("the talks", 6, Scope(since="2030-01-01"))
    assert found.hits == ()
    assert found.notes == (
        "the filters leave no article; those in the index are of 2025-05-02 to 2025-07-02",
    )


def test_names_are_whole_titles() -> None:
    known = frozenset(map(plain_name, ("Mercury (planet)", "São Paulo", "The Mill", "Mill")))

    def look_up(names: Iterable[str]) -> frozenset[str]:
        return known & frozenset(names)

    text = "In Sao Paulo the mill by Mercury stood; a mill."
    found = names_in(text, look_up, capitals=False)
    assert [(n.name, text[n.start : n.end]) for n in found] == [
        ("sao paulo", "Sao Paulo"),
        ("the mill", "the mill"),
        ("mercury", "Mercury"),
    ]
    assert [n.name for n in names_in(text, look_up, capitals=True)] == ["sao paulo", "mercury"]
    assert plain_name("A headline that is far too long to be what anybody calls it") == ""


class Longest:
    """A reranker that likes long passages."""

    name, weight = "longest", 1.0

    def __init__(self, depth: int = 30) -> None:
        self._depth = depth

    def depth(self, question: str) -> int:
        return 0 if "mute" in question else self._depth

    def score(self, question: str, passages: Sequence[Passage]) -> Sequence[float]:
        return [len(p.text) / 1000 for p in passages]


def test_a_reranker_has_its_share(corpus: Corpus) -> None:
    question = "when did the old mill burn down?"
    before = corpus.search(question, 6)
    corpus.reranker = Longest()
    after = corpus.search(question, 6)
    corpus.reranker = None
    lengths = [len(hit.passage.text) for hit in after]
    assert lengths == sorted(lengths, reverse=True)
    assert [hit.rank for hit in after] == list(range(1, 7))
    first = {hit.passage.passage_id: hit for hit in before}
    for hit in after:
        fused = next(t for t in hit.traces if t.retriever == "fusion")
        assert fused.rank == first[hit.passage.passage_id].rank


def test_what_was_found_is_told_before_it_is_read_again(corpus: Corpus) -> None:
    question = "when did the old mill burn down?"
    plain = corpus.find(question, 3)
    corpus.reranker = Longest()
    looks = list(corpus.looks(question, 3))
    corpus.reranker = None
    assert [[h.passage for h in look.hits] for look in looks[:1]] == [
        [h.passage for h in plain.hits]
    ]
    lengths = [len(hit.passage.text) for hit in looks[1].hits]
    assert len(looks) == 2 and lengths == sorted(lengths, reverse=True)
    assert len(list(corpus.looks(question, 3))) == 1


def test_what_is_not_read_again_stays_behind(corpus: Corpus) -> None:
    hits = corpus.search("the talks on grain", 6)
    again = rerank(Longest(depth=2), "the talks on grain", hits)
    assert [h.passage for h in again[2:]] == [h.passage for h in hits[2:]]
    scores = [h.score for h in again]
    assert scores == sorted(scores, reverse=True)


def test_a_reranker_may_have_no_opinion(corpus: Corpus) -> None:
    hits = corpus.search("mute talks on grain", 6)
    assert rerank(Longest(), "mute talks on grain", hits) == hits
    corpus.reranker = Longest()
    assert len(list(corpus.looks("mute talks on grain", 6))) == 1
    corpus.reranker = None


def test_what_a_reranker_reads_does_not_depend_on_how_many_are_wanted(corpus: Corpus) -> None:
    corpus.reranker = Longest()
    many = corpus.find("the talks on grain", 6).hits
    one = corpus.find("the talks on grain", 1).hits
    corpus.reranker = None
    assert [h.passage for h in one] == [many[0].passage]


def test_a_question_of_two_hops_is_not_read_again(corpus: Corpus) -> None:
    question = "When did the mother of Lothair II die?"
    before = corpus.search(question, 6)
    corpus.reranker = Longest()
    after = corpus.search(question, 6)
    corpus.reranker = None
    assert after == before
