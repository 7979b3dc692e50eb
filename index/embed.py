"""Embedders by name: the built-in MiniLM on onnxruntime, any other through sentence-transformers.

Questions and passages of the built-in embedder never need torch: its graph is exported once
(`index.export`) and run by onnxruntime, which starts ten times faster. Vectors are float32 of unit
length, so that the dot product is the cosine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import UsageError

Vectors = NDArray[np.float32]

BUILT_IN = "minilm"
_BUILT_IN_NAMES = (BUILT_IN, "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2")


class Embedder(Protocol):
    """Turns texts into unit vectors of shape (n, dimension), float32."""

    @property
    def identity(self) -> str:
        """Name, weights and input length: vectors of equal identity may be compared."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a passage are read, special tokens not counted."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""

    def embed(
        self,
        texts: Sequence[str],
        *,
        query: bool = False,
        done: Callable[[int], None] | None = None,
    ) -> Vectors:
        """Return one row a text; `done(n)` is called when n more texts are embedded."""


def can_be(name: str, identity: str) -> bool:
    """Whether the embedder of that name may have that identity; nothing is loaded."""
    return identity.startswith(f"{BUILT_IN if name in _BUILT_IN_NAMES else name}/")


def open_embedder(name: str) -> Embedder:
    """Return the embedder of that name: `minilm`, or a sentence-transformers model or folder.

    Raises `UsageError` when it cannot be had.
    """
    if name in _BUILT_IN_NAMES:
        from index.export import builtin_graph

        graph, tokenizer, identity = builtin_graph()
        return OnnxEmbedder(graph, tokenizer, identity)
    return SentenceTransformerEmbedder(name)


class OnnxEmbedder:
    """A sentence encoder whose graph ends in the pooled unit vector; 256 tokens are read."""

    def __init__(
        self, graph: Path, tokenizer: Path, identity: str, *, max_tokens: int = 256
    ) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.identity = identity
        self.max_tokens = max_tokens - 2
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        # The graph was optimised when it was exported.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self._session = onnxruntime.InferenceSession(
            str(graph), options, providers=["CPUExecutionProvider"]
        )

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
            length = max(len(ids[r]) for r in rows)
            inputs = np.zeros((len(rows), length), dtype=np.int64)
            mask = np.zeros_like(inputs)
            for i, r in enumerate(rows):
                inputs[i, : len(ids[r])] = ids[r]
                mask[i, : len(ids[r])] = 1
            feed = {"input_ids": inputs, "attention_mask": mask}
            vectors[rows] = self._session.run(None, feed)[0]
            return len(rows)

        batches = list(_batches([len(i) for i in ids]))
        if len(batches) == 1:
            run(batches[0])
            return vectors
        # One thread a core, each with its own small batches, beats threads inside one batch;
        # onnxruntime releases the interpreter's lock while it computes.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_cores()) as pool:
            for finished in pool.map(run, batches):
                if done:
                    done(finished)
        return vectors


def _batches(lengths: Sequence[int], size: int = 4) -> Iterator[list[int]]:
    """Rows in batches of about equal length: padding costs as much as text."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for i in range(0, len(order), size):
        yield order[i : i + size]


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class SentenceTransformerEmbedder:
    """Any sentence-transformers model by name or folder; its own prompts for questions and passages."""

    def __init__(self, name: str) -> None:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        local = Path(name).is_dir()
        if local:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import logging

        from sentence_transformers import SentenceTransformer

        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it tells of every retry
        try:
            try:  # what is on this machine is not looked up elsewhere
                self._model: Any = SentenceTransformer(name, device="cpu", local_files_only=True)
            except Exception:
                if local or os.environ.get("HF_HUB_OFFLINE"):
                    raise
                self._model = SentenceTransformer(name, device="cpu")
        except (
            Exception
        ) as error:  # whatever the hub, the file system or the model's own code raises
            first = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error)
            raise UsageError(
                f"the embedder {name!r} cannot be loaded: {first}",
                "use the built-in one (--embedder minilm), a folder, or a model of the hub",
            ) from error
        self.max_tokens = int(self._model.max_seq_length or 256) - 2
        self.identity = f"{name}/{self._weights()}/{self.max_tokens + 2}"

    def _weights(self) -> str:
        """A short hash of the weights, so that a changed model is a different embedder."""
        import hashlib

        digest = hashlib.sha256()
        for key, tensor in sorted(self._model.state_dict().items()):
            digest.update(key.encode())
            digest.update(tensor.detach().float().numpy().tobytes()[:4096])
        return digest.hexdigest()[:8]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encoded = self._model.tokenizer(list(texts), add_special_tokens=False, truncation=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def embed(
        self,
        texts: Sequence[str],
        *,
        query: bool = False,
        done: Callable[[int], None] | None = None,
    ) -> Vectors:
        encode = self._model.encode_query if query else self._model.encode_document
        rows = []
        for i in range(0, len(texts), 32):
            chunk = list(texts[i : i + 32])
            rows.append(
                encode(chunk, batch_size=8, normalize_embeddings=True, show_progress_bar=False)
            )
            if done:
                done(len(chunk))
        return np.concatenate(rows).astype(np.float32)
