"""Near-copies: what is grouped, what is not, and that groups follow every change of the folder."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

import pytest
from test_build import Hashed, index, opened, write

from index.corpus import Corpus
from index.sealed import FILE
from index.stories import groups, promising, same_story, shingles, sketch
from index.types import Source

_VOCABULARY = (
    "the a of in on harbour minister inquiry witness company safe law crew said promised after before water "
    "morning council storm engine report judge family north shore lost found"
).split()
FOOTER = "\n\n(Reporting by Jane Roe in Ankara; Editing by John Doe)\n"


def wire(subject: str = "ferry", dead: int = 12) -> str:
    """A report of 240 words, each subject in an order of words of its own."""
    words = Random(subject)
    sentences = [" ".join(words.choices(_VOCABULARY, k=11)) + f" {subject}." for _ in range(20)]
    sentences[3] += f" At least {dead} people died."
    return "\n\n".join(" ".join(sentences[i : i + 4]).capitalize() for i in range(0, 20, 4))


def put(
    folder: Path, name: str, outlet: str, title: str, text: str, day: str = "2025-05-31"
) -> Path:
    head = f"---\ntitle: {title}\nsource: {outlet}\ndate: {day}\n---\n\n"
    return write(folder / "articles", f"{name}.md", head + text)


def told(corpus: Corpus) -> dict[str, set[str]]:
    """The groups: id of the first member, outlets' names."""
    found: dict[str, set[str]] = {}
    for source in corpus.sources():
        if source.story:
            found.setdefault(source.story, set()).add(f"{source.publisher}: {source.title}")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "a", "North", "Ferry inquiry opens", wire(), "2025-05-30")
    put(tmp_path, "b", "South", "Twelve dead: what is known", wire() + FOOTER)
    put(tmp_path, "c", "East", "Inquiry, in short", wire()[: len(wire()) // 2])
    put(tmp_path, "d", "North", "Orchards in bloom", wire("orchard"))
    return tmp_path


def test_a_wire_story_in_three_outlets_is_one(folder: Path) -> None:
    index(folder)
    corpus = opened(folder)
    [(story, members)] = told(corpus).items()
    assert members == {
        "North: Ferry inquiry opens", "South: Twelve dead: what is known", "East: Inquiry, in short",
    }  # fmt: skip
    copies = corpus.story(story)
    assert copies[0].article_id == story and copies[0].publisher == "North", "the first published"
    assert {(c.copies, c.outlets, c.story) for c in copies} == {(3, 3, story)}
    assert corpus.story("no-such") == ()
    [alone] = [s for s in corpus.sources() if not s.story]
    assert (alone.title, alone.copies) == ("Orchards in bloom", 1)
    status = corpus.status()
    assert (status.stories, status.copies) == (1, 3)
    hits = corpus.search("ferry inquiry", 50)
    assert {h.passage.source.copies for h in hits if h.passage.source.story} == {3}


def test_copies_that_differ_in_the_number_that_matters_both_stay(folder: Path) -> None:
    put(folder, "e", "West", "Ferry inquiry opens", wire(dead=40))
    index(folder)
    corpus = opened(folder)
    assert len(next(iter(told(corpus).values()))) == 4
    text = "\n".join(h.passage.text for h in corpus.search("people died", 50))
    assert "12 people died" in text and "40 people died" in text


def test_groups_follow_the_folder_as_a_new_index_would_have_them(
    folder: Path, tmp_path: Path
) -> None:
    index(folder)
    put(folder, "d", "West", "Orchards in bloom", wire())  # joins
    put(folder, "c", "East", "Inquiry, in short", wire("harvest"))  # leaves
    put(folder, "e", "South", "The harvest", wire("harvest") + FOOTER)  # a second story
    (folder / "articles" / "b.md").unlink()
    index(folder)
    corpus = opened(folder)
    assert sorted(map(len, told(corpus).values())) == [2, 2]
    clean = tmp_path / "clean"
    clean.mkdir()
    (folder / "articles").rename(clean / "articles")
    index(clean)
    assert told(opened(clean)) == told(corpus)


def test_only_what_is_new_is_compared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(folder)
    compared: list[str] = []
    monkeypatch.setattr(
        "index.grouping.shingles", lambda text: compared.append(text) or shingles(text)
    )
    index(folder)
    assert compared == []
    put(folder, "e", "West", "Pears", wire("pear"))
    index(folder)
    assert len(compared) == 1 and "pear" in compared[0]


def test_nothing_of_a_removed_article_stays(folder: Path) -> None:
    index(folder)
    for name in "abc":
        (folder / "articles" / f"{name}.md").unlink()
    index(folder)
    db = sqlite3.connect(folder / ".qa" / FILE)
    [(row,)] = db.execute("SELECT id FROM articles").fetchall()
    assert db.execute("SELECT article FROM sketches").fetchall() == [(row,)]
    assert db.execute("SELECT DISTINCT article FROM shingles").fetchall() == [(row,)]
    assert db.execute("SELECT count(*) FROM twins").fetchone() == (0,)


def test_an_index_of_the_layout_before_is_read_and_brought_up(folder: Path) -> None:
    index(folder)
    wanted = told(opened(folder))
    db = sqlite3.connect(folder / ".qa" / FILE)
    for table in ("sketches", "shingles", "twins"):
        db.execute(f"DROP TABLE {table}")
    db.execute("ALTER TABLE vectors DROP COLUMN crc")
    db.execute("ALTER TABLE links DROP COLUMN record")
    db.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    db.commit()
    db.close()
    old = opened(folder)
    assert told(old) == {} and old.search("the ferry", 1)
    embedder = Hashed()
    index(folder, embedder)
    assert embedder.embedded == 0 and told(opened(folder)) == wanted
    assert told(old) == wanted, "a corpus that was open follows"


def pair(one: str, other: str, *outlets: str | None, titles: tuple[str, str] = ("A", "B")) -> bool:
    return same_story(shingles(one), shingles(other), (outlets[0], outlets[1]), titles)


def test_what_is_a_copy() -> None:
    half = wire()[: len(wire()) // 2]
    assert pair(wire(), wire().upper().replace(",", " –"), "North", "South"), (
        "case and punctuation aside"
    )
    assert pair(wire(), half, "North", "South")
    assert not pair(wire(), wire("pear"), "North", "South")
    assert not pair(
        wire(), wire("pear") + wire("plum") + wire("fig") + wire("date") + half, "N", "S"
    ), "a roundup that holds a report is not the report"
    # Within an outlet a frame that is shared does not make a copy, and a notice is no story.
    frame = wire("newsletter")
    assert not pair(
        frame + wire(), frame + wire("pear"), "North", "North", titles=("Day one", "Day one")
    )
    assert not pair(frame, frame, "North", "North", titles=("Swedish election", "Odds and polls"))
    assert pair(
        frame, frame + FOOTER, "North", "North", titles=("The election", "Election: updates")
    )
    assert not pair("", "", "North", "South") and not pair("two words", wire(), "North", "South")


def test_sketches_and_groups() -> None:
    hashes = shingles(wire())
    assert sorted(hashes.tolist()) == hashes.tolist() and len(set(hashes.tolist())) == len(hashes)
    assert set(sketch(hashes)) <= set(hashes) and 0.05 < len(sketch(hashes)) / len(hashes) < 0.25
    assert promising(9, (len(hashes), 100), True) and not promising(9, (len(hashes), 10), True)
    order = {n: ("2025", str(n)) for n in range(9)}
    assert groups([(5, 3), (7, 8), (3, 1)], order) == {5: 1, 3: 1, 1: 1, 7: 7, 8: 7}
    assert groups([(3, 1), (7, 8), (5, 3)], order) == groups([(5, 3), (7, 8), (3, 1)], order)


def test_a_source_alone_says_so() -> None:
    assert (Source("a", "A").story, Source("a", "A").copies) == (None, 1)
