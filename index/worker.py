"""The process that reads: one request a line on stdin, events as lines of JSON on stdout.

It bounds its own memory and time and is ended by the kernel when it goes beyond. It writes nothing else and
imports nothing of the index but the readers.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.entries import Begun, Ended, Event, read_entries
from index.limits import CPU_SECONDS, MEMORY, WALL_SECONDS
from index.record import Failure, Raw
from index.types import Article, Source


def pack(event: Event | None) -> bytes:
    """Return one line for an event; None stands for the greeting."""
    fields: dict[str, Any] = {}
    if isinstance(event, Article):
        same = event.original == event.text
        original = None if same else event.original
        fields = {**asdict(event.source), "text": event.text, "original": original}
    elif event is not None:
        fields = asdict(event)
    line = json.dumps([type(event).__name__, fields], ensure_ascii=False)
    return line.encode("utf-8", "surrogatepass") + b"\n"


def unpack(line: bytes) -> Event | None:
    """Return the event of a line. Raises ValueError for a line that is none."""
    kind, fields = json.loads(line.decode("utf-8", "surrogatepass"))
    if kind == "Article":
        text, original = fields.pop("text"), fields.pop("original")
        for name in ("authors", "paths"):
            fields[name] = tuple(fields[name])
        return Article(Source(**fields), text, text if original is None else original)
    for event in (Begun, Ended, Failure, Raw):
        if kind == event.__name__:
            return event(**fields)
    return None


def main() -> None:
    """Answer requests until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints must not come between the events
    _bound_memory()
    out.write(pack(None))
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        path, current = asked["path"], asked["path"]
        known = Path(asked["known"]).read_text().split() if asked["known"] else ()
        try:
            entries = read_entries(Path(asked["location"]), path, asked["first"], frozenset(known))
            for event in _timed(entries):
                current = event.path if isinstance(event, Begun) else current
                out.write(pack(event))
        except MemoryError:
            out.write(pack(Ended(current, "failed", out_of_memory())))
            return  # the heap is in pieces: a new process is better
        except Exception as error:  # a parser's own fault; it must not end the run
            reason = f"its parser failed ({type(error).__name__})"
            out.write(pack(Ended(current, "failed", reason)))
            if current != path:
                return


def out_of_memory() -> str:
    """Return the reason for a file that needs more memory than a reader has."""
    return f"needs more than {MEMORY // 2**30} GB of memory to be read"


def _timed(events: Iterator[Event]) -> Iterator[Event]:
    """The same events; the kernel ends the process where one takes too long to come."""
    while True:
        _set_alarm(CPU_SECONDS, WALL_SECONDS)
        event = next(events, None)
        _set_alarm(0, 0)  # whoever reads the events may take its time
        if event is None:
            return
        yield event


def _set_alarm(cpu: int, wall: int) -> None:
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_PROF, cpu)
        signal.setitimer(signal.ITIMER_REAL, wall)


def _bound_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
