"""What an answer rests on: verdicts, score bands, near-copies, dates; browser, inspector, index, sessions."""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from chat_script import (
    LEAD,
    QUOTE,
    SOURCE,
    ScriptedPipeline,
    ask,
    make_answer,
    make_app,
    make_citation,
    make_hit,
    screen_text,
    send,
    until,
)

from index.types import Trace
from qa.export import FORMATS
from qa.sessions import Sessions
from qa.tui.age import warn
from qa.tui.browser import Browser
from qa.tui.citation import CitationScreen
from qa.tui.desk import SETTLE
from qa.tui.evidence import band, fold, nearest
from qa.tui.index_screen import IndexScreen
from qa.tui.inspector import Inspector
from qa.tui.lettering import letter_safe
from qa.tui.outside import browse, editor_command
from qa.tui.sessions_screen import SessionsScreen
from qa.tui.source_card import SourceCard
from qa.tui.sources_panel import SourcesPanel
from qa.tui.stories import by_outlet, told
from qa.tui.suggestions import Suggestion, questions_in
from qa.types import Finished, Judged, Particular, Retrieved, Token

WIDE = (140, 44)
TEXT = f"{QUOTE} [1] A thousand were freed. [1] It cost $7. [1]"


def judged_answer() -> object:
    first, second = len(QUOTE) + 4, len(QUOTE) + 4 + 28
    return make_answer(
        text=TEXT,
        short=None,
        sentences=(
            Judged(0, first, "quote", (1,)),
            Judged(first + 1, second, "supported", (1,)),
            Judged(
                second, len(TEXT), "not found", (1,), (Particular("$7", "money", second, second + 2),)
            ),
        ),
        hits=(replace(make_hit(), cosine=0.62, traces=(Trace("dense", 1, 0.62), Trace("words", None, None))),),
    )  # fmt: skip


async def test_each_sentence_carries_its_verdict_and_each_source_its_band() -> None:
    answer = judged_answer()
    hit = answer.hits[0]  # type: ignore[attr-defined]
    pipeline = ScriptedPipeline(Retrieved((hit,), "q"), Finished(answer))  # type: ignore[arg-type]
    pipeline.answerer.sent = [{"role": "system", "content": "You are careful."}]  # type: ignore[attr-defined]
    app = make_app(pipeline)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "is it still so now?")
        shown = " ".join(screen_text(app).split())
        assert "[1] ❞" in shown and "[1] ✓" in shown and "✗ not found: $7" in shown
        assert "❞ 1 quoted word for word · ✓ 1 supported · ✗ 1 not found" in shown
        assert "▮▮▮ strong" in shown
        assert "old for this question: the newest evidence is of 2025-05-17" in shown
        await pilot.press("tab", "i")
        await until(pilot, lambda: isinstance(app.screen, Inspector))
        assert "dense #1 (0.620), words –" in screen_text(app)
        assert "You are careful." in screen_text(app)
        await pilot.press("escape", "e")
        assert app.query_one("#prompt").text == "is it still so now?"  # type: ignore[attr-defined]
        await send(pilot, "/as-of 2025-05")
        assert "[as-of 2025-05-31 ×]" in screen_text(app)


async def test_sources_stand_before_they_are_read_again_and_settle_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = replace(SOURCE, article_id="talks-2", title="A second report")
    first, second = make_hit(), make_hit(other)
    better, written, done = threading.Event(), threading.Event(), threading.Event()
    pipeline = ScriptedPipeline(
        Retrieved((first, second), "q"), better, Retrieved((second, first), "q"), written,
        Token("It "), done, Finished(make_answer()),
    )  # fmt: skip
    app = make_app(pipeline)
    async with app.run_test(size=WIDE) as pilot:
        await send(pilot, "who led it?")

        def titles() -> list[str]:
            cards = [c for c in app.query(SourceCard) if c.display]
            return [str(c.render()).split("\n")[0].strip() for c in cards]

        await until(pilot, lambda: len(titles()) == 2)
        assert titles() == [f"1. {SOURCE.title}", f"2. {other.title}"]
        better.set()
        await until(pilot, lambda: titles()[0] == f"1. {other.title}")
        assert app.chat.desk._found_at + SETTLE < time.monotonic()
        written.set()
        done.set()
        # An answer that comes at once is shown at once: nothing moves in between.
        pipeline.script = (
            Retrieved((first, second), "q"), Retrieved((second, first), "q"), Finished(make_answer()),
        )  # fmt: skip
        await until(pilot, lambda: app.chat.desk.asking is None)
        shown: list[list[str]] = []
        show = SourcesPanel.show
        monkeypatch.setattr(
            SourcesPanel,
            "show",
            lambda panel, turn, evidence, *more: (
                shown.append([e.source.title for e in evidence]),
                show(panel, turn, evidence, *more),
            ),
        )
        await ask(pilot)
        assert [titles for titles in shown if titles] == [
            [SOURCE.title, other.title],
            [SOURCE.title],
        ]


