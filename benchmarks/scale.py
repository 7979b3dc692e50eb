"""What an index costs against its size: time, memory, disk, the switch after one change, a search.

    make bench-scale [SIZES="1000 10000"] [OUT=docs/scale]

Articles are made up (words by Zipf's law, ten passages each) and so are the vectors (clustered, 384
numbers), so that everything but the embedding is what it is with real ones; what the embedding would add is
taken from `make bench-index`. Each size runs in a process of its own. Times are CPU-seconds of all its
processes, which other work on the machine changes little; figures go to OUT.json, the plot to OUT.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.build import build
from index.catalogue import Catalogue
from index.corpus import Corpus
from index.embed import Vectors
from index.types import Scope

PASSAGES = 10
"""Passages of an article."""


class Drawn:
    """An embedder that draws a vector, the same for the same text: a point near one of a thousand centres.

    The points lie in 32 dimensions, with some noise in all 384: as with real vectors, a neighbour's neighbours
    are near. Without that no graph finds anything.
    """

    identity, max_tokens = "drawn/1", 140

    def __init__(self) -> None:
        draw = np.random.default_rng(1)
        self._centres = draw.standard_normal((1000, 32)).astype(np.float32)
        self._spread = draw.standard_normal((32, 384)).astype(np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [t.count(" ") + 1 for t in texts]

    def embed(
        self,
        texts: Sequence[str],
        *,
        query: bool = False,
        done: Callable[[int], None] | None = None,
    ) -> Vectors:
        rows = np.empty((len(texts), 384), dtype=np.float32)
        for i, text in enumerate(texts):
            draw = np.random.default_rng(abs(hash(text.strip())))
            point = self._centres[int(draw.integers(1000))] + 0.7 * draw.standard_normal(32)
            rows[i] = point @ self._spread + draw.standard_normal(384)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows


def main() -> None:
    """Measure the sizes, one after the other, and draw the plot."""
    options = argparse.ArgumentParser(prog="make bench-scale")
    options.add_argument("sizes", nargs="*", type=int, default=[1000, 10_000])
    options.add_argument("--out", type=Path, default=Path("docs/scale"))
    options.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(_measure(given.one)))
        return
    for size in given.sizes:
        child = subprocess.run(
            [sys.executable, "-m", "benchmarks.scale", "--one", str(size)],
            stdout=subprocess.PIPE,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"},
        )
        found = json.loads(child.stdout)
        _keep(given.out.with_suffix(".json"), found)
        print("  ".join(f"{k} {v:,}" for k, v in found.items()), flush=True)
    draw(given.out)


def _measure(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        store, articles = Path(folder, ".qa"), Path(folder, "articles")
        _write(articles, size // PASSAGES)
        spent: dict[str, float] = {}
        phase, since = "reading", _cpu()

        def progress(name: str, done: int, total: int) -> None:
            nonlocal phase, since
            now = _cpu()
            spent[phase] = spent.get(phase, 0.0) + now - since
            phase, since = name, now

        embedder = Drawn()
        report = build(store, [articles], embedder, progress=progress)
        progress("the end", 0, 0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        again = _timed(lambda: build(store, [articles], embedder))
        changed = articles / "0.txt"
        changed.write_text("A new beginning. " + changed.read_text())
        one = _timed(lambda: build(store, [articles], embedder))
        disk = sum(f.stat().st_size for f in store.rglob("*") if f.is_file()) / 1e6
        return {
            "passages": report.passages,
            "reading": round(spent["reading"] + spent.get("comparing", 0.0), 2),
            "storing": round(spent["storing"], 2),
            "unchanged": round(again, 2),
            "one_changed": round(one, 2),
            "peak_mb": round(max(peak, children)),
            "disk_mb": round(disk),
            **_searches(store, embedder),
        }


def _searches(store: Path, embedder: Drawn) -> dict[str, float]:
    """CPU milliseconds of a warm search (median and 95th percentile), and recall@10 of the graph."""
    corpus = Corpus(store, lambda: embedder)
    catalogue = Catalogue.open_to_read(store)
    rows = [r[0] for r in catalogue.db.execute("SELECT id FROM passages ORDER BY id")]
    some = random.Random(3).sample(rows, min(200, len(rows)))
    texts = [p.text for p in corpus.passages(some)]
    questions = [" ".join(t.split()[:8]) for t in texts]
    corpus.search(questions[0], 10)
    times, filtered = [], []
    scope = Scope(since="2024-03-01", until="2024-09-30")
    for question in questions:
        times.append(1000 * _timed(lambda q=question: corpus.search(q, 10)))  # type: ignore[misc]
        filtered.append(1000 * _timed(lambda q=question: corpus.search(q, 10, scope)))  # type: ignore[misc]
    matrix = np.stack([v for v in catalogue.vectors(rows).values()])
    order = np.array(list(catalogue.vectors(rows)))
    asked = embedder.embed(questions, query=True)
    found = 0
    for vector in asked:
        exact = set(order[np.argpartition(-(matrix @ vector), 10)[:10]].tolist())
        with corpus.snapshot():
            near = corpus._follow().dense.search(vector, 10)
        found += len(exact & {row for row, _ in near})
    return {
        "search_ms": round(float(np.median(times)), 1),
        "search_p95_ms": round(float(np.percentile(times, 95)), 1),
        "filtered_ms": round(float(np.median(filtered)), 1),
        "recall_at_10": round(found / (10 * len(asked)), 4),
    }


def _write(folder: Path, articles: int) -> None:
    """Articles of about ten passages, of a thousand words drawn by Zipf's law."""
    folder.mkdir()
    draw = np.random.default_rng(5)
    for n in range(articles):
        words = np.minimum(draw.zipf(1.3, PASSAGES * 120), 80_000)
        lines = [f"date 2024-{n % 12 + 1:02}-{n % 28 + 1:02}"]
        for i in range(0, len(words), 12):
            line = " ".join(f"w{w}" for w in words[i : i + 12])
            lines.append(f"The {line}.\n")
        (folder / f"{n}.txt").write_text("\n".join(lines))


