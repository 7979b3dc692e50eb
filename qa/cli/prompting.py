"""`qa ask --show-prompt`: what a model would be sent, without sending it."""

from __future__ import annotations

from index.safe import safe
from index.types import Scope
from qa.pipeline import Pipeline, respelt
from qa.plain import bold


def show(pipeline: Pipeline, question: str, scope: Scope, *, as_json: bool) -> int:
    """Print the messages for a question; 1 where nothing was found to be sent with it."""
    from qa.llm import ModelAnswerer

    answerer = pipeline.answerer
    if not isinstance(answerer, ModelAnswerer):
        if as_json:
            print('{"model": "extractive", "to": null, "messages": []}')
        else:
            print("The built-in answerer sends nothing to anybody, and has no prompt.")
        return 0
    question, _ = respelt(pipeline.corpus, question)
    search = pipeline.corpus.find(question, pipeline.k, scope, k=pipeline.k)
    messages, kept = answerer.messages(question, search.hits[: search.shown], ())
    if not search.hits:
        messages = []  # without passages a model is not asked
    host = answerer.destination.host
    if as_json:
        from qa.render import to_json

        print(
            to_json({"model": answerer.model, "to": host, "passages": kept, "messages": messages})
        )
    elif not search.hits:
        print(f"Nothing was found, so {answerer.model} at {host} would not be asked.")
    else:
        print(f"Not sent. {answerer.model} at {host} would get {kept} passages:")
        for message in messages:
            print(f"\n{bold(message['role'])}\n{safe(message['content'])}")
    return 0 if search.hits else 1
