"""The weights of the built-in answerer, fitted by logistic regression on development questions.

`python benchmarks/fit_extractive.py` fits them anew and says how well they do on questions held out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

FIRST = {"cover": 4.0, "context": 2.0, "passage": 1.0, "form": 1.0, "pairs": 1.0, "fused": 1.0, "asks": -1.0,
         "reason": 0.7}  # fmt: skip
SENTENCE = {**FIRST, "reader": 2.0}
ANSWERABLE = {"bias": -4.0, "context": 3.0, "passage": 2.0, "reader": 1.0, "missing": -1.5, "numbers": -2.0,
              "form": 0.7}  # fmt: skip
THRESHOLD = 0.5
MARGIN = 0.8
SURE = 0.2


def _sum(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    return sum(
        w * features.get(name, 1.0 if name == "bias" else 0.0) for name, w in weights.items()
    )


def first_look(features: Mapping[str, float]) -> float:
    """Return the score of a sentence by its words alone."""
    return _sum(FIRST, features)


def sentence(features: Mapping[str, float]) -> float:
    """Return the score of a sentence by words and meaning."""
    return _sum(SENTENCE, features)


def answerable(features: Mapping[str, float]) -> float:
    """Return the probability that the best sentence answers, from its features."""
    return 1.0 / (1.0 + math.exp(-_sum(ANSWERABLE, features)))
