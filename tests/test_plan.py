"""Which cases are run, how many at once and how fast; what CI systems are told of them."""

import json
import threading
import time
from xml.etree import ElementTree

import pytest

from eval.calibrate import fit_threshold
from eval.cases import Case
from eval.compare import compare
from eval.coverage import area, curve
from eval.gate import gate
from eval.junit import gate_junit, junit
from eval.markdown import comparison_markdown, run_markdown
from eval.pace import Pace
from eval.run import Plan, choose, identity, load_run, run
from index.errors import QaError, UsageError
from tests.fakes import FakeCorpus, FakePipeline, make_answer

HEADER = identity(settings={}, model="m", index="i")
CASES = [Case(str(n), f"q{n}", answerable=False, tags=("odd",) * (n % 2)) for n in range(40)]


def test_tags_samples_and_limits():
    assert [c.id for c in choose(CASES, tags=["odd"], limit=2)] == ["1", "3"]
    drawn = choose(CASES, sample=10, seed=3)
    assert drawn == choose(CASES, sample=10, seed=3) != choose(CASES, sample=10, seed=4)
    assert [int(c.id) for c in drawn] == sorted(int(c.id) for c in drawn)
    with pytest.raises(UsageError, match="no case has the tag 'od'"):
        choose(CASES, tags=["od"])


class Slow(FakePipeline):
    """Counts how many questions it is asked at once."""

    now = most = 0
    lock = threading.Lock()

    def ask(self, question, **more):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.01)
        with self.lock:
            self.now -= 1
        if question == "q7":
            raise QaError("down")
        yield from super().ask(question, **more)


def test_several_at_once_give_the_same_file_in_the_order_of_the_set(tmp_path):
    slow = Slow()
    done = run(CASES, slow, out=tmp_path / "r", plan=Plan(jobs=4), header=HEADER)
    assert 1 < slow.most <= 4
    assert [row["id"] for row in load_run(tmp_path / "r").rows] == [case.id for case in CASES]
    assert [row["label"] for row in done.rows].count("error") == 1
    with pytest.raises(ZeroDivisionError):
        broken = FakePipeline({"q9": ZeroDivisionError()})
        run(CASES, broken, out=tmp_path / "b", plan=Plan(jobs=4), header=HEADER)
    assert len(load_run(tmp_path / "b", torn=True).rows) >= 6
    again = run(CASES, Slow(), out=tmp_path / "b", plan=Plan(jobs=2), resume=True, header=HEADER)
    assert len(again.rows) == 40


def test_the_pace_is_kept(monkeypatch):
    slept = []
    monkeypatch.setattr("eval.pace.time.sleep", slept.append)
    monkeypatch.setattr("eval.pace.time.monotonic", lambda: 100.0)
    pace = Pace(60)
    for _ in range(3):
        pace.wait()
    assert slept == pytest.approx([0, 1, 2])
    Pace(None).wait()
    assert len(slept) == 3


def test_evidence_that_is_missing_is_labelled_when_asked_to(tmp_path):
    cases = [Case("1", "Who?", ("x",), ("gone",)), Case("2", "Who else?", ("x",), ("a",))]
    pipeline = FakePipeline({}, FakeCorpus(("a",)))
    with pytest.raises(UsageError, match="not in the index") as caught:
        run(cases, pipeline, out=tmp_path / "r", header=HEADER)
    assert "--partial" in caught.value.hint
    done = run(cases, pipeline, out=tmp_path / "r", plan=Plan(partial=True), header=HEADER)
    assert done.rows[0]["label"] == "evidence not in the index"
    assert done.rows[0]["unscored"]["recall@5"] == "no gold evidence"


# ---------------------------------------------------------------- abstaining


def asked(confidence, answerable, label="right", abstained=False):
    gold = {"answerable": answerable}
    return {
        "confidence": confidence, "gold": gold, "label": label, "abstained": abstained, "error": None,
    }  # fmt: skip


