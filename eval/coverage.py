"""Risk and coverage: how often it is wrong among what it answers, if it answers only when sure enough.

After El-Yaniv and Wiener (2010). Cases that it abstained from are not on the curve, for nobody knows
what it would have said: a run with a threshold shows the part of the curve that the threshold leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from eval.failure import BADLY_CITED, ERROR, RIGHT, UNSCORED

Row = Mapping[str, Any]


class Point(NamedTuple):
    """Answering only with a confidence of at least `threshold`: the shares answered, and wrong of those."""

    threshold: float
    coverage: float
    risk: float


def answered(rows: Sequence[Row]) -> list[tuple[float, bool]]:
    """Return (confidence, whether it was wrong) of every case that was answered and could be scored."""
    return [
        (float(row["confidence"]), row["label"] not in (RIGHT, BADLY_CITED))
        for row in rows
        if row.get("confidence") is not None
        and row.get("abstained") is False
        and row.get("label", UNSCORED) not in (UNSCORED, ERROR)
    ]


def curve(rows: Sequence[Row]) -> list[Point]:
    """Return the risk at each threshold that changes it, from the surest case on."""
    items = sorted(answered(rows), reverse=True)
    asked = sum(row.get("label", UNSCORED) not in (UNSCORED, ERROR) for row in rows)
    points, wrong = [], 0
    for place, (confidence, failed) in enumerate(items, 1):
        wrong += failed
        tied = place < len(items) and items[place][0] == confidence
        if not tied:
            points.append(Point(confidence, place / asked, wrong / place))
    return points


def area(points: Sequence[Point]) -> float | None:
    """Return the mean risk over the coverage that was reached; the lower the better, None without points."""
    if not points:
        return None
    total, before = 0.0, 0.0
    for point in points:
        total += (point.coverage - before) * point.risk
        before = point.coverage
    return total / before
