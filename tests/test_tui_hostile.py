"""Hostile text through every carrier: titles, outlets, links, paths, articles, answers, errors."""

from __future__ import annotations

import json
import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from chat_script import (
    MODELS,
    SOURCE,
    Model,
    ScriptedCorpus,
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
from textual import events

from index.corpus import Status
from index.errors import IndexMissing, Unreachable
from index.types import Article, Hit, Source
from qa.export import FORMATS
from qa.tui.browser import Browser
from qa.tui.citation import CitationScreen
from qa.tui.index_screen import IndexScreen
from qa.tui.inspector import Inspector
from qa.tui.listing import Listing
from qa.tui.picker import Picker
from qa.tui.prompt import Prompt
from qa.types import Answer, Finished, Retrieved, Token

SHARED = Path(os.environ.get("QA_SHARED", Path(__file__).parents[2] / "shared"))
FILES = ("terminal_payloads", "markup_payloads", "unicode_payloads", "exfil_links")
BATCH = 9
PAD = "before "


def load_payloads(name: str) -> list[str]:
    file = SHARED / "security" / f"{name}.jsonl"
    if not file.is_file():
        pytest.skip(f"{name}.jsonl is not here; QA_SHARED may name the folder that has security/")
    rows = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines() if row]
    return [row["payload"] for row in rows]


def is_raw(character: str) -> bool:
    """Whether a character may not reach a terminal: controls, direction, tags, private use."""
    kind = unicodedata.category(character)
    return (kind in ("Cc", "Cs", "Co") and character not in "\n\t") or (
        kind == "Cf" and character not in "\u200c\u200d"
    )


def check(text: str) -> None:
    found = sorted({f"U+{ord(c):04X}" for c in text if is_raw(c)})
    assert not found, found


class HostileCorpus(ScriptedCorpus):
    """Outlets, dates, titles and failures are payloads too."""

    def __init__(self, sources: list[Source]) -> None:
        super().__init__(SOURCE)
        self._sources = sources

    def sources(self) -> list[Source]:
        return self._sources

    def status(self) -> Status:
        texts = [source.title for source in self._sources] or ["-"]
        return replace(
            super().status(),
            store=texts[0],
            oldest=texts[0],
            newest=texts[-1],
            publishers=dict.fromkeys(texts, 1),
            failures=[{"path": text, "reason": text} for text in texts],
        )


class HostilePipeline(ScriptedPipeline):
    """Every source is made of one payload, and so is the article behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.articles: dict[str, tuple[Source, str]] = {}

    def article(self, article_id: str) -> Article:
        source, text = self.articles[article_id]
        return Article(source, text, text)

    @property
    def corpus(self) -> HostileCorpus:
        return HostileCorpus([source for source, _ in self.articles.values()])

    def load(self, payloads: list[str]) -> Answer:
        self.articles = {}
        hits: list[Hit] = []
        for number, payload in enumerate(payloads, 1):
            source = Source(
                f"id{number}", payload, payload, payload, payload, (payload,), payload, (payload,)
            )
            self.articles[source.article_id] = (source, f"{PAD}{payload} after")
            hits.append(make_hit(source, f"{PAD}{payload} after", 0))
        answer = make_answer(
            text=" ".join(f"{payload} [{n}]" for n, payload in enumerate(payloads, 1)),
            short=payloads[0],
            model=payloads[0],
            notes=tuple(payloads),
            hits=tuple(hits),
            citations=tuple(
                make_citation(n, hit, payload, verified=n % 2 == 0)
                for n, (hit, payload) in enumerate(zip(hits, payloads, strict=True), 1)
            ),
        )
        self.script = (
            Retrieved(tuple(hits), payloads[0]),
            *(Token(payload) for payload in payloads),
            Finished(answer),
        )
        return answer


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
async def test_payloads_are_shown_harmlessly(name: str) -> None:
    payloads = load_payloads(name)
    pipeline = HostilePipeline()
    app = make_app(pipeline)
    async with app.run_test(size=(130, 80)) as pilot:
        for start in range(0, len(payloads), BATCH):
            batch = payloads[start : start + BATCH]
            answer = pipeline.load(batch)
            await ask(pilot, "q " + batch[0])
            check(screen_text(app))
            app.chat.action_copy()
            check(app.clipboard)
            for render in FORMATS.values():
                check(render([("q " + batch[0], answer)]))
            app.chat.action_inspect()
            await until(pilot, lambda: isinstance(app.screen, Inspector))
            check(screen_text(app))
            await pilot.press("escape")
            for action, screen in (
                (app.chat.action_browse, Browser),
                (app.chat.action_index, IndexScreen),
            ):
                action()
                await until(pilot, lambda screen=screen: isinstance(app.screen, screen))
                check(screen_text(app))
                await pilot.press("escape")
            app.chat.action_open(1)
            await until(pilot, lambda: isinstance(app.screen, CitationScreen))
            for _ in batch:
                await pilot.press("n")
                check(screen_text(app))
            await pilot.press("escape")
            pipeline.script = (Unreachable(" ".join(batch), batch[-1]),)
            await ask(pilot, "again")
            pipeline.script = (
                Finished(
                    replace(
                        answer, abstained=True, citations=(), reason=" ".join(batch), short=None
                    )
                ),
            )
            await ask(pilot, "once more")
            check(screen_text(app))
            await pilot.press("ctrl+n")
        assert app.is_running


@pytest.mark.slow
async def test_payloads_in_filters_file_names_models_and_the_index_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    payloads = load_payloads("markup_payloads")[:10] + load_payloads("terminal_payloads")[:10]
    models = [*MODELS, *(Model(p, "this machine", n % 2 == 0, p) for n, p in enumerate(payloads))]

    def open_index() -> ScriptedPipeline:
        raise IndexMissing(" ".join(payloads), payloads[0])

    app = make_app(open_index, list_models=lambda: models)
    async with app.run_test(size=(130, 60)) as pilot:
        await pilot.pause(0.1)
        check(screen_text(app))
        for payload in payloads:
            for command in ("/source ", "/since ", "/"):
                await send(pilot, command + payload)
            await pilot.pause()
            check(screen_text(app))
        for payload in payloads:
            app.query_one(Prompt).post_message(events.Paste(payload))
        await pilot.pause()
        check(app.query_one(Prompt).text)
        await send(pilot, "/model")
        await until(pilot, lambda: isinstance(app.screen, (Picker, Listing)))
        check(screen_text(app))
        await pilot.press("escape")
        assert app.is_running
