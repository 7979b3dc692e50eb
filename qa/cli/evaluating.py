"""`qa eval`: runs a question set and shows what came of it."""

from __future__ import annotations

import glob
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UsageError
from qa.cli.wiring import announce, make_scope, open_pipeline, settings_from

if TYPE_CHECKING:
    from eval.cases import Case
    from eval.judge import ModelJudge
    from eval.runfile import Run
    from qa.config import Settings
    from qa.pipeline import Pipeline

ALL_FAILED = 4
_HOSTED_JOBS = 4
# What of the settings is part of a run's identity beside its model: not where things lie or how they look.
_SETTINGS = ("embedder", "passage_tokens", "dense_weight", "rerank", "k")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `qa eval`, as they were given."""

    questions: tuple[Path, ...]
    models: tuple[str, ...]
    api_base: str | None
    offline: bool | None
    max_cost: float | None
    k: int | None
    retrieval_only: bool
    depth: int
    out: Path | None
    report: Path | None
    markdown: Path | None
    junit: Path | None
    resume: bool
    tags: tuple[str, ...]
    limit: int | None
    sample: int | None
    seed: int
    jobs: int | None
    rate: float | None
    metrics: tuple[str, ...]
    partial: bool
    judge: str | None
    as_of: str | None
    rerank: str | None
    embedder: str | None
    store: str | None
    as_json: bool

    def settings(self, **more: Any) -> Settings:
        """Return the settings in force under these options."""
        flags = {
            name: getattr(self, name)
            for name in ("api_base", "offline", "max_cost", "k", "rerank", "embedder", "store")
        }
        return settings_from(**(flags | more))

    def cases(self) -> list[Case]:
        """Return the cases that are asked for."""
        from eval.cases import load_cases
        from eval.run import choose

        if len(self.questions) != 1:
            raise UsageError("name one question set", "qa eval QUESTIONS (more with --check)")
        cases = load_cases(self.questions[0])
        return choose(
            cases, tags=self.tags, sample=self.sample, seed=self.seed, limit=self.limit
        )  # fmt: skip


def run_eval(
    check: bool,
    effect: float,
    make: int | None,
    edit: bool,
    calibrate: bool,
    sweep: Path | None,
    **given: Any,
) -> int:
    """Do what the options ask for: check, make, edit, calibrate, sweep, else run the set."""
    options = Options(**given)
    modes = [
        name
        for name, on in (
            ("--check", check), ("--make", make is not None), ("--calibrate", calibrate),
            ("--sweep", sweep),
        ) if on
    ]  # fmt: skip
    if len(modes) > 1 or (edit and modes not in ([], ["--make"])):
        raise UsageError(f"{' and '.join([*modes, *['--edit'] * edit])} do not go together")
    if check:
        from qa.cli.questions import run_check

        return run_check(options, effect)
    if make is not None or edit:
        from qa.cli.questions import run_make

        return run_make(options, make, edit)
    if sweep:
        from qa.cli.sweeping import run_sweep

        return run_sweep(options, sweep)
    if calibrate:
        from qa.cli.calibrating import run_calibrate

        return run_calibrate(options)
    return run_set(options)


def run_set(options: Options) -> int:
    """Run the set once for each model, write the run files, print a table for each."""
    from eval.run import refuse_to_overwrite
    from eval.summary import summarise
    from eval.table import render

    cases = options.cases()
    runs: dict[str, Run] = {}
    tables: list[str] = []
    found: dict[str, Any] = {}
    planned = [options.settings(model=model) for model in options.models or (None,)]
    targets = [_target(options, settings.model) for settings in planned]
    if len(set(targets)) < len(targets):  # told before the first has been asked and paid
        raise UsageError("two of the models would write one run file", "name each model once")
    for target in () if options.resume else targets:
        refuse_to_overwrite(target)
    for settings, target in zip(planned, targets, strict=True):
        run = run_cases(cases, options, settings, target)
        summary = summarise(run.rows)
        name = f"{settings.model} on {options.questions[0].name}"
        runs[name] = run
        tables.append(render(summary, name, options.metrics) + f"\nrun file: {target}")
        found[settings.model] = {"run": str(target), "summary": summary.to_json()}
    _write_reports(options, runs)
    if options.as_json:
        from qa.render import to_json

        single = next(iter(found.values())) if len(found) == 1 else {"models": found}
        print(to_json(single))
    else:
        print("\n\n".join(tables))
    rows = [row for run in runs.values() for row in run.rows]
    return ALL_FAILED if all(row["error"] is not None for row in rows) else 0


def run_cases(
    cases: list[Case], options: Options, settings: Settings, target: Path, *, name: str = ""
) -> Run:
    """Run the cases with these settings into `target`; an interruption says how to go on."""
    from eval.run import Plan, run
    from qa.cli.progress import ProgressLine

    pipeline = open_pipeline(settings, make_scope(None, None, (), options.as_of))
    # to search, too, a follow-up is put into words by the model
    if not options.retrieval_only or any(case.history for case in cases):
        announce(settings, settings.k, set())
    _warm(pipeline, settings)
    plan = Plan(
        depth=options.depth,
        retrieval_only=options.retrieval_only,
        jobs=options.jobs or (1 if options.retrieval_only else _jobs(settings)),
        per_minute=options.rate,
        metrics=options.metrics,
        partial=options.partial,
        judge=_judge(options, settings),
    )
    try:
        return run(
            cases,
            pipeline,
            out=target,
            plan=plan,
            resume=options.resume,
            header=header_of(pipeline, settings),
            progress=ProgressLine(name),
        )
    except KeyboardInterrupt:
        print(f"\nwhat was done is kept: go on with --resume --out {target}", file=sys.stderr)
        raise


def header_of(pipeline: Pipeline, settings: Settings) -> dict[str, Any]:
    """Return the identity of a run: all that one needs to make it again, no secret."""
    from eval.run import identity
    from prompts import load, names
    from qa.extractive import NAME
    from qa.secrets import mask

    status = pipeline.corpus.status()
    shown: dict[str, Any] = {name: getattr(settings, name) for name in _SETTINGS}
    shown["as_of"] = pipeline.scope.as_of
    shown["api_base"] = settings.api_base and mask(settings.api_base)
    if settings.model != NAME:
        options = asdict(settings.options(settings.model))
        shown["options"] = {k: mask(v) if isinstance(v, str) else v for k, v in options.items()}
    shown["threshold"] = getattr(pipeline.answerer, "threshold", None)
    return identity(
        settings=shown,
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


def _warm(pipeline: Pipeline, settings: Settings) -> None:
    """Load what the first case would wait for, so that its time is like the others'."""
    from qa.extractive import NAME

    pipeline.warm()
    if NAME not in (settings.model, settings.options(settings.model).model):
        from qa.library import load

        load()


