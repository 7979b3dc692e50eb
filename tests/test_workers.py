"""Embedding in worker processes: the same vectors as in this one, and what happens when a worker dies."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import numpy as np
import pytest

from index import workers
from index.embed import open_embedder
from index.encoders import encoder, has_bf16
from index.errors import QaError
from index.export import builtin_graph
from index.workers import embedded

TEXTS = [
    f"Article {n} says that the harbour of town {n} was closed. " * (n % 9 + 1) for n in range(24)
]


def chunks() -> Iterator[tuple[int, list[str]]]:
    for i in range(0, len(TEXTS), 4):
        yield i, TEXTS[i : i + 4]


def collected(**options: object) -> np.ndarray:
    found = dict(embedded(open_embedder("minilm"), chunks(), len(TEXTS), **options))  # type: ignore[arg-type]
    return np.concatenate([found[i] for i in sorted(found)])


@pytest.mark.parametrize("way", ["onnx", "bf16", "openvino"])
def test_every_way_gives_the_vectors_of_one_identity(way: str) -> None:
    if way == "openvino":
        pytest.importorskip("openvino")
    if way == "bf16" and not has_bf16():
        pytest.skip("this processor computes no bfloat16")
    encode = encoder(way, builtin_graph()[0])
    exact = encoder("onnx", builtin_graph()[0])
    rows = [[101, *range(2000, 2000 + n), 102] for n in (1, 7, 60, 61, 200, 254)]
    alone = np.concatenate([encode([row]) for row in rows])
    assert np.min(np.sum(alone * np.concatenate([exact([row]) for row in rows]), axis=1)) >= 0.9999
    assert np.min(np.sum(alone * encode(rows), axis=1)) >= 0.9999, "whatever batch it is in"


def test_workers_give_what_this_process_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_ENCODER", "onnx")
    assert np.allclose(collected(workers=2), collected(workers=0), atol=1e-5)


def test_a_dead_worker_is_told_and_another_does_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_ENCODER", "onnx")
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen
    monkeypatch.setattr(
        workers.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1]
    )
    told: list[str] = []
    found: dict[int, np.ndarray] = {}
    for key, vectors in embedded(
        open_embedder("minilm"), chunks(), len(TEXTS), workers=2, warn=told.append
    ):
        found[key] = vectors
        if len(found) == 1:
            os.kill(started[0].pid, signal.SIGKILL)
    assert sum(map(len, found.values())) == len(TEXTS)
    assert len(told) <= 1
    assert all("worker died" in line for line in told)
    with pytest.raises(QaError, match=r"worker died .*; 0 are left"):
        for _ in embedded(open_embedder("minilm"), chunks(), len(TEXTS), workers=1):
            os.kill(started[-1].pid, signal.SIGKILL)
    assert all(p.poll() is not None for p in started), "none is left behind"


def test_ctrl_c_ends_the_workers_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_ENCODER", "onnx")
    faults: list[object] = []
    monkeypatch.setattr("threading.excepthook", faults.append)
    with pytest.raises(KeyboardInterrupt):
        for _ in embedded(open_embedder("minilm"), chunks(), len(TEXTS), workers=2):
            raise KeyboardInterrupt
    assert faults == []
