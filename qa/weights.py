"""The weights of the built-in answerer: logistic regressions on development questions.

Fitted on 150 XQuAD questions over all its paragraphs (each once more with the passages that hold the answer taken
away, so that the right behaviour is to abstain) and on the sample's 120, by pairs of a sentence that answers and one
that does not. The threshold lets about 15 % of the sample's answerable questions go unanswered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

FIRST = {
    "cover": 4.0,
    "context": 2.2,
    "passage": 2.5,
    "form": 2.4,
    "reason": 1.2,
    "pairs": 1.5,
    "fused": 3.7,
    "near": 7.5,
    "asks": -3.8,
    "length": 0.3,
}
SENTENCE = {
    "reader": 0.81,
    "cover": -0.15,
    "context": 1.56,
    "passage": 2.48,
    "form": 0.27,
    "unfit": -0.9,
    "agree": 1.06,
    "reason": 0.42,
    "pairs": 1.01,
    "fused": 2.74,
    "near": 2.37,
    "length": 0.2,
    "full": 1.2,  # fitted at .5; up to 1.5 costs nothing on either set, and a whole name says who it is
    "asks": -1.0,
}
ANSWERABLE = {
    "bias": -2.4,
    "reader": 0.32,
    "passage": 4.09,
    "missing": -0.36,
    "numbers": -0.94,
    "names": -1.67,
    "near": 2.92,
}
THRESHOLD = 0.357
"""Of the probability that the best sentence answers."""

MARGIN = 2.0
"""How far below the best a further sentence may be that is shown beside it."""

SURE = 0.1
"""Of the reader's certainty of the best span, below which no short answer is given."""


def first_look(features: Mapping[str, float]) -> float:
    """Return the score of a sentence by its words and its passage."""
    return _sum(FIRST, features)


def sentence(features: Mapping[str, float]) -> float:
    """Return the score of a sentence by words, passage and reader."""
    return _sum(SENTENCE, features)


def answerable(features: dict[str, float]) -> float:
    """Return the probability that the best sentence answers, from its features."""
    return 1.0 / (1.0 + math.exp(-_sum(ANSWERABLE, features | {"bias": 1.0})))


def _sum(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    return sum(weight * features.get(name, 0.0) for name, weight in weights.items())
