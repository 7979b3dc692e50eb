"""Comparing two runs: what is noise stays noise, what is paired stays paired."""

import json
import math

import numpy as np
import pytest

from eval.compare import compare
from eval.gate import Verdict, gate, parse_gate
from eval.runfile import Run
from eval.statistics import detectable_effect, holm, interval, mcnemar, sign_flip
from index.errors import UsageError
from qa.render import to_json


def make_run(metric: str, values, *, questions: str = "set", errors=(), **header) -> Run:
    rows = []
    for place, value in enumerate(values):
        failed = place in errors
        found = None if failed or value is None else float(value)
        error = "down" if failed else None
        rows.append({"id": str(place), "scores": {metric: found}, "unscored": {}, "error": error})
    return Run({"questions": questions, **header}, rows)


def verdict(a, b, spec: str = "f1=0.02", **more) -> Verdict:
    name = spec.partition("=")[0]
    return gate(compare(make_run(name, a), make_run(name, b, **more)), [spec]).verdict


# ---------------------------------------------------------------- statistics


def test_mcnemar_by_hand():
    assert mcnemar(0, 0) == 1
    assert mcnemar(5, 0) == pytest.approx(2 / 2**5)
    assert mcnemar(1, 3) == pytest.approx(2 * (1 + 4) / 2**4)


def test_sign_flip_equals_all_flips():
    deltas = np.array([0.3, 0.1, -0.05, 0.2, 0.4, 0.15, 0.0])
    moved = deltas[deltas != 0]
    flips = np.array(np.meshgrid(*[[-1, 1]] * len(moved))).reshape(len(moved), -1)
    sums = moved @ flips
    assert sign_flip(deltas) == pytest.approx(np.mean(np.abs(sums) >= abs(moved.sum()) - 1e-12))
    assert sign_flip(np.zeros(5)) == 1
    assert sign_flip(np.array([0.0, 0.5, 0.0])) == 1


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, None]) == pytest.approx([0.03, 0.06, 0.06, None])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


def test_the_interval_of_too_little():
    assert interval(np.array([0.5])) is None
    assert interval(np.zeros(4)) == (0, 0)
    low, high = interval(np.array([0.0, 0.0, 0.0, 1.0]))
    assert math.isfinite(low)
    assert math.isfinite(high)


def test_the_detectable_effect_by_hand():
    deltas = np.array([1.0, -1.0] * 50)
    reach = 1.983972 + 0.845230  # t of 100 degrees
    error = (101 / 101) ** 0.5 / 101**0.5  # half a case won and half a case lost are added
    assert detectable_effect(deltas) == pytest.approx(reach * error * 101 / 100, abs=1e-5)
    few = np.array([1.0, -1.0] + [0.0] * 98)
    assert detectable_effect(few) == pytest.approx(reach**2 / (100 + reach**2), abs=1e-5)
    assert detectable_effect(np.zeros(9)) is None


@pytest.mark.parametrize("shape", [(2, 2), (20, 1)], ids=["hard set", "easy set"])
@pytest.mark.parametrize("n", [40, 200])
def test_with_no_true_difference_the_gate_seldom_fails(n, shape):
    rng = np.random.default_rng(n)
    fails = covered = 0
    rounds = 200
    for _ in range(rounds):
        chance = rng.beta(*shape, n)  # of being right, by case
        a, b = (rng.random((2, n)) < chance).astype(float)
        low, high = interval(b - a)
        fails += high < 0  # what a gate of 0 calls a fail
        covered += low <= 0 <= high
    assert fails / rounds <= 0.05
    assert covered / rounds >= 0.90


def test_a_true_difference_of_the_detectable_size_is_found():
    rng = np.random.default_rng(7)
    n, spread, found = 100, 0.3, 0
    effect = 2.8015 * spread / n**0.5
    for _ in range(150):
        low, _ = interval(rng.normal(effect, spread, n))
        found += low > 0
    assert found / 150 >= 0.72  # 0.8 but for the chance of 150 rounds


# ---------------------------------------------------------------- pairs


def test_cases_are_paired_by_id_not_by_place():
    a, b = make_run("f1", [0, 1, 0.5, 1]), make_run("f1", [1, 1, 0.25, 1])
    shuffled = Run(b.header, b.rows[::-1])
    found = compare(a, shuffled).differences["f1"]
    assert (found.won, found.lost, found.tied) == (("0",), ("2",), 2)
    assert found.difference == pytest.approx(0.1875)
    assert found.test == "sign flip"
    assert compare(a, b) == compare(a, shuffled)


def test_yes_no_metrics_get_mcnemar():
    found = compare(make_run("hit@1", [0] * 6), make_run("hit@1", [1] * 5 + [0])).differences
    assert found["hit@1"].test == "McNemar"
    assert found["hit@1"].p == found["hit@1"].p_holm == pytest.approx(2 / 2**5)


def test_lower_can_be_better():
    a, b = make_run("false_abstention", [1, 1, 0]), make_run("false_abstention", [0, 1, 0])
    assert compare(a, b).differences["false_abstention"].won == ("0",)
    many = [1] * 50
    assert verdict(many, [0] * 50, "false_abstention=0.02") is Verdict.PASS
    assert verdict([0] * 50, many, "false_abstention=0.02") is Verdict.FAIL


