"""The chat, driven as a person would: keys in, then what is shown and what the pipeline got."""

from __future__ import annotations

import threading

from chat_script import (
    QUOTE,
    ScriptedPipeline,
    ask,
    make_answer,
    make_app,
    make_hit,
    screen_text,
    send,
    until,
)

from index.errors import IndexMissing, Unreachable
from index.types import Scope
from qa.tui.citation import CitationScreen
from qa.tui.prompt import Prompt
from qa.tui.source_card import SourceCard
from qa.types import Finished, Message, Retrieved, Token

WIDE, NARROW = (130, 40), (80, 24)


async def test_paints_and_takes_questions_before_the_index_is_open() -> None:
    gate = threading.Event()
    pipeline = ScriptedPipeline()

    def open_slowly() -> ScriptedPipeline:
        gate.wait(10)
        return pipeline

    app = make_app(open_slowly)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.pause()
        assert "opening the index" in screen_text(app)
        await pilot.press(*"who?", "enter")
        await pilot.pause()
        assert "› who?" in screen_text(app)
        assert "waiting for the index" in screen_text(app)
        gate.set()
        await until(pilot, lambda: "Medinsky" in screen_text(app))
        assert pipeline.asked[0][0] == "who?"
        assert "24 articles · 96 passages" in screen_text(app)
        assert "extractive · this machine" in screen_text(app)


async def test_a_missing_index_is_said_in_plain_words_and_looked_for_again() -> None:
    tries: list[int] = []

    def open_index() -> ScriptedPipeline:
        tries.append(1)
        if len(tries) == 1:
            raise IndexMissing("there is no index here", "make one: qa index FOLDER")
        return ScriptedPipeline()

    app = make_app(open_index)
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: "there is no index here" in screen_text(app))
        assert "make one: qa index FOLDER" in screen_text(app)
        await ask(pilot)
        assert app.chat.selected is not None and app.chat.selected.state == "done"


async def test_questions_that_wait_for_an_index_that_cannot_be_opened_say_why() -> None:
    gate = threading.Event()

    def open_index() -> ScriptedPipeline:
        gate.wait(10)
        raise ValueError("a secret")

    app = make_app(open_index)
    async with app.run_test(size=NARROW) as pilot:
        await send(pilot, "who?")
        gate.set()
        await until(pilot, lambda: "ValueError" in screen_text(app))
        assert "secret" not in screen_text(app)
        assert "qa doctor" in screen_text(app)


async def test_an_answer_shows_its_short_form_markers_and_sources() -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot)
        shown = screen_text(app)
        assert "Vladimir Medinsky" in shown and "[1]" in shown
        assert "The Meridian Post · 2025-05-17" in shown
        assert "▸ The delegation" in shown  # the quote is marked without colour
        assert app.query_one("#sources").display


async def test_an_unverified_quote_is_marked_in_words() -> None:
    citation = make_answer().citations[0]
    answer = make_answer(citations=(type(citation)(**{**_fields(citation), "verified": False}),))
    app = make_app(ScriptedPipeline(Retrieved((make_hit(),), "q"), Finished(answer)))
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot)
        assert "✗ not found in the article" in screen_text(app)


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]


async def test_an_abstention_looks_different_and_offers_the_nearest_passages() -> None:
    answer = make_answer(
        text="", short=None, abstained=True, reason="no passage says it.", citations=()
    )
    app = make_app(ScriptedPipeline(Retrieved((make_hit(),), "q"), Finished(answer)))
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot)
        assert "∅ No answer in these articles: no passage says it." in screen_text(app)
        assert "the nearest evidence, which does not answer it:" in screen_text(app)
        await pilot.press("tab", "1")
        await until(pilot, lambda: isinstance(app.screen, CitationScreen))


