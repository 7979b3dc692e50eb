"""`qa eval QUESTIONS --sweep FILE`: runs a set with many settings and prints which wins."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UsageError
from qa.cli.wiring import store_of

if TYPE_CHECKING:
    from eval.runfile import Run
    from qa.cli.evaluating import Options
    from qa.config import Settings


def run_sweep(options: Options, file: Path) -> int:
    """Run the set once for each choice of settings; each goes on where it was interrupted."""
    from eval.summary import summarise
    from eval.sweep import entry, load_sweep, rank, render, winning_toml
    from qa.cli.evaluating import run_cases

    sweep = load_sweep(file)
    cases = options.cases()
    metric = sweep.metric or ("nDCG@10" if options.retrieval_only else "contains")
    folder = options.out or Path(f"{options.questions[0].name.split('.')[0]}-sweep")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}", "name a folder: --out"
        ) from error
    going_on = replace(options, resume=True, metrics=(*options.metrics, metric))
    runs: dict[str, Run] = {}
    entries = []
    stores: dict[tuple[str, int | None], Path] = {}
    for name, chosen in sweep.runs.items():
        settings = going_on.settings(**chosen)
        parts = settings.embedder, settings.passage_tokens
        stores[parts] = stores.get(parts) or _index(settings)
        settings = replace(settings, store=str(stores[parts]))
        target = folder / f"{re.sub(r'[^A-Za-z0-9.=-]+', '-', name)}.run.jsonl"
        runs[name] = run_cases(cases, going_on, settings, target, name=name)
        size = _size(stores[parts])
        entries.append(entry(name, chosen, summarise(runs[name].rows), metric, size))
    ranked = rank(entries, runs, metric)
    if options.report:
        from eval.report import write

        write(runs, options.report, title="qa eval --sweep")
    if options.as_json:
        from qa.render import to_json

        shown: dict[str, Any] = {"metric": metric, "runs": [e.to_json() for e in ranked]}
        print(to_json(shown | {"folder": str(folder), "qa_toml": winning_toml(ranked[0])}))
        return 0
    print(render(ranked, metric))
    print(f"\nrun files: {folder}/\n\nthe best settings, for qa.toml:\n\n{winning_toml(ranked[0])}")
    return 0


def _index(settings: Settings) -> Path:
    """A store that fits the settings: one of the index, or one that is made for sweeps beside it.

    The index in use is never changed; one of a sweep is brought up to date from the same files, and what was
    embedded for it before is not embedded again.
    """
    from index.beside import described, fitting, place
    from index.catalogue import Catalogue
    from index.store import SWEEP

    store, wanted = store_of(settings), (settings.embedder, settings.passage_tokens)
    if found := fitting(store, *wanted):
        return found
    from index.build import build
    from qa.cli.targets import Later

    with closing(Catalogue.open_to_read(store)) as catalogue:
        roots = [Path(root) for root in json.loads(catalogue.get("roots") or "[]")]
    folder = place(store, *wanted, under=SWEEP)
    print(f"qa: indexing for {described(*wanted)} in {folder}", file=sys.stderr)
    embedder = Later(settings, folder)
    build(
        folder,
        roots,
        embedder.opened,
        passage_tokens=settings.passage_tokens,
        before=embedder.announce,
    )
    return folder


def _size(store: Path) -> int:
    """The bytes of an index, without those of the ones beside it."""
    from index.store import BESIDE, SWEEP

    return sum(
        file.stat().st_size
        for file in store.rglob("*")
        if file.is_file() and file.relative_to(store).parts[0] not in (BESIDE, SWEEP)
    )
