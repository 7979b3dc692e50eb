"""What an index survives: the part that needs no process of its own, and a run of the part that does."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from benchmarks.surviving import scene
from benchmarks.surviving.scene import BEFORE
from index.audit import inspect
from index.build import build
from index.catalogue import FILE
from index.corpus import Corpus
from index.errors import IndexMissing
from index.store import NAME


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
    assert Corpus(store, scene.Quick).audit() == []


def test_an_open_corpus_sees_that_the_embedder_changed(tmp_path: Path) -> None:
    scene.put(tmp_path, BEFORE)
    store = tmp_path / NAME
    build(store, [tmp_path / "articles"], scene.Quick())
    corpus = Corpus(store, scene.Quick)
    assert corpus.search("the orchard", 1)
    build(store, [tmp_path / "articles"], scene.Quick("other/1"), rebuild=True)
    with pytest.raises(IndexMissing, match=r"other/1.*minilm/quick"):
        corpus.search("the orchard", 1)
