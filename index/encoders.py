"""What computes the built-in embedder's vectors: onnxruntime, OpenVINO, or torch in bfloat16.

All three give the vectors of one identity (cosine ≥ .9999 to the official float32 ones), so they may be
mixed in one index. int8 would not, and is not offered.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Vectors
from index.networks import open_session

Encode = Callable[[Sequence[Sequence[int]]], Vectors]
"""Token ids of one batch to unit vectors of shape (n, 384)."""


@cache
def has_bf16() -> bool:
    """Whether this processor multiplies bfloat16; only Linux is asked."""
    try:
        flags = Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def quickest() -> str:
    """Return the name of the quickest encoder of this machine for many texts."""
    if importlib.util.find_spec("openvino"):
        return "openvino"
    return "bf16" if has_bf16() else "onnx"


def encoder(name: str, graph: Path) -> Encode:
    """Return the encoder of that name, each on one thread; `graph` is the exported model."""
    if name == "openvino":
        return _openvino(graph)
    if name == "bf16":
        from index.bf16 import BrainFloat
        from index.export import model_folder

        return BrainFloat(model_folder()).encode
    return _onnx(graph)


def _onnx(graph: Path) -> Encode:
    session = open_session(str(graph), level="DISABLE")  # it was optimised when it was exported

    def encode(ids: Sequence[Sequence[int]]) -> Vectors:
        vectors: Vectors = session.run(None, _feed(ids))[0]
        return vectors

    return encode


def _openvino(graph: Path) -> Encode:
    import openvino

    core = openvino.Core()
    options: dict[str, Any] = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
    options["INFERENCE_PRECISION_HINT"] = "bf16" if has_bf16() else "f32"
    request = core.compile_model(core.read_model(str(graph)), "CPU", options).create_infer_request()

    def encode(ids: Sequence[Sequence[int]]) -> Vectors:
        vectors: Vectors = np.array(request.infer(_feed(ids))[0])
        return vectors

    return encode


def _feed(ids: Sequence[Sequence[int]]) -> dict[str, Any]:
    """The graph's inputs: token ids and the mask, padded to the longest."""
    tokens = np.zeros((len(ids), max(map(len, ids))), dtype=np.int64)
    mask = np.zeros_like(tokens)
    for i, row in enumerate(ids):
        tokens[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return {"input_ids": tokens, "attention_mask": mask}
