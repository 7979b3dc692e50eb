"""Metrics against values worked out by hand, and against references written anew."""

import json
import math
import os
import random
import re
import string
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.cases import Case, load_cases
from eval.match import AS_TYPED, exact, holds, normalise, overlaps, token_f1, without_markers
from eval.metrics import METRICS, Result, Unscored, score, summarise
from eval.ranking import CUTS, NAMES, rank_articles

SHARED = Path(os.environ.get("QA_SHARED", Path(__file__).parents[2] / "shared"))
SQUAD = SHARED / "data" / "qa" / "squad2_half_dev.json"

CASE = Case("1", "Who?", ("Vladimir Medinsky", "Medinsky"), ("a",), ("Then he led the team.",))
NO_ANSWER = Case("2", "Why?", answerable=False)
GOLD = {"a": 1, "b": 1}


def value(name: str, result: Result) -> float | str:
    found = METRICS[name](result)
    return found.why if isinstance(found, Unscored) else found


# ---------------------------------------------------------------- SQuAD's comparison


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("The  U.S. Army!", "us army"),
        ("An apple a day", "apple day"),
        ("“Théâtre”", "théâtre"),
        ("the People’s Bank", "peoples bank"),
        ("1990–1994", "19901994"),
        ("the", ""),
        ("$1,000", "1000"),
    ],
)
def test_normalise(text, plain):
    assert normalise(text) == plain


def test_f1_by_hand():
    assert token_f1("Vladimir Medinsky", "the aide Vladimir Medinsky") == pytest.approx(0.8)
    assert token_f1("a b c c", "c c d") == pytest.approx(2 * (2 / 3) ** 2 / (4 / 3))
    assert token_f1("x", "y") == 0
    assert (token_f1("the", "a"), token_f1("the", "cat")) == (1, 0)


def official_normalise(s):
    """The official script's steps (evaluate-v2.0.py), written down apart from ours."""
    s = "".join(ch for ch in s.lower() if ch not in set(string.punctuation))
    return " ".join(re.sub(re.compile(r"\b(a|an|the)\b", re.UNICODE), " ", s).split())


def official_f1(a_gold, a_pred):
    gold_toks = official_normalise(a_gold).split() if a_gold else []
    pred_toks = official_normalise(a_pred).split() if a_pred else []
    common = Counter(gold_toks) & Counter(pred_toks)
    num_same = sum(common.values())
    if len(gold_toks) == 0 or len(pred_toks) == 0:
        return int(gold_toks == pred_toks)
    if num_same == 0:
        return 0
    precision = 1.0 * num_same / len(pred_toks)
    recall = 1.0 * num_same / len(gold_toks)
    return (2 * precision * recall) / (precision + recall)


@given(st.text(max_size=30), st.text(max_size=30))
def test_em_and_f1_equal_the_official_steps(gold, said):
    typed = gold.translate(AS_TYPED), said.translate(AS_TYPED)
    assert token_f1(gold, said) == pytest.approx(official_f1(*typed), abs=1e-12)
    assert exact(gold, said) == int(len(set(map(official_normalise, typed))) == 1)


