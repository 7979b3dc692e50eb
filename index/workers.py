"""Many texts embedded by worker processes of one thread each, with the quickest encoder of the machine.

One process a core beats threads in one process, and a crash inside a library costs one chunk's work, not
the run. Only the built-in embedder has workers; a few texts are not worth their start.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

import numpy as np

from index.embed import Embedder, Vectors
from index.encoders import quickest
from index.errors import QaError

K = TypeVar("K")

FEW = {"bf16": 300, "openvino": 100}
"""So many texts a worker pay for its start: two seconds and more for torch, half a second for OpenVINO."""

DEPTH = 2
"""Chunks that a worker has at a time, so that it never waits for the next one."""


def embedded(
    embedder: Embedder,
    chunks: Iterable[tuple[K, Sequence[str]]],
    texts: int,
    *,
    workers: int | None = None,
    warn: Callable[[str], None] = lambda line: None,
) -> Iterator[tuple[K, Vectors]]:
    """Yield the vectors of each chunk as they come, in any order; `texts` is about how many there are.

    `workers` is the number of processes, one a core when it is None. `warn` is told of a worker that died.
    Raises `QaError` when a chunk killed two workers, or none is left.
    """
    way, count = _plan(embedder, texts, workers)
    if not count:
        for key, chunk in chunks:
            yield key, embedder.embed(chunk)
        return
    with _Pool[K](way, count, warn) as pool:
        yield from pool.work(chunks)


def _plan(embedder: Embedder, texts: int, workers: int | None) -> tuple[str, int]:
    """Which encoder, and in how many processes; none where it would not pay."""
    from index.minilm import MiniLM
    from index.networks import cores

    way = os.environ.get("QA_ENCODER") or quickest()
    if not isinstance(embedder, MiniLM):
        return way, 0
    if workers is None:
        few = FEW.get(way)  # onnxruntime gains nothing from processes: threads do as well
        return way, min(cores(), texts // few) if few else 0
    return way, workers


@dataclass(slots=True)
class _Task(Generic[K]):
    key: K
    texts: Sequence[str]
    failures: int = 0


@dataclass(slots=True)
class _Done(Generic[K]):
    """What a thread says of its task: the vectors, or how its worker ended."""

    task: _Task[K]
    vectors: Vectors | None
    end: str = ""


class _Pool(Generic[K]):
    """Workers, each with a thread here that hands it chunks."""

    def __init__(self, way: str, count: int, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._tasks: queue.SimpleQueue[_Task[K] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[_Done[K]] = queue.SimpleQueue()
        self._alive = count
        self._workers = [_Worker(way) for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._serve, args=(w,), daemon=True) for w in self._workers
        ]

    def __enter__(self) -> _Pool[K]:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.kill()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        for worker in self._workers:  # not before: a thread may still read how its worker ended
            worker.close()

    def work(self, chunks: Iterable[tuple[K, Sequence[str]]]) -> Iterator[tuple[K, Vectors]]:
        waiting, under_way = iter(chunks), 0
        while True:
            while under_way < DEPTH * self._alive and (chunk := next(waiting, None)):
                self._tasks.put(_Task(*chunk))
                under_way += 1
            if not under_way:
                return
            done = self._done.get()
            if done.vectors is None:
                self._replace(done)
                continue
            under_way -= 1
            yield done.task.key, done.vectors

    def _replace(self, done: _Done[K]) -> None:
        """Give the chunk of a dead worker to another one."""
        self._alive -= 1
        done.task.failures += 1
        lost = f"an embedding worker died ({done.end})"
        if not self._alive or done.task.failures > 1:
            raise QaError(
                f"{lost}; {self._alive} are left",
                "what was embedded is kept: run it again, with --workers 1 where memory is short",
            )
        self._warn(f"{lost}; {self._alive} go on with its part")
        self._tasks.put(done.task)

    def _serve(self, worker: _Worker) -> None:
        while task := self._tasks.get():
            vectors = worker.embed(task.texts)
            self._done.put(_Done(task, vectors, "" if vectors is not None else worker.end()))
            if vectors is None:
                return


class _Worker:
    """A child process: texts go in as lengths and bytes, vectors come out as numbers."""

    def __init__(self, way: str) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the worker)
        one = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        paths = [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "index.workers", way],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={**os.environ, **one, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )

    def embed(self, texts: Sequence[str]) -> Vectors | None:
        """Return the vectors, or None when the process has ended."""
        assert self._process.stdin and self._process.stdout
        try:
            _write_texts(self._process.stdin, texts)
            head = _read(self._process.stdout, 8)
            rows, dimension = struct.unpack("<II", head)
            body = _read(self._process.stdout, rows * dimension * 4)
        except (OSError, ValueError, EOFError):
            return None
        return np.frombuffer(body, dtype=np.float32).reshape(rows, dimension)

    def end(self) -> str:
        """How the process ended, in a few words."""
        self._process.kill()
        code = self._process.wait()
        if code < 0 and code != -signal.SIGKILL:
            return f"signal {-code}"
        self._said.seek(0)
        last = self._said.read()[-500:].decode(errors="replace").strip().splitlines()
        return last[-1][:160] if last else "killed, perhaps for want of memory"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                stream.close() if stream else None
        self._said.close()


def _write_texts(stream: IO[bytes], texts: Sequence[str]) -> None:
    encoded = [t.encode("utf-8", "surrogatepass") for t in texts]
    stream.write(struct.pack(f"<I{len(encoded)}I", len(encoded), *map(len, encoded)))
    stream.write(b"".join(encoded))
    stream.flush()


def _read_texts(stream: IO[bytes]) -> list[str]:
    (count,) = struct.unpack("<I", _read(stream, 4))
    lengths = struct.unpack(f"<{count}I", _read(stream, 4 * count))
    return [_read(stream, n).decode("utf-8", "surrogatepass") for n in lengths]


def _read(stream: IO[bytes], size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise EOFError
    return found


def _worker_process() -> None:
    """What a worker runs: it ends when nobody writes to it any more."""
    # Ctrl+C goes to the whole terminal; what is under way is the parent's to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no vector
    from index.minilm import MiniLM

    embedder: Any = MiniLM.installed(way=sys.argv[1], threads=1)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            vectors = embedder.embed(_read_texts(source))
            target.write(struct.pack("<II", *vectors.shape))
            target.write(np.ascontiguousarray(vectors, dtype=np.float32).tobytes())
            target.flush()


if __name__ == "__main__":
    _worker_process()
