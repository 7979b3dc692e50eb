"""Embedders behind an address: a server of one's own (`ollama/…`) or a provider (`openai/…`), through litellm.

Texts go in batches, again where a fault may pass; only the announced host is written to. Its identity is the
model, the prefixes that the settings give it and its number of dimensions: what a provider changes under the same
name it does not see.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from index.embed import Vectors
from index.errors import IndexMissing, UsageError
from index.networks import open_tokenizer
from qa import library, prices
from qa.config import Settings
from qa.destinations import SERVERS, destination, full_name
from qa.faults import explain, is_passing, missing_key, unreachable
from qa.wire import Exchange, bound

BATCH, MOST_BYTES = 64, 64 << 20
RETRIES, LONGEST_WAIT_S, PATIENCE_S = 4, 30.0, 120.0
MAX_TOKENS = 254
"""Passages are cut as for the built-in embedder: what such models can read is longer and often unknown."""


class HostedEmbedder:
    """A model that turns texts into vectors somewhere else; unit length is made here."""

    def __init__(self, settings: Settings, found: str | None = None) -> None:
        self.model = full_name(settings.embedder, settings)
        self.where = destination(settings.embedder, settings)
        self.max_tokens = MAX_TOKENS
        self._name, self._most = settings.embedder, settings.max_cost
        options = settings.options(settings.embedder)
        self._prefixes = (options.passage_prefix, options.query_prefix)
        if settings.offline and not self.where.local:
            raise UsageError(
                f"--offline: the embedder {self.model} is at {self.where.host}",
                "use the built-in one: --embedder minilm",
            )
        if self.where.key and not self.where.local and not os.environ.get(self.where.key):
            raise missing_key(self.where.key)
        last = found.rpartition("/")[2] if found else ""
        self._dimensions = int(last) if last.isdigit() else 0

    @property
    def identity(self) -> str:
        if not self._dimensions:
            self._within(self.cost(1), 1, ", price unknown")
            if not self.where.local:
                print(f"qa: asking {self.where.host} how long its vectors are", file=sys.stderr)
            self._dimensions = len(self._call(["dimensions"])[0])
        hosted = "hosted"
        if any(self._prefixes):
            hosted += "-" + hashlib.sha256(json.dumps(self._prefixes).encode()).hexdigest()[:8]
        return f"{self._name}/{hosted}/{self._dimensions}"

    @cached_property
    def _tokenizer(self) -> Any:
        from index.export import model_folder

        return open_tokenizer(model_folder() / "tokenizer.json")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(e.ids) for e in encoded]

    def cost(self, tokens: int) -> float | None:
        """Return about how many dollars so many tokens cost, None where the price is not known."""
        price = prices.prices(self.model, self.where)
        if price is None:
            read = prices.entry(self.model).get("input_cost_per_token")
            price = (float(read), 0.0) if read is not None and not self.where.local else None
        return None if price is None else tokens * price[0]

    def announce(self, texts: int, tokens: int, tell: Callable[[str], None]) -> None:
        """Say what goes where before it goes. Raises `UsageError` when it may cost more than allowed."""
        cost = self.cost(tokens)
        price = "" if self.where.local and not cost else ", price unknown"
        if cost:
            price = f", about ${cost:.4f}" if cost < 1 else f", about ${cost:,.2f}"
        self._within(cost, texts, price)
        tell(f"sending {texts:,} passages ({tokens:,} tokens) to {self.where.host}{price}")

    def _within(self, cost: float | None, texts: int, price: str) -> None:
        """Raise `UsageError` when so many texts may cost more than is allowed."""
        if self._most is not None and not self.where.local and (cost is None or cost > self._most):
            raise UsageError(
                f"embedding {texts:,} passages with {self.model} may cost more than "
                f"${self._most:g}{price}",
                "raise --max-cost, or use the built-in embedder: --embedder minilm",
            )

    def embed(
        self,
        texts: Sequence[str],
        *,
        query: bool = False,
        done: Callable[[int], None] | None = None,
    ) -> Vectors:
        rows: list[Vectors] = []
        prefix = self._prefixes[query]
        for i in range(0, len(texts), BATCH):
            rows.append(self._call([prefix + text for text in texts[i : i + BATCH]]))
            if done:
                done(len(rows[-1]))
        vectors = np.concatenate(rows)
        if self._dimensions and vectors.shape[1] != self._dimensions:
            raise IndexMissing(
                f"{self.model} gives {vectors.shape[1]} dimensions now, the index has {self._dimensions}",
                "qa index --rebuild PATH…",
            )
        self._dimensions = vectors.shape[1]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(lengths, 1e-12)
        return unit

    def _call(self, texts: Sequence[str]) -> Vectors:
        """One request, and again while the fault may pass. Raises `Unreachable`."""
        for attempt in range(RETRIES + 1):
            exchange = Exchange(self.where.hostname, MOST_BYTES)
            try:
                return self._request(exchange, texts)
            except Exception as error:  # whatever litellm makes of it is explained to people
                wait = min(0.5 * 2**attempt, LONGEST_WAIT_S)
                asked = exchange.headers.get("retry-after", "")
                if asked.isdigit():
                    wait = float(asked)
                if (
                    attempt == RETRIES
                    or wait > LONGEST_WAIT_S
                    or not is_passing(error, exchange, self.where)
                ):
                    raise explain(error, exchange, self.where, self.model) from None
                time.sleep(wait)
        raise AssertionError

    def _request(self, exchange: Exchange, texts: Sequence[str]) -> Vectors:
        litellm = library.load()
        provider, _, model = self.model.partition("/")
        base, more = self.where.base, dict[str, Any]()
        if provider in SERVERS:
            # All of them speak OpenAI's form too, whose route uses our guarded client.
            if provider.startswith("ollama") and base:
                base = base.removesuffix("/v1") + "/v1"
            provider = "openai"
        elif provider != "openai":
            more["client"] = library.handler()
        if base:
            more["api_base"] = base
        if self.where.local and not (self.where.key and os.environ.get(self.where.key)):
            more["api_key"] = "none"
        with bound(exchange):
            answer = litellm.embedding(
                model=f"{provider}/{model}",
                input=list(texts),
                encoding_format="float",
                timeout=PATIENCE_S,
                max_retries=0,
                num_retries=0,
                **more,
            )
        rows = sorted(answer.data, key=lambda row: int(row["index"]))
        vectors = np.asarray([row["embedding"] for row in rows], dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise unreachable(
                f"{self.where.host} gave no usable vectors for {len(texts)} texts",
                "is it a model that embeds? qa models",
            )
        return vectors