def test_risk_and_coverage_by_hand():
    rows = [
        asked(0.9, True), asked(0.8, False, "should have abstained"), asked(0.8, True),
        asked(0.5, True, "wrong answer"), asked(0.1, True, "wrongly abstained", abstained=True),
    ]  # fmt: skip
    points = curve(rows)
    assert [(p.coverage, round(p.risk, 3)) for p in points] == [(0.2, 0), (0.6, 0.333), (0.8, 0.5)]
    assert area(points) == pytest.approx((0.2 * 0 + 0.4 / 3 + 0.2 * 0.5) / 0.8)
    assert area([]) is None


def test_the_threshold_separates_what_can_be_separated():
    rows = [asked(0.6 + n / 100, True) for n in range(30)]
    rows += [asked(0.4 - n / 100, False) for n in range(30)] + [asked(None, False)]
    fit = fit_threshold(rows)
    assert 0.4 < fit.threshold < 0.6
    assert (fit.refused, fit.false_abstention) == pytest.approx((1, 0), abs=0.05)
    assert (fit.answerable, fit.unanswerable) == (30, 31)
    with pytest.raises(UsageError, match="too few"):
        fit_threshold(rows[:40])


# ---------------------------------------------------------------- Markdown and JUnit

EVIL = "<b>`|*x*\x1b[31m\x00]]>"


def two_runs(tmp_path):
    cases = [Case("1", EVIL, ("Medinsky",), ("a",)), Case(EVIL, "Why?", answerable=False)]
    good = FakePipeline(
        {EVIL: make_answer("Medinsky. [1]", hits=["a"], cites=[("a", "It was Medinsky.")])},
        FakeCorpus(("a",)),
    )
    bad = FakePipeline({"Why?": make_answer("So. [1]", hits=["a"])}, FakeCorpus(("a",)))
    return [
        run(cases, pipeline, out=tmp_path / name, header=HEADER)
        for name, pipeline in (("a", good), ("b", bad))
    ]


def test_junit_is_xml_with_a_test_for_each_case(tmp_path):
    a, b = two_runs(tmp_path)
    tree = ElementTree.fromstring(junit({"a": a, EVIL: b}).split("\n", 1)[1])
    suites = tree.findall("testsuite")
    assert [s.get("failures") for s in suites] == ["0", "2"]
    labels = [f.get("message") for f in tree.iter("failure")]
    assert labels == ["not retrieved", "should have abstained"]
    judged = gate(compare(a, b), ["abstention=0.1"])
    gates = ElementTree.fromstring(gate_junit(compare(a, b), judged).split("\n", 1)[1])
    assert len(gates.findall("testsuite/testcase")) == 1


def test_markdown_escapes_and_says_the_verdict(tmp_path):
    a, b = two_runs(tmp_path)
    found = compare(a, b, names=(EVIL, "b"))
    text = comparison_markdown(found, gate(found, ["abstention=0.1"]))
    assert "**Gate:" in text and "| `abstention` |" in text
    for shown in (text, run_markdown(EVIL, a)):
        assert "<b>" not in shown.replace("\\<b\\>", "")
        assert "\x1b" not in shown and "\x00" not in shown


def test_reports_as_a_user(qa, tmp_path):
    record = {"id": "1", "question": "who led Russia's delegation?", "answers": ["Medinsky"]}
    lines = (json.dumps(record | {"id": n}) for n in "12")
    (tmp_path / "s.jsonl").write_text("\n".join(lines))
    said = qa("eval", "s.jsonl", "--out", "r", "--markdown", "r.md", "--junit", "r.xml")
    assert said.code == 0, said.err
    assert "what became of them" in said.out
    assert "| right | 2 |" in (tmp_path / "r.md").read_text("utf-8")
    ElementTree.parse(tmp_path / "r.xml")
    shown = qa("eval", "show", "r", "1")
    assert shown.code == 0 and "Medinsky" in shown.out
    assert qa("eval", "show", "r", "3").code == 2
    assert "no label" in qa("eval", "show", "r", "--label", "wrongg").err
    assert qa("eval", "s.jsonl", "--out", "x", "--metric", "recal@3").code == 2
    compared = qa("compare", "r", "r", "--gate", "contains=0", "--report", "c.html", "--json")
    assert compared.code == 0
    assert json.loads(compared.out)["gate"]["verdict"] == "pass"
