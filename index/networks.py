"""How networks run: sessions of onnxruntime on one thread each, beside each other; and the tokens that they read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def open_session(graph: str | bytes, *, level: str = "ALL", kept: str | None = None) -> Any:
    """Return a session of a graph (its path or its content), on one thread.

    `level` is one of onnxruntime's: EXTENDED rewrites the graph as suits every machine, ALL as suits this one, DISABLE
    not at all. What it becomes is written to `kept`.
    """
    # Read when it is loaded: 1.31 reports to its maker, on Linux too, from threads of its own.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.graph_optimization_level = {
        "DISABLE": levels.ORT_DISABLE_ALL,
        "EXTENDED": levels.ORT_ENABLE_EXTENDED,
        "ALL": levels.ORT_ENABLE_ALL,
    }[level]
    if kept:
        options.optimized_model_filepath = kept
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def fuse(raw: str, target: str) -> None:
    """Write the graph with what onnxruntime fuses on every machine."""
    open_session(raw, level="EXTENDED", kept=target)


@cache
def open_tokenizer(file: Path) -> Any:
    """Return the tokenizer of a `tokenizer.json`, which neither pads nor cuts. All who ask share it."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def spread(run: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Return what `run` makes of each item, in their order; a thread a core where there are several.

    That beats threads inside a session, and onnxruntime releases the interpreter's lock while it computes.
    """
    if len(items) < 2:
        return [run(item) for item in items]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(run, items))


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
