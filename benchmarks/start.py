"""How long it takes to start: `qa --help`, `qa search` cold, and the chat's first paint.

    make bench-start

Each is the median of several runs of a process of its own. Time is CPU time (user and system) where it
says so, since that does not depend on what else the machine does.
"""

from __future__ import annotations

import os
import pty
import resource
import select
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.resources import files

RUNS = 7


def main() -> None:
    """Print the medians against the targets."""
    with tempfile.TemporaryDirectory() as folder:
        qa = [sys.executable, "-m", "qa"]
        subprocess.run([*qa, "index", "-q", str(files("eval") / "sample" / "articles")], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        wall, cpu = _timed([*qa, "--help"], folder)
        print(f"qa --help                 {wall:.2f} s, {cpu:.2f} CPU-s   (target 0.35 s)")
        _, bare = _timed([sys.executable, "-c", "import chromadb"], folder)
        wall, cpu = _timed([*qa, "search", "who led the delegation?"], folder)
        print(f"qa search, cold           {wall:.2f} s, {cpu:.2f} CPU-s   (target 1.5 CPU-s)")
        print(f"  baseline: import chromadb alone takes {bare:.2f} CPU-s")
        paint = statistics.median(_first_paint(qa, folder) for _ in range(RUNS))
        print(f"qa chat, first paint      {paint:.2f} s               (target 0.5 s)")


def _timed(command: list[str], folder: str) -> tuple[float, float]:
    walls, cpus = [], []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        walls.append(time.perf_counter() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(walls), statistics.median(cpus)


def _first_paint(qa: list[str], folder: str) -> float:
    """Seconds from the start of the process to the input's frame on a terminal of 80 by 24."""
    started = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm-256color", COLUMNS="80", LINES="24")
        os.execv(qa[0], [*qa, "chat", "--private"])
    seen = b""
    try:
        while time.perf_counter() - started < 20:
            ready, _, _ = select.select([terminal], [], [], 0.05)
            if ready:
                seen += os.read(terminal, 65536)
                if b"Ask a question" in seen:
                    return time.perf_counter() - started
        raise SystemExit("the chat painted nothing within 20 s")
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)


if __name__ == "__main__":
    main()
