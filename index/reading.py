"""Reads many files in their order, those that may hang or eat memory in a process of its own.

The process starts with the first such file, reads ahead while this one stores, and is started again when a
file has killed it: that file has failed, and the rest goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from index import readers
from index.entries import Begun, Ended, Event, read_entries
from index.errors import QaError, UnreadableFile
from index.limits import APART, CPU_SECONDS, WALL_SECONDS
from index.walk import File
from index.worker import out_of_memory, pack, unpack

_AHEAD = 8  # requests that wait in the pipe; more than its 64 KB would block both sides
# -P: a folder named `index` where the person happens to be is not ours.
_COMMAND = (sys.executable, "-P", "-m", "index.worker")


class Reading:
    """A context that holds the process; `restarts` counts how often a file has killed it."""

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self.restarts = 0
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._events: IO[bytes] = io.BytesIO()
        self._noise: IO[bytes] | None = None
        self._sent: deque[File] = deque()
        self._known: Mapping[str, Collection[str]] = {}
        self._lists: dict[str, IO[str]] = {}
        self._may_pass = False  # whether what ended the process may not do so the next time

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        for kept in self._lists.values():
            kept.close()

    def read(
        self, files: Sequence[File], known: Mapping[str, Collection[str]] | None = None
    ) -> Iterator[tuple[File, Iterator[Event]]]:
        """Yield each file with its events, which are to be taken before the next file is asked for.

        `known` holds by path the digests of records that need not be read again.
        """
        self._known = known or {}
        waiting = deque(file for file in files if apart(file))
        for file in files:
            if apart(file):
                yield file, self._from_process(file, waiting)
            else:
                known_here = frozenset(self._known.get(file.path, ()))
                yield file, read_entries(file.location, file.path, known=known_here)

    def _from_process(self, file: File, waiting: deque[File]) -> Iterator[Event]:
        current: str | None = None  # what is being read, as far as the process said
        ended = 0  # members that are done
        silent = False  # whether a process has died on this file before it said a word
        while True:
            while waiting and len(self._sent) < _AHEAD:
                self._sent.append(waiting.popleft())
                self._send(self._sent[-1])
            line = self._events.readline() if self._process else b""
            if line.endswith(b"\n"):
                event = unpack(line)
                if isinstance(event, Begun):
                    current = event.path
                elif isinstance(event, Ended):
                    current = file.path
                    if event.path == file.path:
                        self._done()
                        yield _remembered(event, file)
                        return
                    ended += 1
                if event is not None:
                    yield event
                continue
            reason = self._reason()
            if reason and (current or silent):
                self.restarts += 1
                event = Ended(current or file.path, "failed", reason)
                if event.path == file.path:
                    self._done()
                    self._stop()
                    yield event if self._may_pass else _remembered(event, file)
                    return
                yield event
                ended += 1
            silent, current = current is None, None
            self._start_again(ended)

    def _send(self, file: File, first: int = 0) -> None:
        if self._process is None:
            return
        asked = {"location": str(file.location), "path": file.path, "first": first}
        asked["known"] = self._listed(file.path)
        line = json.dumps(asked).encode() + b"\n"
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):  # it has died: the reading side sees that
            self._process.stdin.write(line)

    def _listed(self, path: str) -> str | None:
        """Where the process finds the digests that are known of a file: they may be more than a pipe holds."""
        if (known := self._known.get(path)) and path not in self._lists:
            with contextlib.suppress(OSError):  # no room: all of the file is read
                kept = tempfile.NamedTemporaryFile("w", prefix="qa-")  # noqa: SIM115
                kept.write("\n".join(known))
                kept.flush()
                self._lists[path] = kept
        return self._lists[path].name if path in self._lists else None

    def _done(self) -> None:
        """The first file that was asked for has come to its end."""
        if kept := self._lists.pop(self._sent.popleft().path, None):
            kept.close()

    def _start_again(self, first: int) -> None:
        """Start the process; it is asked again for all that it owes, but for `first` members of the first."""
        self._stop()
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._noise,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_import_path())},
        )
        assert self._process.stdout
        self._events = io.BufferedReader(self._process.stdout, 1 << 20)  # type: ignore[type-var]
        if self._events.readline() != pack(None):
            raise QaError(
                f"the process that reads files did not start: {self._said()}", "qa doctor"
            )
        for number, file in enumerate(self._sent):
            self._send(file, first if number == 0 else 0)

    def _reason(self) -> str | None:
        """Why the process is gone; None where it left of its own accord."""
        if self._process is None:
            return None
        code = self._process.wait()
        self._may_pass = code in (-signal.SIGKILL, -signal.SIGALRM)
        if code in (-signal.SIGPROF, -signal.SIGALRM, -signal.SIGXCPU):
            seconds = WALL_SECONDS if code == -signal.SIGALRM else CPU_SECONDS
            return f"takes over {seconds} s to be read"
        if code == -signal.SIGKILL:
            return "its reader was killed (not enough memory on this machine?)"
        if code < 0:
            return f"crashes its parser ({signal.Signals(-code).name})"
        return out_of_memory() if code else None

    def _said(self) -> str:
        if self._noise is None:
            return ""
        self._noise.seek(0)
        lines = self._noise.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "it said nothing"

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._events, self._process.stdout, self._noise):
                if pipe:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
            self._process = self._noise = None


def apart(file: File) -> bool:
    """Whether a file is read in another process: all but small plain text, for which starting one costs more."""
    return file.size > APART or not readers.plain(file.location.name)


def _remembered(event: Ended, file: File) -> Ended:
    """The end of a file whose reader failed, with what tells next time that the file is the same."""
    if event.sha256 or event.size:  # opened, and without a digest: it is to be read again
        return event
    with (
        contextlib.suppress(UnreadableFile, OSError),
        readers.open_regular(file.location) as opened,
    ):
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return replace(event, sha256=digest, size=file.size, mtime_ns=file.mtime_ns)
    return event


def _import_path() -> list[str]:
    """Where this process found its modules; the folder that it was started in is none of them."""
    return [str(Path(__file__).resolve().parents[1]), *(path for path in sys.path if path)]
