"""Which files are found: links, special files, hidden ones, and what `.qaignore` leaves out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.errors import UsageError
from index.report import Report
from index.walk import scan


def write(folder: Path, *names: str, text: str = "Some words.") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def walk(folder: Path, *roots: str) -> tuple[list[str], dict[str, str]]:
    report = Report()
    found = scan([folder / root for root in roots], folder / ".qa", report)
    told = report.skipped + report.failed
    return [file.path for file in found], {entry["path"]: entry["reason"] for entry in told}


def test_ignore_files_work_as_in_git(tmp_path: Path) -> None:
    write(tmp_path, "a/keep.txt", "a/draft.txt", "a/sub/draft.txt", "a/sub/new.md", "a/old/x.txt")
    write(tmp_path, "a/old/deep/y.txt", "a/top.txt", "a/sub/top.txt", "a/sub/b/z.txt")
    write(
        tmp_path, "a/.qaignore", text="# comment\ndraft.txt\nold/\n/top.txt\n*.md\nb\n!old/x.txt\n"
    )
    write(tmp_path, "a/sub/.qaignore", text="!draft.txt\n!new.md\n")
    found, left = walk(tmp_path, "a")
    assert found == ["a/keep.txt", "a/sub/draft.txt", "a/sub/new.md", "a/sub/top.txt"]
    assert left == dict.fromkeys(
        ["a/draft.txt", "a/old", "a/top.txt", "a/sub/b"], "left out by .qaignore"
    )


def test_rules_above_the_root_hold_unless_the_root_itself_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a/x.txt", "a/draft.txt", "b/y.txt")
    write(tmp_path, ".qaignore", text="draft.txt\nb/\n")
    assert walk(tmp_path, "a")[0] == ["a/x.txt"]
    assert walk(tmp_path, "b")[0] == ["b/y.txt"]
    assert walk(tmp_path, "a", "a/draft.txt")[0] == ["a/draft.txt", "a/x.txt"]


def test_rules_that_cannot_be_read_stop_the_run(tmp_path: Path) -> None:
    write(tmp_path, "a/x.txt")
    write(tmp_path, "a/.qaignore", text="!\n")
    with pytest.raises(UsageError, match="qaignore cannot be read"):
        walk(tmp_path, "a")


def test_the_questions_of_a_beir_folder_are_no_articles(tmp_path: Path) -> None:
    write(tmp_path, "a/beir/corpus.jsonl", "a/beir/queries.jsonl", "a/mine/queries.jsonl")
    write(tmp_path, "a/beir/qrels/test.csv")
    found, left = walk(tmp_path, "a")
    assert found == ["a/beir/corpus.jsonl", "a/beir/qrels/test.csv", "a/mine/queries.jsonl"]
    assert left == {"a/beir/queries.jsonl": "questions, with qrels/ beside them"}
    assert "a/beir/queries.jsonl" in walk(tmp_path, "a/beir/queries.jsonl")[0]


def test_links_and_special_files(tmp_path: Path) -> None:
    write(tmp_path, "a/good.txt", "elsewhere/secret.txt", "a/.hidden.txt", "a/.git/config.txt")
    a = tmp_path / "a"
    for name, target in {
        "in.txt": "good.txt", "out.txt": "../elsewhere/secret.txt", "loop.txt": "loop.txt",
        "none.txt": "nope.txt", "folder": "../elsewhere", "self": ".", "zero.txt": "/dev/zero",
    }.items():  # fmt: skip
        (a / name).symlink_to(target)
    os.mkfifo(a / "pipe.txt")
    found, left = walk(tmp_path, "a")
    assert found == ["a/good.txt", "a/in.txt"]
    outside, nowhere = "a link that leads out of the folder", "a link that leads nowhere"
    assert left == {
        "a/out.txt": outside, "a/folder": outside, "a/zero.txt": outside, "a/loop.txt": nowhere,
        "a/none.txt": nowhere, "a/self": "a link to a folder", "a/pipe.txt": "not a regular file",
        "a/.hidden.txt": "hidden", "a/.git": "hidden",
    }  # fmt: skip


def test_names_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    name = os.path.join(os.fsencode(tmp_path), b"a", b"\xff.txt")
    try:
        with open(name, "w") as file:
            file.write("Some words.")
    except OSError:
        pytest.skip("this file system has no such names")
    assert walk(tmp_path, "a")[0] == ["a/\\udcff.txt"]


def test_a_file_found_twice_is_one(tmp_path: Path) -> None:
    write(tmp_path, "a/x.txt")
    assert walk(tmp_path, "a", "a/x.txt", ".")[0] == ["a/x.txt"]
