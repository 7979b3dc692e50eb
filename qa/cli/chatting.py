"""`qa chat`: the terminal chat, in a browser on this machine, or as plain lines."""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import Any

from index.types import Scope
from qa.cli.wiring import (
    answerer_for,
    make_scope,
    open_pipeline,
    server_of,
    settings_from,
    store_of,
)
from qa.config import Settings


def run_chat(
    model: str | None,
    api_base: str | None,
    offline: bool | None,
    max_cost: float | None,
    k: int | None,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
    as_of: str | None,
    private: bool,
    go_on: bool,
    plain: bool,
    web: bool,
    port: int,
    embedder: str | None,
    rerank: str | None,
    store: str | None,
) -> int:
    """Chat until the person quits or stdin ends."""
    settings = settings_from(
        model=model, api_base=api_base, offline=offline, max_cost=max_cost, k=k,
        embedder=embedder, rerank=rerank, store=store,
    )  # fmt: skip
    scope = make_scope(since, until, sources, as_of)
    if web:
        from qa.cli.web import serve

        return serve(port)
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    served = "TEXTUAL_DRIVER" in os.environ  # textual-serve stands between us and a browser
    dumb = os.environ.get("TERM", "dumb") in ("dumb", "")
    if plain or (not served and (not terminal or dumb)):
        from qa.cli.plain_chat import PlainChat

        return PlainChat(settings, scope, typed=terminal).run()
    return _open(settings, scope, private=private, go_on=go_on)


def _open(settings: Settings, scope: Scope, *, private: bool, go_on: bool) -> int:
    """Open the terminal chat; nothing heavy is imported before it has painted."""
    gc.disable()  # nothing of what is imported is garbage; the chat collects at quiet moments
    from qa.client import Client
    from qa.tui.app import run_chat as open_chat

    opened: dict[str, Any] = {}
    client = Client()

    def pipeline() -> Any:
        opened["pipeline"] = open_pipeline(settings, client=client)
        opened["pipeline"].warm()
        return opened["pipeline"]

    def models() -> Any:
        from qa.models import list_models

        return list_models(settings)

    def describe(name: str) -> str:
        from qa.prices import describe_model

        options = settings.options(name)
        return describe_model(options.model or name)

    def place(name: str) -> str:
        from qa.destinations import destination

        return destination(name, settings).host

    def answerer(name: str) -> Any:
        if "pipeline" not in opened:
            pipeline()
        return answerer_for(name, settings, opened["pipeline"].corpus, client)

    def find_case(argument: str) -> Any:
        from qa.cli.comparing import find_case

        return find_case(argument)

    def store() -> Any:
        from index.beside import fitting

        folder = store_of(settings)
        return fitting(folder, settings.embedder, settings.passage_tokens) or folder

    indexer = None  # an index on a server is made by `qa index`, not from a reader's mirror
    if server_of(settings) is None:
        from qa.indexer import Indexer

        indexer = Indexer(
            store,
            settings.embedder,
            offline=settings.offline,
            max_cost=settings.max_cost,
            api_base=settings.api_base,
        )
    try:
        code = open_chat(
            pipeline,
            model=settings.model,
            list_models=models,
            make_answerer=answerer,
            describe_model=describe,
            find_place=place,
            indexer=indexer,
            find_case=find_case,
            scope=scope,
            private=private,
            go_on=go_on,
            theme=settings.theme,
            keys=settings.keys,
        )
    finally:
        client.close()
    return leave(code)


def leave(code: int) -> int:
    """Return the exit code, or exit with it at once where a thread still loads or waits.

    Libraries in C abort the process when the interpreter ends under a thread that is inside them.
    """
    if any(thread.name.startswith("qa-") for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code
