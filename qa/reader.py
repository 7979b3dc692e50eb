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

from index import networks
from index.errors import UsageError
from index.export import model_folder
from qa.days import written

LENGTH = 256
"""Tokens that the model reads of question and window together."""

SENTENCES = 16
"""Sentences of a window that it can tell apart."""

_QUESTION, _TITLE, _BEFORE = 40, 16, 32
"""Tokens at most of each part; the sentences get the rest, and the first claim on it."""

_SPAN = 16
"""Tokens of the longest short answer."""

_TAIL = 1 << 18

_FLOOR = -1e9
_UNREAD = -30.0
"""The score of a sentence that did not fit into its window."""


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive sentences of one article, and what stands before them, which is read but not judged."""

    title: str
    before: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with its article's title and the sentence before it."""

    title: str
    before: str
    sentence: str

    @property
    def window(self) -> Window:
        """The sentence alone, as a window."""
        return Window(self.title, self.before, (self.sentence,))


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a sentence.

    `score` is a logit: how likely the sentence answers. `start` and `end` are character offsets in
    the sentence of its best span, and `span_score` is how sure the reader is of those, from 0 to 1.
    """

    score: float
    start: int
    end: int
    span_score: float


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence in the model's input: token `first + i` is its characters `offsets[i]`."""

    first: int
    offsets: list[tuple[int, int]]
    begins: NDArray[np.bool_]
    ends: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The model's input for one window; `numbers` says of each token in which sentence it is, from 1."""

    ids: list[int]
    types: list[int]
    numbers: list[int]
    parts: list[Part]


def fingerprint() -> str:
    """Return a hash of the weights: of their size and their end, which training changes as it does the rest."""
    import hashlib

    try:
        with resources.files("qa").joinpath("reader.onnx").open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            return hashlib.sha256(f"{size} ".encode() + file.read()).hexdigest()[:12]
    except FileNotFoundError:
        return "none"


class Reader:
    """The shipped model, loaded. `read` may be called from any thread; torch is not needed."""

    def __init__(self) -> None:
        self._tokenizer = open_tokenizer()
        self._session = open_network("reader.onnx", "install qa again")

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """Return one reading a candidate, in their order; their scores do not touch each other."""
        return [found[0] for found in self.read_windows(question, [c.window for c in candidates])]

    def read_windows(self, question: str, windows: Sequence[Window]) -> list[list[Reading]]:
        """Return the readings of each window's sentences; windows do not touch each other."""
        encoded = [encode(self._tokenizer, question, w) for w in windows]
        # One window a run: int8 activations are scaled by the whole batch, so that in a batch a
        # sentence's score would depend on its neighbours.
        order = sorted(range(len(encoded)), key=lambda i: -len(encoded[i].ids))
        read = networks.spread(self._read, [encoded[i] for i in order])
        found = dict(zip(order, read, strict=True))
        return [found[i] for i in range(len(encoded))]

    def _read(self, e: Encoded) -> list[Reading]:
        feed = {
            "input_ids": np.array([e.ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(e.ids)), dtype=np.int64),
            "token_type_ids": np.array([e.types], dtype=np.int64),
            "sentences": np.array([e.numbers], dtype=np.int64),
        }
        answer, starts, ends = self._session.run(["answer", "start", "end"], feed)
        return readings(e, answer[0], starts[0], ends[0])


def readings(
    e: Encoded,
    answer: NDArray[np.float32],
    starts: NDArray[np.float32],
    ends: NDArray[np.float32],
) -> list[Reading]:
    """Return what the network's outputs for one window say of each of its sentences."""
    found = []
    for k, part in enumerate(e.parts):
        if not part.offsets:
            found.append(Reading(_UNREAD, 0, 0, 0.0))
            continue
        begin, end, sure = best_span(part, starts, ends)
        found.append(Reading(float(answer[k]), begin, end, sure))
    return found


def heading(title: str, published: str | None) -> str:
    """Return what the reader is told of an article: its day ("2 June 2025"), where it is known, and its title."""
    return ", ".join(part for part in (written(published) if published else "", title) if part)


def open_network(file: str, hint: str) -> Any:
    """Return a session of one of the package's networks, on one thread.

    Raises `UsageError`, which ends with `hint`, when its weights are missing.
    """
    try:
        model = resources.files("qa").joinpath(file).read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"the weights qa/{file} are missing", hint) from error
    return networks.open_session(model)


def open_tokenizer() -> Any:
    """Return MiniLM's tokenizer, which neither pads nor cuts."""
    return networks.open_tokenizer(model_folder() / "tokenizer.json")


def encode(tokenizer: Any, question: str, window: Window) -> Encoded:
    """Return `[CLS] question [SEP] title : before sentences [SEP]`, all after the first [SEP] of type 1.

    What does not fit is left out: first the beginning of what comes before, then the title's end, then the
    last sentences' ends.
    """
    fixed = tokenizer.encode_batch(
        [question, window.title, window.before, ":", *window.sentences[:SENTENCES]],
        add_special_tokens=False,
    )
    asked = fixed[0].ids[:_QUESTION]
    room = LENGTH - 3 - len(asked)
    pieces = []
    for piece in fixed[4:]:
        pieces.append(piece.ids[:room])
        room -= len(pieces[-1])
    before = fixed[2].ids[-min(_BEFORE, room) :] if room else []
    room -= len(before)
    title = fixed[1].ids[: min(_TITLE, room - 1)] if room > 1 else []
    if title:
        title = [*title, *fixed[3].ids]
    separator = tokenizer.token_to_id("[SEP]")
    ids = [tokenizer.token_to_id("[CLS]"), *asked, separator, *title, *before]
    numbers = [0] * len(ids)
    parts = []
    for number, (piece, encoding, text) in enumerate(
        zip(pieces, fixed[4:], window.sentences, strict=False), 1
    ):
        offsets = list(encoding.offsets[: len(piece)])
        parts.append(
            Part(
                len(ids),
                offsets,
                np.array([_opens(text, a) for a, _ in offsets], dtype=bool),
                np.array([_closes(text, b) for _, b in offsets], dtype=bool),
            )
        )
        ids += piece
        numbers += [number] * len(piece)
    empty = np.zeros(0, dtype=bool)
    parts += [Part(0, [], empty, empty)] * (len(window.sentences) - len(parts))
    types = [0] * (len(asked) + 2) + [1] * (len(ids) - len(asked) - 1)
    return Encoded([*ids, separator], types, [*numbers, 0], parts)


def best_span(
    part: Part, starts: NDArray[np.float32], ends: NDArray[np.float32]
) -> tuple[int, int, float]:
    """Return the best run of whole words, as character offsets, and its probability.

    A sentence in which no run is allowed is its own span, with probability 0.
    """
    n = len(part.offsets)
    if not n:
        return 0, 0, 0.0
    inside = slice(part.first, part.first + n)
    joint = _log_softmax(starts[inside])[:, None] + _log_softmax(ends[inside])[None, :]
    allowed = np.triu(np.ones((n, n), dtype=bool)) & ~np.triu(np.ones((n, n), dtype=bool), _SPAN)
    allowed &= part.begins[:, None] & part.ends[None, :]
    if not allowed.any():
        return part.offsets[0][0], part.offsets[-1][1], 0.0
    joint = np.where(allowed, joint, _FLOOR)
    first, last = np.unravel_index(int(joint.argmax()), joint.shape)
    return part.offsets[first][0], part.offsets[last][1], float(np.exp(joint[first, last]))


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
