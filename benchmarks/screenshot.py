"""Draw the README's picture of the chat: the real program, answering from the sample articles.

python -m benchmarks.screenshot docs/chat.svg
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.collections import collections
from qa.extractive import Extractive
from qa.pipeline import Pipeline
from qa.tui.app import ChatApp


async def draw(target: Path) -> None:
    """Ask one question in a headless chat and save its screen."""
    corpus = next(iter(collections(None))).corpus
    pipeline = Pipeline(corpus, Extractive(corpus))
    pipeline.warm()
    app = ChatApp(
        lambda: pipeline,
        model="extractive",
        list_models=lambda: [],
        make_answerer=lambda name: pipeline.answerer,
        private=True,
    )
    async with app.run_test(size=(110, 26)) as pilot:
        await pilot.pause(1)
        await pilot.press(*"who led Russia's delegation?", "enter")
        await pilot.pause(4)
        target.write_text(app.export_screenshot(), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
