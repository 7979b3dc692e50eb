"""Reading apart: what a file that hangs, crashes or eats memory does to the others; archives; the hostile files."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SHARED

from benchmarks.surviving.scene import Quick
from index import readers
from index.build import build
from index.entries import Ended, Event
from index.reading import Reading, apart
from index.types import Article
from index.walk import File
from index.worker import pack, unpack

BODY = "The mayor opened the new bridge on Friday. It took nine years to build, and cost 4 million."

# The reader's process with a format that misbehaves as its text says.
MISBEHAVING = """
import os, signal, sys
from index import readers, limits, worker
worker.CPU_SECONDS = 1
def read(data, name):
    said = data.decode()
    if "hang" in said:
        while True: pass
    if "crash" in said:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "eat" in said:
        data * 200_000_000
    if "fault" in said:
        raise KeyError("of the parser")
    if "leave" in said:
        os._exit(3)
    return readers.read_text(data, name)
readers.READERS[".html"] = read
worker.main()
"""


def file(folder: Path, name: str, data: str | bytes) -> File:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    about = path.stat()
    return File(path, name, about.st_size, about.st_mtime_ns)


def ends(events: list[Event]) -> dict[str, tuple[str, str | None]]:
    return {e.path: (e.status, e.reason) for e in events if isinstance(e, Ended)}


def read(files: list[File], *, misbehaving: bool = False) -> tuple[list[Event], int]:
    command = [sys.executable, "-P", "-c", MISBEHAVING]
    with Reading(command) if misbehaving else Reading() as reading:
        found = [event for _, events in reading.read(files) for event in events]
        return found, reading.restarts


def archive(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return out.getvalue()


def test_a_file_that_kills_its_reader_costs_one_line(tmp_path: Path) -> None:
    names = ["good", "crash", "hang", "good", "eat", "fault", "leave", "good"]
    files = [file(tmp_path, f"{n}.html", f"{name}. {BODY}") for n, name in enumerate(names)]
    events, restarts = read(files, misbehaving=True)
    assert ends(events) == {
        "0.html": ("indexed", None),
        "1.html": ("failed", "crashes its parser (SIGSEGV)"),
        "2.html": ("failed", "takes over 60 s to be read"),
        "3.html": ("indexed", None),
        "4.html": ("failed", "needs more than 1 GB of memory to be read"),
        "5.html": ("failed", "its parser failed (KeyError)"),
        "6.html": ("failed", "needs more than 1 GB of memory to be read"),
        "7.html": ("indexed", None),
    }
    assert restarts == 3
    assert all(e.sha256 for e in events if isinstance(e, Ended)), "known again the next time"


def test_a_member_that_kills_its_reader_costs_one_line(tmp_path: Path) -> None:
    names = ("a", "crash", "b", "eat", "fault", "c")
    packed = archive({f"{n}-{name}.html": f"{name} {BODY}" for n, name in enumerate(names)})
    events, _ = read([file(tmp_path, "x.zip", packed)], misbehaving=True)
    told = ends(events)
    assert [told[f"x.zip!/{n}-{name}.html"][0] for n, name in enumerate(names)] == [
        "indexed", "failed", "indexed", "failed", "failed", "indexed"
    ]  # fmt: skip
    assert told["x.zip"] == ("indexed", None)


def test_a_process_that_does_not_start_is_told(tmp_path: Path) -> None:
    from index.errors import QaError

    bad = [sys.executable, "-c", "raise SystemExit('no such thing here')"]
    with Reading(bad) as reading, pytest.raises(QaError, match="no such thing here"):
        for _, events in reading.read([file(tmp_path, "a.html", BODY)]):
            list(events)


def test_what_came_before_the_end_is_kept(tmp_path: Path) -> None:
    """A file of records whose reader dies in the middle is indexed as far as it was read."""
    from test_build import Hashed

    from index.build import build

    lines = [
        json.dumps({"title": f"Bridge {n}", "text": f"{n}. {BODY}", "x": os.urandom(9000).hex()})
        for n in range(300)
    ]
    data = gzip.compress("\n".join(lines).encode())
    (tmp_path / "a").mkdir()
    file(tmp_path / "a", "x.jsonl.gz", data[: len(data) // 2])
    report = build(tmp_path / ".qa", [tmp_path / "a"], Hashed())
    assert 0 < report.articles < 300
    assert report.files == {"found": 1, "indexed": 1, "unchanged": 0, "skipped": 0, "failed": 0}
    assert [f["reason"] for f in report.failed] == [
        "the rest of the file cannot be read: damaged gzip file"
    ]


def test_small_text_needs_no_process(tmp_path: Path) -> None:
    small, large = file(tmp_path, "a.txt", BODY), file(tmp_path, "b.txt", f"{BODY}\n\n" * 4000)
    page = file(tmp_path, "c.html", f"<p>{BODY}</p>")
    assert [apart(f) for f in (small, large, page)] == [False, True, True]
    events, _ = read([small, large, page])
    here, there = (e for e in events if isinstance(e, Article) and e.source.paths[0] != "b.txt")
    assert here.text == there.text == BODY


def test_the_process_imports_nothing_heavy() -> None:
    code = "import sys, index.worker; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout.split()
    heavy = {"numpy", "torch", "chromadb", "onnxruntime", "tokenizers", "trafilatura", "docx"}
    assert not heavy & set(loaded)


def test_events_survive_the_pipe(tmp_path: Path) -> None:
    strange = file(tmp_path, "a.txt", f"Titel\n\n{BODY} “Ümläut” \u2028 and more.")
    events, _ = read([strange])
    assert [unpack(pack(event)) for event in events] == events


def test_members_of_an_archive_are_files(tmp_path: Path) -> None:
    inner = archive({"deep.txt": f"Deep. {BODY}", "deeper.zip": archive({"x.txt": BODY})})
    packed = archive({
        "one.txt": BODY, "../../up/two.txt": f"Two. {BODY}", "C:\\three.txt": f"Three. {BODY}",
        "photo.jpg": b"\xff", "__MACOSX/._one.txt": "x", "empty.txt": "", "folder/": "",
        "broken.pdf": b"%PDF no", "inner.zip": inner, "bomb.txt": b"a" * 40_000_000,
        "records.jsonl": json.dumps({"text": BODY, "title": "A bridge opens"}),
        "no.zip": b"no zip",
    })  # fmt: skip
    events, _ = read([file(tmp_path, "x.zip", packed)])
    assert ends(events) == {
        "x.zip!/one.txt": ("indexed", None),
        "x.zip!/up/two.txt": ("indexed", None),
        "x.zip!/three.txt": ("indexed", None),
        "x.zip!/photo.jpg": ("skipped", "not a kind that is read (.jpg)"),
        "x.zip!/__MACOSX/._one.txt": ("skipped", "hidden"),
        "x.zip!/empty.txt": ("skipped", "empty file"),
        "x.zip!/broken.pdf": ("failed", "damaged or not a PDF"),
        "x.zip!/inner.zip!/deep.txt": ("indexed", None),
        "x.zip!/inner.zip!/deeper.zip": ("skipped", "archives nested too deeply"),
        "x.zip!/bomb.txt": ("failed", "unpacks to more than 200 times its size"),
        "x.zip!/records.jsonl": ("indexed", None),
        "x.zip!/no.zip": ("failed", "damaged or not a zip archive"),
        "x.zip": ("indexed", None),
    }
    assert not list(tmp_path.parent.glob("up")), "nothing is unpacked"


def test_an_archive_that_is_none(tmp_path: Path) -> None:
    empty = archive({})
    files = [file(tmp_path, "bad.zip", b"PK no"), file(tmp_path, "empty.zip", empty)]
    assert ends(read(files)[0]) == {
        "bad.zip": ("failed", "damaged or not a zip archive"),
        "empty.zip": ("skipped", "the archive holds no files"),
    }


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared test material (QA_SHARED=DIR)")
def test_hostile_files_end_as_expected(tmp_path: Path) -> None:
    from benchmarks.hostile import read_all, unmet

    tool = SHARED / "security" / "tools" / "gen_hostile_files.py"
    folder = tmp_path / "hostile"
    subprocess.run([sys.executable, tool, folder], check=True, capture_output=True)
    expected = json.loads((tmp_path / "hostile.expectations.json").read_text())
    # The peak is that of any child of the process that asks, with what it had when it started the child:
    # a process of its own keeps this one's memory, and that of other tests, out of it.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        outcome = alone.submit(read_all, folder).result()
    assert len(expected) >= 240
    assert unmet(folder, outcome, expected) == []
    assert outcome.worker_mib < 1024
    read = "\n".join(text for path, text in outcome.texts.items() if "fuzz" not in path)
    assert not re.search("HIDDEN-773[1-6]|HIDDEN-7740|root:x:|EXPANDED", read)


def test_a_file_that_changes_while_it_is_read_is_told_and_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    log = articles / "log.jsonl"
    log.write_text(
        "".join(json.dumps({"title": f"Day {n}", "text": BODY}) + "\n" for n in range(9))
    )
    real = readers.read_stream

    def while_written(*arguments: Any) -> Iterator[Any]:
        yield from real(*arguments)
        with log.open("a") as end:
            end.write(json.dumps({"title": "Late", "text": f"{BODY} Then it rained."}) + "\n")

    with monkeypatch.context() as patched:
        patched.setattr(readers, "read_stream", while_written)
        report = build(tmp_path / ".qa", [articles], Quick())
    assert [f["reason"] for f in report.failed] == [
        "changed while it was read: qa index reads it again"
    ]
    assert (report.articles, report.files["indexed"]) == (9, 1)
    about = log.stat()
    os.utime(log, ns=(about.st_atime_ns, about.st_mtime_ns - 10**12))
    report = build(tmp_path / ".qa", [articles], Quick())
    assert (report.failed, report.articles) == ([], 10)
    assert build(tmp_path / ".qa", [articles], Quick()).files["unchanged"] == 1


@pytest.mark.parametrize("name", ["a.txt", "a.html"])  # read here, and in a process
def test_a_disk_that_failed_for_a_moment_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / name).write_text(f"<html><body><p>{BODY}</p></body></html>")
    (articles / "b.txt").write_text("The old mill at Varn burned down on Tuesday.")
    failing = """
from index import readers, worker
def read(data, name):
    raise OSError(5, "Input/output error")
readers.READERS[".html"] = readers.READERS[".txt"] = read
worker.main()
"""
    with monkeypatch.context() as patched:
        patched.setattr("index.staging.Reading", lambda: Reading([sys.executable, "-c", failing]))
        real = readers.read_stream

        def broken(file: Any, name: str, *rest: Any) -> Iterator[Any]:
            if name == "a.txt":
                raise OSError(5, "Input/output error")
            yield from real(file, name, *rest)

        patched.setattr(readers, "read_stream", broken)
        report = build(tmp_path / ".qa", [articles], Quick())
    assert [f["reason"] for f in report.failed] == ["input/output error"]
    report = build(tmp_path / ".qa", [articles], Quick())
    assert (report.failed, report.articles) == ([], 2)
