"""Draw the README's pictures of the chat: the real program, answering from the sample articles.

make screenshots
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from index.build import build
from index.corpus import Corpus
from index.embed import open_embedder
from qa.extractive import Extractive
from qa.pipeline import Pipeline
from qa.rerank import BUILT_IN, open_reranker
from qa.tui.app import ChatApp

SIZE = (118, 30)
# file, theme, size, question, keys pressed once it is answered
PICTURES = (
    ("chat", "dark", SIZE, "who led Russia's delegation?", ()),
    ("chat-citation", "dark", SIZE, "who led Russia's delegation?", ("tab", "1")),
    ("chat-none", "light", SIZE, "who is the mayor of Tokyo now?", ()),
    ("chat-inspector", "light", SIZE, "who led Russia's delegation?", ("tab", "i")),
    ("chat-browser", "dark", (100, 26), "", ("tab", "b")),
)


async def draw(folder: Path, articles: Path) -> None:
    """Ask a question in a headless chat for each picture and save its screen.

    The index is made among the articles, so that no picture shows where on a disk they lie.
    """
    embedder = open_embedder("minilm")
    build(articles / ".qa", [articles], embedder)
    corpus = Corpus(articles / ".qa", lambda: embedder)
    corpus.reranker = open_reranker(BUILT_IN, corpus.rarity)
    pipeline = Pipeline(corpus, Extractive(corpus, rerank=BUILT_IN))
    pipeline.warm()
    for name, theme, size, question, keys in PICTURES:
        app = ChatApp(
            lambda: pipeline,
            model="extractive",
            list_models=lambda: [],
            make_answerer=lambda name: pipeline.answerer,
            private=True,
            theme=theme,
        )
        async with app.run_test(size=size) as pilot:
            while app.chat.desk.pipeline is None:
                await pilot.pause(0.1)
            await pilot.pause(1)
            if question:
                app.chat.ask(question)
                while app.chat.conversation.views[-1].state != "done":
                    await pilot.pause(0.1)
            await pilot.press(*keys)
            await pilot.pause(1)
            (folder / f"{name}.svg").write_text(app.export_screenshot(), encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as kept:
        articles = Path(kept, "articles")
        shutil.copytree(Path(str(files("eval") / "sample" / "articles")), articles)
        asyncio.run(draw(Path(sys.argv[1]), articles))
