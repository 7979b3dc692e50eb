"""Run files: written as they go, gone on with after a kill, whole whatever happens in a case."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from eval.cases import Case
from eval.run import Plan, identity, load_run, run
from eval.summary import summarise
from eval.table import render
from index.errors import QaError, Unreachable, UsageError
from qa.types import Message
from tests.fakes import FakeCorpus, FakePipeline, make_answer

ROOT = Path(__file__).parents[1]
HEADER = identity(settings={"k": 8}, model="scripted", index={"articles": "abc"})
CASES = [
    Case("1", "Who?", ("Medinsky",), ("src-a",)),
    Case("2", "Why?", answerable=False),
    Case("3", "Where?", ("Istanbul",), ("b.txt",), history=(Message("user", "What?"),)),
]
KEYS = ["id", "question", "hits", "answer", "short", "abstained", "reason", "citations", "scores"]
KEYS += ["unscored", "timings_ms", "usage", "error"]


def pipeline(**script) -> FakePipeline:
    answers = {
        "Who?": make_answer("Medinsky. [1]", hits=["a", "b"], cites=[("a", "It was Medinsky.")]),
        "Where?": make_answer("In \ud800Rome. [1]", hits=["x", "b"], cites=[("x", "In Rome.")]),
    }
    return FakePipeline(answers | script, FakeCorpus(("a", "b", "x")))


def test_a_run_is_written_as_in_the_contract(tmp_path):
    out = tmp_path / "run.jsonl"
    asked = pipeline()
    seen = []
    done = run(CASES, asked, out=out, plan=Plan(depth=20), header=HEADER, progress=seen.append)
    header, rows = load_run(out)
    assert header == json.loads(json.dumps(done.header))
    assert {"model", "settings", "prompts", "index", "versions", "started", "qa"} <= header.keys()
    assert (header["cases"], header["depth"], header["retrieval_only"]) == (3, 20, False)
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert all(list(row)[: len(KEYS)] == KEYS for row in rows)
    assert "text" not in rows[0]["hits"][0]
    assert rows[0]["scores"]["exact_match"] == 1
    assert rows[0]["scores"]["hit@1"] == 1
    assert (rows[2]["scores"]["hit@1"], rows[2]["scores"]["hit@2"]) == (0, 1)
    assert rows[1]["abstained"] is True
    assert rows[1]["scores"]["abstention_recall"] == 1
    assert rows[2]["answer"] == "In \ufffdRome. [1]"
    assert asked.asked[2] == ("Where?", (Message("user", "What?"),), 20)
    assert [(p.done, p.total) for p in seen] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_retrieval_only_asks_no_answer(tmp_path):
    rows = run(
        CASES, pipeline(), out=tmp_path / "r", plan=Plan(retrieval_only=True), header=HEADER
    ).rows
    assert rows[0]["answer"] is None
    assert rows[0]["scores"]["recall@5"] == 1
    assert rows[0]["unscored"]["f1"] == "retrieval only"
    assert rows[0]["timings_ms"]["retrieve"] >= 0


def test_depth_cuts_the_hits(tmp_path):
    rows = run(CASES, pipeline(), out=tmp_path / "r", plan=Plan(depth=1), header=HEADER).rows
    assert len(rows[0]["hits"]) == 1
    assert "--depth 5" in rows[0]["unscored"]["recall@5"]


def test_an_error_in_a_case_is_written_and_the_others_go_on(tmp_path):
    broken = pipeline(**{"Who?": Unreachable("no server at localhost", "start it")})
    rows = run(CASES, broken, out=tmp_path / "r", header=HEADER).rows
    assert rows[0]["error"] == "Unreachable: no server at localhost"
    assert set(rows[0]["scores"].values()) == {None}
    assert rows[2]["error"] is None
    assert summarise(rows).errors == 1


def test_a_stream_without_an_end_is_an_error(tmp_path):
    class Broken(FakePipeline):
        def ask(self, question, **_):
            yield from ()

    rows = run(CASES[1:2], Broken(), out=tmp_path / "r", header=HEADER).rows
    assert rows[0]["error"] == "QaError: the answer broke off"


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), ZeroDivisionError()])
def test_what_ends_a_run_leaves_the_file_whole_and_resume_goes_on(tmp_path, raised):
    out = tmp_path / "run.jsonl"
    with pytest.raises(type(raised)):
        run(CASES, pipeline(**{"Where?": raised}), out=out, header=HEADER)
    assert [row["id"] for row in load_run(out).rows] == ["1", "2"]
    asked = pipeline()
    done = run(CASES, asked, out=out, resume=True, header=HEADER)
    assert [question for question, _, _ in asked.asked] == ["Where?"]
    assert [row["id"] for row in done.rows] == ["1", "2", "3"]
    assert done.rows == load_run(out).rows


@pytest.mark.parametrize("cut", [1, 40, -1])
def test_a_torn_last_line_is_dropped(tmp_path, cut):
    out = tmp_path / "run.jsonl"
    run(CASES, pipeline(), out=out, header=HEADER)
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:3]) + lines[3][:cut])
    asked = pipeline()
    run(CASES, asked, out=out, resume=True, header=HEADER)
    assert [question for question, _, _ in asked.asked] == ["Where?"]
    assert [row["id"] for row in load_run(out).rows] == ["1", "2", "3"]


def test_resume_begins_anew_on_an_empty_file_but_never_on_a_strange_one(tmp_path):
    out = tmp_path / "run.jsonl"
    out.touch()
    assert len(run(CASES, pipeline(), out=out, resume=True, header=HEADER).rows) == 3
    for strange in (b'{"run": {"mod', b"something of value", b"some\nthing\n"):
        out.write_bytes(strange)
        with pytest.raises(UsageError):
            run(CASES, pipeline(), out=out, resume=True, header=HEADER)
        assert out.read_bytes() == strange


def test_resuming_asks_again_what_ended_in_an_error(tmp_path):
    out = tmp_path / "run.jsonl"
    run(CASES, pipeline(**{"Who?": QaError("down")}), out=out, header=HEADER)
    asked = pipeline()
    run(CASES, asked, out=out, resume=True, header=HEADER)
    assert [question for question, _, _ in asked.asked] == ["Who?"]
    rows = load_run(out).rows
    assert sorted(row["id"] for row in rows) == ["1", "2", "3"]
    assert all(row["error"] is None for row in rows)


def test_resume_refuses_another_run(tmp_path):
    out = tmp_path / "run.jsonl"
    run(CASES, pipeline(), out=out, header=HEADER)
    before = out.read_bytes()
    other = identity(settings={"k": 4}, model="other", index={"articles": "abc"})
    with pytest.raises(UsageError) as caught:
        run(CASES, pipeline(), out=out, resume=True, header=other)
    assert 'model: "scripted" → "other"' in caught.value.message
    assert "settings" in caught.value.message
    with pytest.raises(UsageError, match="questions"):
        run(CASES[:2], pipeline(), out=out, resume=True, header=HEADER)
    with pytest.raises(UsageError, match="depth: 50 → 10"):
        run(CASES, pipeline(), out=out, resume=True, plan=Plan(depth=10), header=HEADER)
    assert out.read_bytes() == before


def test_an_existing_file_is_not_overwritten(tmp_path):
    out = tmp_path / "run.jsonl"
    out.write_text("something of value")
    with pytest.raises(UsageError) as caught:
        run(CASES, pipeline(), out=out, header=HEADER)
    assert "--resume" in caught.value.hint
    assert out.read_text() == "something of value"


def test_missing_evidence_is_refused_before_anything_is_written(tmp_path):
    out = tmp_path / "run.jsonl"
    with pytest.raises(UsageError, match="1 of 1 pieces of evidence"):
        run([Case("1", "Who?", evidence=("gone",))], pipeline(), out=out, header=HEADER)
    assert not out.exists()


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        run(CASES, pipeline(), out=tmp_path / "no" / "run.jsonl", header=HEADER)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is not a run file"),
        (b'{"id": "1"}\n', "is not a run file"),
        (b'{"run": {}}\n{"id": "1"}\n', "line 2 is not a case"),
        (b'{"run": {}}\nnonsense\n{"id": "1", "scores": {}}\n', "line 2 is not valid JSON"),
        (b'{"run": {}}\n{"id": "1", "sco', "the last line is cut short"),
    ],
)
def test_what_is_no_run_file_is_refused(tmp_path, content, what):
    (tmp_path / "run.jsonl").write_bytes(content)
    with pytest.raises(UsageError, match=what):
        load_run(tmp_path / "run.jsonl")


def test_the_table_shows_what_was_not_scored(tmp_path):
    rows = run(
        CASES, pipeline(), out=tmp_path / "r", plan=Plan(retrieval_only=True), header=HEADER
    ).rows
    shown = render(summarise(rows), "sample")
    assert shown.startswith("sample\n3 cases (2 answerable, 1 not), 0 abstained, 0 errors")
    assert "hit@1                  0.500  0.095 – 0.905      2         1" in shown
    assert "unscored: exact_match, f1" in shown
    assert "(retrieval only)" in shown
    assert "\x1b" not in shown


SCRIPT = """
    import sys, time
    from pathlib import Path
    from eval.cases import Case
    from eval.run import identity, run
    from tests.fakes import FakePipeline

    class Slow(FakePipeline):
        def ask(self, question, **more):
            time.sleep(0.02)
            yield from super().ask(question, **more)

    cases = [Case(str(n), f"question {n}", answerable=False) for n in range(200)]
    header = identity(settings={}, model="m", index="i")
    run(cases, Slow(), out=Path(sys.argv[1]), resume=True, header=header)
"""


def test_a_kill_loses_at_most_the_case_in_flight(tmp_path):
    out = tmp_path / "run.jsonl"
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(out)]
    child = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    for _ in range(1000):
        if out.exists() and out.read_bytes().count(b"\n") > 10:
            break
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    written = out.read_bytes().count(b"\n") - 1
    kept = load_run(out, torn=True).rows
    assert len(kept) == written >= 10
    cases = [Case(str(n), f"question {n}", answerable=False) for n in range(200)]
    asked = FakePipeline()
    header = identity(settings={}, model="m", index="i")
    run(cases, asked, out=out, resume=True, header=header)
    assert len(asked.asked) == 200 - written
    assert [row["id"] for row in load_run(out).rows] == [case.id for case in cases]
