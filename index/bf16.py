"""MiniLM in bfloat16: the matrix products at half the bytes, all that is summed in float32.

The same weights and the same layers as the onnxruntime graph, written out once for processors whose
instructions multiply bfloat16 (AVX512-BF16, AMX); elsewhere it would be slower. It knows this one model
and is used for many texts at a time: importing torch alone takes longer than embedding twenty of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.embed import Vectors

HEADS, LAYERS, EPSILON = 12, 6, 1e-12
ROWS = 800
"""Tokens of a usual batch, for which the weights are laid out; any other number works too."""


class BrainFloat:
    """`encode(ids)` returns unit vectors of shape (n, 384) for token ids that all end in [SEP]."""

    def __init__(self, model: Path) -> None:
        import torch
        from safetensors.torch import load_file

        torch.set_num_threads(1)
        self._torch: Any = torch
        weights = load_file(str(model / "model.safetensors"))

        def linear(*names: str) -> tuple[Any, Any]:
            pair = [
                torch.cat([weights[f"{n}.{kind}"] for n in names]) for kind in ("weight", "bias")
            ]
            return self._laid_out(pair[0].bfloat16()), pair[1].bfloat16()

        def norm(name: str) -> tuple[Any, Any]:
            return weights[f"{name}.LayerNorm.weight"], weights[f"{name}.LayerNorm.bias"]

        self._words = weights["embeddings.word_embeddings.weight"]
        # Every text is the first segment, so its vector is one with that of the place.
        self._places = (
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._first = norm("embeddings")
        self._layers = []
        for i in range(LAYERS):
            layer = f"encoder.layer.{i}"
            heads = [f"{layer}.attention.self.{n}" for n in ("query", "key", "value")]
            self._layers.append(
                (
                    linear(*heads),
                    linear(f"{layer}.attention.output.dense"),
                    norm(f"{layer}.attention.output"),
                    linear(f"{layer}.intermediate.dense"),
                    linear(f"{layer}.output.dense"),
                    norm(f"{layer}.output"),
                )
            )

    def _laid_out(self, weight: Any) -> Any:
        """The weight in the order in which oneDNN multiplies it, where this torch offers that; else as it is."""
        torch = self._torch
        try:
            laid_out = torch.ops.mkldnn._reorder_linear_weight(weight, ROWS)
            torch.ops.mkldnn._linear_pointwise(
                torch.zeros((1, weight.shape[1]), dtype=weight.dtype),
                laid_out,
                None,
                "none",
                [],
                "",
            )
        except (AttributeError, RuntimeError, TypeError):  # not a part of torch that is promised
            return weight
        return laid_out

    def _product(self, states: Any, layer: tuple[Any, Any], bend: str = "none") -> Any:
        """`states` times a layer's weight, with its bias, and GELU where `bend` says so."""
        weight, bias = layer
        if weight.is_mkldnn:
            return self._torch.ops.mkldnn._linear_pointwise(states, weight, bias, bend, [], "none")
        f = self._torch.nn.functional
        made = f.linear(states, weight, bias)
        return f.gelu(made) if bend == "gelu" else made

    def encode(self, ids: Sequence[Sequence[int]]) -> Vectors:
        """Return the vectors of one batch; texts of about equal length waste least."""
        torch = self._torch
        with torch.inference_mode():
            states, lengths = self._states(ids)
            if len(set(lengths)) == 1:
                mean = states.mean(1)
            else:  # the padding is no part of a text
                mean = torch.stack([s[:n].mean(0) for s, n in zip(states, lengths, strict=True)])
            vectors: Vectors = torch.nn.functional.normalize(mean, dim=1).numpy()
            return vectors

    def _states(self, ids: Sequence[Sequence[int]]) -> tuple[Any, list[int]]:
        """The last layer's vectors of shape (n, longest, 384), and how many of each are real."""
        torch, f = self._torch, self._torch.nn.functional
        lengths = [len(row) for row in ids]
        longest, mask = max(lengths), None
        tokens = torch.zeros((len(ids), longest), dtype=torch.long)
        for i, row in enumerate(ids):
            tokens[i, : len(row)] = torch.tensor(row)
        if min(lengths) < longest:
            mask = torch.zeros((len(ids), 1, 1, longest), dtype=torch.bfloat16)
            for i, n in enumerate(lengths):
                mask[i, :, :, n:] = float("-inf")
        size = self._words.shape[1]
        states = f.layer_norm(
            self._words[tokens] + self._places[:longest], (size,), *self._first, eps=EPSILON
        )
        for heads, joined, after, wide, narrow, last in self._layers:
            shape = (len(ids), longest, 3, HEADS, size // HEADS)
            q, k, v = self._product(states.bfloat16(), heads).view(shape).permute(2, 0, 3, 1, 4)
            seen = f.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            seen = self._product(seen.transpose(1, 2).reshape(len(ids), longest, size), joined)
            # What runs through all layers stays in float32: rounding it each time costs accuracy.
            states = f.layer_norm(states + seen, (size,), *after, eps=EPSILON)
            inner = self._product(states.bfloat16(), wide, "gelu")
            states = f.layer_norm(
                states + self._product(inner, narrow), (size,), *last, eps=EPSILON
            )
        return states, lengths
