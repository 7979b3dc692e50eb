"""`qa chat`: the terminal chat, or plain answers to the lines of stdin."""

from __future__ import annotations

import sys
from typing import Any

from index.errors import QaError
from index.safe import safe
from index.types import Scope
from qa.cli.wiring import announce, answerer_for, make_scope, open_pipeline, settings_from
from qa.config import Settings
from qa.plain import print_answer, print_error
from qa.types import Finished, Message


def run_chat(
    model: str | None,
    api_base: str | None,
    offline: bool | None,
    max_cost: float | None,
    k: int | None,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
    private: bool,
    embedder: str | None,
    store: str | None,
) -> int:
    """Chat until the person quits or stdin ends."""
    settings = settings_from(
        model=model, api_base=api_base, offline=offline, max_cost=max_cost, k=k,
        embedder=embedder, store=store,
    )  # fmt: skip
    scope = make_scope(since, until, sources)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _answer_lines(settings, scope)
    from qa.tui.app import run_chat as open_chat

    opened: dict[str, Any] = {}

    def pipeline() -> Any:
        opened["pipeline"] = open_pipeline(settings)
        opened["pipeline"].warm()
        return opened["pipeline"]

    def models() -> Any:
        from qa.models import list_models

        return list_models(settings)

    def answerer(name: str) -> Any:
        if "pipeline" not in opened:
            pipeline()
        return answerer_for(name, settings, opened["pipeline"].corpus)

    return open_chat(
        pipeline,
        model=settings.model,
        list_models=models,
        make_answerer=answerer,
        scope=scope,
        private=private,
    )


def _answer_lines(settings: Settings, scope: Scope) -> int:
    """Answer each line; a question that fails is told and the next one is read."""
    pipeline = open_pipeline(settings)
    history: list[Message] = []
    told: set[str] = set()
    code = 0
    for line in sys.stdin:
        question = line.strip()
        if not question:
            continue
        print(f"> {safe(question, newlines=False)}")
        try:
            announce(settings, settings.k, told)
            for event in pipeline.ask(question, history=history[-6:], scope=scope):
                if isinstance(event, Finished):
                    print_answer(event.answer)
                    said = event.answer.text
                    history += [
                        Message("user", question),
                        Message("assistant", said or "The articles hold no answer."),
                    ]
        except QaError as error:
            print_error(error.message, error.hint)
            code = error.exit_code
        print(flush=True)
    return code
