"""A run in numbers: the mean of each metric with its standard error, latency, tokens and cost.

Only what a run file holds is read, so that a summary can be made again from the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.agreement import agreement
from eval.coverage import area, curve
from eval.failure import LABELS, UNSCORED
from eval.statistics import mean_interval

Row = Mapping[str, Any]
PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Mean:
    """A metric over `n` scored cases; `unscored` counts the others by reason.

    `low` and `high` bound the 95 % interval of the mean; these and `se` need two cases.
    """

    mean: float | None
    se: float | None
    n: int
    unscored: Mapping[str, int]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in numbers; `latency_ms` maps a step to its percentiles (`p50`, `p90`, `p95`, `p99`).

    `labels` counts what became of the cases, `risk_area` is the mean risk over the `coverage` that was
    reached (`eval.coverage`), `agreement` how the judge and the metrics agree (`eval.judge`).
    """

    cases: int
    answerable: int
    abstained: int
    errors: int
    metrics: Mapping[str, Mean]
    latency_ms: Mapping[str, Mapping[str, float]]
    usage: Mapping[str, float | None]
    labels: Mapping[str, int]
    risk_area: float | None
    coverage: float | None
    agreement: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain values."""
        return asdict(self)


def summarise(rows: Sequence[Row]) -> Summary:
    """Return the numbers of a run file's rows, metrics in the order they were scored."""
    points = curve(rows)
    names = list(dict.fromkeys(name for row in rows for name in row["scores"]))
    return Summary(
        cases=len(rows),
        answerable=sum(bool(row.get("gold", {}).get("answerable", True)) for row in rows),
        abstained=sum(row.get("abstained") is True for row in rows),
        errors=sum(row.get("error") is not None for row in rows),
        metrics={name: _mean(name, rows) for name in names},
        latency_ms=_latency(rows),
        usage=_usage(rows),
        labels=_labels(rows),
        risk_area=area(points),
        coverage=points[-1].coverage if points else None,
        agreement=agreement(rows),
    )


def _mean(name: str, rows: Sequence[Row]) -> Mean:
    import numpy as np

    values = [value for row in rows if (value := row["scores"].get(name)) is not None]
    why = Counter(
        _kind(row.get("unscored", {}).get(name, "not in this run"))
        for row in rows
        if row["scores"].get(name) is None
    )
    n = len(values)
    bounds = mean_interval(np.array(values, dtype=float))
    return Mean(
        mean=float(np.mean(values)) if n else None,
        se=float(np.std(values, ddof=1) / n**0.5) if n > 1 else None,
        n=n,
        unscored=dict(why.most_common()),
        low=bounds[0] if bounds else None,
        high=bounds[1] if bounds else None,
    )


def _labels(rows: Sequence[Row]) -> dict[str, int]:
    counted = Counter(row.get("label", UNSCORED) for row in rows)
    return {name: counted[name] for name in LABELS if counted[name]}


def _kind(reason: str) -> str:
    """Errors count as one reason, whatever each of them says."""
    return "error" if reason.startswith("error:") else reason


def _latency(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Percentiles of each step; how long a failure took says nothing, so it is left out."""
    import numpy as np

    times: dict[str, list[float]] = {}
    for row in rows:
        if row.get("error") is None:
            for step, value in (row.get("timings_ms") or {}).items():
                if isinstance(value, (int, float)):
                    times.setdefault(step, []).append(value)
    return {
        step: {f"p{p}": float(np.percentile(values, p)) for p in PERCENTILES}
        for step, values in times.items()
    }


def _usage(rows: Sequence[Row]) -> dict[str, float | None]:
    """Sums; the cost is None as soon as the cost of one case is unknown."""
    total: dict[str, float | None] = {"prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 0.0}
    for row in rows:
        for usage in (row.get("usage"), (row.get("judge") or {}).get("usage")):
            for key, value in (usage or {}).items():
                so_far = total.get(key, 0)
                total[key] = None if value is None or so_far is None else so_far + value
    return total
