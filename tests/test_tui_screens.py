"""What the screens look like, letter by letter and style by style, at three sizes and in three themes.

`QA_SCREENS=write` draws them anew; look at the difference before you commit it. A file holds the text of
the screen and, below it, which style lies on each cell.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
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
    make_hit,
    send,
    until,
)
from textual.pilot import Pilot

from qa.tui.app import ChatApp
from qa.tui.citation import CitationScreen
from qa.tui.inspector import Inspector
from qa.tui.listing import Listing
from qa.tui.prompt import Prompt
from qa.tui.suggestions import Suggestion
from qa.types import Finished, Judged, Particular, Retrieved

WRITE = os.environ.get("QA_SCREENS") == "write"  # here, because tests begin without QA_* of ours
FOLDER = Path(__file__).parent / "screens"
SIZES = [(80, 24, "dark"), (80, 24, "light"), (120, 40, "dark"), (120, 40, "light"),
         (200, 60, "dark"), (200, 60, "contrast")]  # fmt: skip
TEXT = f"{QUOTE} [1]\n\n- **one** `code` [1]\n\n```\nfenced [1]\n```\nIt cost $7. [1]"


def drawn(app: ChatApp) -> str:
    """Return the screen as text, and under it the style of every cell as a letter."""
    rows, styles = [], dict[str, str]()
    letters = []
    for strip in app.screen._compositor.render_strips():
        text, marks = "", ""
        for segment in strip:
            style = segment.style
            name = str(style.without_color) if style else "none"
            if style is not None:
                name += f" {style.color.name if style.color else '-'} on "
                name += style.bgcolor.name if style.bgcolor else "-"
                name = name.replace("link", "")
            letter = styles.setdefault(
                name, chr(ord("a") + len(styles) % 26 + 32 * (len(styles) // 26))
            )
            text += segment.text
            marks += letter * segment.cell_length
        rows.append(text.rstrip())
        letters.append(marks)
    known = [f"{letter} {name}" for name, letter in styles.items()]
    return "\n".join([*rows, "-- styles", *letters, *known]) + "\n"


def compare(app: ChatApp, name: str) -> None:
    file = FOLDER / f"{name}.txt"
    shown = drawn(app)
    if WRITE:
        FOLDER.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8"), f"{name} looks different (QA_SCREENS=write)"


def make_pipeline() -> ScriptedPipeline:
    end = len(TEXT)
    hit = replace(make_hit(replace(SOURCE, story="talks", copies=3, outlets=2)), cosine=0.55)
    answer = make_answer(
        text=TEXT, hits=(hit,), timings_ms={"retrieve": 12.0, "total": 20.0},
        sentences=(Judged(0, len(QUOTE) + 4, "quote", (1,), support=1.0),
                   Judged(end - 15, end, "not found", (1,), (Particular("$7", "money", end - 7, end - 5),))),
    )  # fmt: skip
    text = "Ann Lee, the mayor of Harbour Town, said so. " + LEAD + QUOTE
    return ScriptedPipeline(Retrieved((hit,), "who led it?"), Finished(answer), text=text)


async def scenes(
    app: ChatApp, pipeline: ScriptedPipeline, pilot: Pilot[None]
) -> AsyncIterator[str]:
    """Walk through what is drawn; what differs little between themes is left to some sizes."""
    await until(pilot, lambda: bool(app.query(Suggestion)))
    await send(pilot, "/since 2025-05-01")
    await pilot.press("slash", "s")
    yield "welcome"
    app.query_one(Prompt).clear()
    await ask(pilot, "who led it?")
    yield "answer"
    if app.size.width == 80:
        await pilot.press("ctrl+o")
        yield "sources-below"
    if app.size.width == 120:
        await pilot.press("tab", "1")
        await until(pilot, lambda: isinstance(app.screen, CitationScreen))
        await until(pilot, lambda: getattr(app.screen, "article", None) is not None)
        yield "article"
        await pilot.press("escape")
    if app.size.width == 200:
        await pilot.press("tab", "i")
        await until(pilot, lambda: isinstance(app.screen, Inspector))
        yield "inspector"
        await pilot.press("escape")
    if app.theme == "qa-dark":
        hit = make_hit()
        none = make_answer(
            text="", short=None, abstained=True, citations=(), reason="nothing found"
        )
        pipeline.script = (Retrieved((hit,), "q"), Finished(none))
        app.query_one(Prompt).focus()
        await ask(pilot, "who paid for it?")
        yield "none"
    if app.size.width == 120 and app.theme == "qa-dark":
        app.query_one(Prompt).focus()
        await send(pilot, "/model")
        await until(pilot, lambda: isinstance(app.screen, Listing))
        yield "models"


@pytest.mark.parametrize(("width", "height", "theme"), SIZES)
async def test_screens_look_as_they_did(width: int, height: int, theme: str) -> None:
    pipeline = make_pipeline()
    app = make_app(pipeline, theme=theme)
    async with app.run_test(size=(width, height)) as pilot:
        app.query_one(Prompt).cursor_blink = False
        async for scene in scenes(app, pilot=pilot, pipeline=pipeline):
            await pilot.pause(0.1)
            compare(app, f"{scene}-{width}x{height}-{theme}")
