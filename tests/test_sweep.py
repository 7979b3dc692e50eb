"""A bake-off over settings: the file is read strictly, the table says what is more than luck."""

import json

import pytest

from eval.runfile import Run
from eval.summary import summarise
from eval.sweep import entry, load_sweep, rank, render, winning_toml
from index.errors import UsageError


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
