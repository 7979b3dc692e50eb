"""Building and updating an index: what is kept, what is replaced, and what a crash or a second writer does."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from index.build import Report, build
from index.corpus import Corpus
from index.embed import Vectors
from index.errors import IndexMissing, UnreadableFile, UsageError
from index.store import Busy, writing
from index.types import Scope


class Hashed:
    """An embedder of random but fixed word vectors: quick, and near where words are shared."""

    max_tokens = 254

    def __init__(self, identity: str = "hashed/1") -> None:
        self.identity = identity
        self.embedded = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(t.split()) for t in texts]

    def embed(
        self,
        texts: Sequence[str],
        *,
        query: bool = False,
        done: Callable[[int], None] | None = None,
    ) -> Vectors:
        self.embedded += 0 if query else len(texts)
        rows = np.zeros((len(texts), 32), dtype=np.float32)
        for i, text in enumerate(texts):
            for word in text.casefold().split():
                rows[i] += np.random.default_rng(sum(map(ord, word))).standard_normal(32)
            rows[i] /= np.linalg.norm(rows[i]) or 1.0
        return rows


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def article(subject: str) -> str:
    return "\n\n".join(
        f"The {subject} was discussed on day {n} by people who know the {subject} very well. "
        f"They said that the {subject} would not change before the spring."
        for n in range(1, 4)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for subject in ("harbour", "railway", "orchard"):
        write(tmp_path / "articles", f"{subject}.txt", article(subject))
    return tmp_path


def index(folder: Path, embedder: Hashed | None = None, **options: object) -> Report:
    return build(folder / ".qa", [folder / "articles"], embedder or Hashed(), **options)  # type: ignore[arg-type]


def opened(folder: Path, identity: str = "hashed/1") -> Corpus:
    return Corpus(folder / ".qa", lambda: Hashed(identity))


def found(folder: Path, question: str) -> list[str]:
    return [h.passage.source.paths[0] for h in opened(folder).search(question, 3)]


def test_a_first_build_then_nothing_to_do(folder: Path) -> None:
    first = index(folder)
    assert (first.added, first.articles, first.removed, first.failed) == (3, 3, 0, [])
    embedder = Hashed()
    again = index(folder, embedder)
    assert (again.added, again.updated, again.unchanged, again.embedded) == (0, 0, 3, 0)
    assert embedder.embedded == 0
    assert found(folder, "the orchard")[0] == "articles/orchard.txt"


def test_changed_replaced_vanished_removed_new_added(folder: Path) -> None:
    index(folder)
    write(folder / "articles", "harbour.txt", article("lighthouse"))
    (folder / "articles" / "railway.txt").unlink()
    write(folder / "articles", "bakery.txt", article("bakery"))
    embedder = Hashed()
    report = index(folder, embedder)
    assert (report.added, report.updated, report.removed, report.unchanged) == (1, 1, 1, 1)
    assert found(folder, "lighthouse")[0] == "articles/harbour.txt"
    texts = [h.passage.text for h in opened(folder).search("harbour railway", 50)]
    assert not any("harbour" in t or "railway" in t for t in texts)
    clean = folder / "clean"
    shutil.copytree(folder / "articles", clean / "articles")
    index(clean)
    assert opened(folder).content_hash() == opened(clean).content_hash()
    assert opened(folder).audit() == []


def test_a_moved_file_keeps_its_id_and_costs_nothing(folder: Path) -> None:
    index(folder)
    before = {s.article_id for s in opened(folder).sources()}
    (folder / "articles" / "deep").mkdir()
    (folder / "articles" / "harbour.txt").rename(folder / "articles" / "deep" / "port.txt")
    embedder = Hashed()
    index(folder, embedder)
    assert {s.article_id for s in opened(folder).sources()} == before
    assert embedder.embedded == 0
    assert opened(folder).resolve("port.txt") == opened(folder).resolve("deep/port.txt")
    assert not opened(folder).resolve("harbour.txt")


def test_the_same_article_in_two_files_is_stored_once(folder: Path) -> None:
    write(folder / "articles", "copy/orchard.txt", article("orchard"))
    report = index(folder)
    assert report.articles == 3
    source = next(s for s in opened(folder).sources() if len(s.paths) == 2)
    assert source.paths == ("articles/copy/orchard.txt", "articles/orchard.txt")
    (folder / "articles" / "orchard.txt").unlink()
    assert index(folder).articles == 3


def test_unreadable_files_are_told_and_the_rest_is_indexed(folder: Path) -> None:
    (folder / "articles" / "broken.json").write_text("{not json")
    (folder / "articles" / "empty.txt").write_text("")
    (folder / "articles" / "photo.jpg").write_bytes(b"\xff\xd8")
    report = index(folder)
    assert report.articles == 3
    assert {Path(f["path"]).name for f in report.failed} == {"broken.json", "empty.txt"}
    assert [Path(s["path"]).name for s in report.skipped] == ["photo.jpg"]
    assert len(index(folder).failed) == 2, "a failure is told again, not forgotten"


def test_nothing_to_index_leaves_the_index_alone(folder: Path, tmp_path: Path) -> None:
    index(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="nothing to index"):
        build(folder / ".qa", [tmp_path / "empty"], Hashed())
    (tmp_path / "empty" / "bad.json").write_text("{")
    with pytest.raises(UnreadableFile, match="no article could be read"):
        build(folder / ".qa", [tmp_path / "empty"], Hashed())
    assert opened(folder).status().articles == 3
    with pytest.raises(UsageError, match="there is no file"):
        build(folder / ".qa", [tmp_path / "nowhere"], Hashed())


def test_another_embedder_is_refused_until_a_rebuild(folder: Path) -> None:
    index(folder)
    with pytest.raises(IndexMissing, match=r"hashed/1.*hashed/2"):
        index(folder, Hashed("hashed/2"))
    with pytest.raises(IndexMissing, match="was made with the embedder"):
        opened(folder, "hashed/2").search("the orchard", 1)
    index(folder, Hashed("hashed/2"), rebuild=True)
    assert opened(folder, "hashed/2").search("the orchard", 1)


def test_a_rebuild_embeds_nothing_again(folder: Path) -> None:
    index(folder)
    wanted = opened(folder).content_hash()
    shutil.rmtree(folder / ".qa" / "generations")
    with pytest.raises(IndexMissing, match="damaged"):
        opened(folder).search("the orchard", 1)
    embedder = Hashed()
    index(folder, embedder, rebuild=True)
    assert embedder.embedded == 0
    assert opened(folder).content_hash() == wanted


def test_a_damaged_file_is_told_before_it_is_opened(folder: Path) -> None:
    index(folder)
    for name in ("data_level0.bin", "header.bin"):
        file = next((folder / ".qa" / "generations").rglob(name))
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(IndexMissing, match="not what was published"):
            opened(folder).search("the orchard", 1)
        file.write_bytes(whole)
    assert opened(folder).search("the orchard", 1)


def test_a_catalogue_that_is_no_database(folder: Path) -> None:
    index(folder)
    catalogue = folder / ".qa" / "catalogue.sqlite3"
    for rest in (".sqlite3-wal", ".sqlite3-shm"):
        (folder / ".qa" / f"catalogue{rest}").unlink(missing_ok=True)
    catalogue.write_bytes(b"this is no database" * 300)
    with pytest.raises(IndexMissing, match="damaged"):
        opened(folder)
    index(folder, rebuild=True)
    assert opened(folder).status().articles == 3


def test_an_open_reader_follows_a_new_generation(folder: Path) -> None:
    index(folder)
    reader = opened(folder)
    assert reader.search("the orchard", 1)
    write(folder / "articles", "bakery.txt", article("bakery"))
    index(folder)
    assert "bakery" in reader.search("the bakery", 1)[0].passage.text


def test_a_snapshot_does_not_change_under_its_reader(folder: Path) -> None:
    index(folder)
    reader = opened(folder)
    with reader.snapshot():
        first = reader.search("the harbour", 1)[0]
        (folder / "articles" / "harbour.txt").unlink()
        index(folder)
        assert reader.search("the harbour", 1)[0] == first
        assert reader.article(first.passage.source.article_id).text
    assert "harbour" not in reader.search("the harbour", 1)[0].passage.text
    index(folder)
    assert len(list((folder / ".qa" / "generations").iterdir())) == 1, "the old one is gone"


def test_a_second_writer_is_told_who_writes(folder: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys,time; from pathlib import Path; from index.store import writing\n"
            "with writing(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)",
            str(folder / ".qa"),
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        started = time.monotonic()
        with pytest.raises(Busy, match=f"process {holder.pid}"):
            index(folder)
        assert time.monotonic() - started < 2
    finally:
        holder.kill()
        holder.wait()
    with writing(folder / ".qa"):
        pass  # the kernel let go of the dead holder's lock


def test_an_interrupted_build_is_invisible_and_goes_on(folder: Path) -> None:
    index(folder)
    before = opened(folder).content_hash()
    write(folder / "articles", "bakery.txt", article("bakery"))

    class Failing(Hashed):
        def embed(self, *arguments: object, **options: object) -> Vectors:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index(folder, Failing())
    assert opened(folder).content_hash() == before
    assert index(folder).added == 1
    assert opened(folder).status().articles == 4


def test_filters(tmp_path: Path) -> None:
    for day, outlet in (("2024-01-05", "North"), ("2024-03-05", "South"), ("2025-01-05", "North")):
        write(
            tmp_path / "articles",
            f"{day}-{outlet}.md",
            f"---\ntitle: The orchard on {day}\ndate: {day}\nsource: {outlet}\n---\n\n{article('orchard')}",
        )
    index(tmp_path)
    corpus = opened(tmp_path)

    def dates(**scope: object) -> set[str | None]:
        hits = corpus.search("the orchard", 50, Scope(**scope))  # type: ignore[arg-type]
        return {h.passage.source.published for h in hits}

    assert dates() == {"2024-01-05", "2024-03-05", "2025-01-05"}
    assert dates(since="2024-03-05") == {"2024-03-05", "2025-01-05"}
    assert dates(until="2024-03-05") == {"2024-01-05", "2024-03-05"}
    assert dates(sources=("north",), since="2024-02-01") == {"2025-01-05"}
    assert dates(since="2026-01-01") == set()
    with pytest.raises(UsageError, match="no article is from 'Nowhere Gazette'"):
        dates(sources=("Nowhere Gazette",))


def test_a_link_that_leads_out_is_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = write(tmp_path / "elsewhere", "secret.txt", article("secret"))
    (folder / "articles" / "link.txt").symlink_to(secret)
    report = index(folder)
    assert report.articles == 3
    assert report.skipped == [
        {"path": "articles/link.txt", "reason": "a link that leads out of the folder"}
    ]


def test_dry_run_changes_nothing(folder: Path) -> None:
    index(folder)
    write(folder / "articles", "bakery.txt", article("bakery"))
    (folder / "articles" / "railway.txt").unlink()
    report = index(folder, dry_run=True)
    assert report.files == {"new": 1, "changed": 0, "unchanged": 2, "gone": 1}
    assert opened(folder).status().articles == 3
