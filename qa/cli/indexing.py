"""`qa index`."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from index.safe import safe
from qa.cli.targets import Later, last_roots, targets_of
from qa.cli.wiring import server_of, settings_from, store_of
from qa.plain import counted

if TYPE_CHECKING:
    from index.report import Report


_LISTED = 20  # lines of one kind on the terminal


def run_index(
    paths: tuple[Path, ...],
    dry_run: bool,
    rebuild: bool,
    beside: bool,
    strict: bool,
    wait: float,
    quiet: bool,
    workers: int | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Index, report, and return 3 with `--strict` when a file could not be read."""
    from index.beside import adopt, described
    from index.build import build
    from index.store import check_free

    settings = settings_from(**given)
    server = server_of(settings)
    if server:
        server.pointer()  # before anything is embedded for a server that is not there
    targets = targets_of(settings, server, rebuild, beside)
    roots = list(paths) or last_roots([folder for _, folder in targets], store_of(settings))
    if not wait and not dry_run:
        check_free(targets[0][1])  # before anything is loaded
    if beside and not server and not dry_run:
        adopt(targets[0][1])
    progress = _Progress(quiet)
    reports: dict[str, Report] = {}
    try:
        for chosen, folder in targets:
            if not quiet and not dry_run:
                progress.say("loading the embedder")
            embedder = Later(chosen, folder)
            report = build(
                folder,
                roots,
                embedder if dry_run else embedder.opened,
                passage_tokens=chosen.passage_tokens,
                rebuild=rebuild,
                dry_run=dry_run,
                wait=wait,
                workers=workers,
                graph=server is None,
                before=embedder.announce,
                progress=progress,
                stdin=_stdin(paths),
            )
            reports[described(chosen.embedder, chosen.passage_tokens)] = report
            if server and not dry_run:
                from index.upload import push

                push(server, folder, progress)
            progress.close()
    except KeyboardInterrupt:
        progress.close()
        print("interrupted: what was embedded is kept; type it again to go on", file=sys.stderr)
        return 130
    finally:
        progress.close()
    place = server.shown if server else str(targets[0][1])
    first, *more = reports.values()
    if as_json:
        from qa.render import to_json

        shown = asdict(first) | {"store": place}
        if more:
            shown["beside"] = {name: asdict(r) for name, r in list(reports.items())[1:]}
        print(to_json(shown))
    else:
        _tell(first, place, dry_run)
        for name, report in list(reports.items())[1:]:
            print(f"beside it, for {name}: {counted(report.passages, 'passage')}")
    return 3 if strict and first.failed else 0


def _stdin(paths: tuple[Path, ...]) -> IO[bytes] | None:
    """Stdin, where `-` is among the paths that were typed; a repeated run keeps what came last."""
    if not any(str(path) == "-" for path in paths):
        return None
    if sys.stdin.isatty():
        print("reading records, one JSON object a line; Ctrl+D ends them", file=sys.stderr)
    return sys.stdin.buffer


def _tell(report: Report, place: str, dry_run: bool) -> None:
    if dry_run:
        plan = report.plan or {}
        told = ", ".join(
            f"{plan[name]:,} {name}" for name in ("new", "changed", "unchanged", "gone")
        )
        by = f" (by {plan['by']})" if plan["by"] else ""
        print(f"files: {told}; about {_duration(float(plan['seconds']))}{by}")
    else:
        files = report.files
        parts = ", ".join(
            f"{files[name]:,} {name}" for name in ("indexed", "unchanged", "skipped", "failed")
        )
        print(
            f"{counted(report.articles, 'article')}, {counted(report.passages, 'passage')} in {place} "
            f"({report.seconds:.1f} s)\n"
            f"articles: added {report.added:,}, updated {report.updated:,}, "
            f"unchanged {report.unchanged:,}, removed {report.removed:,}\n"
            f"{counted(files['found'], 'file')}: {parts}"
        )
    for warning in report.warnings:
        _warn(f"warning: {warning}")
    for entry in report.failed[:_LISTED]:
        _warn(f"failed: {entry['path']}: {entry['reason']}")
    if len(report.failed) > _LISTED:
        _warn(f"failed: … and {len(report.failed) - _LISTED:,} more (see --json)")
    by_reason: dict[str, list[str]] = {}
    for entry in report.skipped:
        by_reason.setdefault(entry["reason"], []).append(entry["path"])
    lines = [
        (path, reason)
        for reason, paths in by_reason.items()
        for path in (paths if len(paths) < 4 else [f"{len(paths):,} files, such as {paths[0]}"])
    ]
    for path, reason in sorted(lines)[:_LISTED]:
        _warn(f"skipped: {path}: {reason}")
    if len(lines) > _LISTED:
        _warn("skipped: … and more (see --json)")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _warn(line: str) -> None:
    print(safe(line, newlines=False), file=sys.stderr)


class _Progress:
    """Phase, rate and time left on stderr: a moving bar on a terminal, else a line now and then."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}
        self._last = time.monotonic()
        self._started: dict[str, float] = {}
        self._terminal = sys.stderr.isatty() and not os.environ.get("NO_COLOR")

    def say(self, text: str) -> None:
        if self._terminal:
            print(text, end="\r", file=sys.stderr, flush=True)

    def __call__(self, phase: str, done: int, total: int) -> None:
        if self._quiet or total == 0:
            return
        if self._terminal:
            self._move(phase, done, total)
            return
        now = time.monotonic()
        began = self._started.setdefault(phase, now)
        if now - self._last >= 10:
            self._last = now
            rate = done / max(now - began, 1e-9)
            left = (total - done) / rate if rate else 0
            print(
                f"{phase} {100 * done // total} % ({done:,} of {total:,}{_unit(phase)}, "
                f"{rate:,.0f} a second, {left:,.0f} s left)",
                file=sys.stderr,
                flush=True,
            )

    def _move(self, phase: str, done: int, total: int) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description:<10}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
        if phase not in self._tasks:
            self._started[phase] = time.monotonic()
            self._tasks[phase] = self._bar.add_task(phase, total=total, rate="")
        rate = done / max(time.monotonic() - self._started[phase], 1e-9)
        self._bar.update(
            self._tasks[phase],
            completed=done,
            total=total,
            rate=f"{rate:,.0f}{_unit(phase)}/s" if done else "",
        )

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _unit(phase: str) -> str:
    return {
        "reading": " files",
        "embedding": " tokens",
        "storing": " passages",
        "uploading": " passages",
    }.get(phase, "")
