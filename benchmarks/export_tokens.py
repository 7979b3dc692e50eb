"""Write the first layers of the built-in embedder as `qa/tokens.onnx`: the vector of each token of a text.

    python -m benchmarks.export_tokens qa/tokens.onnx

Nothing is trained: the weights are those of all-MiniLM-L6-v2 as they are installed, in int8.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from pathlib import Path

import torch
from transformers import AutoModel

from benchmarks.export_reader import quantise
from index.export import model_folder
from index.networks import fuse

LAYERS = 4
"""Of six. The last ones turn tokens towards the mean that they are trained for (docs/retrieval.md)."""


class Tokens(torch.nn.Module):
    """Token ids of one text, of shape (1, n), to unit vectors of shape (n, 384)."""

    def __init__(self, layers: int = LAYERS) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            str(model_folder()), local_files_only=True, attn_implementation="eager"
        )
        self.encoder.encoder.layer = self.encoder.encoder.layer[:layers]
        self.encoder.pooler = None

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the vectors."""
        states = self.encoder(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            token_type_ids=torch.zeros_like(ids),
        ).last_hidden_state[0]
        return torch.nn.functional.normalize(states, dim=1)


def main() -> None:
    """Export to the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    target = parser.parse_args().target
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw, fused = str(Path(scratch, "raw.onnx")), str(Path(scratch, "fused.onnx"))
        torch.onnx.export(
            Tokens().eval(),
            (torch.randint(1000, 2000, (1, 9)),),
            raw,
            input_names=["ids"],
            output_names=["vectors"],
            dynamic_axes={"ids": {1: "tokens"}, "vectors": {0: "tokens"}},
            opset_version=17,
            dynamo=False,
        )
        fuse(raw, fused)
        quantise(fused, target, compute=True)
    print(f"wrote {target}, {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
