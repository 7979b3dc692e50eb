"""The writer's side of `index.hnsw`: it starts that process, tells it what to write, and says how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds for a step of the process, after which it stands still for ever; and one more for each so many vectors:"""
VECTORS_A_SECOND = 5000
"""so many are written, or read, from a slow disk in one."""


class NotWritten(Exception):
    """The vectors could not be written, by whatever kept them from it."""


class StoodStill(NotWritten):
    """A step took so long that its process was ended; trying again at once would take as long."""


def start() -> subprocess.Popen[bytes]:
    """Start the process; it waits for what it is to write."""
    paths = [str(Path(__file__).resolve().parents[1]), *(path for path in sys.path if path)]
    return subprocess.Popen(
        # -P: a folder named `index` where the person happens to be is not ours.
        [sys.executable, "-P", "-m", "index.hnsw"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # what a library says last may be all there is to tell
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


class VectorsWriter:
    """A context that holds the process; it starts at once, because that takes as long as most changes."""

    def __init__(self) -> None:
        self._process = start()

    def __enter__(self) -> VectorsWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close() if pipe else None

    def begin(
        self,
        catalogue: Path,
        folder: Path,
        collection: str | None,
        added: Sequence[int],
        removed: Sequence[int],
        samples: Sequence[int],
        vectors: int,
    ) -> None:
        """Let it write, as `index.hnsw.write` does, from that catalogue; there will be about so many `vectors`."""
        request = {
            "catalogue": str(catalogue), "folder": str(folder), "collection": collection,
            "added": list(added), "removed": list(removed), "samples": list(samples),
            "patience": PATIENCE + vectors / VECTORS_A_SECOND,
        }  # fmt: skip
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):  # it has died: `finish` tells of it
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def finish(self, step: Callable[[int], None]) -> str:
        """Return the collection when it is written and checked; `step` is told how many changes are done.

        Raises `NotWritten`, `StoodStill` when it had to be ended.
        """
        assert self._process.stdout
        said: dict[str, Any] = {}
        noise: list[str] = []
        for line in self._process.stdout:
            try:
                said = dict(json.loads(line))
            except (ValueError, TypeError):
                noise += [text] if (text := line.decode(errors="replace").strip()) else []
                continue
            if "done" in said:
                step(int(said["done"]))
        code = self._process.wait()
        if "collection" in said:
            return str(said["collection"])
        if "failed" in said:
            raise NotWritten(str(said["failed"]))
        if any(text.startswith("Timeout (") for text in noise):  # the watchdog's word
            raise StoodStill("the process that writes the vectors stood still, and was ended")
        how = signal.Signals(-code).name if code < 0 else noise[-1] if noise else f"code {code}"
        raise NotWritten(f"the process that writes the vectors ended: {how}")