async def test_a_number_opens_the_article_with_the_sentence_lit_and_in_sight() -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot)
        await pilot.press("1")
        assert app.query_one(Prompt).text == "1"  # in the input a digit is a digit
        await pilot.press("backspace", "tab", "1")
        await until(pilot, lambda: "▶" in screen_text(app))
        assert isinstance(app.screen, CitationScreen) and app.screen.article is not None
        shown = screen_text(app)
        assert f"▶ {QUOTE} ◀" in " ".join(shown.split())
        assert "https://example.org/talks" in shown and "news/talks.html" in shown
        assert "1 of 1" in shown
        await pilot.press("n", "p", "u", "escape")
        await until(pilot, lambda: app.screen is app.chat)
        assert app.clipboard == "https://example.org/talks"


async def test_a_changed_article_never_lights_another_sentence() -> None:
    app = make_app(ScriptedPipeline(text="Quite another text. " * 500))
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot)
        await pilot.press("tab", "1")
        await until(pilot, lambda: "has changed since" in screen_text(app))
        assert "▶" not in screen_text(app)


async def test_enter_on_a_card_opens_its_source() -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot)
        app.query(SourceCard).first().focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CitationScreen))


async def test_escape_cancels_at_once_keeps_what_came_and_closes_the_stream() -> None:
    gate = threading.Event()
    pipeline = ScriptedPipeline(
        Retrieved((make_hit(),), "q"), Token("So far so good"), gate, Finished(make_answer())
    )
    app = make_app(pipeline)
    async with app.run_test(size=NARROW) as pilot:
        await send(pilot, "who?")
        await until(pilot, lambda: "So far so good" in screen_text(app))
        await pilot.press("escape")
        await pilot.pause()
        view = app.chat.selected
        assert view is not None and view.state == "cancelled"
        assert "So far so good" in screen_text(app) and "— cancelled" in screen_text(app)
        gate.set()
        await until(pilot, pipeline.closed.is_set)
        await pilot.pause(0.1)
        assert view.state == "cancelled" and view.answer is None  # what came later is ignored


async def test_errors_end_the_answer_and_not_the_chat() -> None:
    pipeline = ScriptedPipeline(
        Token("half an ans"),
        Unreachable("the model at localhost is gone", "start it: ollama serve"),
    )
    app = make_app(pipeline)
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot)
        shown = screen_text(app)
        assert "half an ans" in shown and "the model at localhost is gone" in shown
        assert "start it: ollama serve" in shown
        pipeline.script = (ValueError("sk-secret"),)
        await ask(pilot, "again?")
        assert "internal error (ValueError)" in screen_text(app)
        assert "sk-secret" not in screen_text(app)
        pipeline.script = (Token("cut"),)
        await ask(pilot, "third?")
        assert "ended before it was complete" in screen_text(app)


async def test_history_and_filters_go_with_the_question() -> None:
    pipeline = ScriptedPipeline()
    app = make_app(pipeline, scope=Scope(sources=("Harbour Wire",)))
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "first?")
        await send(pilot, "/since 2025-05")
        assert "[since 2025-05-01 ×]" in screen_text(app)
        await ask(pilot, "second?")
        _, history, scope = pipeline.asked[1]
        said = f"Vladimir Medinsky\n{QUOTE} [1]"  # the short answer tells who "he" is
        assert history == (Message("user", "first?"), Message("assistant", said))
        assert scope == Scope(since="2025-05-01", sources=("Harbour Wire",))
        await send(pilot, "/since")
        assert app.chat.scope.since is None and "[since" not in screen_text(app)


async def test_questions_sent_during_an_answer_wait_their_turn() -> None:
    gate = threading.Event()
    pipeline = ScriptedPipeline(gate, Finished(make_answer()))
    app = make_app(pipeline)
    async with app.run_test(size=NARROW) as pilot:
        await send(pilot, "one?")
        await until(pilot, lambda: len(pipeline.asked) == 1)
        await send(pilot, "two?")
        gate.set()
        await until(pilot, lambda: len(pipeline.asked) == 2)
        assert [question for question, *_ in pipeline.asked] == ["one?", "two?"]
