"""The package's own reranker: a small cross-encoder that reads question and passage together.

`reranker.onnx` (int8) is a MiniLM that was trained on what people click on in a search engine. How its weights
were made and what they are worth: docs/retrieval.md. Of a passage that is longer than it reads, it is given the
sentences that say most of the question. What is no question is left to `qa.late`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from index.lexical import terms
from index.networks import spread
from index.pretrained import refuse_misspelt
from index.rerank import NONE, CrossEncoderReranker, Reranker
from index.split import sentences
from index.types import Passage
from qa.late import TokenMatch

BUILT_IN = "minilm"

LENGTH = 112
"""Tokens that the model reads of question and passage together."""

_QUESTION, _TITLE = 48, 16
"""Tokens at most of these; the passage gets the rest."""

_QUESTIONS, _WORDS = 10, 14
"""Passages that are read for a question, and for what is none: about as much work (docs/retrieval.md)."""

_FLATTEN = 3.0
"""Its logits run from -11 to 11; undivided, nearly all of them would be next to 0 or 1."""


_ASKS = re.compile(
    r"\?|^\W*(?:(?:please|just) )*(?:(?:tell|remind) (?:me|us) |i (?:want|need) to know |i wonder )?"
    r"(?:(?:and|but|so|in|on|at|for|to|of|from|by|with|under|during|since|until|after|before|about) )*"
    r"(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|am|do|does|did|can|could|will|would|"
    r"shall|should|may(?!\s+\d)|might|must|has|have|had)(?:[’'](?:s|d|re|ll|ve))?\b",
    re.IGNORECASE,
)


class PassageReranker:
    """The built-in reranker; `rarity` gives the inverse document frequencies of terms.

    It is loaded when it is first asked. Raises `UsageError` then, if its weights are missing.
    """

    name = BUILT_IN
    weight = 0.5

    def __init__(self, rarity: Callable[[Sequence[str]], Sequence[float]]) -> None:
        self._rarity = rarity
        self._tokens = TokenMatch(rarity)

    @cached_property
    def _network(self) -> tuple[Any, Any]:
        from qa.reader import open_network, open_tokenizer

        return open_tokenizer(), open_network("reranker.onnx", "do without it: --rerank none")

    def depth(self, question: str) -> int:
        """Return how many passages it reads of a question, and how many for other words."""
        return _QUESTIONS if _ASKS.search(question) else _WORDS

    def score(self, question: str, passages: Sequence[Passage]) -> Sequence[float]:
        """Return how well each passage answers, 0..1; passages do not touch each other.

        The cross-encoder was trained on questions. Of claims and search words it knows less than the first
        ranking: theirs are compared with the passages token by token.
        """
        if not _ASKS.search(question):
            return self._tokens.score(question, passages)
        wanted = list(dict.fromkeys(terms(question)))
        rarity = dict(zip(wanted, self._rarity(wanted), strict=True))
        tokenizer, session = self._network

        def read(passage: Passage) -> float:
            ids, types = encode(tokenizer, question, passage.source.title, passage.text, rarity)
            # One passage a run: int8 activations are scaled by the whole batch, so that in a batch a
            # passage's score would depend on its neighbours.
            feed = {"ids": np.array([ids]), "types": np.array([types])}
            logit = float(session.run(["score"], feed)[0][0])
            return 1 / (1 + math.exp(-logit / _FLATTEN))

        return spread(read, passages)


def open_reranker(name: str, rarity: Callable[[Sequence[str]], Sequence[float]]) -> Reranker | None:
    """Return the reranker of that name: `minilm`, `none`, or a cross-encoder.

    Raises `UsageError` when it cannot be loaded.
    """
    if name == NONE:
        return None
    if name == BUILT_IN:
        return PassageReranker(rarity)
    refuse_misspelt(name, "reranker", [BUILT_IN, NONE])
    return CrossEncoderReranker(name)


def encode(
    tokenizer: Any, question: str, title: str, text: str, rarity: Mapping[str, float]
) -> tuple[list[int], list[int]]:
    """Return the tokens and their types of `[CLS] question [SEP] title. text [SEP]`, `LENGTH` at most."""
    spoken = [text[a:b] for a, b in sentences(text)] or [text]
    heading = title if not title or title.endswith((".", "?", "!", ":")) else f"{title}."
    asked, named, *pieces = [
        e.ids
        for e in tokenizer.encode_batch([question, heading, *spoken], add_special_tokens=False)
    ]
    asked, named = asked[:_QUESTION], named[:_TITLE]
    room = LENGTH - 3 - len(asked) - len(named)
    first = likeliest([set(terms(s)) for s in spoken], [len(p) for p in pieces], room, rarity)
    told = [token for piece in pieces[first:] for token in piece][:room]
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    types = [0] * (len(asked) + 2) + [1] * (len(named) + len(told) + 1)
    return [cls, *asked, sep, *named, *told, sep], types


def likeliest(
    said: Sequence[set[str]], lengths: Sequence[int], room: int, rarity: Mapping[str, float]
) -> int:
    """Return the sentence from which on `room` tokens say most of what the question does.

    `said` and `lengths` are the terms and the tokens of each sentence. One that is cut counts by its part.
    """
    best, most = 0, -1.0
    for i in range(len(said)):
        left, heard, worth = room, set[str](), 0.0
        for spoken, length in zip(said[i:], lengths[i:], strict=True):
            share = min(max(left, 0) / max(length, 1), 1.0)
            worth += share * sum(rarity.get(t, 0.0) for t in spoken - heard)
            heard |= spoken
            left -= length
            if left <= 0:
                break
        if worth > most + 1e-9:
            best, most = i, worth
        if left > 0:  # all the rest fits: what begins later says less
            break
    return best
