"""`qa models`, `qa status`, `qa show`, `qa config`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from index.errors import UsageError
from index.safe import safe
from qa.cli.wiring import open_corpus, settings_from, store_of
from qa.plain import bold, counted, describe, dim, wrap

if TYPE_CHECKING:
    from index.corpus import Corpus


def run_models(model: str | None, api_base: str | None, as_json: bool) -> int:
    """List what can be used now; only local servers and a configured address are asked."""
    from qa.models import list_models

    settings = settings_from(model=model, api_base=api_base)
    found = list_models(settings)
    if as_json:
        from qa.render import to_json

        choices = [asdict(choice) for choice in found]
        print(to_json({"in_use": settings.model, "models": choices}))
        return 0
    named = max((len(choice.name) for choice in found), default=0)
    placed = max((len(choice.place) for choice in found), default=0)
    for choice in found:
        mark = "*" if choice.name == settings.model else " "
        state = "ready" if choice.available else "not ready"
        line = f"{mark} {choice.name:<{named}}  {choice.place:<{placed}}  {state:<9}  {choice.note}"
        print(safe(line.rstrip()))
    if settings.model not in {choice.name for choice in found}:
        print(safe(f"* {settings.model} (in use)", newlines=False))
    return 0


def run_status(store: str | None, as_json: bool) -> int:
    """Say what is indexed and how fresh it is."""
    from index.beside import described, others

    settings = settings_from(store=store)
    corpus = open_corpus(settings)
    status = corpus.status()
    calibrations = _calibrations(corpus, settings.rerank)
    if as_json:
        from qa.render import to_json

        print(to_json(asdict(status) | {"calibrations": calibrations}))
        return 0
    failed = f", {len(status.failures):,} failed" if status.failures else ""
    print(
        bold(counted(status.articles, "article"))
        + f", {counted(status.passages, 'passage')}, from {counted(status.files, 'file')}{failed}"
    )
    print(f"index      {safe(status.store, newlines=False)}, made {status.indexed_at}")
    print(f"embedder   {safe(described(status.embedder, corpus.passage_tokens), newlines=False)}")
    for made in others(store_of(settings)):
        print(f"beside     {safe(made.shown, newlines=False)}")
    print(f"dates      {status.oldest or '?'} to {status.newest or '?'}")
    outlets = [f"{name} {n:,}" for name, n in list(status.publishers.items())[:8]]
    more = f", … {len(status.publishers) - 8} more" if len(status.publishers) > 8 else ""
    print("outlets    " + safe(", ".join(outlets) + more, newlines=False))
    print("abstains   " + _threshold(calibrations, status.passages, alone=status.articles == 1))
    if status.stories:
        print(
            f"copies     {counted(status.copies, 'article')} tell {_stories(status.stories)} nearly alike"
        )
    for failure in status.failures[:10]:
        print("failed     " + safe(f"{failure['path']}: {failure['reason']}", newlines=False))
    if len(status.failures) > 10:
        print(f"failed     … and {len(status.failures) - 10:,} more (see --json)")
    return 0


def _calibrations(corpus: Corpus, rerank: str) -> list[dict[str, Any]]:
    """The thresholds kept with the index, and whether each holds for the parts in use."""
    from qa.extractive import identity

    parts = (corpus.retrieval(rerank), identity())
    return [c.to_json() | {"valid": (c.search, c.answerer) == parts} for c in corpus.calibrations()]


def _threshold(calibrations: list[dict[str, Any]], passages: int, *, alone: bool) -> str:
    from qa.weights import threshold

    for c in calibrations:
        if c["valid"]:
            asked = f"{c['answerable']} answerable and {c['unanswerable']} unanswerable questions"
            refused = f"{c['refused']:.0%} of the unanswerable, {c['false_abstention']:.0%}"
            return (
                f"below {c['threshold']:.3f}, calibrated {c['made']} on {asked}: refuses {refused} of "
                "the answerable"
            )
    void = f" ({len(calibrations)} void: embedder, reranker or answerer changed)"
    return f"below {threshold(passages, alone=alone):.2f}, as shipped for {passages:,} passages" + (
        void if calibrations else ""
    )


def _stories(n: int) -> str:
    return f"{n:,} story" if n == 1 else f"{n:,} stories"


def run_show(id: str, original: bool, store: str | None, as_json: bool) -> int:
    """Print an article, or a passage of it when the id ends in `#n`; a path or source id will do."""
    corpus = open_corpus(settings_from(store=store))
    article_id, mark, _ = id.rpartition("#")
    found = corpus.resolve(id)  # a source id may hold a "#" itself
    if found or not mark:
        mark = ""
    else:
        found = corpus.resolve(article_id)
    if not found:
        raise UsageError(f"there is no article {id!r} in the index", "qa search QUERY shows ids")
    if len(found) > 1:
        some = ", ".join(sorted(found)[:5])
        raise UsageError(f"{id!r} names {len(found)} articles", f"qa show one of: {some}")
    article = corpus.article(next(iter(found)))
    source = article.source
    start, end = 0, len(article.text)
    if mark:
        passage = corpus.passage(f"{source.article_id}#{id.rpartition('#')[2]}")
        start, end = passage.start, passage.end
    text = article.original if original and not mark else article.text[start:end]
    if as_json:
        from qa.render import to_json

        passages = [
            {"passage_id": p.passage_id, "start": p.start, "end": p.end}
            for p in corpus.article_passages(source.article_id)
        ]
        shown = asdict(source) | {"path": source.path, "start": start, "end": end, "text": text}
        copies = [s.article_id for s in corpus.story(source.story)] if source.story else []
        print(to_json(shown | {"passages": passages, "story_articles": copies}))
        return 0
    print(bold(safe(source.title, newlines=False)))
    print(dim(describe(source)))
    for line in (source.url, ", ".join(source.authors)):
        if line:
            print(dim(safe(line, newlines=False)))
    if source.story:
        outlets = f"{counted(source.outlets, 'outlet')}, " if source.outlets else ""
        print(f"{outlets}{source.copies} copies of this story:")
        for copy in corpus.story(source.story):
            print(dim(("* " if copy == source else "  ") + describe(copy)))
    print()
    print(wrap(safe(text)))
    return 0


def run_config(as_json: bool) -> int:
    """Print every setting, where it came from, and which provider keys are set (never their values)."""
    from qa.secrets import mask

    settings = settings_from()
    shown: dict[str, Any] = {}
    for f in fields(settings):
        if f.name not in ("models", "keys", "origins"):
            value = getattr(settings, f.name)
            if isinstance(value, str):
                value = mask(value)  # an address may carry a password
            shown[f.name] = {"value": value, "from": settings.origins.get(f.name, "default")}
    models = {
        name: {k: mask(v) if isinstance(v, str) else v for k, v in asdict(options).items()}
        for name, options in settings.models.items()
    }
    keys = sorted(
        k for k in os.environ if k.endswith(("_API_KEY", "_AUTH_TOKEN")) and os.environ[k]
    )
    if as_json:
        from qa.render import to_json

        print(to_json({"settings": shown, "models": models, "keys": {k: "***" for k in keys}}))
        return 0
    for name, entry in shown.items():
        value = "–" if entry["value"] is None else safe(str(entry["value"]), newlines=False)
        print(f"{name:<14} {value:<28} {dim(safe(entry['from'], newlines=False))}")
    for name, options in models.items():
        given = {k: v for k, v in options.items() if v is not None}
        print(safe(f"model {name}: {json.dumps(given)}", newlines=False))
    for key in keys:
        print(safe(f"{key} ***", newlines=False))
    return 0
