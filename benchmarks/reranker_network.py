"""The reranker's network: the base's layers, or some of them, with what one pair needs and no more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch.nn import functional

from benchmarks.reader_network import floats, read_base

SIZE, HEADS, WIDE, EPSILON = 384, 12, 1536, 1e-12
ALL = tuple(range(12))

LAYERS = (0, 1, 4, 6, 7, 8)
"""Layers that the reranker begins with: those without which the base's logits change least, left out one by one."""


class Layer(torch.nn.Module):
    """One layer of BERT, the three projections of its attention in one product."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = torch.nn.Linear(SIZE, 3 * SIZE)
        self.joined = torch.nn.Linear(SIZE, SIZE)
        self.after = torch.nn.LayerNorm(SIZE, EPSILON)
        self.wide = torch.nn.Linear(SIZE, WIDE)
        self.narrow = torch.nn.Linear(WIDE, SIZE)
        self.last = torch.nn.LayerNorm(SIZE, EPSILON)

    def forward(
        self, states: torch.Tensor, mask: torch.Tensor | None, *, first: bool
    ) -> torch.Tensor:
        """Return the new states, of the first token alone if so asked."""
        shape = (states.shape[0], -1, 3, HEADS, SIZE // HEADS)
        q, k, v = self.heads(states).view(shape).permute(2, 0, 3, 1, 4).unbind(0)
        if first:
            q, states = q[:, :, :1], states[:, :1]
        seen = q @ k.transpose(-1, -2)
        if mask is not None:
            seen = seen + mask
        seen = torch.softmax(seen, dim=-1) @ v
        states = self.after(states + self.joined(seen.transpose(1, 2).flatten(2)))
        made: torch.Tensor = self.last(states + self.narrow(functional.gelu(self.wide(states))))
        return made


class Network(torch.nn.Module):
    """A cross-encoder: how well a passage answers a question, as a logit."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.words = torch.nn.Embedding(30522, SIZE)
        self.places = torch.nn.Embedding(512, SIZE)
        self.types = torch.nn.Embedding(2, SIZE)
        self.first = torch.nn.LayerNorm(SIZE, EPSILON)
        self.layers = torch.nn.ModuleList(Layer() for _ in range(layers))
        self.pooler = torch.nn.Linear(SIZE, SIZE)
        self.relevance = torch.nn.Linear(SIZE, 1)

    def forward(
        self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return `[batch]` logits of `[batch, tokens]`; `mask` is added to the attention, if given."""
        places = self.places.weight[: ids.shape[1]]
        states = self.first(self.words(ids) + self.types(types) + places)
        for i, layer in enumerate(self.layers):
            states = layer(states, mask, first=i == len(self.layers) - 1)
        return self.relevance(torch.tanh(self.pooler(states[:, 0]))).flatten()


def start(layers: Sequence[int] = ALL) -> Network:
    """Return a network with those layers of the base."""
    base = read_base()
    state = {
        "pooler.weight": base["pooler.dense.weight"],
        "pooler.bias": base["pooler.dense.bias"],
        "relevance.weight": base["classifier.weight"],
        "relevance.bias": base["classifier.bias"],
    }
    for kind, name in (("word", "words"), ("position", "places"), ("token_type", "types")):
        state[f"{name}.weight"] = base[f"embeddings.{kind}_embeddings.weight"]
    parts = {
        "joined": "attention.output.dense", "after": "attention.output.LayerNorm",
        "wide": "intermediate.dense", "narrow": "output.dense", "last": "output.LayerNorm",
    }  # fmt: skip
    for part in ("weight", "bias"):
        state[f"first.{part}"] = base[f"embeddings.LayerNorm.{part}"]
        for i, number in enumerate(layers):
            old, new = f"encoder.layer.{number}", f"layers.{i}"
            q, k, v = (base[f"{old}.attention.self.{n}.{part}"] for n in ("query", "key", "value"))
            # The usual scale of the attention is in the question's projection.
            state[f"{new}.heads.{part}"] = torch.cat([q / (SIZE / HEADS) ** 0.5, k, v])
            for name, theirs in parts.items():
                state[f"{new}.{name}.{part}"] = base[f"{old}.{theirs}.{part}"]
    network = Network(len(layers))
    network.load_state_dict(state)
    return network


def opened(path: Path) -> Network:
    """Return the network of a checkpoint, or of an int8 graph of `export_reranker` (`.onnx`)."""
    if path.suffix == ".onnx":
        checkpoint = {"layers": LAYERS, "state": floats(path.read_bytes())}
    else:
        checkpoint = torch.load(path, weights_only=True)
    network = Network(len(checkpoint["layers"]))
    network.load_state_dict(checkpoint["state"])
    return network