@pytest.mark.skipif(not SQUAD.is_file(), reason="no shared material (QA_SHARED)")
def test_em_and_f1_equal_the_official_ones_on_squad():
    raw = json.loads(SQUAD.read_text("utf-8"))
    golds = {
        qa["id"]: [a["text"] for a in qa["answers"] if official_normalise(a["text"])]
        for article in raw["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    }
    compared = 0
    for place, case in enumerate(load_cases(SQUAD)):
        if not case.answerable:
            assert value("exact_match", Result(case, {})) == METRICS["f1"](Result(case, {})).why
            continue
        words = golds[case.id][0].split()
        generated = (
            golds[case.id][-1],
            "the " + " ".join(words[:1]),
            " ".join(words) + " and more, indeed.",
            case.question,
        )[place % 4]
        result = Result(case, {}, short=generated)
        em = max(
            int(official_normalise(g) == official_normalise(generated)) for g in golds[case.id]
        )
        assert value("exact_match", result) == em
        expected = max(official_f1(g, generated) for g in golds[case.id])
        assert value("f1", result) == pytest.approx(expected, abs=1e-12)
        compared += 1
    assert compared == 2910


# ---------------------------------------------------------------- ranking


def reference(articles: list[str], gold: dict[str, int]) -> dict[str, float]:
    """The ranking metrics from their definitions, nothing shared with ours."""
    ranked: list[str] = []
    for article in articles:
        if article not in ranked:
            ranked.append(article)
    grades = [gold.get(article, 0) for article in ranked]
    relevant = sum(grade > 0 for grade in gold.values())
    values: dict[str, float] = {}
    for k in CUTS:
        found = sum(grade > 0 for grade in grades[:k])
        values[f"hit@{k}"] = float(found > 0)
        values[f"recall@{k}"] = found / relevant
    first = next((rank for rank, grade in enumerate(grades[:10], 1) if grade > 0), None)
    values["MRR@10"] = 1 / first if first else 0.0
    best = sorted(gold.values(), reverse=True)[:10]
    dcg, ideal = (
        sum(grade / math.log2(rank + 1) for rank, grade in enumerate(row, 1) if grade > 0)
        for row in (grades[:10], best)
    )
    values["nDCG@10"] = dcg / ideal
    ranks = [rank for rank, grade in enumerate(grades, 1) if grade > 0]
    values["MAP"] = sum(n / rank for n, rank in enumerate(ranks, 1)) / relevant
    return values


ids = st.sampled_from([f"art-{n}" for n in range(40)] + ["é\ud800", ""])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(ids, max_size=60),
    st.dictionaries(ids, st.integers(0, 3), max_size=12),
    st.tuples(ids, st.integers(1, 3)),
)
def test_ranking_equals_the_definitions(articles, gold, relevant):
    gold = gold | dict([relevant])
    ours, theirs = rank_articles(articles, gold), reference(articles, gold)
    assert list(ours) == list(NAMES)
    assert ours == pytest.approx(theirs, abs=1e-9)


DEEP = ("hit@3", "recall@7", "precision@4", "MRR", "MRR@3", "nDCG", "nDCG@7", "MAP", "MAP@5")
some = st.sampled_from([f"d{n:02}" for n in range(30)])


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(some, st.sampled_from([0.1, 0.2, 0.2, 0.5, 0.9]), min_size=1, max_size=30),
    st.dictionaries(some, st.integers(0, 3), max_size=12),
    st.tuples(some, st.integers(1, 3)),
)
def test_ranking_equals_the_library_with_any_cut_and_with_ties(scores, gold, relevant):
    """Tied scores are put in trec_eval's order: the later id first."""
    import ir_measures
    from ir_measures import AP, RR, P, R, Success, nDCG

    gold = gold | dict([relevant])
    ranked = sorted(scores, key=lambda d: (scores[d], d), reverse=True)
    wanted = [
        Success @ 3, R @ 7, P @ 4, RR, RR @ 3, nDCG, nDCG @ 7, AP, AP @ 5,
    ]  # fmt: skip
    found = ir_measures.calc_aggregate(wanted, {"q": gold}, {"q": scores})
    # With a cut, the library takes MRR from another provider, which breaks ties the other way round.
    strict = {d: float(len(ranked) - place) for place, d in enumerate(ranked)}
    found |= ir_measures.calc_aggregate([RR @ 3], {"q": gold}, {"q": strict})
    expected = {name: found[measure] for name, measure in zip(DEEP, wanted, strict=True)}
    assert rank_articles(ranked, gold, DEEP) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(some, unique=True, max_size=30),
    st.dictionaries(some, st.integers(0, 3), max_size=12),
    st.tuples(some, st.integers(1, 3)),
)
def test_ndcg_equals_scikit_learns(ranked, gold, relevant):
    """scikit-learn ranks everything, so what was not found stands behind twenty fillers."""
    from sklearn.metrics import ndcg_score

    gold = gold | dict([relevant])
    order = [*ranked, *range(20), *(d for d in gold if d not in ranked)]
    grades = [[gold.get(d, 0) for d in order]]
    ours = rank_articles(ranked, gold, ("nDCG@3", "nDCG@10", "nDCG@20"))
    for name, value in ours.items():
        cut = int(name.partition("@")[2])
        theirs = ndcg_score(grades, [[float(-place) for place in range(len(order))]], k=cut)
        assert value == pytest.approx(theirs, abs=1e-9)


RANX = {
    "hit@5": "hit_rate@5", "recall@5": "recall@5", "precision@4": "precision@4", "MRR@10": "mrr@10",
    "nDCG@10": "ndcg@10", "nDCG@3": "ndcg@3", "MAP": "map", "MAP@5": "map@5",
}  # fmt: skip


