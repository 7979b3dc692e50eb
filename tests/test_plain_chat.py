"""The chat as lines, typed into a terminal that can do nothing: every word in order, no control codes."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest

from benchmarks.terminal import QA, ROOT, Terminal
from index.types import Scope
from qa.cli.plain_chat import PlainChat
from qa.config import load_settings


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


def test_a_pipe_obeys_filters_and_asks_no_other_command(
    sample_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "/model gpt-4o\n/nonsense\n/since 2031\n/tmp/a what is it?\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    settings = load_settings({"store": str(sample_store)})
    assert PlainChat(settings, Scope(), typed=False).run() == 2
    out, err = capsys.readouterr()
    assert "/model is not obeyed" in err and "/nonsense is not obeyed" in err
    assert out.count("no answer") == 1, "the line that is no command is asked"
