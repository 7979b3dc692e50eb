"""Keys: in order however fast, on other keys when the settings say so, and in the help as they are."""

from __future__ import annotations

from chat_script import ScriptedPipeline, ask, make_app, screen_text, until

from qa.tui.help import HelpScreen
from qa.tui.keys import complaints
from qa.tui.prompt import Prompt

SIZE = (100, 60)


async def test_keys_act_in_the_order_in_which_they_were_typed() -> None:
    pipeline = ScriptedPipeline()
    app = make_app(pipeline)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "24 articles" in screen_text(app))
        for key in [*"whox", "backspace", "m", "enter", *"dra", "tab", "y"]:
            app.simulate_key(key)  # at once, as a terminal delivers what was typed ahead
        await until(pilot, lambda: bool(pipeline.asked))
        assert pipeline.asked[0][0] == "whom"
        await until(pilot, lambda: app.focused is app.chat.conversation)
        assert app.query_one(Prompt).text == "dra"  # the y was meant for the conversation


async def test_keys_can_be_moved_and_the_help_says_so() -> None:
    keys = {"new": "ctrl+t", "nwe": "x", "help": "f9"}
    app = make_app(ScriptedPipeline(), keys=keys)
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot)
        assert "did you mean 'new'?" in screen_text(app)
        await pilot.press("ctrl+n")
        assert "Medinsky" in screen_text(app)
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert "^t" in screen_text(app) and "^n " not in screen_text(app)
        await pilot.press("escape", "ctrl+t")
        await until(pilot, lambda: "Medinsky" not in screen_text(app))


def test_every_key_of_the_settings_is_known_or_complained_of() -> None:
    assert complaints({"new": "ctrl+t", "session-delete": "x", "article-edit": "v"}) == []
    assert "known: " in complaints({"zzzzzz": "x"})[0]
