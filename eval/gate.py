"""The gate: may B replace A? Decided by the interval of the difference, not by the point.

A gate that fires on the point fires on noise in half of all changes that change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from eval.compare import UNPAIRED, Comparison
from eval.metrics import LOWER_IS_BETTER, metric_named
from index.errors import UsageError

_LEFT_OUT = 0.1
"""The share of cases scored in one run only above which no gate passes: they are not a random part either."""


class Verdict(Enum):
    """What a gate says."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on one metric, and why."""

    metric: str
    allowed: float
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Gate:
    """The verdict on all: fail if one fails, else inconclusive if one is, else pass."""

    verdict: Verdict
    checks: tuple[Check, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the gate as plain values."""
        checks = [
            {"metric": c.metric, "allowed": c.allowed, "verdict": c.verdict.value, "why": c.why}
            for c in self.checks
        ]
        return {"verdict": self.verdict.value, "checks": checks}

    def render(self) -> str:
        """Return the verdicts, a line each."""
        lines = [
            f"gate {c.metric} (may lose {c.allowed:g}): {c.verdict.value}, {c.why}"
            for c in self.checks
        ]
        return "\n".join([*lines, f"gate: {self.verdict.value}"])


def parse_gate(spec: str) -> tuple[str, float]:
    """Return metric and allowed loss of `recall@5=-0.02` (or `=0.02`, the same).

    Raises `UsageError` naming the nearest metric.
    """
    name, _, number = (part.strip() for part in spec.partition("="))
    if name in UNPAIRED:
        raise UsageError(
            f"--gate {spec}: {name} cannot be compared case by case", "did you mean 'abstention'?"
        )
    try:
        metric_named(name)
    except UsageError as error:
        raise UsageError(f"--gate {spec}: no metric {name!r} to gate on", error.hint) from error
    try:
        allowed = abs(float(number))
    except ValueError:
        allowed = math.nan
    if not math.isfinite(allowed):
        raise UsageError(f"--gate {spec}: {number!r} is no number", "such as --gate recall@5=-0.02")
    return name, allowed


def gate(comparison: Comparison, specs: Sequence[str]) -> Gate:
    """Pass where the whole interval keeps within the allowed loss, fail where none of it does.

    Metrics for which lower is better are turned round. Errors on one side only leave every metric
    inconclusive, for the cases left out are not a random part.
    """
    checks = tuple(_check(comparison, *parse_gate(spec)) for spec in specs)
    verdicts = {check.verdict for check in checks}
    worst = next((v for v in (Verdict.FAIL, Verdict.INCONCLUSIVE) if v in verdicts), Verdict.PASS)
    return Gate(worst, checks)


def _check(comparison: Comparison, name: str, allowed: float) -> Check:
    one_sided = len(comparison.errors_a) + len(comparison.errors_b)
    if one_sided:
        why = f"{one_sided} cases ended in an error in one run only"
        return Check(name, allowed, Verdict.INCONCLUSIVE, why)
    found = comparison.differences.get(name)
    if found is None or found.low is None or found.high is None:
        return Check(
            name, allowed, Verdict.INCONCLUSIVE, "fewer than two cases scored in both runs"
        )
    low, high = (-found.high, -found.low) if name in LOWER_IS_BETTER else (found.low, found.high)
    why = f"95 % interval of the gain {low:+.3f} to {high:+.3f}, n = {found.n}"
    slack = 1e-12  # sums of thousands of scores differ in their last bits
    if low >= -allowed - slack:
        if found.left_out > _LEFT_OUT * (found.n + found.left_out):
            why += f", but {found.left_out} cases were scored in one run only"
            return Check(name, allowed, Verdict.INCONCLUSIVE, why)
        return Check(name, allowed, Verdict.PASS, why)
    verdict = Verdict.FAIL if high < -allowed - slack else Verdict.INCONCLUSIVE
    return Check(name, allowed, verdict, why)
