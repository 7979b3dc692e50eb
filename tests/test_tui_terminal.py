"""The bytes that reach a terminal while every payload passes by every way in: the app's own and no other."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from test_tui_hostile import FILES, load_payloads

from benchmarks.terminal import ROOT, Terminal

# Escape sequences by what they do: the letter at the end, and the mode for those that set one.
_CSI = re.compile(rb"\x1b\[([?<>=]?)([0-9;:]*)([ -/]*[@-~])")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def run(kind: str, tmp_path: Path) -> bytes:
    error = tmp_path / f"{kind}.err"
    code = f"exec {sys.executable} {Path(__file__).parent / 'hostile_chat.py'} {kind} 2>{error}"
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    terminal = Terminal(["sh", "-c", code], cwd=tmp_path, columns=120, lines=40, PYTHONPATH=path)
    assert terminal.wait(400) == 0, error.read_text()[-2000:]
    assert "walked to the end" in error.read_text()
    return terminal.seen


def kinds(written: bytes) -> tuple[set[bytes], set[bytes]]:
    """Return the kinds of escape sequences that were written, and the control bytes beside them."""
    sequences = set()
    for mark, numbers, end in _CSI.findall(written):
        known = numbers if end in (b"h", b"l", b"n", b"p", b"t", b"q", b"u") else b""
        sequences.add(mark + known + end)
    return sequences, set(_CONTROL.findall(_CSI.sub(b"", written)))


@pytest.mark.slow
def test_no_raw_control_byte_of_a_payload_reaches_the_terminal(tmp_path: Path) -> None:
    assert sum(len(load_payloads(name)) for name in FILES) == 286
    sequences, controls = kinds(run("harmless", tmp_path))
    hostile_sequences, hostile_controls = kinds(run("hostile", tmp_path))
    assert hostile_controls <= controls
    assert hostile_sequences <= sequences
