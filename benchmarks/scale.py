"""What an index costs against its size: time, memory, disk, a run without changes and the switch after one change.

    make bench-scale [SIZES="1000 10000"] [LIKE=folder/.qa] [OUT=docs/scale] [KEEP=folder]

Articles of ten passages and their vectors are made up, or recombined from those of an index (`benchmarks.synthetic`),
so that everything but the embedding is what it is with real ones; what the embedding would add is taken
from `make bench-index`. Each size runs in a process of its own. Times are CPU-seconds of all its processes,
which other work on the machine changes little, and `clock` seconds; figures go to OUT.json, the plot to OUT.svg.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.synthetic import PASSAGES, ByText, articles, maker
from index.build import build
from index.embed import open_embedder


def main() -> None:
    """Measure the sizes, one after the other, and draw the plot."""
    options = argparse.ArgumentParser(prog="make bench-scale")
    options.add_argument("sizes", nargs="*", type=int, default=[1000, 10_000])
    options.add_argument("--out", type=Path, default=Path("docs/scale"))
    options.add_argument("--like", type=Path, help="an index whose passages are recombined")
    options.add_argument("--keep", type=Path, help="a folder for the indexes that are made")
    options.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            place = given.keep / str(given.one) if given.keep else Path(folder)
            print(json.dumps(_measure(given.one, given.like, place)))
        return
    for size in given.sizes:
        command = [sys.executable, "-m", "benchmarks.scale", "--one", str(size)]
        for option in ("like", "keep"):
            if value := getattr(given, option):
                command += [f"--{option}", str(value)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        child = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment)
        found = json.loads(child.stdout)
        _keep(given.out.with_suffix(".json"), found)
        print("  ".join(f"{k} {v:,}" for k, v in found.items()), flush=True)
    draw(given.out)


def _measure(size: int, like: Path | None, folder: Path) -> dict[str, float]:
    store, texts = folder / ".qa", folder / "articles"
    shutil.rmtree(folder, ignore_errors=True)
    texts.mkdir(parents=True)
    made = maker(like)
    for n, (article, _) in enumerate(articles(made, size // PASSAGES)):
        about = f"{article.source.title}\n\nPublished {article.source.published}\n\n"
        (texts / f"{n}.txt").write_text(about + article.text, encoding="utf-8")
    spent: dict[str, float] = {}
    phase, since = "reading", _cpu()

    def progress(name: str, done: int, total: int) -> None:
        nonlocal phase, since
        now = _cpu()
        spent[phase] = spent.get(phase, 0.0) + now - since
        phase, since = name, now

    embedder = ByText(made, open_embedder("minilm").count_tokens)
    began = time.monotonic()
    with _Memory() as memory:
        report = build(store, [texts], embedder, progress=progress)
    clock = time.monotonic() - began
    progress("the end", 0, 0)
    again, again_clock = _timed(lambda: build(store, [texts], embedder))
    changed = texts / "0.txt"
    changed.write_text(changed.read_text() + "\n\nAnd this is how it went on after all that.")
    one, one_clock = _timed(lambda: build(store, [texts], embedder))
    return {
        "passages": report.passages,
        "reading": round(spent["reading"] + spent.get("comparing", 0.0), 2),
        "storing": round(spent["storing"], 2),
        "clock": round(clock, 1),
        "unchanged": round(again, 2),
        "unchanged_clock": round(again_clock, 1),
        "one_changed": round(one, 2),
        "one_changed_clock": round(one_clock, 1),
        "peak_mb": round(memory.peak),
        "before_mb": round(memory.before),
        "disk_mb": round(sum(f.stat().st_size for f in store.rglob("*") if f.is_file()) / 1e6),
    }


class _Memory:
    """Looks ten times a second how much memory this process and its children have together (Linux alone), in MB."""

    def __init__(self) -> None:
        self.before = self.peak = self._now()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.1):
            self.peak = max(self.peak, self._now())

    @staticmethod
    def _now() -> float:
        listed = Path("/proc/self/task").glob("*/children")
        pages = 0
        for pid in {"self", *(pid for file in listed for pid in file.read_text().split())}:
            with contextlib.suppress(OSError):  # it has just ended
                pages += int(Path("/proc", pid, "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _timed(work: Callable[[], Any]) -> tuple[float, float]:
    """CPU-seconds and seconds by the clock."""
    used, began = _cpu(), time.monotonic()
    work()
    return _cpu() - used, time.monotonic() - began


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
    }
    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.4))
    for axis, (unit, names) in zip(axes, panels.items(), strict=True):
        for name in names:
            axis.plot(sizes, [r[name] for r in rows], marker="o", label=name.replace("_", " "))
        axis.set(xlabel="passages", title=unit, xscale="log", yscale="log")
        axis.legend(fontsize=8)
        axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(out.with_suffix(".svg"), metadata={"Date": None})
    print(f"drawn: {out.with_suffix('.svg')}", time.strftime("%H:%M:%S"))


if __name__ == "__main__":
    main()