async def test_browser_index_and_suggestions() -> None:
    text = "A start. Ann Lee, the mayor of Harbour Town, said so." + LEAD + QUOTE
    pipeline = ScriptedPipeline(text=text)
    app = make_app(pipeline)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: bool(app.query(Suggestion)))
        assert "Who is Ann Lee?" in screen_text(app)
        await send(pilot, "/browse")
        await until(pilot, lambda: isinstance(app.screen, Browser))
        assert "2025-05" in screen_text(app) and SOURCE.title in screen_text(app)
        await pilot.press(*"meri", "enter")
        await until(pilot, lambda: isinstance(app.screen, CitationScreen))
        await pilot.press("escape", "f2")
        assert "by outlet" in screen_text(app)
        await pilot.press("escape")
        await send(pilot, "/index")
        await until(pilot, lambda: isinstance(app.screen, IndexScreen))
        assert "bad.pdf: damaged" in screen_text(app) and "The Meridian Post" in screen_text(app)
        await pilot.press("escape")
        app.query(Suggestion).first().focus()
        await pilot.press("enter")
        await until(pilot, lambda: bool(pipeline.asked))
        assert pipeline.asked[0][0] == "Who is Ann Lee?"


async def test_sessions_are_searched_renamed_and_deleted(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.sqlite3")
    sessions.save("one", 1, "who led it?", make_answer())
    sessions.save(
        "two", 1, "what did it cost?", make_answer(text="Nothing.", short=None, citations=())
    )
    sessions.save("two", 2, "and then?", None, "half an ans")
    assert [s.session_id for s in sessions.search("MEDIN deleg")] == ["one"]
    assert [t.partial for t in sessions.load("two")] == ["", "half an ans"]
    app = make_app(ScriptedPipeline(), private=False, sessions=sessions.file, go_on=True)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "half an ans" in screen_text(app))
        await send(pilot, "/rename The price")
        await send(pilot, "/sessions")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen))
        assert "The price ●" in screen_text(app)
        await pilot.press(*"medinsky")
        assert "The price" not in screen_text(app)
        await pilot.press("f2", *"Talks", "enter", "down", "ctrl+d", "ctrl+d", "escape")
        await pilot.press(*"a draft")
        await pilot.press("ctrl+q")
    app.finish_threads()
    assert {s.name for s in sessions.latest()} & {"Talks", "The price"} and len(
        sessions.latest()
    ) == 1
    assert sessions.draft == "a draft"


def test_sessions_of_an_older_version_are_searched_too(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite3"
    new = Sessions(tmp_path / "new.sqlite3")
    new.save("one", 1, "who led it?", make_answer())
    with sqlite3.connect(new.file) as db:
        row = db.execute("SELECT * FROM turns").fetchone()
    with sqlite3.connect(file) as db:
        db.execute(
            "CREATE TABLE turns (session, n, at, question, answer, PRIMARY KEY (session, n))"
        )
        db.execute("INSERT INTO turns VALUES (?, ?, ?, ?, ?)", row)
    assert Sessions(file).search("medinsky")[0].session_id == "one"
    assert Sessions(file).load("one")[0].answer == make_answer()


def test_near_copies_are_folded_under_the_best() -> None:
    a, b, c = (replace(SOURCE, article_id=i, story="talks") for i in "abc")
    alone = replace(SOURCE, article_id="d")
    hits = [make_hit(source) for source in (a, alone, b, c)]
    folded = fold(nearest(hits, 4))
    assert [(e.source.article_id, len(e.copies)) for e in folded] == [("a", 2), ("d", 0)]
    assert band(None) == "" and band(0.2).endswith("weak")


def test_old_evidence_is_warned_of_only_where_the_question_asks_for_the_present() -> None:
    assert "3 years before" in warn("who is minister now?", ["2022-01-01"], "2025-06-01")
    assert warn("who is minister now?", ["2025-05-20"], "2025-06-01") == ""
    assert warn("who was minister?", ["2022-01-01"], "2025-06-01") == ""
    assert "it names 2026" in warn("what happened in 2026?", ["2022-01-01"])
    assert warn("now?", []) == "" and warn("now?", ["soon"]) == ""


def test_exports_carry_footnotes_and_escape_markup() -> None:
    source = replace(SOURCE, title="<img src=x>", url="javascript:alert(1)")
    hit = make_hit(source)
    answer = make_answer(text="<b>bold</b> [1]", hits=(hit,), citations=(make_citation(1, hit),))
    page = FORMATS[".html"]([("who?", answer)])
    assert '<a href="#n1-1">1</a>' in page and 'id="n1-1"' in page
    assert "<img" not in page and "<b>" not in page and "javascript:" not in page
    assert '"question": "who?"' in FORMATS[".json"]([("who?", answer)])


def test_what_leads_outside_is_checked_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.errors import UsageError

    for url in ("javascript:alert(1)", "file:///etc/passwd", "--version", "http://x y"):
        with pytest.raises(UsageError):
            browse(url)
    monkeypatch.setenv("EDITOR", "no-such-editor -x")
    with pytest.raises(UsageError):
        editor_command(tmp_path / "a.txt", "")
    file = tmp_path / "-rf.txt"
    file.write_text("one\ntwo words here\n")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "true")
    assert editor_command(file, "two words") == ["true", str(file.resolve())]


