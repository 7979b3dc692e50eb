"""`qa eval QUESTIONS --calibrate`: fits the threshold below which the built-in answerer abstains."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UsageError
from index.safe import safe
from qa.cli.wiring import make_scope, open_corpus, open_pipeline

if TYPE_CHECKING:
    from eval.calibrate import Fit
    from eval.coverage import Point
    from eval.runfile import Run
    from index.calibration import Calibration
    from qa.cli.evaluating import Options

_STEPS = 10
_WIDTH = 40


def run_calibrate(options: Options) -> int:
    """Ask every question with no threshold, fit one, keep it with the index, print the curve."""
    from eval.calibrate import fit_threshold
    from eval.cases import fingerprint
    from eval.coverage import area, curve
    from index.calibration import Calibration, save_calibration
    from qa.extractive import identity

    cases = options.cases()
    run = _ask(options, cases)
    fit = fit_threshold(run.rows)
    settings = options.settings()
    corpus = open_corpus(settings)
    kept = Calibration(
        search=corpus.retrieval(settings.rerank),
        answerer=identity(),
        questions=fingerprint(cases),
        made=datetime.now(UTC).date().isoformat(),
        threshold=fit.threshold,
        low=fit.low,
        high=fit.high,
        answerable=fit.answerable,
        unanswerable=fit.unanswerable,
        refused=fit.refused,
        false_abstention=fit.false_abstention,
    )
    save_calibration(corpus.store, kept)
    points = curve(run.rows)
    if options.as_json:
        from qa.render import to_json

        shown = [point._asdict() for point in points]
        print(to_json({"calibration": kept.to_json(), "area": area(points), "curve": shown}))
    else:
        _print(points, fit, kept, area(points))
    return 0


def _ask(options: Options, cases: Any) -> Run:
    """The set, run with a threshold of 0: every answer is given, with its confidence."""
    from eval.run import Plan, run
    from qa.cli.evaluating import header_of
    from qa.cli.progress import ProgressLine
    from qa.extractive import NAME, Extractive

    settings = options.settings(model=options.models[0] if options.models else None)
    if settings.model != NAME:
        raise UsageError(
            f"{settings.model} says no confidence, so there is no threshold to fit",
            "calibrate the built-in answerer: --model extractive",
        )
    pipeline = open_pipeline(settings, make_scope(None, None, (), options.as_of))
    pipeline.answerer = Extractive(pipeline.corpus, threshold=0.0)
    with ExitStack() as stack:
        out = options.out
        if out is None:
            out = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "calibrate.run.jsonl"
        return run(
            cases,
            pipeline,
            out=out,
            plan=Plan(depth=options.depth, partial=options.partial),
            resume=options.resume,
            header=header_of(pipeline, settings),
            progress=ProgressLine(),
        )


def _print(points: list[Point], fit: Fit, kept: Calibration, area: float | None) -> None:
    print(
        "risk and coverage, without a threshold: of the questions answered when at least so sure,"
    )
    print("how many are answered wrongly (or should not be answered)\n")
    print(f"{'at least':>9} {'coverage':>9} {'risk':>6}")
    for point in _thinned(points):
        bar = "█" * round(point.risk * _WIDTH)
        print(f"{point.threshold:>9.3f} {point.coverage:>9.0%} {point.risk:>6.0%}  {bar}")
    if area is not None:
        print(f"area under the curve {area:.3f}\n")
    print(
        f"threshold {fit.threshold:.3f} (95 % of resampled sets: {fit.low:.3f} to {fit.high:.3f}), "
        f"from {fit.answerable} answerable and {fit.unanswerable} unanswerable questions"
    )
    print(
        f"on questions that it was not fitted on it refuses {fit.refused:.0%} of the unanswerable "
        f"and {fit.false_abstention:.0%} of the answerable"
    )
    print(safe(f"kept with the index, for {kept.answerer} over {kept.search}", newlines=False))


def _thinned(points: list[Point]) -> list[Point]:
    """The points nearest to each tenth of the coverage."""
    wanted = [step / _STEPS for step in range(1, _STEPS + 1)]
    chosen = [min(points, key=lambda p: abs(p.coverage - share)) for share in wanted if points]
    return list(dict.fromkeys(chosen))
