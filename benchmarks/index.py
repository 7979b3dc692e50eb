"""How near `qa index` is to the limit of the processor, and what the parts of a first build take.

    make bench-index [DATA=articles.jsonl.gz] [PASSAGES=96]
    make bench-index WORKERS=1

Everything is in CPU-seconds of one thread, so that other work on the machine changes the figures little;
the ways are measured in turn, five rounds, and the median of each is printed. With WORKERS two worker processes are
compared with one instead, in seconds of the clock: two minutes, which mean something on an idle machine alone.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from index import staging
from index.build import build
from index.catalogue import Catalogue
from index.embed import Embedder, Vectors, open_embedder
from index.encoders import has_bf16, quickest
from index.export import model_folder
from index.minilm import MiniLM
from index.staging import embedded_text
from index.workers import embedded

ROUNDS = 5
LAYERS, SIZE, INNER = 6, 384, 1536


def main() -> None:
    """Print the parts of a first build, then the embedding beside the naive loop and the limit."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch reads it when it is imported
    options = argparse.ArgumentParser(prog="make bench-index")
    options.add_argument("data", nargs="?", type=Path)
    options.add_argument("--passages", type=int, default=96)
    options.add_argument("--workers", action="store_true", help="compare one process with two")
    given = options.parse_args()
    articles = given.data or Path(str(files("eval") / "sample" / "articles"))
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, ".qa")
        _parts(store, articles)
        texts = _texts(store, given.passages)
    if given.workers:
        _processes(texts)
    else:
        _embedding(texts)


def _parts(store: Path, articles: Path) -> None:
    """Build, and print the CPU time of each part, that of child processes included."""
    spent: dict[str, float] = defaultdict(float)
    phase, since = "reading", _cpu()
    inside: dict[str, float] = defaultdict(float)

    def progress(name: str, done: int, total: int) -> None:
        nonlocal phase, since
        now = _cpu()
        spent[phase] += now - since
        phase, since = name, now

    cut = staging.passages

    def timed(*arguments: Any) -> Any:
        started = time.process_time()
        try:
            return cut(*arguments)
        finally:
            inside["splitting"] += time.process_time() - started

    embedder = open_embedder("minilm")
    staging.passages = timed  # type: ignore[assignment]
    try:
        since = _cpu()
        report = build(store, [articles], embedder, progress=progress)
    finally:
        staging.passages = cut
    progress("the end", 0, 0)
    spent["reading"] -= inside["splitting"]
    spent |= inside
    whole = sum(spent.values())
    print(
        f"{report.articles:,} articles, {report.passages:,} passages: {whole:.1f} CPU-s, of which"
    )
    for name, seconds in sorted(spent.items(), key=lambda x: -x[1]):
        print(f"  {name:<10} {seconds:7.1f} CPU-s  {100 * seconds / whole:5.1f} %")
    rest = whole - spent["embedding"]
    print(f"  all but embedding       {100 * rest / whole:5.1f} %")


def _cpu() -> float:
    own, children = (
        resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _texts(store: Path, count: int) -> list[str]:
    """Some of the embedded texts, in no order, the same ones every time."""
    catalogue = Catalogue.open_to_read(store)
    rows = [r[0] for r in catalogue.db.execute("SELECT id FROM passages ORDER BY id")]
    random.Random(7).shuffle(rows)
    found = catalogue.passages(rows[:count], catalogue.live)
    catalogue.close()
    return [embedded_text(p.source.title, p.text) for p in found.values()]


def _embedding(texts: Sequence[str]) -> None:
    """Print the ways beside each other: passages a CPU-second, times naive, share of the limit."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    naive = SentenceTransformer(str(model_folder()), device="cpu", local_files_only=True)
    naive.max_seq_length = 256
    ways: dict[str, Callable[[], Vectors]] = {
        "sentence-transformers": lambda: naive.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False
        )
    }
    for way in dict.fromkeys(["onnx", *(["bf16"] if has_bf16() else []), quickest()]):
        model = MiniLM.installed(way=way, threads=1)
        ways[way] = lambda model=model: model.embed(texts)  # type: ignore[misc]
    limits = {"float32": torch.float32} | ({"bfloat16": torch.bfloat16} if has_bf16() else {})
    seconds: dict[str, list[float]] = defaultdict(list)
    vectors = {name: way() for name, way in ways.items()}  # warms up
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.process_time()
            way()
            seconds[name].append(time.process_time() - started)
        for name, kind in limits.items():
            seconds[name].append(_product(torch, kind))
    work = sum(map(_operations, MiniLM.installed().count_tokens(texts)))
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    print(
        f"\n{len(texts)} passages of {work / len(texts) / 1e9:.1f} GFLOP, CPU-seconds, medians of {ROUNDS}"
    )
    for name in limits:
        print(f"  the processor multiplies {name} at {1 / middle[name]:.0f} GFLOP/s on one thread")
    exact = vectors["sentence-transformers"]
    for name in ways:
        kind = "bfloat16" if name in ("bf16", "openvino") and has_bf16() else "float32"
        share = work / 1e9 / middle[name] * middle[kind]
        used = "  <- qa index" if name == quickest() else ""
        print(
            f"  {name:<22} {len(texts) / middle[name]:5.1f} passages/s  "
            f"{middle['sentence-transformers'] / middle[name]:.2f} x naive  "
            f"{100 * share:3.0f} % of the {kind} limit  "
            f"worst cosine {float(np.min(np.sum(vectors[name] * exact, axis=1))):.5f}{used}"
        )


def _product(torch: Any, kind: Any) -> float:
    """Seconds a GFLOP of the widest product of the model, with its weights laid out beforehand."""
    left = torch.randn(1024, SIZE).to(kind)
    right = torch.randn(INNER, SIZE).to(kind)
    times = []
    for _ in range(30):
        started = time.process_time()
        torch.nn.functional.linear(left, right)
        times.append(time.process_time() - started)
    return statistics.median(times) / (2 * 1024 * SIZE * INNER / 1e9)


def _operations(tokens: int) -> float:
    """Floating-point operations of one text in the matrix products of the model."""
    tokens = min(tokens + 2, 256)
    dense = SIZE * 3 * SIZE + SIZE * SIZE + 2 * SIZE * INNER
    return 2.0 * LAYERS * tokens * (dense + 2 * tokens * SIZE)


def _processes(texts: Sequence[str]) -> None:
    """Print what a second worker process adds, twice in turn; their start is not counted."""
    embedder = open_embedder("minilm")
    for _ in range(2):
        one, two = (_rate(embedder, texts[:16], count) for count in (1, 2))
        print(f"passages a second: one worker process {one:.1f}, two {two:.1f}: {two / one:.2f} x")


def _rate(embedder: Embedder, texts: Sequence[str], workers: int) -> float:
    """Passages a second by the clock, from when all workers run."""
    chunks = ((i, texts) for i in range(64))
    started, done = 0.0, 0
    for i, (_, vectors) in enumerate(embedded(embedder, chunks, 10_000, workers=workers)):
        if i == 2 * workers - 1:
            started = time.monotonic()
        elif started:
            done += len(vectors)
    return done / (time.monotonic() - started)


if __name__ == "__main__":
    main()
