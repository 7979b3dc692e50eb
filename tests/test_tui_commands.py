"""The chat's commands, keys and manners: models, export, sessions, help, and a crash."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from chat_script import (
    QUOTE,
    ScriptedPipeline,
    ask,
    make_answer,
    make_app,
    screen_text,
    send,
    until,
)

from index.errors import UsageError
from qa.cli.comparing import find_case
from qa.tui.help import HelpScreen
from qa.tui.lettering import SHOWN
from qa.tui.listing import Listing
from qa.tui.picker import Choice, Picker
from qa.tui.prompt import Prompt
from qa.types import Finished, Message, Token, Usage

WIDE, NARROW = (130, 40), (80, 24)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/modle", "did you mean /model?"),
        ("/zzz", "/help lists the commands"),
        ("/since soon", "'soon' is not a date"),
        ("/until 2025-02-30", "is not a date"),
        ("/quit now", "/quit takes nothing after it"),
        ("/export", "there is nothing to export yet"),
        ("/sessions", "nothing is saved in a private chat"),
        ("/case", "/case set.run.jsonl q7"),
    ],
)
async def test_commands_that_cannot_be_done_say_why(line: str, said: str) -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=NARROW) as pilot:
        await send(pilot, line)
        await pilot.pause()
        assert said in screen_text(app)


async def test_a_hosted_model_is_confirmed_once_and_then_used() -> None:
    pipeline = ScriptedPipeline()
    app = make_app(pipeline)
    async with app.run_test(size=WIDE) as pilot:
        await send(pilot, "/model openai/x")
        await until(pilot, lambda: isinstance(app.screen, (Picker, Listing)))
        assert "api.example.org" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: pipeline.answerer.name == "openai/x")
        await until(pilot, lambda: "openai/x · api.example.org" in screen_text(app))
        await send(pilot, "/model ollama/llama")  # on this machine: nothing to confirm
        await until(pilot, lambda: pipeline.answerer.name == "ollama/llama")
        await send(pilot, "/model openai/x")
        await until(pilot, lambda: pipeline.answerer.name == "openai/x")


async def test_the_model_picker_lists_what_can_be_used() -> None:
    pipeline = ScriptedPipeline()
    app = make_app(pipeline)
    async with app.run_test(size=WIDE) as pilot:
        await send(pilot, "/model")
        await until(pilot, lambda: isinstance(app.screen, (Picker, Listing)))
        assert "built in" in screen_text(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: pipeline.answerer.name == "ollama/llama")


async def test_the_input_edits_recalls_and_completes() -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=NARROW) as pilot:
        prompt = app.query_one(Prompt)
        await ask(pilot, "first question")
        await pilot.press("up")
        assert prompt.text == "first question"
        await pilot.press("down")
        assert prompt.text == ""
        await pilot.press(*"one two", "ctrl+j", *"three")
        assert prompt.text == "one two\nthree"
        await pilot.press("ctrl+u")
        assert prompt.text == "one two\n"
        await pilot.press("backspace", "ctrl+w")
        assert prompt.text.strip() == "one"
        await pilot.press("ctrl+a", "ctrl+k")
        assert prompt.text == ""
        await pilot.press(*"/mo", "tab")
        assert prompt.text == "/model "


async def test_ctrl_c_copies_or_hints_but_never_quits() -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: "24 articles" in screen_text(app))
        await pilot.press("ctrl+c", "ctrl+c")
        assert "Ctrl+Q quits" in screen_text(app) and app.is_running
        await pilot.press(*"word", "shift+home", "ctrl+c")
        assert app.clipboard == "word" and app.is_running


async def test_y_copies_the_answer_with_its_sources_and_r_asks_again() -> None:
    pipeline = ScriptedPipeline()
    app = make_app(pipeline)
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot)
        await pilot.press("tab", "y")
        assert f"[1] “{QUOTE}”" in app.clipboard and "2025-05-17" in app.clipboard
        await pilot.press("r")
        await until(pilot, lambda: len(pipeline.asked) == 2)
        assert pipeline.asked[1][0] == "who led it?"


async def test_ctrl_o_shows_sources_below_when_narrow_and_hides_them_when_wide() -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot)
        sources = app.query_one("#sources")
        assert not sources.display
        await pilot.press("ctrl+o")
        assert sources.display and sources.region.y > app.query_one("#conversation").region.y
        await pilot.resize_terminal(*WIDE)
        await until(pilot, lambda: sources.region.x > 80)
        await pilot.press("ctrl+o")
        assert not sources.display


async def test_export_writes_footnotes_and_never_overwrites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app(ScriptedPipeline())
    file = tmp_path / "talk.md"
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot)
        await send(pilot, "/export talk.md")
        text = file.read_text(encoding="utf-8")
        assert "[^1-1]" in text and "[^1-1]: “The delegation was led" in text
        await send(pilot, "/export talk.md")
        await pilot.pause()
        assert "exists already" in screen_text(app)
        await send(pilot, "/export none/talk.md")
        await pilot.pause()
        assert "cannot be written" in screen_text(app)


async def test_a_conversation_is_saved_as_it_goes_and_resumed(tmp_path: Path) -> None:
    file = tmp_path / "data" / "sessions.sqlite3"
    app = make_app(ScriptedPipeline(), private=False, sessions=file)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "who led the delegation?")
    app.finish_threads()
    assert file.stat().st_mode & 0o077 == 0

    pipeline = ScriptedPipeline()
    app = make_app(pipeline, private=False, sessions=file)
    async with app.run_test(size=WIDE) as pilot:
        await send(pilot, "/sessions")
        await until(pilot, lambda: isinstance(app.screen, (Picker, Listing)))
        assert "who led the delegation?" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "Vladimir Medinsky" in screen_text(app))
        assert "The Meridian Post" in screen_text(app)
        await ask(pilot, "and then?")
        assert pipeline.asked[0][1][0] == Message("user", "who led the delegation?")


async def test_new_begins_afresh_and_keeps_the_draft() -> None:
    pipeline = ScriptedPipeline()
    app = make_app(pipeline)
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot)
        await pilot.press(*"draft", "ctrl+n")
        await until(pilot, lambda: "Medinsky" not in screen_text(app))
        assert app.query_one(Prompt).text == "draft"
        await ask(pilot, "afresh?")
        assert pipeline.asked[1][1] == ()


async def test_help_lists_the_real_keys_and_commands() -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        shown = screen_text(app)
        for word in ("1…9", "^n", "^o", "^q", "/since [DATE]", "/export [FILE]", "Ask again"):
            assert word in shown
        await pilot.press("escape")


async def test_the_palette_holds_our_commands() -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "another model" in screen_text(app))


async def test_the_cost_is_shown_once_there_is_one() -> None:
    answer = make_answer(usage=Usage(10, 10, 0.0123))
    app = make_app(ScriptedPipeline(Finished(answer)))
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot)
        assert "$0.0123" in screen_text(app)


@pytest.mark.parametrize("text", ["x" * 200_000, "word " * 200_000, "```\n" * 500])
async def test_answers_that_run_wild_are_capped(text: str) -> None:
    pieces = [Token(text[i : i + 5000]) for i in range(0, len(text), 5000)]
    answer = make_answer(text=text, short=None, citations=())
    app = make_app(ScriptedPipeline(*pieces, Finished(answer)))
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot)
        assert app.chat.selected is not None and app.chat.selected.text == text
        if len(text) > SHOWN:
            assert "more characters are not shown" in screen_text(app)


async def test_a_crash_prints_neither_locals_nor_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = make_app(ScriptedPipeline())
    with pytest.raises(ZeroDivisionError):
        async with app.run_test(size=NARROW) as pilot:
            key = "sk-secret"
            app.call_later(lambda: len(key) / 0)
            await pilot.pause(0.2)
    printed = capsys.readouterr()
    assert "secret" not in printed.out + printed.err
    assert "Traceback" not in printed.out + printed.err
    assert isinstance(app.crash, ZeroDivisionError)


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        (
            "qa.tui.app",
            {"chromadb", "onnxruntime", "litellm", "trafilatura", "numpy", "torch", "tokenizers"},
        ),
        (
            "qa.cli.chatting, qa.tui.app, qa.indexer",
            {"chromadb", "onnxruntime", "litellm", "numpy", "torch", "httpx", "pydantic"},
        ),
    ],
    ids=["by the app", "by the command"],
)
def test_nothing_heavy_is_imported_for_the_first_picture(modules: str, heavy: set[str]) -> None:
    code = f"import sys, {modules}; print(*{heavy!r} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""


CASE = {
    "id": "q7", "question": "Who led it then?", "label": "wrong answer", "scores": {"f1": 0.0},
    "answer": "Sergei [bold]Lavrov[/] led it. [1]", "short": "Sergei Lavrov", "citations": [],
    "history": [{"role": "user", "content": "Were there talks?"}, {"role": "assistant", "content": "Yes."}],
    "gold": {"answers": ["Vladimir Medinsky"], "evidence": ["talks-1"], "quotes": [QUOTE]},
}  # fmt: skip


async def test_a_case_of_a_run_is_asked_again_beside_what_was_right(tmp_path: Path) -> None:
    run = tmp_path / "a run.jsonl"
    right = {**CASE, "id": "q8", "label": "right", "question": "When was it?"}
    run.write_text("".join(json.dumps(row) + "\n" for row in ({"run": {}}, CASE, right)))
    pipeline = ScriptedPipeline()
    app = make_app(pipeline, find_case=find_case)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "something else")
        await send(pilot, f"/case '{run}'")
        await until(pilot, lambda: "1 of 2 cases went wrong" in screen_text(app))
        assert "q8" not in screen_text(app)
        await send(pilot, f"/case '{run}' q9")
        await until(pilot, lambda: "has no case 'q9'" in screen_text(app))
        await send(pilot, f"/case '{run}' q7")
        await until(pilot, lambda: len(pipeline.asked) == 2)
        question, history, _ = pipeline.asked[-1]
        assert question == "Who led it then?"
        assert history == (Message("user", "Were there talks?"), Message("assistant", "Yes."))
        await until(pilot, lambda: "presidential aide" in screen_text(app))
        shown = screen_text(app)
        for part in (
            "wrong answer",
            "accepted   Vladimir Medinsky",
            "[bold]Lavrov[/]",
            "evidence   talks-1",
        ):
            assert part in shown


async def test_a_picker_that_comes_by_itself_takes_no_enter() -> None:
    app = make_app(ScriptedPipeline())
    chosen: list[int | None] = []
    async with app.run_test(size=WIDE) as pilot:
        picker = Picker("Send it?", [Choice("Send it"), Choice("Do not send it")], chosen=False)
        app.push_screen(picker, chosen.append)
        await until(pilot, lambda: app.screen is picker)
        await pilot.press(*"and the second", "enter")
        await pilot.pause()
        assert app.screen is picker and not chosen
        await pilot.press("down", "enter")
        await until(pilot, lambda: chosen == [0])


async def test_a_question_that_waits_keeps_the_filters_that_it_was_asked_with() -> None:
    go = threading.Event()
    pipeline = ScriptedPipeline(go, Finished(make_answer()))
    app = make_app(pipeline)
    async with app.run_test(size=WIDE) as pilot:
        await send(pilot, "/source A")
        await send(pilot, "first?")
        await until(pilot, lambda: len(pipeline.asked) == 1)
        await send(pilot, "second?")
        await send(pilot, "/source B")
        go.set()
        await until(pilot, lambda: len(pipeline.asked) == 2)
    assert [scope.sources for _, _, scope in pipeline.asked] == [("A",), ("A",)]


async def test_no_such_user_is_no_crash() -> None:
    app = make_app(ScriptedPipeline())
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot)
        await send(pilot, "/export ~nobody-of-that-name/talk.md")
        await until(pilot, lambda: "no such user" in screen_text(app))
    with pytest.raises(UsageError, match="no such user"):
        find_case("~nobody-of-that-name/a.run.jsonl q7")
