"""Ids: they stay when files move, are told apart by content alone, and never depend on the order of things."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from test_build import Hashed, article

from index.build import build
from index.catalogue import Catalogue
from index.errors import IndexMissing, UsageError

URL = "https://harbour.example/2031/05/06/a-bridge"


def ids(folder: Path) -> dict[str, tuple[str, ...]]:
    catalogue = Catalogue.open_to_read(folder / ".qa")
    found = {s.article_id: s.paths for s in catalogue.sources(catalogue.live)}
    passages = catalogue.db.execute("SELECT count(*) FROM passages").fetchone()[0]
    assert passages == catalogue.counts(catalogue.live)[2], "no orphans"
    catalogue.close()
    return found


def index(folder: Path, *, rebuild: bool = False) -> dict[str, tuple[str, ...]]:
    build(folder / ".qa", [folder / "a"], Hashed(), rebuild=rebuild)
    return ids(folder)


def record(folder: Path, name: str, subject: str, **fields: str) -> None:
    (folder / "a").mkdir(exist_ok=True)
    text = json.dumps({"url": URL, "title": "A bridge", "text": article(subject), **fields})
    (folder / "a" / name).write_text(text)


def test_a_moved_file_keeps_its_ids(tmp_path: Path) -> None:
    (tmp_path / "a" / "sub").mkdir(parents=True)
    (tmp_path / "a" / "one.txt").write_text(article("bridge"))
    before = index(tmp_path)
    (tmp_path / "a" / "one.txt").rename(tmp_path / "a" / "sub" / "two.txt")
    after = index(tmp_path)
    assert after.keys() == before.keys()
    assert list(after.values()) == [("a/sub/two.txt",)]


def test_exact_copies_are_one_article_with_all_paths(tmp_path: Path) -> None:
    for name in ("c.json", "a.json", "b.json"):
        record(tmp_path, name, "bridge")
    assert list(index(tmp_path).values()) == [("a/a.json", "a/b.json", "a/c.json")]


@pytest.mark.parametrize("fields", [{}, {"author": "Jane Doe"}], ids=["texts", "metadata"])
def test_versions_have_the_same_ids_in_any_order(tmp_path: Path, fields: dict[str, str]) -> None:
    subjects = ("bridge", "bridge", "bridge") if fields else ("bridge", "ferry", "tunnel")
    results = []
    for n, order in enumerate([(0, 1, 2), (2, 1, 0)]):
        folder = tmp_path / str(n)
        folder.mkdir()
        for place in order:  # the first two at once, the third in a run of its own
            extra = {"author": f"{fields['author']} {'abc'[place]}"} if fields else {}
            record(folder, f"{order.index(place)}.json", subjects[place], **extra)
            found = index(folder) if place != order[0] else {}
        assert len(found) == 3
        assert index(folder, rebuild=True) == found, "a rebuild gives the same"
        results.append(set(found))
    assert all(found == results[0] for found in results)


def test_a_version_that_is_alone_again_has_the_plain_id(tmp_path: Path) -> None:
    record(tmp_path, "one.json", "bridge")
    (plain,) = index(tmp_path)
    record(tmp_path, "two.json", "ferry")
    assert all(id.startswith(f"{plain}-") for id in index(tmp_path))
    (tmp_path / "a" / "two.json").unlink()
    assert list(index(tmp_path)) == [plain]
    record(tmp_path, "one.json", "ferry")
    assert list(index(tmp_path)) == [plain], "an edited article keeps its id"


def test_an_archive_is_read_again_only_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    def pack(*subjects: str) -> None:
        with zipfile.ZipFile(tmp_path / "a" / "x.zip", "w") as packed:
            for subject in subjects:
                packed.writestr(f"in/{subject}.txt", article(subject))

    def run() -> dict[str, int]:
        return build(tmp_path / ".qa", [tmp_path / "a"], Hashed()).files

    pack("bridge", "ferry")
    assert run() == {"found": 2, "indexed": 2, "unchanged": 0, "skipped": 0, "failed": 0}
    assert sorted(p for paths in ids(tmp_path).values() for p in paths) == [
        "a/x.zip!/in/bridge.txt", "a/x.zip!/in/ferry.txt"
    ]  # fmt: skip
    assert run() == {"found": 2, "indexed": 0, "unchanged": 2, "skipped": 0, "failed": 0}
    pack("bridge")
    assert run()["found"] == 1
    assert len(ids(tmp_path)) == 1


def test_records_from_stdin_live_as_long_as_they_are_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.txt").write_text(article("bridge"))
    a, stdin, store = tmp_path / "a", Path("-"), tmp_path / ".qa"

    def run(*roots: Path, came: str | None = None) -> list[str]:
        stream = io.BytesIO(came.encode()) if came is not None else None
        build(store, roots, Hashed(), stdin=stream)
        return sorted(p for paths in ids(tmp_path).values() for p in paths)

    line = json.dumps({"title": "Ferry", "text": article("ferry")})
    with pytest.raises(IndexMissing, match="not there any more"):
        run(stdin)
    assert run(a, stdin, came=line) == ["-", "a/one.txt"]
    assert run(a, stdin) == ["-", "a/one.txt"], "a repeated run keeps what came"
    build(store, [a, stdin], Hashed(), rebuild=True)
    assert run(a, stdin) == ["-", "a/one.txt"]
    with pytest.raises(UsageError, match="nothing came"):
        run(a, stdin, came="")
    assert run(a, stdin) == ["-", "a/one.txt"]
    assert run(stdin, came=line.replace("Ferry", "Boat")) == ["-"]
    assert len(list((store / "stdin").iterdir())) == 1
    assert run(a) == ["a/one.txt"]
    assert not (store / "stdin").exists()
    shutil.rmtree(store)


def test_an_outlet_spelled_in_two_ways_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    def put(name: str, publisher: str | None, url: str | None) -> None:
        fields = {"title": name, "text": article(name), "source": publisher, "url": url}
        (tmp_path / "a" / f"{name}.json").write_text(json.dumps(fields))

    def outlets() -> dict[str, str | None]:
        index(tmp_path)
        catalogue = Catalogue.open_to_read(tmp_path / ".qa")
        found = {s.title: s.publisher for s in catalogue.sources(catalogue.live)}
        catalogue.close()
        return found

    put("bridge", None, "https://northline-news.example/bridge")
    put("ferry", "other.example", "https://other.example/ferry")
    before, first = outlets(), set(ids(tmp_path))
    assert before == {"bridge": "northline-news.example", "ferry": "other.example"}
    put("tunnel", "Northline", "https://www.northline-news.example/tunnel")
    put("harbour", "The Northline", None)
    put("well", "northline-news.example", None)
    assert outlets() == {"ferry": "other.example"} | dict.fromkeys(
        ["bridge", "tunnel", "harbour", "well"], "Northline"
    )
    assert first < set(ids(tmp_path)), "ids stay"
    after = ids(tmp_path)
    assert index(tmp_path, rebuild=True) == after
    (tmp_path / "a" / "tunnel.json").unlink()
    assert outlets() == before | {"harbour": "The Northline", "well": "northline-news.example"}
