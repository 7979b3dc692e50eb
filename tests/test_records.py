"""A file of records that changed: only the records that are new in it are read, cleaned and cut again."""

from __future__ import annotations

import csv
import io
import json
import mailbox
import os
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from test_build import Hashed, article

from index import entries, staging
from index.build import build
from index.catalogue import Catalogue
from index.limits import APART
from index.reading import Reading
from index.report import Report
from index.types import Article
from index.walk import File

SUBJECTS = ("harbour", "railway", "orchard", "bakery", "tannery")
Row = dict[str, str]


def rows(*subjects: str) -> list[Row]:
    return [{"title": f"The {s}", "text": article(s), "source": "Daily"} for s in subjects]


def as_lines(records: list[Row]) -> bytes:
    return "".join(json.dumps(r) + "\n" for r in records).encode()


def as_array(records: list[Row]) -> bytes:
    return json.dumps({"articles": records}).encode()


def as_csv(records: list[Row]) -> bytes:
    out = io.StringIO()
    table = csv.DictWriter(out, ["title", "text", "source"])
    table.writeheader()
    table.writerows(records)
    return out.getvalue().encode()


def as_mbox(records: list[Row]) -> bytes:
    out = b""
    for r in records:
        message = EmailMessage()
        message["Subject"], message["From"] = r["title"], "desk@daily.example"
        message.set_content(r["text"])
        out += b"From desk\n" + mailbox.mboxMessage(message).as_bytes() + b"\n\n"
    return out


