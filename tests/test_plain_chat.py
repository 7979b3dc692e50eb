"""The chat as lines, typed into a terminal that can do nothing: every word in order, no control codes."""

from __future__ import annotations

import os
import re
from pathlib import Path

from benchmarks.terminal import QA, ROOT, Terminal


def test_a_walk_in_lines(sample_store: Path, tmp_path: Path) -> None:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    terminal = Terminal(
        [*QA, "chat", "--store", str(sample_store)], cwd=tmp_path, TERM="dumb", PYTHONPATH=path
    )
    terminal.until(b"Question: ", 120)
    terminal.type("who led Russia's delegation?\r")
    terminal.until(b"Searching.", 60)
    terminal.until(b"passages. Reading them.", 60)
    terminal.until(b"[1]", 60)
    terminal.until(b"Question: ", 60)
    terminal.type("/open 1\r")
    terminal.until(b"END OF THE CITED SENTENCE.", 60)
    terminal.until(b"Question: ", 60)
    terminal.settle()  # between its prompt and its wait readline keeps a signal for the next key
    terminal.type("\x03")
    terminal.until(b"/quit leaves", 60)
    terminal.type("/quit\r")
    assert terminal.wait() == 0
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", terminal.seen)
    assert terminal.seen.count(b"passages. Reading them.") == 1
