"""The reader: says whether a sentence answers a question, and which of its words are the answer.

A cross-encoder of MiniLM's size (`reader.onnx`, int8) reads the question together with one sentence
and what stands around it. How its weights were made and what they are worth: docs/reader.md.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import UsageError
from index.export import model_folder

LENGTH = 128
"""Tokens that the model reads of question and candidate together."""

_QUESTION, _TITLE, _BEFORE = 40, 12, 24
"""Tokens at most of each part; the sentence gets the rest, and the first claim on it."""

_SPAN = 16
"""Tokens of the longest short answer."""

_FLOOR = -1e9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with its article's title and the sentence before it."""

    title: str
    before: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a candidate.

    `score` is a logit: how likely the sentence answers. `start` and `end` are character offsets in
    the sentence of its best span, and `span_score` is how sure the reader is of those, from 0 to 1.
    """

    score: float
    start: int
    end: int
    span_score: float


@dataclass(frozen=True, slots=True)
class Encoded:
    """The model's input for one candidate. Token `first + i` is the sentence's `offsets[i]`."""

    ids: list[int]
    types: list[int]
    first: int
    offsets: list[tuple[int, int]]
    begins: NDArray[np.bool_]
    ends: NDArray[np.bool_]


class Reader:
    """The shipped model, loaded. `read` may be called from any thread; torch is not needed."""

    def __init__(self) -> None:
        import onnxruntime

        self._tokenizer = open_tokenizer()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            model = resources.files("qa").joinpath("reader.onnx").read_bytes()
        except FileNotFoundError as error:
            raise UsageError(
                "the built-in answerer's weights (qa/reader.onnx) are missing", "install qa again"
            ) from error
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """Return one reading a candidate, in their order; their scores do not touch each other."""
        encoded = [encode(self._tokenizer, question, c) for c in candidates]
        if len(encoded) < 2:
            return [self._read(e) for e in encoded]
        # One candidate a run: int8 activations are scaled by the whole batch, so that in a batch a
        # sentence's score would depend on its neighbours. One thread a core beats threads inside.
        from concurrent.futures import ThreadPoolExecutor

        order = sorted(range(len(encoded)), key=lambda i: -len(encoded[i].ids))
        with ThreadPoolExecutor(_cores()) as pool:
            found = dict(zip(order, pool.map(self._read, [encoded[i] for i in order]), strict=True))
        return [found[i] for i in range(len(encoded))]

    def _read(self, e: Encoded) -> Reading:
        feed = {
            "input_ids": np.array([e.ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(e.ids)), dtype=np.int64),
            "token_type_ids": np.array([e.types], dtype=np.int64),
        }
        answer, starts, ends = self._session.run(["answer", "start", "end"], feed)
        begin, end, sure = best_span(e, starts[0], ends[0])
        return Reading(float(answer[0]), begin, end, sure)


def open_tokenizer() -> Any:
    """Return MiniLM's tokenizer, which neither pads nor cuts."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Any, question: str, candidate: Candidate) -> Encoded:
    """Return `[CLS] question [SEP] title : before sentence [SEP]`, the sentence alone of type 1.

    The sentence is cut only when it does not fit with the question alone; then what stands around
    it is left out: first the title's end, then the beginning of what comes before.
    """
    parts = tokenizer.encode_batch(
        [question, candidate.title, candidate.before, candidate.sentence, ":"],
        add_special_tokens=False,
    )
    asked = parts[0].ids[:_QUESTION]
    room = LENGTH - 3 - len(asked)
    sentence = parts[3].ids[:room]
    room -= len(sentence)
    before = parts[2].ids[-min(_BEFORE, room) :] if room else []
    room -= len(before)
    title = parts[1].ids[: min(_TITLE, room - 1)] if room > 1 else []
    if title:
        title = [*title, *parts[4].ids]
    lead = [tokenizer.token_to_id("[CLS]"), *asked, tokenizer.token_to_id("[SEP]"), *title, *before]
    ids = [*lead, *sentence, tokenizer.token_to_id("[SEP]")]
    types = [0] * len(lead) + [1] * len(sentence) + [0]
    offsets = list(parts[3].offsets[: len(sentence)])
    text = candidate.sentence
    return Encoded(
        ids,
        types,
        len(lead),
        offsets,
        np.array([_opens(text, a) for a, _ in offsets], dtype=bool),
        np.array([_closes(text, b) for _, b in offsets], dtype=bool),
    )


def best_span(
    e: Encoded, starts: NDArray[np.float32], ends: NDArray[np.float32]
) -> tuple[int, int, float]:
    """Return the best run of whole words, as character offsets, and its probability.

    A sentence in which no run is allowed is its own span, with probability 0.
    """
    n = len(e.offsets)
    if not n:
        return 0, 0, 0.0
    inside = slice(e.first, e.first + n)
    joint = _log_softmax(starts[inside])[:, None] + _log_softmax(ends[inside])[None, :]
    allowed = np.triu(np.ones((n, n), dtype=bool)) & ~np.triu(np.ones((n, n), dtype=bool), _SPAN)
    allowed &= e.begins[:, None] & e.ends[None, :]
    if not allowed.any():
        return e.offsets[0][0], e.offsets[-1][1], 0.0
    joint = np.where(allowed, joint, _FLOOR)
    first, last = np.unravel_index(int(joint.argmax()), joint.shape)
    return e.offsets[first][0], e.offsets[last][1], float(np.exp(joint[first, last]))


def _log_softmax(x: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = x - x.max()
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum())
    return result


def _is_inside(text: str, at: int) -> bool:
    """Whether that place is within a word, or within 1,212 or 10:30 or U.S."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if left.isalnum() and right.isalnum():
        return True
    # The three characters around a mark: before it, or behind it, stands `at`.
    for around in (text[at - 1 : at + 2], text[max(at - 2, 0) : at + 1]):
        if len(around) == 3 and around[0].isalnum() and around[2].isalnum():
            if around[1] == ".":
                return True
            if around[1] in ",:/" and around[0].isdigit() and around[2].isdigit():
                return True
    return False


def _opens(text: str, at: int) -> bool:
    """Whether an answer may begin there: at a word, a quotation, a bracket, a currency, a sign."""
    if at >= len(text) or _is_inside(text, at):
        return False
    if at > 1 and text[at - 1] in "'’" and text[at - 2].isalnum():
        return False  # the s of Russia's
    return text[at].isalnum() or text[at] in '“"‘([' or unicodedata.category(text[at]) == "Sc"


def _closes(text: str, at: int) -> bool:
    """Whether an answer may end there: after a word, U.S., a per cent sign, a closing mark."""
    if at < 1 or _is_inside(text, at):
        return False
    last = text[at - 1]
    if last == ".":
        return bool(re.search(r"(?:\b[A-Za-z]\.)$", text[max(at - 3, 0) : at]))
    return last.isalnum() or last in '”")]%°' or unicodedata.category(last) == "Sc"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