def test_suggestions_name_people_that_the_articles_explain() -> None:
    texts = ["Ann Lee, the mayor of Harbour Town, left.", "Ann Lee, a doctor in town, came."]
    assert questions_in(texts) == ("Who is Ann Lee?",)
    assert questions_in(["nothing here", ""]) == ()


COPIES = [
    replace(SOURCE, article_id=f"talks-{n}", title=f"Copy {n}", publisher=outlet, story="talks-1", copies=4,
            outlets=2, published=f"2025-05-1{n}")
    for n, outlet in enumerate(("Harbour Ledger", "The Meridian Post", "Harbour Ledger", None), 1)
]  # fmt: skip


def test_a_story_by_outlet() -> None:
    found = by_outlet(COPIES)
    assert [(outlet, [s.title for s in articles]) for outlet, articles in found.items()] == [
        ("Harbour Ledger", ["Copy 1", "Copy 3"]),
        ("The Meridian Post", ["Copy 2"]),
        ("outlet unknown", ["Copy 4"]),
    ]
    assert (told(4, 2), told(2, 1), told(1, 0)) == ("2 outlets, 4 copies", "2 copies", "1 copy")


async def test_a_card_unfolds_the_story_by_outlet_and_so_does_the_browser() -> None:
    hit = make_hit(COPIES[0])
    answer = make_answer(citations=(make_citation(1, hit),), hits=(hit,))
    pipeline = ScriptedPipeline(
        Retrieved((hit,), "q"), Finished(answer), source=COPIES[0], story=COPIES
    )
    app = make_app(pipeline)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot)
        assert "+ 2 outlets, 4 copies" in screen_text(app)
        app.query(SourceCard).first().focus()
        await pilot.press("plus")
        await until(pilot, lambda: "The Meridian Post · 1" in screen_text(app))
        shown = screen_text(app)
        assert "Harbour Ledger · 2" in shown and "2025-05-13 Copy 3" in shown
        await pilot.press("plus")
        assert "Copy 3" not in screen_text(app) and "+ 2 outlets" in screen_text(app)
        await pilot.press("escape")
        await send(pilot, "/browse")
        await until(pilot, lambda: isinstance(app.screen, Browser))
        await pilot.press("f2", "f2")
        await until(pilot, lambda: "Harbour Ledger · 2" in screen_text(app))
        assert "Copy 1  2 outlets, 4 copies" in screen_text(app)


@pytest.mark.parametrize(
    "text",
    ["**It was in \ue002Rome\ue003 then.** [1]", "```\nIt was in \ue002Rome\ue003 then.\n```"],
)
def test_a_verdict_is_seen_inside_bold_and_code(text: str) -> None:
    shown = letter_safe(text, {1}).plain
    assert "✗ not found: Rome" in shown and "\ue002" not in shown


async def test_turns_of_a_conversation_that_is_gone_on_with_are_kept(tmp_path: Path) -> None:
    """Their numbers may have gaps: a new turn must not be kept in the place of another."""
    sessions = Sessions(tmp_path / "s.sqlite3")
    for n in (2, 3):
        sessions.save("X", n, f"q{n}", make_answer(), "")
    app = make_app(ScriptedPipeline(), private=False, sessions=sessions.file, go_on=True)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "q3" in screen_text(app))
        await ask(pilot, "another?")
    app.finish_threads()
    assert [turn.question for turn in sessions.load("X")] == ["q2", "q3", "another?"]
