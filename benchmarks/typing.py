"""How long a key waits for its letter, while the chat is busy.

    make bench-chat

Each key is typed into a real terminal and timed until its letter is drawn. Meanwhile the chat (1) streams
an answer at 200 tokens a second from a server on this machine, (2) loads the client of hosted models,
(3) has the index built anew. Target: 50 ms for 99 of 100 keys.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

from benchmarks.terminal import QA, ROOT, Terminal

KEYS = 120
LOADS = 4
GAP = 0.06  # seconds between keys: a fast typist
LETTERS = "XZJKYV"  # in no word of the screen, so that one that is drawn was typed


class _Model(BaseHTTPRequestHandler):
    """Streams 200 words a second for a minute, as an OpenAI-compatible server does."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        body = json.dumps({"data": [{"id": "m"}]}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        began = time.monotonic()
        try:
            for number in range(12_000):
                chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
                         "choices": [{"index": 0, "delta": {"content": f"word{number} "},
                                      "finish_reason": None}]}  # fmt: skip
                self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
                self.wfile.flush()
                time.sleep(max(0.0, began + number / 200 - time.monotonic()))
        except OSError:
            pass


def main() -> None:
    """Print the figures against the targets."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder, "articles")
        shutil.copytree(str(files("eval") / "sample" / "articles"), articles)
        base = f"http://127.0.0.1:{server.server_port}/v1"
        Path(folder, "qa.toml").write_text(
            f'[models.local]\nmodel = "openai/m"\napi_base = "{base}"\n'
        )
        env = {"XDG_DATA_HOME": f"{folder}/data", "XDG_CONFIG_HOME": f"{folder}/config",
               "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}  # fmt: skip
        os.environ.update(env)
        os.system(f"cd {folder} && {sys.executable} -m qa index -q articles >/dev/null")
        print(
            "keys until their letter is drawn: median, 99 of 100, slowest (target 50 ms for 99 of 100)"
        )
        _while_idle(folder)
        _while_model_loads(folder)
        _while_indexing(folder, articles)


def _chat(folder: str, *arguments: str, quiet: float = 0.3) -> Terminal:
    terminal = Terminal([*QA, "chat", *arguments], cwd=folder, columns=120, lines=40)
    terminal.until(b"articles", 60)
    terminal.settle(quiet, 2.0)  # the cursor blinks twice a second
    return terminal


def _while_idle(folder: str) -> None:
    terminal = _chat(folder)
    _report("nothing else going on", _type(terminal))
    terminal.kill()


def _while_model_loads(folder: str) -> None:
    loading = []
    for turn in range(LOADS):  # one is over after a few dozen keys
        terminal = _chat(folder, "--model", "local", quiet=0.0)
        terminal.type("tell me everything\r")
        loading += _type(terminal, until=b"word12 ")
        if turn < LOADS - 1:
            terminal.kill()
    _report("a model's client loads", loading)
    terminal.settle(0.0, 0.1)
    _report("an answer streams, 200 tokens/s", _type(terminal))
    terminal.kill()


def _while_indexing(folder: str, articles: Path) -> None:
    terminal = _chat(folder)
    for number in range(400):
        sentences = [
            f"Number {number} of {n} was said by Ann Lee in Harbour Town." for n in range(60)
        ]
        Path(articles, f"more-{number}.txt").write_text(" ".join(sentences))
    terminal.type("/reindex\r")
    terminal.until(b"embedding", 300)
    _report("an index is built", _type(terminal))
    terminal.kill()


def _type(terminal: Terminal, *, until: bytes | None = None) -> list[float]:
    """Type letters, each timed until it is drawn; return milliseconds."""
    times: list[float] = []
    for number in range(KEYS * 20):
        place = number % len(LETTERS)
        if place == 0:
            terminal.type("\x15")  # Ctrl+U: an empty input
            terminal.settle(0.05, 0.3)
        letter, start, began = LETTERS[place], len(terminal.seen), time.perf_counter()
        terminal.type(letter)
        while letter.encode() not in terminal.seen[start:]:
            terminal.read(0.002)
            if time.perf_counter() - began > 10:
                raise TimeoutError(f"no {letter!r} within 10 s")
        times.append((time.perf_counter() - began) * 1000)
        if (until is None and number >= KEYS) or (until is not None and until in terminal.seen):
            break
        while (left := GAP - (time.perf_counter() - began)) > 0:
            terminal.read(left)
    return times


def _report(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(
        f"  {name:<32} {statistics.median(times):5.0f} {p99:5.0f} {ordered[-1]:5.0f} ms"
        f"   ({len(times)} keys)",
        flush=True,
    )


if __name__ == "__main__":
    main()
