"""The client of models in a process of its own: importing litellm takes seconds and holds the interpreter.

The same `completion.stream` as elsewhere, behind a pipe: a call goes in as a line of JSON, the pieces of the
answer come out as others. Run as a program (`python -m qa.client`) it is that process. Keys reach it by the
environment alone, errors as the two lines that people see. Left out: two answers at a time.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from index.errors import QaError, Unreachable
from qa.calls import BEAT_S, Call, End
from qa.config import ModelOptions
from qa.destinations import Destination
from qa.types import Usage

PATIENCE_S = 3.0
"""Seconds that an answer nobody reads any more may take to end before its process is ended."""


class Client:
    """Streams answers as `completion.stream` does; the process is kept from one to the next."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._starting, self._turn = threading.Lock(), threading.Lock()
        self._number = 0

    def start(self) -> subprocess.Popen[str]:
        """Start the process where none runs, so that it has loaded before the first call."""
        with self._starting:
            if self._child is None or self._child.poll() is not None:
                self._child = _spawn()
            return self._child

    def close(self) -> None:
        """End the process and, with it, the connection of a call that still runs."""
        if (child := self._child) is not None:
            self._end(child)

    def _end(self, child: subprocess.Popen[str]) -> None:
        with self._starting:
            if self._child is child:
                self._child = None
        child.kill()
        child.wait()

    def stream(self, call: Call) -> Iterator[str | End]:
        """Yield the pieces of the answer and, last, how it ended; raises as `completion.stream` does.

        Closing the iterator has the process shut the connection.
        """
        waited = 0.0
        while not self._turn.acquire(timeout=BEAT_S):
            waited += BEAT_S
            if waited > PATIENCE_S:
                self.close()
            yield ""
        try:
            yield from self._pass_on(call)
        finally:
            self._turn.release()

    def _pass_on(self, call: Call) -> Iterator[str | End]:
        child = self.start()
        self._number += 1
        number, open_ = self._number, True
        try:
            _write(child.stdin, number=number, call=asdict(call))
            for row in map(json.loads, child.stdout or ()):
                if row["number"] != number:
                    continue  # of a call that was let go
                open_ = "piece" in row
                if open_:
                    yield row["piece"]
                elif "error" in row:
                    raise Unreachable(row["error"], row["hint"])
                else:
                    yield End(row["cut"], Usage(**row["usage"]))
                    return
            self._end(child)
            raise Unreachable("the process that talks to the model ended", "ask again")
        finally:
            if open_:
                _write(child.stdin, cancel=number)


def _spawn() -> subprocess.Popen[str]:
    package = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "qa.client"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        bufsize=1,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl+C in the terminal is the chat's
    )


def _write(pipe: TextIO | Any, **row: object) -> None:
    """Write a line to the other side; one that is gone is noticed by what it does not answer."""
    with contextlib.suppress(OSError, ValueError):
        pipe.write(json.dumps(row) + "\n")
        pipe.flush()


def main() -> None:
    """Answer the calls that come in until the other side is gone."""
    from qa import library
    from qa.completion import stream

    # Whatever a library prints must not stand between the answers.
    rows = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    speaking, let_go = threading.Lock(), set[int]()

    def say(**row: object) -> None:
        with speaking:
            _write(rows, **row)

    def answer(number: int, call: Call) -> None:
        pieces = stream(call)
        try:
            for piece in pieces:
                if number in let_go:
                    return
                if isinstance(piece, End):
                    say(number=number, cut=piece.cut, usage=asdict(piece.usage))
                else:
                    say(number=number, piece=piece)
        except QaError as error:
            say(number=number, error=error.message, hint=error.hint)
        except Exception as error:  # its text may hold a key: only the kind is told
            say(number=number, error=f"internal error ({type(error).__name__})", hint="qa doctor")
        finally:
            pieces.close()

    threading.Thread(target=library.load, daemon=True).start()
    for line in sys.stdin:
        row = json.loads(line)
        if "cancel" in row:
            let_go.add(row["cancel"])
            continue
        call = _read(row["call"])
        threading.Thread(target=answer, args=(row["number"], call), daemon=True).start()
    os._exit(0)  # a read without end must not keep it alive


def _read(row: dict[str, Any]) -> Call:
    where, options = Destination(**row["where"]), ModelOptions(**row["options"])
    return Call(row["model"], where, options, row["messages"])


if __name__ == "__main__":
    main()
