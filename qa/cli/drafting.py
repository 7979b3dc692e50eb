"""`qa eval SET --make N --model NAME`: a model drafts the cases."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import UsageError
from qa.cli.wiring import announce

if TYPE_CHECKING:
    from eval.cases import Case
    from index.corpus import Corpus
    from qa.cli.evaluating import Options

_TRIES = 4
"""Passages tried for each case that is wanted: a model that keeps no rule must not cost for ever."""


def draft_with_model(
    options: Options, corpus: Corpus, model: str, n: int
) -> tuple[list[Case], list[Case]]:
    """Return up to `n` answerable and as many unanswerable cases that a model wrote."""
    from eval.cases import Case
    from eval.draft_model import drafts, seems_answered
    from eval.pace import Pace
    from prompts import load
    from qa.extractive import NAME
    from qa.llm import ModelAnswerer

    settings = options.settings(model=model)
    if NAME in (model, settings.options(model).model):
        raise UsageError(
            "the built-in answerer writes no questions", "leave --model out, or name one"
        )
    announce(settings, 1, set())
    answerer = ModelAnswerer(model, settings)
    prompt, pace = load("draft", settings.prompts), Pace(options.rate)
    cases: list[Case] = []
    unanswerable: list[Case] = []
    cost: float | None = 0.0
    written = drafts(corpus, corpus.article_passages, prompt, answerer.complete, seed=options.seed)
    for tried, (case, unanswered, usage) in enumerate(written, 1):
        pace.wait()
        cost = None if cost is None or usage.cost_usd is None else cost + usage.cost_usd
        if case is not None:
            cases.append(replace(case, id=f"m{len(cases) + 1:03}"))
        if unanswered and not seems_answered(unanswered, corpus):
            name = f"m{len(unanswerable) + 1:03}-none"
            tags = ("draft", "model")
            unanswerable.append(Case(name, unanswered, answerable=False, tags=tags))
        if len(cases) == n or tried >= _TRIES * n:
            spent = "cost unknown" if cost is None else f"${cost:.4f}"
            kept = f"{len(cases)} of {tried} drafts stood the check"
            print(f"qa: {kept}, {spent}", file=sys.stderr)
            break
    return cases, unanswerable