FORMATS: dict[str, Callable[[list[Row]], bytes]] = {
    "a.jsonl": as_lines, "a.json": as_array, "a.csv": as_csv, "a.mbox": as_mbox
}  # fmt: skip


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of what is cleaned, and `cut` for each article that is cut, as it happens."""
    found: list[str] = []
    clean, cut = entries.to_article, staging.passages

    def to_article(record, path):  # type: ignore[no-untyped-def]
        found.append(record.title or "")
        return clean(record, path)

    def passages(*arguments):  # type: ignore[no-untyped-def]
        found.append("cut")
        return cut(*arguments)

    monkeypatch.setattr(entries, "to_article", to_article)
    monkeypatch.setattr(staging, "passages", passages)
    # A mailbox is read by another process, whose work could not be counted here.
    monkeypatch.setattr("index.reading.apart", lambda file: False)
    return found


def index(folder: Path, data: bytes, name: str = "a.jsonl", *, rebuild: bool = False) -> Report:
    (folder / "a").mkdir(exist_ok=True)
    (folder / "a" / name).write_bytes(data)
    return build(folder / ".qa", [folder / "a"], Hashed(), rebuild=rebuild, graph=False)


def content(folder: Path) -> list[tuple[object, ...]]:
    """What the index says of every article, of its passages and of its files."""
    catalogue = Catalogue.open_to_read(folder / ".qa")
    g = catalogue.live
    found = []
    for source in catalogue.sources(g):
        kept = catalogue.article(source.article_id, g)
        assert kept
        spans = [(p.start, p.end) for _, p in catalogue.article_passages(source.article_id, g)]
        found.append((source, kept.text, kept.original, spans))
    catalogue.close()
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_record_that_changed_is_read(
    tmp_path: Path, cleaned: list[str], name: str
) -> None:
    records = rows(*SUBJECTS)
    index(tmp_path, FORMATS[name](records), name)
    assert cleaned.count("cut") == 5
    cleaned.clear()
    records[2] = rows("lighthouse")[0]
    report = index(tmp_path, FORMATS[name](records), name)
    assert cleaned == ["The lighthouse", "cut"]
    counts = (report.added, report.updated, report.unchanged, report.removed)
    assert counts in ((0, 1, 4, 0), (1, 0, 4, 1)), counts
    assert report.files == {"found": 1, "indexed": 1, "unchanged": 0, "skipped": 0, "failed": 0}
    clean = tmp_path / "clean"
    clean.mkdir()
    index(clean, FORMATS[name](records), name)
    assert content(tmp_path) == content(clean)


def test_order_copies_and_faults_are_as_if_all_was_read(tmp_path: Path, cleaned: list[str]) -> None:
    """Records move, double, vanish and come back; bad lines are told with the number they have now."""
    records = rows(*SUBJECTS)
    bad = b"{no record\n"
    index(tmp_path, as_lines(records[:3]) + bad + as_lines(records[3:]))
    cleaned.clear()
    mixed = [records[i] for i in (4, 0, 0, 3)]
    report = index(tmp_path, bad + as_lines(mixed))
    assert cleaned == []
    assert [(f["path"], f["reason"]) for f in report.failed] == [
        ("a/a.jsonl", "line 1: not valid JSON")
    ]
    assert (report.removed, report.articles, report.embedded) == (2, 3, 0)
    report = index(tmp_path, as_lines(records))
    assert cleaned == ["The railway", "cut", "The orchard", "cut"], "dead ones are read again"
    assert report.articles == 5
    cleaned.clear()
    index(tmp_path, as_lines(records[:4]) + b" \n" + as_lines(records[4:]), rebuild=True)
    assert cleaned.count("cut") == 0
    assert len(cleaned) == 5, "a rebuild reads everything"


def test_two_versions_under_one_address(tmp_path: Path, cleaned: list[str]) -> None:
    """Ids that are settled after the reading hold for records that were not read."""
    one, two, other = ({"url": "https://daily.example/x", **r} for r in rows(*SUBJECTS[:3]))
    index(tmp_path, as_lines([one, *rows("bakery")]))
    for records in ([one, two], [two], [two, other, one], [other]):
        index(tmp_path, as_lines(records))
        clean = tmp_path / f"clean{len(list(tmp_path.iterdir()))}"
        clean.mkdir()
        cleaned.clear()
        index(clean, as_lines(records))
        assert content(tmp_path) == content(clean)


def test_a_date_in_the_name_of_the_file_counts(tmp_path: Path, cleaned: list[str]) -> None:
    index(tmp_path, as_lines(rows(*SUBJECTS)), "news-2031-05-06.jsonl")
    kept = content(tmp_path)
    (tmp_path / "a" / "news-2031-05-06.jsonl").unlink()
    index(tmp_path, as_lines(rows(*SUBJECTS)), "news-2031-05-07.jsonl")
    assert [s.published for s, *_ in kept] == ["2031-05-06"] * 5  # type: ignore[attr-defined]
    dates = [s.published for s, *_ in content(tmp_path)]  # type: ignore[attr-defined]
    assert dates == ["2031-05-07"] * 5


def test_the_process_that_reads_apart_passes_over_what_is_known(tmp_path: Path) -> None:
    """Also in an archive, and however many digests there are."""
    records = rows(*SUBJECTS)
    padded = [{**r, "other": os.urandom(APART // 5).hex()} for r in records]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        members.writestr("in/x.jsonl", as_lines(records))
        members.writestr("in/y.jsonl", as_lines(rows("lighthouse")))
    files = []
    for name, data in (("a.jsonl", as_lines(padded)), ("b.zip", packed.getvalue())):
        (tmp_path / name).write_bytes(data)
        files.append(File(tmp_path / name, name, len(data), 0))

    def articles(known: dict[str, set[str]]) -> tuple[list[str], dict[str, set[str]]]:
        titles, seen = [], dict[str, set[str]]()
        with Reading() as reading:
            for file, events in reading.read(files, known):
                for event in events:
                    if isinstance(event, entries.Raw):
                        seen.setdefault(file.path, set()).add(event.digest)
                    elif isinstance(event, Article):
                        titles.append(event.source.title)
                    elif isinstance(event, entries.Ended):
                        assert event.status == "indexed"
            assert not reading._lists, "nothing is left behind"
        return titles, seen

    titles, seen = articles({})
    assert len(titles) == 11
    many = {f"{n:032}" for n in range(20_000)}
    known = {path: digests | many for path, digests in seen.items()}
    assert articles(known) == ([], seen)
    known["b.zip"] = set(sorted(seen["b.zip"])[1:])
    assert len(articles(known)[0]) == 1
