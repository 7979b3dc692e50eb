"""Two runs of one question set, case by case: which differences are more than noise.

Intervals are over cases (`eval.statistics`), so they speak of questions like these; that a hosted
model may answer otherwise tomorrow is not in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from eval.metrics import LOWER_IS_BETTER, metric_named, shown
from eval.runfile import Run
from eval.statistics import detectable_effect, holm, interval, mcnemar, sign_flip
from index.errors import UsageError

# Scored only on what a run abstained from: the two runs' cases are not pairs.
UNPAIRED = frozenset({"abstention_precision"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in two runs over the cases that both scored, B less A.

    `low` and `high` bound the 95 % interval (None under two pairs); `p` is McNemar's exact test for
    yes/no metrics and a sign-flip test for others, `p_holm` corrected over the metrics;
    `detectable` is the smallest difference found in 80 % of sets like this one. `won` and `lost`
    are from B's side.
    """

    metric: str
    a: float
    b: float
    n: int
    low: float | None
    high: float | None
    p: float | None
    test: str
    p_holm: float | None
    detectable: float | None
    won: tuple[str, ...]
    lost: tuple[str, ...]
    tied: int
    left_out: int

    @property
    def difference(self) -> float:
        """B less A."""
        return self.b - self.a


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences, and the cases that ended in an error on one side (ids) or on both."""

    a: str
    b: str
    cases: int
    differences: Mapping[str, Difference]
    errors_a: tuple[str, ...]
    errors_b: tuple[str, ...]
    errors_both: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def left_out(self) -> dict[str, tuple[str, ...]]:
        """The cases that could not be compared, by what they ended in; none that is empty."""
        ended = {
            "an error in A only": self.errors_a,
            "an error in B only": self.errors_b,
            "an error in both": self.errors_both,
        }
        return {what: ids for what, ids in ended.items() if ids}

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain values."""
        plain = asdict(self)
        for name, found in self.differences.items():
            plain["differences"][name]["difference"] = found.difference
        return plain

    def render(self) -> str:
        """Return the comparison as a plain table."""
        from eval.compare_table import render

        return render(self)


def compare(
    a: Run, b: Run, *, names: tuple[str, str] = ("A", "B"), metrics: Sequence[str] = ()
) -> Comparison:
    """Compare two runs, paired by case; `metrics` are corrected for together (default: the headline's).

    Raises `UsageError` where the runs are not of the same questions. A case that one side could not
    score is left out of that metric on both, and counted.
    """
    for name in metrics:
        metric_named(name)
    rows_a, rows_b = _paired(a, b)
    ids = list(rows_a)
    wrong_a = {i for i in ids if rows_a[i].get("error") is not None}
    wrong_b = {i for i in ids if rows_b[i].get("error") is not None}
    scored = (name for row in [*a.rows, *b.rows] for name in row["scores"])
    asked = [name for run in (a, b) for name in run.header.get("metrics", ())]
    chosen = [name for name in metrics or shown([*scored, *asked]) if name not in UNPAIRED]
    found = {}
    for name in chosen:
        difference = _difference(name, rows_a, rows_b)
        if difference is not None:
            found[name] = difference
    corrected = holm([d.p for d in found.values()])
    both = {
        name: replace(difference, p_holm=p)
        for (name, difference), p in zip(found.items(), corrected, strict=True)
    }
    return Comparison(
        a=names[0],
        b=names[1],
        cases=len(ids),
        differences=both,
        errors_a=tuple(i for i in ids if i in wrong_a - wrong_b),
        errors_b=tuple(i for i in ids if i in wrong_b - wrong_a),
        errors_both=tuple(i for i in ids if i in wrong_a & wrong_b),
        changed=_changed(a, b),
    )


def _paired(a: Run, b: Run) -> tuple[dict[str, Mapping[str, Any]], dict[str, Mapping[str, Any]]]:
    rows_a: dict[str, Mapping[str, Any]] = {row["id"]: row for row in a.rows}
    rows_b: dict[str, Mapping[str, Any]] = {row["id"]: row for row in b.rows}
    odd = sorted(rows_a.keys() ^ rows_b.keys())
    same_set = a.header.get("questions") == b.header.get("questions")
    if odd:
        shown = ", ".join(map(str, odd[:10])) + (", …" if len(odd) > 10 else "")
        hint = "finish the shorter run with --resume" if same_set else "run both on the same set"
        raise UsageError(f"{len(odd)} cases are in one run only: {shown}", hint)
    if not rows_a:
        raise UsageError("the runs hold no cases")
    if not same_set:
        raise UsageError(
            "the runs are of different question sets: questions, answers or evidence were changed",
            "run both on the same set",
        )
    return rows_a, {i: rows_b[i] for i in rows_a}


def _difference(
    name: str, rows_a: Mapping[str, Mapping[str, Any]], rows_b: Mapping[str, Mapping[str, Any]]
) -> Difference | None:
    """Return the difference in a metric; None where no case was scored in both runs."""
    import numpy as np

    pairs = {}
    left_out = 0
    for i, row in rows_a.items():
        before, after = row["scores"].get(name), rows_b[i]["scores"].get(name)
        if before is not None and after is not None:
            pairs[i] = (before, after)
        left_out += (before is None) is not (after is None)
    if not pairs:
        return None
    values = np.array(list(pairs.values()), dtype=float)
    deltas = values[:, 1] - values[:, 0]
    sign = -1 if name in LOWER_IS_BETTER else 1
    won = tuple(i for i, d in zip(pairs, deltas, strict=True) if sign * d > 0)
    lost = tuple(i for i, d in zip(pairs, deltas, strict=True) if sign * d < 0)
    yes_no = bool(np.isin(values, (0.0, 1.0)).all())
    bounds = interval(deltas)
    return Difference(
        metric=name,
        a=float(values[:, 0].mean()),
        b=float(values[:, 1].mean()),
        n=len(pairs),
        low=bounds[0] if bounds else None,
        high=bounds[1] if bounds else None,
        p=mcnemar(len(won), len(lost)) if yes_no else sign_flip(deltas),
        test="McNemar" if yes_no else "sign flip",
        p_holm=None,
        detectable=detectable_effect(deltas),
        won=won,
        lost=lost,
        tied=len(pairs) - len(won) - len(lost),
        left_out=left_out,
    )


def _changed(a: Run, b: Run) -> tuple[str, ...]:
    """What of the two headers differs, in words; dates and the like are no settings."""
    lines = []
    for key in ("qa", "model", "settings", "prompts", "index", "depth", "retrieval_only", "judge"):
        old, new = a.header.get(key), b.header.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            for part in sorted(old.keys() | new.keys()):
                if old.get(part) != new.get(part):
                    lines.append(f"{key}.{part}: {old.get(part)!r} → {new.get(part)!r}")
        elif old != new:
            lines.append(f"{key}: {old!r} → {new!r}")
    return tuple(lines)
