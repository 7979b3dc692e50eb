"""How long a warm search takes without reranking, on indexes of several sizes.

    make bench-latency                                        10,000 and 100,000 made-up passages
    make bench-latency SIZES=10000,1000000 LIKE=folder/.qa    made-up ones like those of an index (benchmarks.synthetic)
    make bench-latency STORES="a/.qa b/.qa" QUESTIONS=questions.jsonl

Each index is searched by a process of its own, one question after the other on one thread, after some that warm up.
The clock is what people wait for; on a busy machine the processor's time says more. Made-up indexes are kept in
`.bench/`. `recall@10` compares the graph's ten nearest with the exact ones. Figures go to OUT.json, the plot to
OUT.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.collections import KEPT
from benchmarks.synthetic import DRAWN, Drawn, Slow, make, maker
from index.corpus import Corpus
from index.embed import Embedder, open_embedder
from index.opened import Opened
from index.types import Scope

_ASKED = 200


def main() -> None:
    """Make what is to be made, and measure one index after the other."""
    parser = argparse.ArgumentParser(prog="make bench-latency")
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--like", type=Path, help="an index whose passages are recombined")
    parser.add_argument("--stores", type=Path, nargs="+")
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--out", type=Path, help="where figures are kept and drawn")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_measure(given.one, given.questions)))
        return
    stores = given.stores or []
    if not stores:
        made = maker(given.like)
        for size in map(int, given.sizes.split(",")):
            stores.append(KEPT / f"synthetic-{size}{'-like' if given.like else ''}" / ".qa")
            make(stores[-1], size, made)
    for store in stores:
        asked = ["--questions", str(given.questions)] if given.questions else []
        command = [sys.executable, "-m", "benchmarks.latency", "--one", str(store), *asked]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        child = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment)
        found = json.loads(child.stdout)
        _print(found)
        if given.out:
            _keep(given.out.with_suffix(".json"), found)
    if given.out:
        _draw(given.out)


def _measure(store: Path, questions: Path | None) -> dict[str, Any]:
    corpus = Corpus(store, lambda: open_embedder("minilm"))
    embedder: Embedder = open_embedder("minilm")
    if corpus.identity == DRAWN:
        embedder = Slow(Drawn(), embedder)
        corpus = Corpus(store, lambda: embedder)
    asked = _questions(questions)
    began, used = time.perf_counter(), time.process_time()
    corpus.find(asked[0], 8)
    opened_ms = [1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)]
    with corpus.snapshot():
        opened = corpus._follow()
    times = {}
    for name, scope in _scopes(opened).items():
        times[name] = {
            "passages": int(opened.mask(scope).sum()),
            **_times(lambda q, s=scope: corpus.find(q, 8, s), asked),  # type: ignore[misc]
        }
    memory = round(_megabytes())  # before the exact search, which reads every vector
    return {
        "passages": len(opened.rows),
        "first_ms": [round(x) for x in opened_ms],
        "times": times,
        "recall_at_10": _recall(opened, embedder, asked),
        "peak_mb": memory,
        "disk_mb": round(sum(f.stat().st_size for f in store.rglob("*") if f.is_file()) / 1e6),
    }


def _questions(file: Path | None) -> list[str]:
    if file is None:
        made, random = Drawn(), np.random.default_rng(23)
        return [" ".join(made.words(random, 9)) + "?" for _ in range(_ASKED)]
    from eval.cases import load_cases

    return [case.question for case in load_cases(file)][:_ASKED]


def _scopes(opened: Opened) -> dict[str, Scope]:
    """No filter; about a tenth and half of the passages by date; one outlet."""
    days = np.sort(opened.days[opened.days > 0])
    low, middle, high = (_iso(int(days[int(q * (len(days) - 1))])) for q in (0.45, 0.5, 0.55))
    outlets = np.bincount(opened.outlets[opened.outlets >= 0])
    return {
        "no filter": Scope(),
        "a tenth by date": Scope(since=low, until=high),
        "half by date": Scope(since=middle),
        "one outlet": Scope(sources=(opened.publishers[int(outlets.argmax())],)),
    }


def _iso(day: int) -> str:
    return f"{day // 10000}-{day // 100 % 100:02}-{day % 100:02}"


def _times(search: Callable[[str], object], questions: Sequence[str]) -> dict[str, list[float]]:
    """The median and the 95th percentile in milliseconds, by the clock and of the processor, after ten that warm up."""
    for question in questions[:10]:
        search(question)
    times = []
    for question in questions:
        began, used = time.perf_counter(), time.process_time()
        search(question)
        times.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)))
    found = np.percentile(times, [50, 95], axis=0).round(1)
    return {"clock": found[:, 0].tolist(), "cpu": found[:, 1].tolist()}


def _recall(opened: Opened, embedder: Embedder, questions: Sequence[str]) -> float:
    asked = embedder.embed(questions, query=True)
    right = 0
    for vector in asked:
        exact = np.argpartition(-(opened.vectors @ vector), 10)[:10]
        near = opened.dense.search(vector, 100)[:10]
        right += len({row for row, _ in near} & set(opened.rows[exact].tolist()))
    return round(right / (10 * len(asked)), 4)


def _megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _print(found: dict[str, Any]) -> None:
    print(
        f"\n{found['passages']:,} passages, {found['disk_mb']:,} MB on the disk, {found['peak_mb']:,} MB of memory, "
        f"recall@10 {found['recall_at_10']}; the first search, opening included, takes "
        f"{found['first_ms'][0]} ms by the clock, {found['first_ms'][1]} of the processor"
    )
    for name, t in found["times"].items():
        (p50, p95), (c50, c95) = t["clock"], t["cpu"]
        print(
            f"  {name:<16} {t['passages']:>9,} passages   by the clock p50 {p50:6.1f} p95 {p95:6.1f} ms"
            f"   of one core p50 {c50:6.1f} p95 {c95:6.1f} ms",
            flush=True,
        )


def _keep(file: Path, found: dict[str, Any]) -> None:
    """Put an index's figures among those that were measured before."""
    known = json.loads(file.read_text()) if file.is_file() else []
    rest = [f for f in known if f["passages"] != found["passages"]]
    rows = sorted([*rest, found], key=lambda f: int(f["passages"]))
    file.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


def _draw(out: Path) -> None:
    """Draw OUT.svg from the figures of OUT.json."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "qa"
    from matplotlib import pyplot

    rows = json.loads(out.with_suffix(".json").read_text())
    sizes = [r["passages"] for r in rows]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4))
    for name in rows[0]["times"]:
        middle = [r["times"][name]["cpu"][0] for r in rows]
        left.plot(sizes, middle, marker="o", label=name)
    left.plot(
        sizes,
        [r["times"]["no filter"]["cpu"][1] for r in rows],
        "k:",
        marker=".",
        label="no filter, 95 %",
    )
    left.set(title="CPU-milliseconds a warm search", xlabel="passages", xscale="log", ylim=0)
    for name in ("peak_mb", "disk_mb"):
        right.plot(sizes, [r[name] for r in rows], marker="o", label=name.replace("_mb", ", MB"))
    right.set(title="the reader's memory, the disk", xlabel="passages", xscale="log", yscale="log")
    for axis in (left, right):
        axis.legend(fontsize=8)
        axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(out.with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()
