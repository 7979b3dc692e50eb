"""Building and updating an index: what is kept, what is replaced, and what a crash or a second writer does."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

from benchmarks.surviving.scene import Quick, story
from index import prose, split
from index.build import build
from index.catalogue import Catalogue
from index.corpus import Corpus
from index.embed import Vectors
from index.errors import IndexMissing, UnreadableFile, UsageError
from index.report import Report
from index.store import Busy, writing
from index.types import Scope


class Hashed(Quick):
    """The quick embedder under a name of its own."""

    def __init__(self, identity: str = "hashed/1") -> None:
        super().__init__(identity)


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


def test_the_id_of_a_passage_means_its_article(folder: Path) -> None:
    index(folder)
    article = opened(folder).resolve("harbour.txt")
    assert opened(folder).resolve(f"{min(article)}#1") == article
    assert not opened(folder).resolve("harbour#1")


def test_the_size_of_passages_belongs_to_the_index(folder: Path) -> None:
    whole = index(folder).passages
    with pytest.raises(
        IndexMissing, match="made with the splitter sentences-1, not sentences-1/40"
    ):
        index(folder, passage_tokens=40)
    small = index(folder, passage_tokens=40, rebuild=True).passages
    assert small >= 2 * whole
    corpus = opened(folder)
    for source in corpus.sources():
        for passage in corpus.article_passages(source.article_id):
            assert Hashed().count_tokens([passage.text])[0] <= 40
    assert corpus.audit() == []
    assert "passages of 40 tokens" in corpus.retrieval()
    write(folder / "articles", "bakery.txt", article("bakery"))
    assert index(folder).passages == small * 4 // 3, "an update cuts as the index was cut"
    assert index(folder, rebuild=True).passages == whole * 4 // 3


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
    assert [Path(f["path"]).name for f in report.failed] == ["broken.json"]
    assert {Path(s["path"]).name for s in report.skipped} == {"empty.txt", "photo.jpg"}
    assert report.files == {"found": 6, "indexed": 3, "unchanged": 0, "skipped": 2, "failed": 1}
    again = index(folder)
    assert (again.failed, again.skipped) == (report.failed, report.skipped), "told again"
    assert again.files == {"found": 6, "indexed": 0, "unchanged": 3, "skipped": 2, "failed": 1}


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
    assert dates(as_of="2024-03-05") == {"2024-01-05", "2024-03-05"}
    assert dates(as_of="2024-03-05", until="2024-02-01") == {"2024-01-05"}
    assert dates(as_of="2024-03-05", until="2025-02-01", since="2024-02-01") == {"2024-03-05"}
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
    plan = dict(report.plan or {})
    assert plan.pop("seconds") > 0 and plan.pop("by") == "a trial"
    assert plan == {"new": 1, "changed": 0, "unchanged": 2, "gone": 1}
    assert opened(folder).status().articles == 3


def test_a_dry_run_goes_by_the_pace_of_the_last_run(folder: Path) -> None:
    write(folder / "articles", "long.txt", "\n\n".join(article(f"word{n}") for n in range(60)))
    index(folder)
    again = index(folder, dry_run=True).plan
    assert again == {"new": 0, "changed": 0, "unchanged": 4, "gone": 0, "seconds": 0.0, "by": ""}
    write(folder / "articles", "bakery.txt", article("bakery"))
    short = index(folder, dry_run=True).plan
    write(folder / "articles", "bakery.txt", article("bakery") * 40)
    long = index(folder, dry_run=True).plan
    assert short and long and short["by"] == long["by"] == "the pace of the last run"
    assert float(long["seconds"]) > float(short["seconds"])


def test_readers_write_nothing_into_the_graph(folder: Path) -> None:
    """Chroma writes a graph when two changes have come: one alone was left to every reader to write."""
    for name in ("railway.txt", "orchard.txt"):
        (folder / "articles" / name).unlink()
    short = write(folder / "articles", "mill.txt", "The mill by the river was sold on Friday.")
    for step in (
        lambda: (folder / "articles" / "harbour.txt").unlink(),  # one passage in all
        lambda: write(folder / "articles", "inn.txt", "The inn was sold on Monday to a baker."),
        short.unlink,
    ):
        step()
        assert index(folder).passages in (1, 2)
        before = graph_files(folder)
        assert before
        with opened(folder).snapshot():
            opened(folder).search("who bought it?", 3)
        assert graph_files(folder) == before


def graph_files(folder: Path) -> dict[Path, int]:
    """The files of the live graph with the time of their last change."""
    return {f: f.stat().st_mtime_ns for f in (folder / ".qa").rglob("chroma/*/*")}


def test_a_thousand_equal_passages_hide_no_other(tmp_path: Path) -> None:
    wall = "Please subscribe to read on, said the harbour council of the north shore.\n\n"
    write(tmp_path / "articles", "wall.txt", f"Wall\n\n{wall * 20_000}")
    for n in range(40):
        write(tmp_path / "articles", f"{n}.txt", story(f"subject{n}", 4))
    assert index(tmp_path).passages > 1000
    corpus = opened(tmp_path)
    assert corpus.audit() == []
    assert len(corpus.search("please subscribe to read on", 50)) == 50
    # Who stood for them goes, another one comes: the copy that is extended holds one of them again.
    write(tmp_path / "articles", "other.txt", f"Wall\n\n{wall * 100}")
    (tmp_path / "articles" / "3.txt").unlink()
    index(tmp_path)
    assert corpus.audit() == []
    (tmp_path / "articles" / "wall.txt").unlink()
    index(tmp_path)
    assert corpus.audit() == []
    assert "subscribe" in corpus.search("please subscribe to read on", 3)[0].passage.text


def test_a_book_costs_by_its_length(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Joining its Markdown, cutting it and fetching its passages went by the square of the length."""
    began = time.process_time()
    assert len(prose._joined(["\0- " + "x" * 100] * 40_000)) > 4_000_000
    assert time.process_time() - began < 1
    cuts: list[int] = []
    even_cuts = split._even_cuts
    monkeypatch.setattr(split, "_even_cuts", lambda *a: cuts.append(1) or even_cuts(*a))
    write(folder / "articles", "book.txt", story("harbour", 1) + story("railway", 5000))
    report = index(folder)
    assert report.passages > 200 and len(cuts) < 20
    catalogue = Catalogue.open_to_read(folder / ".qa")
    asked: list[str] = []
    catalogue.db.set_trace_callback(asked.append)
    assert len(catalogue.passages(range(100, 200), 1)) == 100
    assert len(asked) < 10 and "substr" not in "".join(asked)
    catalogue.close()
