"""Are the intervals and the gate of `qa compare` honest? `python -m benchmarks.intervals`

Simulates pairs of runs whose true difference is known. For each kind of metric and each size of set:
how often the 95 % interval covers the truth, how often the gate fails without a true difference, and
how often it finds a loss as large as the detectable effect that the comparison states. `--methods`
prints beside it what other intervals would cover.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.statistics import detectable_effect, interval

SIZES = (40, 200, 1000)
Pairs = NDArray[Any]


def yes_no(rng: np.random.Generator, n: int, changed: float, mean: float) -> Pairs:
    """Differences of a yes/no metric: a share `changed` is not 0."""
    up, down = (changed + mean) / 2, (changed - mean) / 2
    return rng.choice([1.0, -1.0, 0.0], size=n, p=[up, down, 1 - changed])


def graded(rng: np.random.Generator, n: int, changed: float, mean: float) -> Pairs:
    """Differences such as those of token F1: most are 0, the others of any size, whole ones often."""
    steps = np.array([1.0, 0.67, 0.5, 0.33, 0.2])
    lean = mean / (changed * _SPAN)
    signs = rng.choice([1.0, -1.0], size=n, p=[(1 + lean) / 2, (1 - lean) / 2])
    return np.where(rng.random(n) < changed, rng.choice(steps, size=n) * signs, 0.0)


_SPAN = 0.54  # the mean of the steps: what the mean difference is of the changed cases


KINDS: list[tuple[str, Callable[..., Pairs], float]] = [
    ("yes/no, 10 % change", yes_no, 0.1),
    ("yes/no, 30 % change", yes_no, 0.3),
    ("graded, 20 % change", graded, 0.2),
    ("graded, 50 % change", graded, 0.5),
]


def simulate(
    make: Callable[..., Pairs], changed: float, n: int, runs: int, rng: np.random.Generator
) -> dict[str, float]:
    """Return the three shares, and the mean detectable effect that the comparisons state."""

    def draw(mean: float) -> Pairs:
        return make(rng, n, changed, mean)

    equal = [draw(0.0) for _ in range(runs)]
    bounds = [interval(deltas) or (0.0, 0.0) for deltas in equal]
    stated = [found for deltas in equal if (found := detectable_effect(deltas)) is not None]
    effect = float(np.mean(stated))
    # No more can be lost than changes: where the stated effect is larger, more cases change.
    changed = max(changed, effect if make is yes_no else effect / _SPAN)
    loss = -effect
    worse = [interval(draw(loss)) or (0.0, 0.0) for _ in range(runs)]
    half = [interval(draw(loss / 2)) or (0.0, 0.0) for _ in range(runs)]
    return {
        "covers 0": share(low <= 0 <= high for low, high in bounds),
        "covers a loss": share(low <= loss / 2 <= high for low, high in half),
        "false fails": share(high < 0 for _, high in bounds),
        "effect": -loss,
        "finds it": share(high < 0 for _, high in worse),
    }


def share(found: Any) -> float:
    """Return the share of true values."""
    return float(np.mean(list(found)))


def others(deltas: Pairs, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Return the intervals that were not chosen."""
    from scipy.stats import bootstrap, t

    n = len(deltas)
    reach = t.ppf(0.975, n - 1) * deltas.std(ddof=1) / n**0.5
    found = {"Student": (deltas.mean() - reach, deltas.mean() + reach)}
    for method in ("percentile", "BCa"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = bootstrap((deltas,), np.mean, n_resamples=999, method=method, rng=rng)
        found[method] = (made.confidence_interval.low, made.confidence_interval.high)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--methods", action="store_true", help="also other intervals, at n = 40")
    given = parser.parse_args()
    rng = np.random.default_rng(20250531)
    head = ("covers 0", "covers a loss", "false fails", "effect", "finds it")
    print(f"{given.runs:,} simulated comparisons a row")
    print(f"{'metric':<22}{'n':>6}" + "".join(f"{name:>15}" for name in head))
    for name, make, changed in KINDS:
        for n in SIZES:
            found = simulate(make, changed, n, given.runs, rng)
            cells = "".join(f"{found[key]:>15.3f}" for key in head)
            print(f"{name:<22}{n:>6}{cells}", flush=True)
    if given.methods:
        print("\ncoverage of a true difference of half the changed cases, 40 cases, 500 runs")
        for name, make, changed in KINDS:
            truth = changed * 0.5 if make is yes_no else changed * 0.5 * _SPAN
            counted: dict[str, list[bool]] = {}
            for _ in range(500):
                deltas = make(rng, 40, changed, truth)
                if np.ptp(deltas):
                    ours = interval(deltas) or (0.0, 0.0)
                    for method, (low, high) in {**others(deltas, rng), "ours": ours}.items():
                        counted.setdefault(method, []).append(bool(low <= truth <= high))
            shown = "  ".join(f"{m} {share(v):.3f}" for m, v in counted.items())
            print(f"{name:<22}{shown}", flush=True)


if __name__ == "__main__":
    main()