def _timed(work: Callable[[], Any]) -> float:
    started = _cpu()
    work()
    return _cpu() - started


def _cpu() -> float:
    own, children = (
        resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _keep(file: Path, found: dict[str, float]) -> None:
    """Put a size's figures among those that were measured before."""
    known = json.loads(file.read_text()) if file.is_file() else []
    rest = [f for f in known if f["passages"] != found["passages"]]
    rows = sorted([*rest, found], key=lambda f: f["passages"])
    file.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


def draw(out: Path) -> None:
    """Draw OUT.svg from the figures of OUT.json."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "qa"
    from matplotlib import pyplot

    rows = json.loads(out.with_suffix(".json").read_text())
    sizes = [r["passages"] for r in rows]
    panels = {
        "CPU-seconds": ("reading", "storing", "one_changed", "unchanged"),
        "megabytes": ("peak_mb", "disk_mb"),
        "CPU-milliseconds a search": ("search_ms", "search_p95_ms", "filtered_ms"),
    }
    figure, axes = pyplot.subplots(1, 3, figsize=(12, 3.6))
    for axis, (unit, names) in zip(axes, panels.items(), strict=True):
        for name in names:
            axis.plot(sizes, [r[name] for r in rows], marker="o", label=name.replace("_", " "))
        axis.set(xlabel="passages", title=unit, xscale="log")
        if "search" not in unit:
            axis.set_yscale("log")
        axis.legend(fontsize=8)
        axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(out.with_suffix(".svg"), metadata={"Date": None})
    print(f"drawn: {out.with_suffix('.svg')}", time.strftime("%H:%M:%S"))


if __name__ == "__main__":
    main()