def test_different_sets_are_refused():
    a = make_run("f1", [1, 1])
    with pytest.raises(UsageError, match="1 cases are in one run only: 2"):
        compare(a, make_run("f1", [1, 1, 1]))
    with pytest.raises(UsageError, match="different question sets"):
        compare(a, make_run("f1", [1, 1], questions="other"))
    with pytest.raises(UsageError, match="no cases"):
        compare(make_run("f1", []), make_run("f1", []))


def test_an_unfinished_run_is_told_how_to_finish():
    with pytest.raises(UsageError) as caught:
        compare(make_run("f1", [1, 1]), make_run("f1", [1]))
    assert "--resume" in caught.value.hint


def test_what_one_side_could_not_score_is_left_out_and_counted():
    found = compare(make_run("f1", [1, None, 0, None]), make_run("f1", [1, 1, 0, None]))
    assert (found.differences["f1"].n, found.differences["f1"].left_out) == (2, 1)
    assert "1 cases scored in one run only" in found.render()


def test_a_gate_does_not_pass_on_what_few_cases_say():
    before, after = [1.0] * 50, [None] * 45 + [1.0] * 5
    assert verdict(before, after) is Verdict.INCONCLUSIVE
    assert verdict(before, [None] * 3 + [1.0] * 47) is Verdict.PASS


def test_errors_on_one_side_are_shown_and_never_averaged_away():
    a, b = make_run("f1", [1, 1, 1, 0]), make_run("f1", [1, 1, 1, 0], errors=(3,))
    found = compare(a, b)
    assert (found.errors_a, found.errors_b, found.errors_both) == ((), ("3",), ())
    assert found.differences["f1"].n == 3
    assert "1 cases ended in an error in B only, left out: 3" in found.render()
    judged = gate(found, ["f1=0.5"])
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert "error in one run only" in judged.checks[0].why
    both = compare(make_run("f1", [1, 1, 1, 0], errors=(3,)), b)
    assert gate(both, ["f1=0.5"]).verdict is Verdict.PASS


def test_what_was_changed_is_listed():
    a = make_run("f1", [1, 1], model="m", settings={"k": 8, "offline": True})
    b = make_run("f1", [1, 1], model="n", settings={"k": 4, "offline": True})
    assert compare(a, b).changed == ("model: 'm' → 'n'", "settings.k: 8 → 4")


def test_a_comparison_is_plain_json():
    found = compare(make_run("f1", [0, 1, 1]), make_run("f1", [1, 1, 1]))
    plain = json.loads(to_json(found.to_json()))
    assert plain["differences"]["f1"]["difference"] == pytest.approx(1 / 3)
    assert plain["differences"]["f1"]["won"] == ["0"]
    assert "\x1b" not in found.render()


# ---------------------------------------------------------------- the gate


def test_a_run_against_itself_passes():
    values = [0, 1, 0.5, 1]
    assert verdict(values, values, "f1=0") is Verdict.PASS


def test_pass_fail_and_inconclusive():
    assert verdict([0] * 50, [1] * 50) is Verdict.PASS
    assert verdict([1] * 50, [0] * 50) is Verdict.FAIL
    mixed = [0, 1] * 10
    assert verdict(mixed, mixed[::-1]) is Verdict.INCONCLUSIVE
    assert verdict([1], [1]) is Verdict.INCONCLUSIVE
    assert verdict([None, None], [1, 1]) is Verdict.INCONCLUSIVE


def test_the_worst_check_decides():
    a, b = make_run("f1", [1] * 50), make_run("f1", [0] * 50)
    judged = gate(compare(a, b), ["f1=1", "f1=0.02", "hit@1=0.1"])
    verdicts = [check.verdict for check in judged.checks]
    assert verdicts == [Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE]
    assert judged.verdict is Verdict.FAIL
    assert judged.render().endswith("gate: fail")
    assert judged.to_json()["verdict"] == "fail"


def test_a_gate_is_read_with_either_sign():
    assert parse_gate("recall@5=-0.02") == parse_gate(" recall@5 = 0.02 ") == ("recall@5", 0.02)


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("recal@5=0.02", "did you mean 'recall@5'?"),
        ("zzz=1", "metrics: "),
        ("recall@5", "such as"),
        ("recall@5=nan", "such as"),
        ("recall@5=lots", "such as"),
        ("abstention_precision=0.1", "did you mean"),
    ],
)
def test_a_gate_that_cannot_be_read_is_refused(spec, hint):
    with pytest.raises(UsageError) as caught:
        parse_gate(spec)
    assert caught.value.hint.startswith(hint)


def test_ids_cannot_steer_the_terminal():
    a, b = (
        Run(run.header, [row | {"id": "\x1b[31m\nx" + row["id"]} for row in run.rows])
        for run in (make_run("hit@1", [0] * 9), make_run("hit@1", [1] * 8 + [0], errors=(8,)))
    )
    shown = compare(a, b, names=("\x1b]0;a", "b")).render()
    assert "x0" in shown
    assert "\x1b" not in shown
