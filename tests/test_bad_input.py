"""Whatever people type or hand in ends in a line or two on stderr that say what to do next, and in the
contract's exit code; nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Said, run_qa

Qa = Callable[..., Said]

MILL = "The old mill at Varn burned down on Tuesday. Nobody was hurt, said the mayor, Ida Brandt."
ASK = "When did the old mill burn down?"


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def told(said: Said, code: int, *parts: str) -> None:
    """The code, and one or two plain lines on stderr with these parts."""
    assert said.code == code, said
    lines = said.err.splitlines()
    assert 1 <= len(lines) <= 2, said.err
    assert lines[0].startswith("qa: ")
    assert "Traceback" not in said.err
    assert "unexpected" not in said.err
    assert "\x1b" not in said.out + said.err
    for part in parts:
        assert part in said.err
    assert said.out == ""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one article and its index, to be copied."""
    from index.build import build
    from index.embed import open_embedder

    folder = tmp_path_factory.mktemp("made")
    write(folder / "a" / "mill.txt", MILL)
    build(folder / ".qa", [folder / "a"], open_embedder("minilm"))
    return folder


@pytest.fixture
def own(made: Path, tmp_path: Path, qa: Qa, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it as the current folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.delenv("QA_STORE")
    return tmp_path


def still_answers(qa: Qa) -> None:
    said = qa("search", "the old mill")
    assert said.code == 0, said.err
    assert "Ida Brandt" in said.out


# ---------------------------------------------------------------- questions, filters, ids, settings


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ([""], ["the question is empty"]),
        ([" \t\n "], ["the question is empty"]),
        (["who " * 25_000], ["99,999 characters", "8,000"]),
        (["x", "-k", "0"], ["-k", "1 to 100"]),
        (["x", "-k", "101"], ["-k", "1 to 100"]),
        (["x", "-k", "two"], ["'two'", "--help"]),
        (["x", "--since", "2025-13-01"], ["--since: '2025-13-01' is not a date", "2025-05-31"]),
        (["x", "--since", "32 May"], ["--since: '32 May' is not a date", "2025-05-31"]),
        (["x", "--until", "soonish"], ["--until: 'soonish' is not a date"]),
        (["x", "--since", "2026", "--until", "2025"], ["2026-01-01", "2025-12-31", "swap"]),
        (["x", "--source", "Harbor Leger"], ["'Harbor Leger'", "The Harbour Ledger"]),
        (["x", "--bogus"], ["--bogus", "--help"]),
        ([], ["Missing argument", "--help"]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_arguments(qa: Qa, command: str, arguments: list[str], parts: list[str]) -> None:
    said = qa(command, *arguments)
    told(said, 2, *parts)


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_server_that_is_not_there_is_named_without_its_password(qa: Qa, command: str) -> None:
    said = qa(command, "x", "--store", "http://me:sesame@127.0.0.1:9")
    told(said, 4, "127.0.0.1:9", "cannot be reached", "--store DIR")
    assert "sesame" not in said.err


@pytest.mark.parametrize(
    "question",
    ["?!…", "🙂🙂", "Какой сегодня день?", "誰が代表団を率いたのか", "\x00\x07", "who \udcff", "NOT (a AND *:*) \"^~"],
)  # fmt: skip
def test_odd_questions_are_questions(qa: Qa, question: str) -> None:
    for command in ("ask", "search"):
        said = qa(command, question)
        assert said.code in (0, 1)
        assert "unexpected" not in said.err


def test_escape_codes_in_a_question_reach_nobody(qa: Qa) -> None:
    for command in ("ask", "search"):
        for flags in ([], ["--json"], ["--explain"]):
            said = qa(command, "truce \x1b]0;owned\x07 \x9b31m talks", *flags)
            assert not set(said.out + said.err) & set("\x1b\x07\x9b")
    said = qa("show", "\x1b[31mred")
    told(said, 2, "there is no article")


@pytest.mark.parametrize("name", ["nowhere", "nowhere#3", "#", "#1", "", "northline/none.txt", "%"])
def test_unknown_ids(qa: Qa, name: str) -> None:
    told(qa("show", name), 2, "there is no article")


def test_a_passage_that_an_article_does_not_have(qa: Qa) -> None:
    told(qa("show", "northline/istanbul-round-two.txt#99"), 2, "there is no passage")


def test_unknown_commands_and_keys(qa: Qa, tmp_path: Path) -> None:
    told(qa("aks", "x"), 2, "'aks'", "'ask'")
    write(tmp_path / "qa.toml", 'modle = "extractive"\n')
    told(qa("ask", "x"), 2, "qa.toml", "'modle'", "did you mean 'model'?")
    write(tmp_path / "qa.toml", "model = \n")
    told(qa("ask", "x"), 2, "qa.toml is not valid TOML")
    write(tmp_path / "qa.toml", "[models.fast]\ntemprature = 1\n")
    told(qa("config"), 2, "qa.toml [models.fast]", "did you mean 'temperature'?")


def test_wrong_values_in_the_environment(qa: Qa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_K", "many")
    told(qa("status"), 2, "QA_K", "'many'")


# ---------------------------------------------------------------- models


@pytest.fixture(scope="module")
def closed() -> int:
    """A port of this machine at which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_models_that_are_not_there(
    qa: Qa, closed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    told(qa("ask", "x", "--model", "extractve"), 2, "'extractve'", "did you mean 'extractive'?")
    told(qa("ask", "x", "--model", "openai/gpt-4o"), 4, "OPENAI_API_KEY is not set", "qa models")
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{closed}")
    said = qa("ask", "who led the talks?", "--model", "ollama/llama3.2")
    told(said, 4, f"127.0.0.1:{closed} is not there", "ollama serve")
    base = f"http://127.0.0.1:{closed}/v1"
    said = qa("ask", "who led the talks?", "--model", "openai/x", "--api-base", base)
    told(said, 4, f"127.0.0.1:{closed} is not there", "qa models")
    said = qa("ask", "x", "--model", "openai/x", "--api-base", "http://")
    told(said, 2, "the API base is not an address")
    told(qa("ask", "x", "--model", "openai/gpt-4o", "--offline"), 4, "offline")


# ---------------------------------------------------------------- the index


COMMANDS = [["ask", "x"], ["search", "x"], ["status"], ["show", "x"], ["chat"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_nothing_indexed_yet(
    qa: Qa, tmp_path: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QA_STORE")
    told(qa(*command), 3, f"there is no index in {tmp_path}", "try: qa index PATH…")
    assert list(tmp_path.iterdir()) == [], "asking makes no folder"


def test_paths_that_cannot_be_indexed(qa: Qa, own: Path) -> None:
    told(qa("index", "-q", "nowhere"), 2, "there is no file or folder 'nowhere'")
    (own / "empty").mkdir()
    told(qa("index", "-q", "empty"), 2, "nothing to index in empty", ".docx")
    write(own / "photo.jpg", "x")
    told(qa("index", "-q", "photo.jpg"), 2, "nothing to index in photo.jpg")
    write(own / "bad" / "b.json", "{")
    told(qa("index", "-q", "bad"), 3, "no article could be read", "b.json", "left as it was")
    still_answers(qa)


def test_index_without_a_path_the_first_time(
    qa: Qa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QA_STORE")
    told(qa("index", "-q"), 2, "name the files or folders", "try: qa index")


def test_files_that_cannot_be_read_are_listed(qa: Qa, own: Path) -> None:
    write(own / "a" / "empty.txt", "")
    (own / "a" / "noise.txt").write_bytes(bytes(range(256)) * 16)
    (own / "a" / "latin.txt").write_bytes(
        "Im Café von Viñas brannte am Montag das Dach.".encode("cp1252")
    )
    (own / "a" / "folder.txt").mkdir()
    (own / "a" / "x.pdf").write_bytes(b"%PDF-1.7 and no more")
    (own / "a" / "loop.txt").symlink_to("loop.txt")
    (own / "a" / "out.txt").symlink_to("/etc/hostname")
    write(own / "a" / "odd\x1b[31m\n.json", "{")
    os.mkfifo(own / "a" / "pipe.txt")
    said = qa("index", "-q", "a")
    assert said.code == 0
    failed = [line for line in said.err.splitlines() if line.startswith("failed: ")]
    assert [line.split(": ")[1] for line in failed] == ["a/odd␛[31m .json", "a/x.pdf"]
    skipped = [line for line in said.err.splitlines() if line.startswith("skipped: ")]
    assert [line.split(": ")[1:] for line in skipped] == [
        ["a/empty.txt", "empty file"],
        ["a/loop.txt", "a link that leads nowhere"],
        ["a/noise.txt", "not a text file"],
        ["a/out.txt", "a link that leads out of the folder"],
        ["a/pipe.txt", "not a regular file"],
    ]
    assert "9 files: 1 indexed, 1 unchanged, 5 skipped, 2 failed" in said.out
    assert "Café von Viñas" in qa("search", "Dach").out
    assert "\x1b" not in said.err + qa("status").out


def test_a_folder_that_cannot_be_listed_is_told(
    qa: Qa, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(own / "a" / "locked" / "well.txt", "A well was dug in the market of Varn.")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    said = qa("index", "-q", "a")
    assert said.code == 0
    assert "failed: a/locked: Permission denied" in said.err


def test_an_index_inside_its_own_folder_is_not_read_as_articles(qa: Qa, own: Path) -> None:
    shutil.rmtree(own / ".qa")
    for _ in range(2):
        said = qa("index", "-q", ".", "--store", "kept")
        assert said.code == 0
        assert said.err == ""
        assert said.out.startswith("1 article, 1 passage in kept ")


def test_a_store_that_is_a_file(qa: Qa, own: Path) -> None:
    write(own / "file", "precious")
    told(qa("index", "-q", "a", "--store", "file"), 2, "it is a file", "--store DIR")
    told(qa("ask", "x", "--store", "file"), 3, "there is no index in file")
    assert (own / "file").read_text() == "precious"


def test_another_embedder(qa: Qa, own: Path) -> None:
    with sqlite3.connect(own / ".qa" / "catalogue.sqlite3") as db:
        db.execute("UPDATE meta SET value = 'other/1a2b/512' WHERE key = 'embedder'")
    db.close()
    for command in (["ask", ASK], ["search", "mill"], ["index", "-q", "a"]):
        told(qa(*command), 3, "other/1a2b/512", "minilm", "qa index --rebuild")
    assert qa("doctor").code == 3
    assert qa("index", "-q", "--rebuild", "a").code == 0
    still_answers(qa)


def test_a_model_that_the_index_was_not_made_with_is_not_looked_for(qa: Qa, own: Path) -> None:
    started = time.monotonic()
    said = qa("search", "mill", "--embedder", "someone/some-model")
    told(said, 3, "minilm/", "someone/some-model", "qa index --rebuild")
    assert time.monotonic() - started < 10, "no hub was asked"


@pytest.mark.parametrize("damage", ["noise", "empty", "cut"])
def test_a_damaged_catalogue(qa: Qa, own: Path, damage: str) -> None:
    file = own / ".qa" / "catalogue.sqlite3"
    for log in own.glob(".qa/*-wal"):
        log.unlink()
    whole = file.read_bytes()
    file.write_bytes({"noise": os.urandom(4096), "empty": b"", "cut": whole[:5000]}[damage])
    for command in (["ask", ASK], ["search", "mill"], ["status"]):
        told(qa(*command), 3, "is damaged", "qa index --rebuild PATH…")
    said = qa("doctor")
    assert said.code == 3
    assert "mend it: qa index --rebuild" in said.out
    assert qa("index", "-q", "--rebuild", "a").code == 0
    still_answers(qa)


def test_a_lost_generation_is_made_again_without_embedding(qa: Qa, own: Path) -> None:
    shutil.rmtree(own / ".qa" / "generations")
    told(qa("ask", ASK), 3, "is damaged", "qa index --rebuild PATH…")
    said = qa("index", "-q", "a", "--json")
    assert said.code == 0
    assert '"embedded": 0' in said.out
    still_answers(qa)


# ---------------------------------------------------------------- question sets


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["holds no questions"]),
        ('{"id": "1", "question": "Who?"}\n{"id": 2\n', ["q.jsonl, line 2", "not valid JSON"]),
        ('\n\n{"id": "1"}\n', ["q.jsonl, line 3", "'question'"]),
        ('{"id": "1", "question": "Who?", "awnsers": []}', ["line 1", "did you mean 'answers'?"]),
        ('{"id": "1", "question": "Who?"}\n{"id": "1", "question": "Why?"}', ["'1' occurs twice"]),
        ("[1, 2]", ["line 1", "must be an object"]),
        (
            '{"id": "1", "question": "Who?", "evidence": ["gone.txt", "northline/istanbul-round-two.txt"]}',
            ["1 of 2", "gone.txt", "qa index PATH…"],
        ),
    ],
)
def test_broken_question_sets(qa: Qa, tmp_path: Path, text: str, parts: list[str]) -> None:
    write(tmp_path / "q.jsonl", text)
    told(qa("eval", "q.jsonl", "--out", "run.jsonl"), 2, *parts)
    assert not (tmp_path / "run.jsonl").exists()


def test_what_is_no_question_set_or_run(qa: Qa, tmp_path: Path) -> None:
    told(qa("eval", "nowhere.jsonl"), 2, "nowhere.jsonl: no such question set")
    (tmp_path / "q.jsonl").write_bytes(b"\xff\xfe\x00")
    told(qa("eval", "q.jsonl"), 2, "is not UTF-8")
    write(tmp_path / "q.txt", "Who?")
    told(qa("eval", "q.txt"), 2, "cannot tell what this is")
    told(qa("compare", "a", "b"), 2, "there is no run file 'a'")
    write(tmp_path / "a", "no run\n")
    told(qa("compare", "a", "a"), 2, "a: ")
    write(tmp_path / "q.jsonl", '{"id": "1", "question": "Who?", "answerable": false}')
    told(qa("eval", "q.jsonl", "--out", "no/such/folder/run.jsonl"), 2, "cannot be written")


# ---------------------------------------------------------------- other processes, other disks


def python(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_two_indexers_at_once(qa: Qa, own: Path) -> None:
    hold = "import sys; from pathlib import Path; from index.store import writing\n"
    hold += "with writing(Path(sys.argv[1])):\n print('held', flush=True); sys.stdin.readline()"
    with python("-c", hold, str(own / ".qa")) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        told(qa("index", "-q", "a"), 4, f"process {holder.pid}")
        still_answers(qa)
        holder.communicate("go on\n")
    assert qa("index", "-q", "a").code == 0


@pytest.fixture
def hanging() -> Iterator[socket.socket]:
    """A server that takes a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(120)
        yield server


def interrupted(process: subprocess.Popen[str]) -> tuple[float, str, str]:
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return time.monotonic() - started, out, err


def test_ctrl_c_while_a_model_is_silent(own: Path, hanging: socket.socket) -> None:
    base = f"http://127.0.0.1:{hanging.getsockname()[1]}/v1"
    arguments = [
        "ask",
        ASK,
        "--model",
        "openai/x",
        "--api-base",
        base,
        "--store",
        str(own / ".qa"),
    ]
    process = python("-m", "qa", *arguments)
    connection, _ = hanging.accept()
    with connection:
        took, out, err = interrupted(process)
    assert process.returncode == 130, err
    assert took < 2
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "interrupted"


def test_ctrl_c_while_indexing(qa: Qa, own: Path) -> None:
    for n in range(1500):
        text = "\n\n".join(f"Mill {n} of {day} was sold by its owner. " * 30 for day in range(4))
        write(own / "a" / f"mill{n}.txt", text)
    process = python("-m", "qa", "index", str(own / "a"), "--store", str(own / ".qa"))
    writer = own / ".qa" / "writer"
    while writer.read_text().strip() != f"process {process.pid}":
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    time.sleep(4)
    took, _, err = interrupted(process)
    assert process.returncode == 130, err
    assert took < 2
    assert err.splitlines()[-1].startswith("interrupted: ")
    assert "Traceback" not in err
    still_answers(qa)


def test_a_reader_that_goes_away_is_no_fault(own: Path) -> None:
    for unbuffered in ("", "1"):
        done = subprocess.run(
            [sys.executable, "-m", "qa", "search", "mill"],
            cwd=own,
            stdout=open_closed_pipe(),
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered},
        )
        assert (done.returncode, done.stderr) == (0, "")


def open_closed_pipe() -> int:
    read, write_ = os.pipe()
    os.close(read)
    return write_


def in_namespace(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script with mounts of its own; skip where that is not permitted."""
    command = ["unshare", "--mount", "--user", "--map-root-user", "bash", "-c"]
    try:
        probe = subprocess.run(
            [*command, "mount -t tmpfs none /mnt"], capture_output=True, text=True
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if probe.returncode:
        pytest.skip(f"no mounts of one's own: {probe.stderr.strip()}")
    return subprocess.run(
        [*command, script],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PY": sys.executable},
    )


def test_a_disk_that_is_full(own: Path) -> None:
    for n in range(60):
        write(own / "a" / f"mill{n}.txt", f"It was mill number {n}. It burned for a day.\n\n" * 400)
    done = in_namespace(
        f"cd {own} && mkdir small && mount -t tmpfs -o size=1m none small && cp -r .qa small/.qa && "
        "$PY -m qa index -q a --store small/.qa; echo code $?; "
        f'$PY -m qa search "the old mill" --store small/.qa; echo code $?'
    )
    first, _, second = done.stdout.partition("code 4\n")
    assert first == "", done
    assert "Ida Brandt" in second
    assert second.endswith("code 0\n")
    assert "free some space" in done.stderr
    assert len(done.stderr.splitlines()) == 2, done.stderr


def test_a_folder_that_cannot_be_written(own: Path) -> None:
    done = in_namespace(
        f"cd {own} && mount --bind . . && mount -o remount,ro,bind . && cd {own} && "
        '$PY -m qa search "the old mill"; echo code $?; $PY -m qa index -q a; echo code $?'
    )
    answer, _, rest = done.stdout.partition("code 0\n")
    assert "Ida Brandt" in answer, done
    assert rest == "code 4\n"
    assert "cannot be written" in done.stderr
    assert run_qa("search", "mill", cwd=own).returncode == 0