def test_ranking_equals_ranx():
    """Where somebody installed it: it brings numba, pandas and more, for this test alone."""
    ranx = pytest.importorskip("ranx", reason="pip install ranx")
    rng = random.Random(1)
    ids = [f"d{n:02}" for n in range(40)]
    gold, scores, ours = {}, {}, {}
    for query in map(str, range(200)):
        ranked = rng.sample(ids, rng.randint(1, 40))
        gold[query] = {d: rng.randint(1, 3) for d in rng.sample(ids, rng.randint(1, 12))}
        scores[query] = {d: float(len(ranked) - place) for place, d in enumerate(ranked)}
        ours[query] = rank_articles(ranked, gold[query], tuple(RANX))
    run = ranx.Run(scores)
    ranx.evaluate(ranx.Qrels(gold), run, list(RANX.values()))
    for query, found in ours.items():
        theirs = {name: run.scores[measure][query] for name, measure in RANX.items()}
        assert found == pytest.approx(theirs, abs=1e-9)


def test_an_article_counts_once_where_it_first_stands():
    scores = rank_articles(["x", "x", "x", "a"], {"a": 1})
    assert (scores["hit@1"], scores["hit@2"], scores["MRR@10"]) == (0, 1, 0.5)


def test_a_search_that_finds_nothing_still_counts():
    assert value("recall@5", Result(CASE, GOLD)) == 0
    assert value("nDCG@10", Result(CASE, GOLD, ["x"])) == 0


def test_ranking_that_cannot_be_scored_says_why():
    assert value("recall@5", Result(CASE, {})) == "no gold evidence"
    assert value("recall@5", Result(NO_ANSWER, {})) == "the question has no answer in the articles"
    assert "--depth 20" in value("recall@20", Result(CASE, GOLD, ["a"], depth=10))
    assert value("recall@10", Result(CASE, GOLD, ["a"], depth=10)) == 0.5


# ---------------------------------------------------------------- answers and citations


def test_the_short_answer_is_compared_where_there_is_one():
    said = Result(CASE, GOLD, answer="It was Medinsky. [1][2]", short="Medinsky")
    assert value("exact_match", said) == 1
    assert value("exact_match", replace(said, short=None)) == 0
    assert value("f1", replace(said, short=None)) == pytest.approx(0.5)
    assert value("exact_match", replace(said, short=None, answer="The Medinsky [1, 2].")) == 1
    assert value("exact_match", replace(said, short="")) == 0


def test_markers():
    assert without_markers("He did [1], she [2][3] too [1, 4].") == "He did, she too."


def test_contains_takes_whole_words_in_a_row():
    assert value("contains", Result(CASE, GOLD, answer="So Vladimir  MEDINSKY, it is [1].")) == 1
    assert value("contains", Result(CASE, GOLD, answer="So Medinskys.")) == 0
    assert value("contains", Result(CASE, GOLD, answer="-", short="Medinsky, V.")) == 1
    assert not holds("one two", "one three")
    assert not holds("the cat", "the")


def test_abstaining_from_what_has_an_answer_is_wrong_not_unscored():
    silent = Result(CASE, GOLD, answer="Nothing about Medinsky.", abstained=True)
    for name in ("exact_match", "f1", "contains", "cited", "citation_hit", "citation_recall"):
        assert value(name, silent) == 0, name
    assert value("citation_precision", silent) == "nothing was cited"


def test_cited_looks_at_the_first_citation_only():
    base = Result(CASE, GOLD, cited=["a"], quotes=["Then Medinsky spoke."])

    def first(*quotes: str) -> float | str:
        return value("cited", replace(base, quotes=quotes))

    assert value("cited", base) == 1
    assert first("Nobody.", "Then Medinsky spoke.") == 0
    assert first("On Friday, then he led the team of nine, we hear.") == 1  # holds a gold sentence
    assert first("led the team") == 0  # a scrap of it
    assert first("…") == 0
    assert value("cited", replace(base, case=Case("1", "Who?"))).startswith("no accepted answer")
    long = replace(CASE, quotes=("Then he led the team of nine who came from Moscow.",))
    assert value("cited", replace(base, case=long, quotes=["He led the team of nine."])) == 1
    assert overlaps("one two three four five", "one two three four six")
    assert not overlaps("one two three four", "one two five six")


def test_citations_by_article():
    result = Result(CASE, GOLD, cited=["a", "a", "x"], quotes=["", "", ""])
    assert value("citation_precision", result) == 0.5
    assert value("citation_recall", result) == 0.5
    assert value("citation_hit", result) == 1
    assert value("citation_hit", replace(result, gold={})) == "no gold evidence"


