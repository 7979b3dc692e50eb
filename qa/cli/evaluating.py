"""`qa eval` and `qa compare`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from index.errors import UsageError
from qa.cli.wiring import announce, open_pipeline, settings_from

GATE_FAILED, GATE_OPEN = 5, 6


def run_eval(
    questions: Path,
    models: tuple[str, ...],
    api_base: str | None,
    offline: bool | None,
    max_cost: float | None,
    k: int | None,
    retrieval_only: bool,
    depth: int,
    out: Path | None,
    report: Path | None,
    resume: bool,
    embedder: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Run the set once for each model, write the run files, print a table for each."""
    from eval.cases import load_cases
    from eval.summary import summarise
    from eval.table import render

    cases = load_cases(questions)
    runs: dict[str, Any] = {}
    tables: list[str] = []
    found: dict[str, Any] = {}
    for model in models or (None,):
        settings = settings_from(
            model=model, api_base=api_base, offline=offline, max_cost=max_cost, k=k,
            embedder=embedder, store=store,
        )  # fmt: skip
        pipeline = open_pipeline(settings)
        if not retrieval_only:
            announce(settings, settings.k, set())
        target = _target(out, questions, settings.model, several=len(models) > 1)
        run = _run(cases, pipeline, settings, target, depth, retrieval_only, resume)
        summary = summarise(run.rows)
        name = f"{settings.model} on {questions.name}"
        runs[name] = run
        tables.append(render(summary, title=name) + f"\nrun file: {target}")
        found[settings.model] = {"run": str(target), "summary": summary.to_json()}
    if report:
        from eval.report import write

        write(runs, report)
    if as_json:
        from qa.render import to_json

        single = next(iter(found.values())) if len(found) == 1 else {"models": found}
        print(to_json(single))
    else:
        print("\n\n".join(tables))
    return 0


def _run(
    cases: Any,
    pipeline: Any,
    settings: Any,
    out: Path,
    depth: int,
    retrieval_only: bool,
    resume: bool,
) -> Any:
    from eval.run import identity, run
    from prompts import load, names
    from qa.secrets import mask

    status = pipeline.corpus.status()
    header = identity(
        settings={
            "k": settings.k,
            "embedder": settings.embedder,
            "api_base": settings.api_base and mask(settings.api_base),
        },
        model=settings.model,
        index={
            "content": pipeline.corpus.content_hash(),
            "articles": status.articles,
            "passages": status.passages,
            "embedder": status.embedder,
            "splitter": status.splitter,
        },
        prompts={name: load(name, settings.prompts).sha256 for name in names()},
    )
    return run(
        cases,
        pipeline,
        out=out,
        depth=depth,
        retrieval_only=retrieval_only,
        resume=resume,
        header=header,
        progress=_Progress(),
    )


def _target(out: Path | None, questions: Path, model: str, *, several: bool) -> Path:
    """The run file: the one named (with the model's name in it when there are several), or a dated one."""
    tag = "".join(c if c.isalnum() or c in "-." else "-" for c in model)
    if out is None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        return Path(f"{questions.name.split('.')[0]}-{tag}-{stamp}.run.jsonl")
    if several:
        return out.with_name(f"{out.stem}-{tag}{out.suffix}")
    return out


class _Progress:
    """A line on stderr: moving on a terminal, else now and then."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._last = self._started if not sys.stderr.isatty() else 0.0

    def __call__(self, progress: Any) -> None:
        now = time.monotonic()
        last = progress.done + progress.skipped >= progress.total
        terminal = sys.stderr.isatty()
        if now - self._last < (0.1 if terminal else 15) and not (last and terminal):
            return
        self._last = now
        done, asked = progress.done, max(progress.done - progress.skipped, 0)
        left = (now - self._started) / asked * (progress.total - done) if asked else 0.0
        text = f"{done}/{progress.total} cases, {progress.errors} errors, {left:.0f} s left"
        if terminal:
            text = text.ljust(60)
        print(text, end="\r" if terminal and not last else "\n", file=sys.stderr, flush=True)


def run_compare(run_a: Path, run_b: Path, gates: tuple[str, ...], as_json: bool) -> int:
    """Compare two runs; with gates, return 5 when one fails and 6 when one cannot be decided."""
    from eval.compare import compare
    from eval.compare_table import render
    from eval.gate import Verdict, gate
    from eval.runfile import load_run

    for file in (run_a, run_b):
        if not file.is_file():
            raise UsageError(f"there is no run file {str(file)!r}", "qa eval QUESTIONS --out FILE")
    names = (run_a.name, run_b.name) if run_a.name != run_b.name else (str(run_a), str(run_b))
    comparison = compare(load_run(run_a), load_run(run_b), names=names)
    verdict = gate(comparison, gates) if gates else None
    if as_json:
        from qa.render import to_json

        found = comparison.to_json()
        if verdict:
            found["gate"] = verdict.to_json()
        print(to_json(found))
    else:
        print(render(comparison))
        if verdict:
            print(verdict.render())
    if verdict is None or verdict.verdict is Verdict.PASS:
        return 0
    return GATE_FAILED if verdict.verdict is Verdict.FAIL else GATE_OPEN
