"""With the built-in answerer nothing opens a socket: proven in an empty network namespace, and by a guard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, SAMPLE

ASK = "who led Russia's delegation?"

GUARD = """
import os, socket, sys

# Only urllib3 makes a socket: when it is imported it binds one to ::1 to see whether there is IPv6.
FREE = ("socket.__new__", "socket.bind", "socket.gethostname")

def refuse(event, arguments):
    if not event.startswith("socket.") or event in FREE and arguments[1:] in ((), (("::1", 0),)):
        return
    if event == "socket.__new__" or getattr(arguments[0], "family", None) == socket.AF_UNIX:
        return
    tell(event, arguments)

def tell(event, arguments):
    os.write(2, f"GUARD {event} {arguments}\\n".encode())
    os._exit(99)

sys.addaudithook(refuse)
"""

FORMATS = [
    "bosphorus-daily/2025-06-03-ciragan.html",
    "harbour-ledger/2024-06-11-channel-reopens.pdf",
    "harbour-ledger/2025-06-05-how-many-bombers.docx",
    "lantern-weekly/briefs.json",
    "meridian-wire/archive-export.csv",
]

STEPS = [
    (["index", "articles"], ""),
    (["ask", ASK, "--json"], ""),
    (["search", "bodies returned", "--json"], ""),
    (["chat"], f"{ASK}\nand when was that?\n"),
    (["eval", "q.jsonl", "--out", "run.jsonl", "--report", "run.html"], ""),
    (["compare", "run.jsonl", "run.jsonl"], ""),
    (["status"], ""),
    (["doctor"], ""),
    (["config"], ""),
]


def alone() -> list[str]:
    """The prefix of a command that has no network at all; skips where that is not permitted."""
    prefix = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        probe = subprocess.run([*prefix, "true"], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if probe.returncode:
        pytest.skip(f"no network namespace of one's own: {probe.stderr.strip()}")
    return prefix


def go_through(folder: Path, prefix: list[str], **environment: str) -> None:
    """Index a few articles and run every command over them."""
    case = {"id": "1", "question": ASK, "answers": ["Medinsky"]}
    (folder / "q.jsonl").write_text(json.dumps(case) + "\n")
    articles = folder / "articles"
    articles.mkdir()
    (articles / "talks.txt").write_text(
        "Talks in Istanbul\n\nVladimir Medinsky led Russia's delegation on Friday. The talks took two "
        "hours. A second round was to follow in June.\n"
    )
    for file in FORMATS:
        shutil.copy(SAMPLE / "articles" / file, articles)
    for arguments, stdin in STEPS:
        done = subprocess.run(
            [*prefix, sys.executable, "-m", "qa", *arguments],
            cwd=folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
        assert done.returncode == 0, (arguments, done.stderr)
        assert "GUARD" not in done.stderr
        if arguments[0] in ("ask", "chat"):
            assert "Medinsky" in done.stdout


def test_every_command_works_without_a_network(tmp_path: Path) -> None:
    go_through(tmp_path, alone())


def test_no_command_opens_a_socket(tmp_path: Path) -> None:
    guard = tmp_path / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD)
    path = os.pathsep.join([str(guard), str(ROOT)])
    watched = subprocess.run(
        [sys.executable, "-c", "import socket; socket.socket().connect(('127.0.0.1', 9))"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
    )
    assert watched.returncode == 99, "the guard does its work"
    go_through(tmp_path, [], PYTHONPATH=path)


def test_the_runtime_of_the_networks_reports_to_nobody(tmp_path: Path) -> None:
    """Its reports leave from threads of C++, which no guard of Python sees; what it keeps for them shows."""
    code = "from qa.reader import open_network as o; o('reranker.onnx', ''); import time; time.sleep(1)"
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"} | home
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    assert not list(tmp_path.rglob("*onnxruntime*"))
