"""Write a checkpoint of the reranker as ONNX, or label pairs with the base that it learns from.

python -m benchmarks.export_reranker reranker.pt qa/reranker.onnx
python -m benchmarks.export_reranker pairs.json labels.json
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch

from benchmarks.export_reader import quantise
from benchmarks.reranker_network import ALL, Network, opened, start
from index.networks import fuse, open_session

log = logging.getLogger("export_reranker")


def export(network: Network, target: Path) -> None:
    """Write the network for one pair a run, with fused kernels and int8 weights."""
    ids = torch.randint(1000, 2000, (1, 9))
    names = ["ids", "types"]
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw, fused = str(Path(scratch, "raw.onnx")), str(Path(scratch, "fused.onnx"))
        torch.onnx.export(
            network.eval(),
            (ids, torch.zeros_like(ids)),
            raw,
            input_names=names,
            output_names=["score"],
            dynamic_axes={name: {1: "tokens"} for name in names},
            opset_version=17,
            dynamo=False,
        )
        fuse(raw, fused)
        quantise(fused, target, compute=True)
    log.info("wrote %s, %.1f MB", target, target.stat().st_size / 1e6)


def label(pairs: Path, target: Path) -> None:
    """Write the base's logits of the pairs of `benchmarks.reranker_data`, in their shape."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch, "base.onnx")
        export(start(ALL), base)
        session = open_session(str(base))
    labels = []
    for group in json.loads(pairs.read_text(encoding="utf-8")):
        logits = []
        for asked, *ids in group:
            types = [0] * asked + [1] * (len(ids) - asked)
            feed = {"ids": np.array([ids]), "types": np.array([types])}
            logits.append(float(session.run(["score"], feed)[0][0]))
        labels.append(logits)
    target.write_text(json.dumps(labels), encoding="utf-8")


def main() -> None:
    """Export or label, by what is given."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path, help="a checkpoint, or pairs.json")
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    if options.source.suffix == ".json":
        label(options.source, options.target)
        return
    export(opened(options.source), options.target)


if __name__ == "__main__":
    main()
