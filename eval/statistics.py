"""The statistics of a paired comparison, from scipy.

Everything is seeded: the same two runs give the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20250531
RESAMPLES = 4999


def interval(deltas: NDArray[Any], confidence: float = 0.95) -> tuple[float, float] | None:
    """Return the interval of the mean of paired differences; None under two pairs.

    Student's, after half a case won and half a case lost by the largest difference are added (after
    Bonett and Price 2012, who add a whole one). Bootstrap intervals, and Student's without it, are too
    narrow where few cases change, which is the usual case (`benchmarks/intervals.py` prints what each
    covers). Where all differences are 0, so is the interval: a run passes against itself, though of
    few cases that says little.
    """
    import numpy as np
    from scipy.stats import t

    if len(deltas) < 2:
        return None
    if not np.any(deltas):
        return 0.0, 0.0
    middle, error = _steadied(deltas)
    reach = float(t.ppf((1 + confidence) / 2, len(deltas))) * error
    widest = float(np.abs(deltas).max())
    return max(-widest, middle - reach), min(widest, middle + reach)


def _steadied(deltas: NDArray[Any]) -> tuple[float, float]:
    """The mean and its standard error, with half a case won and half a case lost."""
    import numpy as np

    n = len(deltas) + 1
    middle = float(deltas.sum()) / n
    square = float(np.square(deltas).sum() + np.square(deltas).max()) / n
    return middle, max(square - middle**2, 0.0) ** 0.5 / n**0.5


def mcnemar(won: int, lost: int) -> float:
    """Return McNemar's exact p: a sign test on the cases that changed sides; 1 where none did."""
    from scipy.stats import binomtest

    return float(binomtest(won, won + lost, 0.5).pvalue) if won + lost else 1.0


def sign_flip(deltas: NDArray[Any]) -> float:
    """Return the p of Fisher's randomisation test on paired differences.

    Advised for retrieval by Smucker, Allan and Carterette (CIKM 2007). Exact where all flips can be
    tried.
    """
    import numpy as np
    from scipy.stats import permutation_test

    changed = deltas[deltas != 0]  # flipping a zero changes nothing
    if len(changed) < 2:  # of one pair, both flips are as large
        return 1.0
    return float(
        permutation_test(
            (changed,),
            lambda x, axis: np.sum(x, axis=axis),
            permutation_type="samples",
            vectorized=True,
            n_resamples=RESAMPLES,
            batch=max(1, 4_000_000 // len(changed)),
            rng=np.random.default_rng(SEED),
        ).pvalue
    )


def holm(values: Sequence[float | None]) -> list[float | None]:
    """Return the p values corrected for their number (Holm 1979); None stays None."""
    order = sorted((p, place) for place, p in enumerate(values) if p is not None)
    corrected: list[float | None] = [None] * len(values)
    highest = 0.0
    for rank, (p, place) in enumerate(order):
        highest = max(highest, min(1.0, p * (len(order) - rank)))
        corrected[place] = highest
    return corrected


def mean_interval(values: NDArray[Any], confidence: float = 0.95) -> tuple[float, float] | None:
    """Return the interval of a mean: Wilson's (1927) for yes/no, else Student's; None under two values.

    Kept within 0 and 1 where all values are.
    """
    import numpy as np
    from scipy.stats import binomtest, t

    n = len(values)
    if n < 2:
        return None
    if np.isin(values, (0.0, 1.0)).all():
        found = binomtest(int(values.sum()), n).proportion_ci(confidence, method="wilson")
        return float(found.low), float(found.high)
    reach = t.ppf((1 + confidence) / 2, n - 1) * np.std(values, ddof=1) / n**0.5
    low, high = float(values.mean() - reach), float(values.mean() + reach)
    if values.min() >= 0 and values.max() <= 1:
        low, high = max(0.0, low), min(1.0, high)
    return low, high


def cases_needed(effect: float, spread: float, power: float = 0.8, level: float = 0.05) -> int:
    """Return how many pairs show a mean difference `effect` with `power`, by the normal approximation.

    `spread` is the mean square of the differences: for yes/no, the share of cases that change.
    """
    import math

    from scipy.stats import norm

    reach = float(norm.ppf(1 - level / 2) + norm.ppf(power))
    return math.ceil(reach**2 * max(spread - effect**2, abs(effect) - effect**2) / effect**2)


def detectable_effect(
    deltas: NDArray[Any], power: float = 0.8, level: float = 0.05
) -> float | None:
    """Return the smallest mean difference that `interval` tells from 0 with `power`.

    Going by the spread of these pairs, or by the spread that such a difference itself makes where few
    of them changed. None where nothing changed: then nothing can be said.
    """
    import numpy as np
    from scipy.stats import t

    if len(deltas) < 2 or not np.any(deltas):
        return None
    n = len(deltas)
    centred = deltas - deltas.mean()
    _, error = _steadied(centred if np.any(centred) else deltas)
    reach = t.ppf(1 - level / 2, n) + t.ppf(power, n)
    by_spread = float(reach * error * (n + 1) / n)
    widest = float(np.abs(deltas).max())
    by_itself = float(reach**2 * widest / (n + reach**2))
    more = by_itself * (widest - by_itself) > error**2 * (n + 1)
    return max(by_spread, by_itself) if more else by_spread
