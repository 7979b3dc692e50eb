"""Run a function in a fork of this process, and let strace kill it, or fail it, at a chosen system call.

The heavy imports are done once, before the fork: a run costs what the index costs, not what Python does.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink",
    "unlinkat", "rmdir", "ftruncate", "mkdir", "openat", "fallocate",
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code (negative for a signal, None for a hang) and what it printed."""

    code: int | None
    out: str
    err: str
    seconds: float
    trace: str = ""

    @property
    def fired(self) -> bool:
        """Whether the fault was injected before the child was done."""
        return "(INJECTED)" in self.trace or "killed by SIGKILL" in self.trace


def warm() -> None:
    """Import now what the children would each import."""
    import chromadb  # noqa: F401
    import chromadb_rust_bindings  # noqa: F401
    import click  # noqa: F401
    import tantivy  # noqa: F401

    import qa.cli.asking
    import qa.cli.commands
    import qa.cli.doctor
    import qa.cli.indexing  # noqa: F401


def run(
    function: Callable[[], int | None],
    *,
    strace: tuple[str, ...] = (),
    timeout: float = 60.0,
) -> Ended:
    """Return how a fork of this process ended that ran `function`, under strace where options are given."""
    with tempfile.TemporaryDirectory(prefix="surviving-") as place:
        out, err, log = (Path(place, name) for name in ("out", "err", "log"))
        go, gone = os.pipe()
        started = time.monotonic()
        pid = os.fork()
        if pid == 0:
            os.close(gone)
            _child(function, go, out, err)
        os.close(go)
        tracer = _attach(pid, log, strace) if strace else None
        os.close(gone)
        code = _wait(pid, started + timeout)
        if tracer:
            with contextlib.suppress(subprocess.TimeoutExpired):
                tracer.wait(10)
            tracer.kill()
            tracer.wait()
        texts = [f.read_text(errors="replace") if f.exists() else "" for f in (out, err, log)]
        return Ended(code, texts[0], texts[1], time.monotonic() - started, texts[2])


def _child(function: Callable[[], int | None], go: int, out: Path, err: Path) -> None:
    code = 71
    try:
        os.setsid()
        for number, file in ((1, out), (2, err)):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        os.read(go, 1)  # until strace has hold of us
        code = function() or 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _attach(pid: int, log: Path, options: tuple[str, ...]) -> subprocess.Popen[str]:
    tracer = subprocess.Popen(
        ["strace", "-f", "--seccomp-bpf", "-o", str(log), *options, "-p", str(pid)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tracer.stderr is not None
    for line in tracer.stderr:
        if "attached" in line:
            return tracer
        if "seccomp" not in line:
            raise SystemExit(f"strace cannot be used here: {line.strip()}")
    raise SystemExit("strace cannot be used here")


def _wait(pid: int, deadline: float) -> int | None:
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # what it had started
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def answer(function: Callable[[], object]) -> str:
    """Return what a function returns in a fork, as text. A process that has opened Chroma must not fork."""
    ended = run(lambda: print(function()))
    assert ended.code == 0, ended
    return ended.out.strip()


def points(trace: str, wanted: int) -> list[tuple[str, int]]:
    """Return about so many (system call, k) spread over a trace: strace counts k by thread and by call."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in trace.splitlines():
        if found := re.match(r"(\d+)\s+(\w+)\(", line):
            counts[found[2], found[1]] += 1
    most: dict[str, int] = {}
    for (call, _), n in counts.items():
        most[call] = max(n, most.get(call, 0))
    left, chosen = wanted, []
    for done, (call, n) in enumerate(sorted(most.items(), key=lambda x: x[1])):
        share = min(n, max(1, left // (len(most) - done)))
        chosen += [(call, 1 + i * n // share) for i in range(share)]
        left -= share
    return chosen
