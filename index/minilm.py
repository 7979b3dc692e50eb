"""The built-in embedder: all-MiniLM-L6-v2, 256 tokens, from the graph that `index.export` keeps.

Questions and small runs are computed by onnxruntime inside this process, which starts ten times faster
than torch; many texts go to worker processes with a quicker encoder (`index.workers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from index.embed import Vectors
from index.encoders import encoder
from index.networks import cores, open_tokenizer

BATCH = 4
"""Texts in a batch: on a processor, small ones of equal length win."""


class MiniLM:
    """A sentence encoder that reads 256 tokens and ends in a pooled unit vector of 384 numbers."""

    def __init__(
        self,
        graph: Path,
        tokenizer: Path,
        identity: str,
        *,
        max_tokens: int = 256,
        way: str = "onnx",
        threads: int | None = None,
    ) -> None:
        self.identity = identity
        self.max_tokens = max_tokens - 2
        self._threads = threads or cores()
        self._tokenizer = open_tokenizer(tokenizer)
        self._encode = encoder(way, graph)

    @classmethod
    def installed(cls, *, way: str = "onnx", threads: int | None = None) -> MiniLM:
        """Return the built-in embedder, exported at the first call; `way` is one of `index.encoders`.

        Raises `UsageError` when its weights are not installed or are not the official ones.
        """
        from index.export import builtin_graph

        graph, tokenizer, identity = builtin_graph()
        return cls(graph, tokenizer, identity, way=way, threads=threads)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(e.ids) for e in encoded]

    def embed(
        self,
        texts: Sequence[str],
        *,
        query: bool = False,
        done: Callable[[int], None] | None = None,
    ) -> Vectors:
        encoded = [e.ids for e in self._tokenizer.encode_batch_fast(list(texts))]
        keep = self.max_tokens + 1
        ids = [e if len(e) <= keep + 1 else [*e[:keep], e[-1]] for e in encoded]
        vectors = np.zeros((len(ids), 384), dtype=np.float32)

        def run(rows: list[int]) -> int:
            vectors[rows] = self._encode([ids[r] for r in rows])
            return len(rows)

        batches = list(_batches([len(i) for i in ids]))
        if len(batches) == 1 or self._threads == 1:
            for rows in batches:
                finished = run(rows)
                if done:
                    done(finished)
            return vectors
        # One thread a core, each with its own small batches, beats threads inside one batch;
        # onnxruntime releases the interpreter's lock while it computes.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(self._threads) as pool:
            for finished in pool.map(run, batches):
                if done:
                    done(finished)
        return vectors


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows in batches of about equal length: padding costs as much as text."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for i in range(0, len(order), BATCH):
        yield order[i : i + BATCH]
