"""What an index survives, in a small part of `benchmarks/surviving`: kills, full disks, damage, other users.

Run by `tests/test_surviving.py` in a process of its own: these fork, which one that has opened Chroma must not.
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.surviving import child, crowd, damage, scene
from benchmarks.surviving.scene import AFTER, BEFORE
from index.sealed import FILE
from index.store import NAME

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """An index of each state of the folder, and its content hash."""
    child.warm()
    found = {}
    for state in (BEFORE, AFTER):
        folder = tmp_path_factory.mktemp(state)
        scene.put(folder, state)
        assert child.run(lambda f=folder: scene.index(f)).code == 0  # type: ignore[misc]
        found[state] = folder, content(folder)
    return found


def content(folder: Path) -> str:
    return child.answer(lambda: scene.content(folder))


def changed(made: dict[str, tuple[Path, str]], work: Path) -> Path:
    """A copy of the first index over the second state of the folder."""
    scene.copy(made[BEFORE][0], work)
    scene.put(work, AFTER)
    return work


def killed(place: str, after: bool) -> Callable[[], int]:
    """Ends this process as a kill would, when (or right after) a function is called."""

    def run(folder: Path) -> int:
        module, _, name = place.rpartition(".")
        try:
            home = importlib.import_module(module)
        except ModuleNotFoundError:
            holder, _, kind = module.rpartition(".")
            home = getattr(importlib.import_module(holder), kind)
        real = getattr(home, name)

        def fatal(*arguments: object, **options: object) -> object:
            found = real(*arguments, **options) if after else None
            os.kill(os.getpid(), signal.SIGKILL)
            return found

        setattr(home, name, fatal)
        return scene.index(folder)

    return run  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("place", "after", "state"),
    [
        ("index.grouping.group", True, BEFORE),
        ("index.watched.VectorsWriter.begin", False, BEFORE),
        ("index.lexical.write", True, BEFORE),
        ("index.storing.publish", True, BEFORE),
        ("index.catalogue.Catalogue.switch", False, BEFORE),
        ("index.catalogue.Catalogue.switch", True, AFTER),
        ("index.catalogue.Catalogue.drop_dead", True, AFTER),
        ("index.catalogue.set_seal", False, AFTER),
    ],
)
def test_a_kill_leaves_the_old_index_or_the_new_one(
    made: dict[str, tuple[Path, str]], tmp_path: Path, place: str, after: bool, state: str
) -> None:
    work = changed(made, tmp_path / "work")
    ended = child.run(lambda: killed(place, after)(work))  # type: ignore[call-arg]
    assert ended.code == -signal.SIGKILL, ended
    assert content(work) == made[state][1]
    assert child.run(lambda: scene.index(work)).code == 0
    assert content(work) == made[AFTER][1]
    assert scene.orphans(work) == []


@pytest.mark.parametrize("room", [30_000, 120_000, 186_000])
def test_a_full_disk_is_told_and_the_live_index_answers(
    made: dict[str, tuple[Path, str]], tmp_path: Path, room: int
) -> None:
    work = changed(made, tmp_path / "work")

    def run() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))  # no file may grow beyond
        return scene.index(work)

    ended = child.run(run)
    assert ended.code not in (0, None) and "bytes are needed" in ended.err, ended
    assert "Traceback" not in ended.err and "unexpected" not in ended.err
    assert content(work) == made[BEFORE][1]
    assert child.run(lambda: scene.index(work)).code == 0
    assert content(work) == made[AFTER][1]
    assert scene.orphans(work) == []


def damages(whole: Path) -> list[tuple[str, str, Callable[[Path], None]]]:
    wanted = (
        "manifest.json cut in half",
        "data_level0.bin flipped",
        "mean.npy missing",
        "meta.json empty",
    )
    catalogue = [FILE + " " + how for how in ("empty", "cut in half", "flipped")]
    cases = list(damage.cases(whole / NAME, 1))
    chosen = []
    for want in (*wanted, *catalogue):
        chosen += [next(c for c in cases if want in c[0])]
    return chosen


def test_damage_is_seen_and_a_rebuild_mends_it(
    made: dict[str, tuple[Path, str]], tmp_path: Path
) -> None:
    whole, content = made[BEFORE]
    counts: Counter[str] = Counter()
    for name, file, spoil in damages(whole):
        work = tmp_path / "work"
        scene.copy(whole, work)
        spoil(work / NAME / file)
        assert list(damage.wrong(whole, work, content, counts, file)) == [], name
    assert counts["mended without embedding"] >= 5


def test_a_crowd(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert crowd.run(tmp_path, seconds=4) == 0, capsys.readouterr().out


def as_nobody(function: Callable[[], int]) -> Callable[[], int]:
    def run() -> int:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        return function()

    return run


def test_what_may_not_be_written_is_still_read(
    made: dict[str, tuple[Path, str]],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path_factory.mktemp("others")
    for folder in (place, *place.parents):
        if folder.stat().st_uid == os.getuid() and folder.stat().st_mode & 0o055 != 0o055:
            folder.chmod(0o755)
    work = changed(made, place / "work")
    (place / "tmp").mkdir(mode=0o777)
    (place / "tmp").chmod(0o777)
    monkeypatch.setattr("tempfile.tempdir", str(place / "tmp"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "tmp"))
    try:
        for file in [work, *work.rglob("*")]:
            file.chmod(0o555 if file.is_dir() else 0o444)
        seen = child.run(as_nobody(lambda: print(scene.content(work)) or 0))  # type: ignore[func-returns-value]
        assert seen.out.strip() == made[BEFORE][1], seen
        ended = child.run(as_nobody(lambda: scene.index(work)))
        assert ended.code == 4 and "cannot be written" in ended.err and "--store" in ended.err, (
            ended
        )
        # A folder of articles that may not be read is told, and what was indexed stays.
        (work / "articles" / "deep").chmod(0)
        told = child.run(
            as_nobody(
                lambda: scene.qa(
                    "index", str(work / "articles" / "deep"), "--store", str(work / NAME)
                )
            )
        )
        assert told.code not in (0, None) and "Traceback" not in told.err, told
        assert content(work) == made[BEFORE][1]
    finally:
        for file in [work, work / "articles" / "deep", *work.rglob("*")]:
            file.chmod(0o755 if file.is_dir() else 0o644)


def test_another_embedder_or_splitter_is_one_sentence(
    made: dict[str, tuple[Path, str]], tmp_path: Path
) -> None:
    scene.copy(made[BEFORE][0], tmp_path / "work")
    store = str(tmp_path / "work" / NAME)
    other = child.run(lambda: scene.index(tmp_path / "work", "--embedder", "other/1"))
    asked = child.run(
        lambda: scene.qa("search", "the orchard", "--store", store, "--embedder", "other/1")
    )
    db = sqlite3.connect(tmp_path / "work" / NAME / FILE)
    db.execute("UPDATE meta SET value = 'sentences/0' WHERE key = 'splitter'")
    db.commit()
    db.close()
    (tmp_path / "work" / NAME / "catalogue.seal").unlink()
    cut = child.run(lambda: scene.qa("search", "the orchard", "--store", store))
    for ended, parts in (
        (other, ("minilm/quick", "other/1", "qa index --rebuild")),
        (asked, ("minilm/quick", "other/1", "qa index --rebuild")),
        (cut, ("sentences/0", "qa index --rebuild")),
    ):
        assert ended.code == 3 and len(ended.err.splitlines()) <= 2, ended
        assert all(part in ended.err for part in parts), ended
