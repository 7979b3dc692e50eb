"""A bake-off over settings: the file is read strictly, the table says what is more than luck."""

import json

import pytest
from test_build import article, write

from eval.runfile import Run
from eval.summary import summarise
from eval.sweep import entry, load_sweep, rank, render, winning_toml
from index.beside import others
from index.errors import UsageError
from index.store import SWEEP


def test_a_grid_and_named_runs(tmp_path):
    file = tmp_path / "sweep.toml"
    file.write_text(
        'metric = "f1"\n[grid]\nk = [4, 8]\nrerank = "none"\n[[run]]\nname = "b"\nk = 2\n'
    )
    found = load_sweep(file)
    assert found.metric == "f1"
    assert found.runs == {
        "k=4": {"k": 4, "rerank": "none"},
        "k=8": {"k": 8, "rerank": "none"},
        "b": {"k": 2},
    }


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[grid]\nrerankr = 1\n", "unknown key 'rerankr'"),
        ("[[run]]\nk = 1\n", "has no name"),
        ("", "names 0 runs"),
        ("k = [1", "not valid TOML"),
        ('metric = "f2"\n[grid]\nk = 1\n', "no metric 'f2'"),
    ],
)
def test_a_sweep_that_cannot_be_read(tmp_path, text, what):
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(UsageError, match=what):
        load_sweep(tmp_path / "s.toml")


def rows(scores, ms, cost):
    return [
        {
            "id": str(n), "scores": {"f1": score}, "unscored": {}, "error": None, "gold": {},
            "timings_ms": {"total": ms}, "usage": {"cost_usd": cost},
        }
        for n, score in enumerate(scores)
    ]  # fmt: skip


def test_the_front_and_whom_the_winner_beats():
    header = {"questions": "q"}
    made = {
        "good": rows([1.0] * 36 + [0.0] * 4, 100, 0.01),
        "near": rows([1.0] * 35 + [0.0] * 5, 10, 0.0),
        "bad": rows([1.0] * 10 + [0.0] * 30, 50, None),
    }
    runs = {name: Run(header, found) for name, found in made.items()}
    entries = [entry(n, {"k": 1}, summarise(r.rows), "f1", 2_000_000) for n, r in runs.items()]
    good, near, bad = rank(entries, runs, "f1")
    assert (good.name, good.winner, good.pareto) == ("good", True, True)
    assert good.cost_usd == pytest.approx(10)
    assert (near.name, near.beaten, near.pareto) == ("near", False, True)
    assert (bad.name, bad.beaten, bad.pareto, bad.cost_usd) == ("bad", True, False, None)
    table = render([good, near, bad], "f1")
    assert "not told apart from the best, Pareto" in table and "unknown" in table
    assert winning_toml(good) == "k = 1"


def test_a_run_that_fails_where_it_is_hard_does_not_win():
    hard = [1.0] * 20 + [0.0] * 20
    made = {
        "whole": rows(hard, 10, 0.0),
        "half": rows([1.0] * 18 + [0.0] * 2 + [None] * 20, 10, 0.0),
    }
    runs = {name: Run({"questions": "q"}, found) for name, found in made.items()}
    entries = [entry(n, {"k": 1}, summarise(r.rows), "f1", 1) for n, r in runs.items()]
    assert entries[1].mean > entries[0].mean
    assert [e.name for e in rank(entries, runs, "f1")] == ["whole", "half"]


def test_a_sweep_as_a_user(qa, tmp_path):
    record = {"id": "1", "question": "who led Russia's delegation?", "answers": ["Medinsky"]}
    record2 = {"id": "2", "question": "Who proposed the 2 June date?", "answers": ["Lavrov"]}
    (tmp_path / "s.jsonl").write_text(json.dumps(record) + "\n" + json.dumps(record2) + "\n")
    (tmp_path / "sweep.toml").write_text("[grid]\nk = [2, 8]\n")
    said = qa("eval", "s.jsonl", "--sweep", "sweep.toml", "--report", "r.html")
    assert said.code == 0, said.err
    assert "best" in said.out and "the best settings, for qa.toml" in said.out
    assert sorted(p.name for p in (tmp_path / "s-sweep").iterdir()) == [
        "k=2.run.jsonl",
        "k=8.run.jsonl",
    ]
    assert "<script>" in (tmp_path / "r.html").read_text("utf-8")
    again = qa("eval", "s.jsonl", "--sweep", "sweep.toml", "--json")
    assert json.loads(again.out)["runs"][0]["winner"] is True


def test_a_sweep_over_the_search(qa, tmp_path, monkeypatch):
    """Passages of other sizes get an index that leaves the one in use alone, and can become one of it."""
    monkeypatch.delenv("QA_STORE")
    for subject in ("harbour", "railway"):
        write(tmp_path / "articles", f"{subject}.txt", article(subject))
    assert qa("index", "articles").code == 0
    record = {"id": "1", "question": "Who knows the railway?", "evidence": ["articles/railway.txt"]}
    (tmp_path / "s.jsonl").write_text(json.dumps(record) + "\n")
    (tmp_path / "sweep.toml").write_text(
        "[grid]\npassage_tokens = [40, 80]\ndense_weight = [0, 0.5, 1.0]\n"
    )
    sweep = ("eval", "s.jsonl", "--sweep", "sweep.toml", "--retrieval-only", "--json")
    said = qa(*sweep)
    assert said.code == 0, said.err
    assert said.err.count("qa: indexing for minilm, passages of") == 2
    runs = json.loads(said.out)["runs"]
    assert {run["name"] for run in runs} >= {"passage_tokens=40 dense_weight=0"}
    assert [run["mean"] for run in runs] == [1.0] * 6, "evidence is found by its path"
    assert others(tmp_path / ".qa") == []
    assert len(others(tmp_path / ".qa", under=SWEEP)) == 2
    write(tmp_path / "articles", "bakery.txt", article("bakery"))
    assert "beside" not in json.loads(qa("index", "--json").out), (
        "a sweep's are not kept up to date"
    )
    (tmp_path / "qa.toml").write_text("passage_tokens = 40\n")
    adopted = json.loads(qa("index", "--beside", "--json").out)
    assert (adopted["unchanged"], adopted["added"]) == (2, 1)
    assert len(others(tmp_path / ".qa", under=SWEEP)) == 1
    assert "indexing for minilm, passages of 80" in qa(*sweep, "--out", "two").err
