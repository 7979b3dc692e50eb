"""`qa index`."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UsageError
from index.safe import safe
from qa.cli.wiring import settings_from, store_of
from qa.plain import counted

if TYPE_CHECKING:
    from index.build import Report


def run_index(
    paths: tuple[Path, ...],
    dry_run: bool,
    rebuild: bool,
    strict: bool,
    wait: float,
    quiet: bool,
    embedder: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Index, report, and return 3 with `--strict` when a file could not be read."""
    from index.build import build
    from index.embed import open_embedder

    settings = settings_from(embedder=embedder, store=store)
    folder = store_of(settings)
    roots = list(paths) or _last_roots(folder)
    progress = _Progress(quiet)
    if not quiet and not dry_run:
        progress.say("loading the embedder")
    try:
        report = build(
            folder,
            roots,
            _Lazy(settings.embedder) if dry_run else open_embedder(settings.embedder),  # type: ignore[arg-type]
            rebuild=rebuild,
            dry_run=dry_run,
            wait=wait,
            progress=progress,
        )
    except KeyboardInterrupt:
        progress.close()
        print("interrupted: what was embedded is kept; type it again to go on", file=sys.stderr)
        return 130
    finally:
        progress.close()
    if as_json:
        from qa.render import to_json

        print(to_json(asdict(report) | {"store": str(folder)}))
    else:
        _tell(report, folder, dry_run)
    return 3 if strict and report.failed else 0


class _Lazy:
    """Stands for an embedder where none is needed."""

    def __init__(self, name: str) -> None:
        self.identity = name


def _last_roots(folder: Path) -> list[Path]:
    from index.catalogue import FILE, Catalogue

    if (folder / FILE).is_file():
        roots = [Path(r) for r in json.loads(Catalogue.open_to_read(folder).get("roots") or "[]")]
        if roots:
            return roots
    raise UsageError("name the files or folders to index", "qa index articles/")


def _tell(report: Report, folder: Path, dry_run: bool) -> None:
    if dry_run:
        print(", ".join(f"{n:,} files {what}" for what, n in report.files.items()))
    else:
        print(
            f"{counted(report.articles, 'article')}, {counted(report.passages, 'passage')} in {folder} "
            f"({report.seconds:.1f} s)\n"
            f"added {report.added:,}, updated {report.updated:,}, unchanged {report.unchanged:,}, "
            f"removed {report.removed:,}, failed {len(report.failed):,}, skipped {len(report.skipped):,}"
        )
    for name, entries in (("failed", report.failed), ("skipped", report.skipped)):
        for entry in entries[:20]:
            line = safe(f"{name}: {entry['path']}: {entry['reason']}", newlines=False)
            print(line, file=sys.stderr)
        if len(entries) > 20:
            print(f"{name}: … and {len(entries) - 20:,} more (see --json)", file=sys.stderr)


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
    return {"reading": " files", "embedding": " tokens", "storing": " passages"}.get(phase, "")