def _jobs(settings: Settings) -> int:
    """How many cases at once: a hosted model waits for the network, everything else for this processor."""
    from qa.destinations import destination
    from qa.extractive import NAME

    if NAME in (settings.model, settings.options(settings.model).model):
        return 1
    return 1 if destination(settings.model, settings).local else _HOSTED_JOBS


def _judge(options: Options, settings: Settings) -> ModelJudge | None:
    if not options.judge or options.retrieval_only:
        return None
    from eval.judge import ModelJudge
    from prompts import load
    from qa.extractive import NAME
    from qa.llm import ModelAnswerer

    if NAME in (options.judge, settings.options(options.judge).model):
        raise UsageError("the built-in answerer cannot judge", "name a model: qa models")
    announce(replace(settings, model=options.judge), settings.k, set())
    model = ModelAnswerer(options.judge, settings)
    return ModelJudge(options.judge, load("judge", settings.prompts), model.complete)


_STAMP = "[0-9]" * 8 + "-" + "[0-9]" * 6
"""Of day and time in a run file's name: another model's name may begin with this one's."""


def _target(options: Options, model: str) -> Path:
    """The run file: the one named (with the model's name in it when there are several), or a dated one."""
    out = options.out
    tag = "".join(c if c.isalnum() or c in "-." else "-" for c in model)
    if out is not None:
        stem, dot, ending = out.name.partition(".")
        return out.with_name(f"{stem}-{tag}{dot}{ending}") if len(options.models) > 1 else out
    name = options.questions[0].resolve().name.lstrip(".-") or "run"
    stem = f"{name.split('.')[0]}-{tag}"
    if not options.resume:
        return Path(f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}.run.jsonl")
    earlier = sorted(
        Path().glob(f"{glob.escape(stem)}-{_STAMP}.run.jsonl"),
        key=lambda file: file.stat().st_mtime,
    )
    if not earlier:
        raise UsageError(f"there is no run {stem}-….run.jsonl here to go on with", "name its --out")
    return earlier[-1]


def _write_reports(options: Options, runs: dict[str, Run]) -> None:
    if options.report:
        from eval.report import write

        write(runs, options.report)
    if options.markdown:
        from eval.markdown import run_markdown, write_text

        write_text(options.markdown, "\n\n".join(run_markdown(n, r) for n, r in runs.items()))
    if options.junit:
        from eval.junit import junit
        from eval.markdown import write_text

        write_text(options.junit, junit(runs))
