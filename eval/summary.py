"""A run in numbers: the mean of each metric with its standard error, latency, tokens and cost.

Only what a run file holds is read, so that a summary can be made again from the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Row = Mapping[str, Any]
PERCENTILES = (50, 95)


@dataclass(frozen=True, slots=True)
class Mean:
    """A metric over `n` scored cases; `se` needs two; `unscored` counts the others by reason."""

    mean: float | None
    se: float | None
    n: int
    unscored: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in numbers; `latency_ms` maps a step to its percentiles (`p50`, `p95`)."""

    cases: int
    answerable: int
    abstained: int
    errors: int
    metrics: Mapping[str, Mean]
    latency_ms: Mapping[str, Mapping[str, float]]
    usage: Mapping[str, float | None]

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain values."""
        return asdict(self)


def summarise(rows: Sequence[Row]) -> Summary:
    """Return the numbers of a run file's rows, metrics in the order they were scored."""
    names = list(dict.fromkeys(name for row in rows for name in row["scores"]))
    return Summary(
        cases=len(rows),
        answerable=sum(bool(row.get("gold", {}).get("answerable", True)) for row in rows),
        abstained=sum(row.get("abstained") is True for row in rows),
        errors=sum(row.get("error") is not None for row in rows),
        metrics={name: _mean(name, rows) for name in names},
        latency_ms=_latency(rows),
        usage=_usage(rows),
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
    return Mean(
        mean=float(np.mean(values)) if n else None,
        se=float(np.std(values, ddof=1) / n**0.5) if n > 1 else None,
        n=n,
        unscored=dict(why.most_common()),
    )


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
        for key, value in (row.get("usage") or {}).items():
            so_far = total.get(key, 0)
            total[key] = None if value is None or so_far is None else so_far + value
    return total
