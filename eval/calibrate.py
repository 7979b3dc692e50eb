"""The abstention threshold, fitted on answerable and unanswerable questions.

The threshold with the greatest sum of both shares that are treated rightly (Youden 1950), the median
over resampled sets, for one set's best threshold is largely luck. How good it is, is measured on the
questions that a resample left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.errors import UsageError

SEED = 20250531
RESAMPLES = 1000
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Fit:
    """A threshold and its 95 % bounds; the shares are of questions that it was not fitted on."""

    threshold: float
    low: float
    high: float
    refused: float
    false_abstention: float
    answerable: int
    unanswerable: int


def fit_threshold(rows: Sequence[Mapping[str, Any]]) -> Fit:
    """Return the threshold for rows of a run in which nothing was refused for its confidence.

    A case without a confidence (nothing was found) is refused by any threshold. Raises `UsageError`
    for fewer than 20 answerable or unanswerable questions.
    """
    import numpy as np

    asked = [row for row in rows if row.get("error") is None]
    sure = np.array([_confidence(row) for row in asked])
    able = np.array([bool(row["gold"]["answerable"]) for row in asked])
    counts = int(able.sum()), int((~able).sum())
    if min(counts) < FEWEST:
        raise UsageError(
            f"{counts[0]} answerable and {counts[1]} unanswerable questions are too few to fit on",
            f"at least {FEWEST} of each: qa eval NEW.jsonl --make {4 * FEWEST}",
        )
    rng = np.random.default_rng(SEED)
    places_able, places_not = np.flatnonzero(able), np.flatnonzero(~able)
    found, refused, false = [], [], []
    for _ in range(RESAMPLES):
        drawn = np.concatenate(
            [rng.choice(places_able, len(places_able)), rng.choice(places_not, len(places_not))]
        )
        threshold = _best(sure[drawn], able[drawn])
        found.append(threshold)
        out = np.ones(len(asked), dtype=bool)
        out[drawn] = False
        if (out & able).any() and (out & ~able).any():
            refused.append(float((sure[out & ~able] < threshold).mean()))
            false.append(float((sure[out & able] < threshold).mean()))
    low, middle, high = np.quantile(found, [0.025, 0.5, 0.975])
    return Fit(
        float(middle), float(low), float(high), float(np.mean(refused)), float(np.mean(false)), *counts
    )  # fmt: skip


def _confidence(row: Mapping[str, Any]) -> float:
    found = row.get("confidence")
    return -1.0 if found is None else float(found)


def _best(sure: Any, able: Any) -> float:
    """The threshold between two confidences that separates best; the middle of equally good ones."""
    import numpy as np

    order = np.argsort(sure, kind="stable")
    values, right = sure[order], able[order]
    # Refusing the first i: the unanswerable among them are gained, the answerable are lost.
    gain = np.concatenate([[0.0], np.cumsum(~right) / max((~right).sum(), 1)])
    loss = np.concatenate([[0.0], np.cumsum(right) / max(right.sum(), 1)])
    edges = np.concatenate([[values[0]], (values[1:] + values[:-1]) / 2, [values[-1] + 1e-6]])
    allowed = np.concatenate([[True], values[1:] > values[:-1], [True]])
    score = np.where(allowed, gain - loss, -np.inf)
    return float(np.median(edges[np.isclose(score, score.max())]))
