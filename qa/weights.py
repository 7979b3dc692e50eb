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
    "reader": 0.83,
    "cover": -0.49,
    "context": 1.68,
    "passage": 2.36,
    "form": 1.34,
    "reason": 0.42,
    "pairs": 0.9,
    "fused": 2.66,
    "near": 2.16,
    "length": 0.21,
    "asks": -1.0,
}
ANSWERABLE = {
    "bias": -2.35,
    "reader": 0.33,
    "context": 0.29,
    "passage": 3.68,
    "missing": -0.27,
    "numbers": -1.18,
    "names": -1.65,
    "near": 2.88,
}
THRESHOLD = 0.315
"""Of the probability that the best sentence answers."""

MARGIN = 1.5
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
