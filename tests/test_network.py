"""With the built-in answerer nothing opens a socket: proven in an empty network namespace, and by a guard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, SAMPLE

ASK = "Who led the Russian delegation in Istanbul in May 2025?"

GUARD = """
import os, socket, sys

def refuse(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto"):
        tell(event, arguments)
    if event == "socket.connect" and arguments[0].family != socket.AF_UNIX:
        tell(event, arguments)
    if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
        tell(event, arguments)

def tell(event, arguments):
    os.write(2, f"GUARD {event} {arguments}\\n".encode())
    os._exit(99)

sys.addaudithook(refuse)
"""

STEPS = [
    (["index", "ARTICLES"], ""),
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
    """Index three articles and run every command over them."""
    articles = folder / "articles"
    articles.mkdir()
    for name in ("bosphorus-daily", "northline"):
        (articles / name).symlink_to(SAMPLE / "articles" / name)
    case = {"id": "1", "question": ASK, "answers": ["Medinsky"]}
    (folder / "q.jsonl").write_text(json.dumps(case) + "\n")
    sources = [str(SAMPLE / "articles" / name) for name in ("bosphorus-daily", "northline")]
    for arguments, stdin in STEPS:
        if arguments[0] == "index":
            arguments = ["index", *sources]
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
        [sys.executable, "-c", "import socket; socket.socket(socket.AF_INET)"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
    )
    assert watched.returncode == 99, "the guard does its work"
    go_through(tmp_path, [], PYTHONPATH=path)
