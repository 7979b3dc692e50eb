"""A judge's reply is read or is no verdict; tried against a server on loopback."""

import json

import pytest
from scripted import Server, refuses, says

from eval.agreement import agreement
from eval.judge import read_verdict
from eval.runfile import load_run

GOOD = "correct: yes\nfaithful: partly\ncomplete: no\nreason: it names him"


@pytest.mark.parametrize(
    "reply",
    [GOOD, "**Correct:** Yes.\n- Faithful = PARTLY\n* complete: no, not all\nReason: it names him"],
)
def test_a_verdict_is_read_in_any_dress(reply):
    marks, reason = read_verdict(reply)
    assert marks == {"judge_correct": 1, "judge_faithful": 0.5, "judge_complete": 0}
    assert reason == "it names him"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "It is right.",
        "correct: maybe",
        "correct: yes",
        GOOD + "\ncorrect: no",
        "correct yes no",
    ],
)
def test_half_a_verdict_is_none(reply):
    marks, reason = read_verdict(reply)
    assert marks == {}
    assert reason.startswith("no verdict")


def test_no_key_comes_into_a_run_file_with_a_reason(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "qx-0123456789")
    for reply in (GOOD + ", qx-0123456789", "you sent qx-0123456789"):
        assert "qx-0123456789" not in read_verdict(reply)[1]


def test_agreement_counts_what_both_could_say():
    def row(contains, correct, asked=True):
        marks = {} if correct is None else {"judge_correct": correct}
        return {"scores": {"contains": contains}, "judge": {"asked": asked, "marks": marks}}

    rows = [row(1.0, 1.0), row(0.0, 0.0), row(0.0, 1.0), row(1.0, None), row(None, 1.0)]
    found = agreement([*rows, row(0.0, 0.0, asked=False)])
    assert (found["judged"], found["no_verdict"], found["compared"]) == (5, 1, 3)
    assert found["agree"] == pytest.approx(2 / 3)
    assert found["kappa"] == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
    assert agreement([{"scores": {}}]) is None


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setenv("OPENAI_API_KEY", "qx-secret")
    yield server
    server.shutdown()
    server.server_close()


def test_a_judge_on_loopback(qa, tmp_path, server):
    server.scripts["judge"] = [says(GOOD), says("I would rather not say.")]
    record = {"id": "1", "question": "who led Russia's delegation?", "answers": ["Medinsky"]}
    records = [record, record | {"id": "2"}, {"id": "3", "question": "Xyzzy plugh?"}]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    base = f"http://127.0.0.1:{server.server_port}/v1"
    arguments = ["eval", "s.jsonl", "--judge", "openai/judge", "--api-base", base, "--out", "r"]
    said = qa(*arguments)
    assert said.code == 0, said.err
    run = load_run(tmp_path / "r")
    assert run.header["judge"]["model"] == "openai/judge"
    assert len(run.header["judge"]["prompt"]) == 64
    first, second, third = run.rows
    assert first["scores"]["judge_correct"] == 1 and first["judge"]["usage"] is not None
    assert second["scores"]["judge_correct"] is None
    assert second["unscored"]["judge_correct"] == "no verdict"
    assert third["judge"]["asked"] is False and third["scores"]["judge_correct"] == 1
    assert len(server.requests) == 2
    sent = json.dumps(server.requests[0][2])
    assert "Medinsky" in sent and "GOLD SENTENCES" in sent
    assert "judge: asked of 2 answers, no verdict on 1" in said.out
    assert "qx-secret" not in (tmp_path / "r").read_text()


def test_a_judge_that_is_down_is_no_verdict(qa, tmp_path, server):
    server.scripts["judge"] = refuses(401, "no")
    record = {"id": "1", "question": "who led Russia's delegation?", "answers": ["Medinsky"]}
    (tmp_path / "s.jsonl").write_text(json.dumps(record) + "\n")
    base = f"http://127.0.0.1:{server.server_port}/v1"
    said = qa("eval", "s.jsonl", "--judge", "openai/judge", "--api-base", base, "--out", "r")
    assert said.code == 0, said.err
    row = load_run(tmp_path / "r").rows[0]
    assert row["scores"]["contains"] == 1 and row["scores"]["judge_correct"] is None
    assert row["judge"]["reason"].startswith("the judge failed")
    assert "no verdict on 1 (the judge failed" in said.out
