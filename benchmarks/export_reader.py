"""Write a checkpoint of the reader as ONNX.

python -m benchmarks.export_reader CHECKPOINT qa/reader.onnx [--weights int8]
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.reader_network import Network
from index.networks import fuse

log = logging.getLogger("export_reader")


def export(checkpoint: dict[str, Any], target: Path, weights: str) -> None:
    """Write the graph with fused kernels, its weights as `WEIGHTS` says."""
    network = Network(checkpoint["layers"]).eval()
    network.load_state_dict(checkpoint["state"])
    ids = torch.randint(1000, 2000, (2, 9))
    types = torch.zeros_like(ids)
    types[:, 4:] = 1
    numbers = types * torch.tensor([0, 0, 0, 0, 1, 1, 2, 2, 0])
    free = {0: "batch", 1: "tokens"}
    names = ["input_ids", "attention_mask", "token_type_ids", "sentences"]
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw, fused = str(Path(scratch, "raw.onnx")), str(Path(scratch, "fused.onnx"))
        torch.onnx.export(
            network,
            (ids, torch.ones_like(ids), types, numbers),
            raw,
            input_names=names,
            output_names=["answer", "start", "end"],
            dynamic_axes={
                **dict.fromkeys([*names, "start", "end"], free),
                "answer": {0: "batch"},
            },
            opset_version=17,
            dynamo=False,
        )
        fuse(raw, fused if weights != "fp32" else str(target))
        if weights != "fp32":
            quantise(fused, target, compute=weights == "int8")
    log.info("wrote %s, %.1f MB", target, target.stat().st_size / 1e6)


WEIGHTS = {
    "int8": "stored as int8, multiplied as int8: the fastest",
    "stored": "stored as int8, multiplied as fp32: hardly differs from fp32",
    "fp32": "stored as they were trained: four times as large",
}


def quantise(fused: str, target: Path, *, compute: bool) -> None:
    """Write the graph with int8 weights, and with int8 products if `compute`."""
    import onnx
    from onnx import helper, numpy_helper
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        fused,
        str(target),
        op_types_to_quantize=["Gather", "MatMul"] if compute else ["Gather"],
        per_channel=True,
        # Seven bits: on processors without VNNI eight of them overflow in the product.
        reduce_range=compute,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    if compute:
        return
    model = onnx.load(str(target))
    graph = model.graph
    known = {i.name: i for i in graph.initializer}
    for node in list(graph.node):
        if node.op_type != "MatMul" or node.input[1] not in known:
            continue
        name = node.input[1]
        weight = numpy_helper.to_array(known[name])
        scale = np.maximum(np.abs(weight).max(0, keepdims=True) / 127, 1e-12)
        graph.initializer.append(
            numpy_helper.from_array(np.round(weight / scale).astype(np.int8), f"{name}_int8")
        )
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"))
        graph.initializer.remove(known.pop(name))
        # Constants both: onnxruntime multiplies them once, when it loads the graph.
        float_type = onnx.TensorProto.FLOAT
        graph.node.insert(0, helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [name]))
        graph.node.insert(
            0, helper.make_node("Cast", [f"{name}_int8"], [f"{name}_float"], to=float_type)
        )
    onnx.save(model, str(target))


def main() -> None:
    """Export as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--weights", choices=WEIGHTS, default="int8", help=str(WEIGHTS))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    export(torch.load(options.checkpoint, weights_only=True), options.target, options.weights)


if __name__ == "__main__":
    main()
