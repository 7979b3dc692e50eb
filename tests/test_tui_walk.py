"""The whole walk in a terminal of its own: first run, index, ask, open, follow up, another model, cancel,
export, quit, continue. The screen is what the escape codes draw, read by a terminal emulator."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SAMPLE
from scripted import Handler, Server, says

from benchmarks.terminal import QA, ROOT, Terminal

pyte = pytest.importorskip("pyte")
LINES, COLUMNS = 40, 120


class Screen:
    """What stands on the terminal of a chat."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.terminal = Terminal(
            [*QA, "chat", *arguments], cwd=folder, columns=COLUMNS, lines=LINES, PYTHONPATH=path,
            XDG_DATA_HOME=str(folder / "data"), XDG_CONFIG_HOME=str(folder / "config"),
        )  # fmt: skip
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def until(self, *words: str, gone: str = "", seconds: float = 200) -> None:
        """Wait until all the words stand on the screen, and one does not."""
        end = time.monotonic() + seconds
        while not all(w in self.text for w in words) or (gone and gone in self.text):
            if time.monotonic() > end:
                raise AssertionError(f"no {words} (without {gone!r}); on screen:\n{self.text}")
            self._stream.feed(self.terminal.read(0.05))

    def type(self, text: str, *words: str, gone: str = "") -> None:
        self.terminal.type(text)
        self.until(*words, gone=gone)

    def escape(self, *words: str, gone: str = "") -> None:
        """Press Esc, and nothing on its heels: that would be Alt with a letter."""
        self.type("\x1b", *words, gone=gone)
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            self._stream.feed(self.terminal.read(0.05))


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.shutdown()


@pytest.mark.slow
def test_the_whole_walk(tmp_path: Path, server: Server) -> None:
    (tmp_path / "news").mkdir()
    for article in (SAMPLE / "articles").rglob("*istanbul*"):
        shutil.copy(article, tmp_path / "news")
    server.pages["/v1/models"] = {"data": [{"id": "tale"}]}
    stop = threading.Event()

    def goes_on(h: Handler) -> None:
        h.begin()
        while not stop.is_set():
            h.piece("and on ")
            time.sleep(0.05)

    # A follow-up is rewritten to stand alone before it is answered.
    alone = says("Who led the delegation of Russia?")
    server.scripts["tale"] = [alone, says("It was Vladimir Medinsky. [1]"), alone, goes_on]
    (tmp_path / "qa.toml").write_text(f'api_base = "{server.url}/v1"\ntheme = "light"\n')
    screen = Screen(tmp_path)
    screen.until("There is no index here yet")
    screen.type("\x01\x0bnews", "files that are read", "news")
    screen.type("\r", "indexing")
    # Asked while the index is made: it waits, and is answered.
    screen.type("who led Russia's delegation?\r", "Medinsky", "[1]", "Sources")
    screen.type("\t1", "▶", "◀", "news/")  # the article with the sentence lit
    screen.escape(gone="◀")
    screen.escape()  # back to the input
    screen.type("who headed Ukraine's team?\r", "› who headed", "Umerov")
    screen.type("/model openai/tale\r", "answers come from openai/tale now")
    assert "openai/tale · 127.0.0.1" in screen.text
    screen.type("and Russia's?\r", "It was Vladimir Medinsky.")
    screen.type("tell me more\r", "and on and on")
    screen.escape("cancelled; Up brings")
    stop.set()
    screen.type("/export talk.json\r", "wrote 3 answers to talk.json")
    exported = json.loads((tmp_path / "talk.json").read_text())
    assert "Medinsky" in exported["turns"][0]["answer"]
    assert exported["turns"][0]["citations"][0]["verified"]
    screen.type("a draft", "a draft")
    screen.terminal.type("\x11")
    assert screen.terminal.wait() == 0

    again = Screen(tmp_path, "--continue")
    again.until("tell me more", "cancelled", "and on", "a draft")
    again.type("\x15/sessions\r", "4 turns")
    # kill -9 in the middle of an answer: what was answered before it is there.
    again.escape(gone="4 turns")
    again.terminal.kill()
    last = Screen(tmp_path, "--continue")
    last.until("It was Vladimir Medinsky.")
    last.terminal.type("\x11")
    assert last.terminal.wait() == 0
    assert b"\x1b[?1049l" in last.terminal.seen  # the terminal is as it was
