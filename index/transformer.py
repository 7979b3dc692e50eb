"""Any sentence-transformers model by name or folder, with its own prompts for questions and passages."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Vectors
from index.pretrained import load


class SentenceTransformerEmbedder:
    """A model on this machine; it is looked up at the hub only when it is not here."""

    def __init__(self, name: str) -> None:
        if Path(name).is_dir():
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        self._model: Any = load(
            "SentenceTransformer",
            name,
            "embedder",
            "use the built-in one (--embedder minilm), a folder, or a model of the hub",
        )
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
