"""What an index survives: the part that needs no process of its own, and a run of the part that does."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from benchmarks.surviving import scene
from benchmarks.surviving.scene import AFTER, BEFORE, LATER
from index import watched
from index.audit import inspect
from index.build import build
from index.catalogue import Catalogue
from index.corpus import Corpus
from index.errors import IndexMissing, Unreachable
from index.sealed import FILE
from index.store import NAME
from qa.indexer import Indexer


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_kills_full_disks_damage_and_crowds(tmp_path: Path) -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/surviving/forked.py",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )
    assert ran.returncode == 0, ran.stdout[-6000:]


def test_an_interrupted_first_run_has_left_no_index(tmp_path: Path) -> None:
    store = tmp_path / NAME
    indexer = Indexer(lambda: store, "minilm")
    assert indexer.missing()
    store.mkdir()
    (store / FILE).touch()  # made, and killed before the tables
    assert indexer.missing()
    Catalogue.open_to_write(store).close()
    assert indexer.missing()
    scene.put(tmp_path, BEFORE)
    build(store, [tmp_path / "articles"], scene.Quick())
    assert not indexer.missing()
    (store / FILE).write_bytes(b"no database" * 1000)
    assert not indexer.missing()  # one that is damaged is not to be offered anew


def test_a_damaged_text_or_vector_is_seen(tmp_path: Path) -> None:
    scene.put(tmp_path, BEFORE)
    build(tmp_path / "whole" / NAME, [tmp_path / "articles"], scene.Quick())
    for change in (
        "UPDATE articles SET text = replace(text, 'orchard', 'orcharf')",
        "UPDATE vectors SET vector = zeroblob(128) WHERE rowid = 2",
    ):
        scene.copy(tmp_path / "whole", tmp_path / "work")
        store = tmp_path / "work" / NAME
        inspect(store)
        db = sqlite3.connect(store / FILE)
        db.execute(change)
        db.commit()
        db.close()
        with pytest.raises(IndexMissing, match="not what was written"):
            inspect(store)
        (store / "catalogue.seal").unlink()  # as after an interrupted run
        with pytest.raises(IndexMissing, match="not what was written"):
            inspect(store)


def test_a_change_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    scene.put(tmp_path, BEFORE)
    store, file = tmp_path / NAME, tmp_path / "articles" / "harbour.txt"
    build(store, [tmp_path / "articles"], scene.Quick())
    before = file.stat()
    file.write_text(file.read_text().replace("harbour", "hxrbour"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    report = build(store, [tmp_path / "articles"], scene.Quick())
    assert report.updated == 1
    assert "hxrbour" in Corpus(store, scene.Quick).search("hxrbour", 1)[0].passage.text


def test_a_clock_that_was_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.put(tmp_path, BEFORE)
    store = tmp_path / NAME
    build(store, [tmp_path / "articles"], scene.Quick())
    for now in (1.0, 4e9):  # 1970, and a time far ahead
        monkeypatch.setattr("time.time", lambda now=now: now)
        monkeypatch.setattr("time.time_ns", lambda now=now: int(now * 1e9))
        file = tmp_path / "articles" / "railway.txt"
        file.write_text(scene.story(f"railway in {now:.0f}"))
        os.utime(file, (now, now))
        report = build(store, [tmp_path / "articles"], scene.Quick())
        assert (report.updated, report.unchanged) == (1, 4)
    monkeypatch.undo()
    about = file.stat()
    file.write_text(file.read_text().replace("railway", "rxilway"))
    os.utime(
        file, ns=(about.st_atime_ns, about.st_mtime_ns)
    )  # of the same size and time, as it was
    assert build(store, [tmp_path / "articles"], scene.Quick()).updated == 1
    assert Corpus(store, scene.Quick).audit() == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_vectors_that_stand_still_are_told_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.put(tmp_path, AFTER)
    store = tmp_path / NAME
    build(store, [tmp_path / "articles"], scene.Quick())
    scene.put(tmp_path, LATER)  # little enough to extend a copy
    os.mkfifo(store / "stuck")  # whoever opens it to read waits for ever
    with monkeypatch.context() as patched:
        patched.setattr("index.storing.FILE", "stuck")
        patched.setattr("index.watched.PATIENCE", 0.5)
        with pytest.raises(Unreachable, match=r"could not be written .*stood still.*are free"):
            build(store, [tmp_path / "articles"], scene.Quick())
    corpus = Corpus(store, scene.Quick)
    assert "orchard" in corpus.search("the orchard", 1)[0].passage.text
    assert build(store, [tmp_path / "articles"], scene.Quick()).added == 1
    build(tmp_path / "clean" / NAME, [tmp_path / "articles"], scene.Quick())
    clean = Corpus(tmp_path / "clean" / NAME, scene.Quick)
    assert corpus.content_hash() == clean.content_hash()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_who_writes_vectors_ends_with_its_parent(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "stuck")
    process = watched.start()
    assert process.stdin and process.stdout
    with process, process.stdin:
        request = {
            "catalogue": str(tmp_path / "stuck"),
            "added": [],
            "removed": [],
            "patience": 600,
        }
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline() + process.stdout.readline() == b'\n{"done": 0}\n'
        process.stdin.close()
        assert process.wait(60) == 1


def test_an_open_corpus_sees_that_the_embedder_changed(tmp_path: Path) -> None:
    scene.put(tmp_path, BEFORE)
    store = tmp_path / NAME
    build(store, [tmp_path / "articles"], scene.Quick())
    corpus = Corpus(store, scene.Quick)
    assert corpus.search("the orchard", 1)
    report = build(store, [tmp_path / "articles"], scene.Quick("other/1"), rebuild=True)
    assert report.embedded == 9, "no vector of another embedder is kept"
    with pytest.raises(IndexMissing, match=r"other/1.*minilm/quick"):
        corpus.search("the orchard", 1)