# ---------------------------------------------------------------- abstention, errors, summary


def test_abstention_per_case():
    def cell(case: Case, abstained: bool) -> list[float | str]:
        names = ("abstention", "abstention_precision", "abstention_recall", "false_abstention")
        return [value(name, Result(case, GOLD, abstained=abstained)) for name in names]

    why = "the question has no answer in the articles"
    assert cell(CASE, False) == [1, "did not abstain", "the question has an answer", 0]
    assert cell(CASE, True) == [0, 0, "the question has an answer", 1]
    assert cell(NO_ANSWER, True) == [1, 1, 1, why]
    assert cell(NO_ANSWER, False) == [0, "did not abstain", 0, why]


@pytest.mark.parametrize("case", [CASE, NO_ANSWER, Case("3", "What?")])
def test_an_error_leaves_everything_unscored(case):
    scores, unscored = score(Result(case, GOLD, error="Unreachable: no server"))
    assert set(scores.values()) == {None}
    assert set(unscored.values()) == {"error: Unreachable: no server"}
    assert list(scores) == list(METRICS)


def test_retrieval_only_scores_the_ranking():
    scores, unscored = score(Result(CASE, GOLD, ["a"], answered=False))
    assert {name for name, found in scores.items() if found is not None} == set(NAMES)
    assert set(unscored.values()) == {"retrieval only"}


def row(scored: dict, **more) -> dict:
    base = {"unscored": {}, "error": None, "abstained": False, "gold": {"answerable": True}}
    return {"scores": scored, **base, **more}


def test_the_summary_leaves_out_what_was_not_scored():
    failed = {"f1": "error: x"}
    rows = [
        row({"f1": 1.0}, timings_ms={"total": 10.0}, usage={"cost_usd": 0.5, "prompt_tokens": 3}),
        row({"f1": 0.0}, timings_ms={"total": 20.0}, usage={"cost_usd": None, "prompt_tokens": 4}),
        row({"f1": None}, unscored={"f1": "no accepted answer"}, gold={"answerable": False}),
        row({"f1": None}, unscored=failed, error="x", timings_ms={"total": 9000.0}),
        row({"f1": None}, unscored={"f1": "error: y"}, error="y"),
    ]
    found = summarise(rows)
    assert found.metrics["f1"].mean == 0.5
    assert found.metrics["f1"].se == pytest.approx(0.5)  # s / sqrt(n) = (1 / sqrt 2) / sqrt 2
    assert found.metrics["f1"].n == 2
    assert found.metrics["f1"].unscored == {"error": 2, "no accepted answer": 1}
    assert (found.cases, found.answerable, found.errors) == (5, 4, 2)
    times = {"p50": 15.0, "p90": 19.0, "p95": 19.5, "p99": 19.9}
    assert found.latency_ms["total"] == pytest.approx(times)
    assert found.usage == {"prompt_tokens": 7, "completion_tokens": 0, "cost_usd": None}
    assert found.to_json()["metrics"]["f1"]["mean"] == 0.5


def test_a_single_score_has_no_standard_error_and_none_has_no_mean():
    assert summarise([row({"f1": 1.0})]).metrics["f1"].se is None
    assert summarise([row({"f1": None})]).metrics["f1"].mean is None
    assert summarise([]).cases == 0


def test_citations_by_sentence_and_what_code_found_of_them():
    gold = ("Then he led the team.", "The team was led by Medinsky, they say.")
    result = Result(
        replace(CASE, quotes=gold), GOLD, cited=["a", "x"], quotes=[gold[0], "It rained all day."],
        verified=[True, False], verdicts=["quote", "not found"], missing=["9 May"], dropped=2,
    )  # fmt: skip
    assert (value("quote_precision", result), value("quote_recall", result)) == (0.5, 0.5)
    assert value("quote_f1", result) == 0.5
    assert (value("verified", result), value("markers", result)) == (0.5, 0.5)
    assert (value("supported", result), value("unfounded", result)) == (0.5, 1)
    assert value("citation_f1", result) == pytest.approx(0.5)
    bare = Result(replace(CASE, quotes=()), GOLD)
    assert value("quote_f1", bare) == "no gold sentence"
    assert value("verified", bare) == "nothing was cited"
    assert value("unfounded", bare) == "no sentence was checked"
