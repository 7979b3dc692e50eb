"""What every test has: its own configuration and data folders, no network, and one index of the sample."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("QA_SHARED", ROOT.parent / "shared"))
SAMPLE = Path(str(files("eval") / "sample"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job is started so, and what the tests start would be deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the person's settings or writes among their sessions."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    for name in [
        n for n in os.environ if n.startswith("QA_") and n not in ("QA_CACHE", "QA_SHARED")
    ]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but this machine fails the test that tried it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "local"
        if isinstance(address, tuple) and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of an index of the sample articles; tests must not write to it."""
    from index.build import build
    from index.embed import open_embedder

    store = tmp_path_factory.mktemp("sample") / ".qa"
    build(store, [SAMPLE / "articles"], open_embedder("minilm"))
    return store


@pytest.fixture(scope="session")
def sample_corpus(sample_store: Path) -> Iterator[object]:
    """The sample index, open."""
    from index.corpus import Corpus
    from index.embed import open_embedder

    corpus = Corpus(sample_store, lambda: open_embedder("minilm"))
    yield corpus
    corpus.close()


def run_qa(
    *arguments: str | Path, cwd: Path, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "qa", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


class Said(NamedTuple):
    """What a command returned and wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def qa(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    sample_store: Path,
) -> Callable[..., Said]:
    """Run the command line inside this process, in `tmp_path` and over the sample index.

    A process of its own costs a second; what needs one (streams, signals, imports) takes `run_qa`.
    """
    import io

    from qa.cli import run

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QA_STORE", str(sample_store))

    def call(*arguments: str | Path, stdin: str = "") -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = run([str(a) for a in arguments])
        return Said(code, *capsys.readouterr())

    return call
