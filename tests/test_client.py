"""The client of models in a process of its own: what becomes of it, of keys, and of a call that is let go.

That it answers as the one in this process does, `test_llm.py` tests.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import scripted
from conftest import ROOT
from scripted import Server, says

from index.errors import Unreachable
from qa.calls import Call, End
from qa.client import Client
from qa.config import ModelOptions
from qa.destinations import Destination

KEY = "qx-7f3a9c2e41d8b6550a"


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def client():
    client = Client()
    client.start()
    yield client
    client.close()


def call_of(server: Server, name: str) -> Call:
    base = f"{server.url}/v1"
    where = Destination(f"127.0.0.1:{server.server_port}", True, "openai", base, "OPENAI_API_KEY")
    options = ModelOptions(first_token_s=20.0, idle_s=20.0)
    return Call(f"openai/{name}", where, options, [{"role": "user", "content": "Who?"}])


def text_of(pieces) -> str:
    return "".join(piece for piece in pieces if not isinstance(piece, End)).strip()


def test_the_process_is_kept_and_what_was_let_go_is_not_heard_again(server, client):
    server.scripts["long"] = scripted.trickles
    server.scripts["short"] = says("Yes [1].")
    process = client.start()
    server.hung_up.clear()
    pieces = client.stream(call_of(server, "long"))
    while not next(pieces):
        pass
    pieces.close()
    assert server.hung_up.wait(3), "the connection is shut"
    assert text_of(client.stream(call_of(server, "short"))) == "Yes [1]."
    assert client.start() is process


def test_a_process_that_dies_ends_one_answer_and_not_the_next(server):
    client = Client()
    server.scripts["long"] = scripted.trickles
    server.scripts["short"] = says("Yes [1].")
    pieces = client.stream(call_of(server, "long"))
    while not next(pieces):
        pass
    client.start().kill()
    with pytest.raises(Unreachable, match="the process that talks to the model ended"):
        list(pieces)
    assert text_of(client.stream(call_of(server, "short"))) == "Yes [1]."
    client.close()


def test_a_call_that_nobody_ends_does_not_hold_up_the_next(server, monkeypatch):
    monkeypatch.setattr("qa.client.PATIENCE_S", 0.5)
    client = Client()
    server.scripts["long"] = scripted.trickles
    server.scripts["short"] = says("Yes [1].")
    forgotten = client.stream(call_of(server, "long"))
    while not next(forgotten):
        pass
    second = client.stream(call_of(server, "short"))
    assert [next(second) for _ in range(4)] == [""] * 4
    with pytest.raises(Unreachable):
        list(forgotten)
    assert text_of(second) == "Yes [1]."
    client.close()


def test_the_key_goes_by_the_environment(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    client = Client()
    server.scripts["short"] = says("Yes [1].")
    server.requests.clear()
    process = client.start()
    assert KEY not in " ".join(process.args)
    assert text_of(client.stream(call_of(server, "short"))) == "Yes [1]."
    assert server.requests[0][1]["Authorization"] == f"Bearer {KEY}"
    client.close()


def test_it_ends_with_the_one_who_asks(server):
    code = """
import os, signal, sys
from qa.client import Client
print(Client().start().pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    pid, end = int(done.stdout), time.monotonic() + 20
    while _runs(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_whoever_asks_through_it_imports_neither_litellm_nor_a_client_of_http(server):
    server.scripts["short"] = says("Yes [1].")
    code = f"""
import json, sys
from qa.client import Client
from qa.config import ModelOptions, Settings
from qa.llm import ModelAnswerer
settings = Settings(api_base={server.url + "/v1"!r})
client = Client()
answerer = ModelAnswerer("openai/short", settings, client.stream)
*_, draft = answerer.answer("Who?", [], [])
client.close()
found = [m for m in ("litellm", "openai", "httpx", "pydantic") if m in sys.modules]
print(json.dumps([draft.text, found]))
"""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[-1]) == ["Yes [1].", []]


def test_leaving_while_a_thread_is_inside_a_library_is_no_crash():
    """The end of the interpreter would abort the process, as it does here without `leave`."""
    code = """
import sys, threading, time
from qa.cli.chatting import leave
threading.Thread(target=sys.stdin.buffer.read, daemon=True, name="qa-chat").start()
time.sleep(0.2)
sys.exit(leave(3) if sys.argv[1:] else 3)
"""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    codes = []
    for how in ([], ["as we do"]):
        with subprocess.Popen(
            [sys.executable, "-c", code, *how], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        ) as child:  # fmt: skip
            codes.append(child.wait(60))
    assert codes == [-6, 3]
