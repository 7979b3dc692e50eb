"""The indexer as a process of its own, its progress read line by line.

In a process, because parsing holds the interpreter and whoever types must not wait for it. Run as a
program (`python -m qa.indexer STORE EMBEDDER PATH…`) it is that process. Left out: indexing itself.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import QaError, UsageError

if TYPE_CHECKING:
    from index.report import Report
    from index.walk import File

Progress = Callable[[str, int, int], None]
_STEPS = 200  # reports of a phase: more would only cost redraws


class Indexer:
    """Makes and refreshes an index for the embedder of that name; where it is, `find` says when asked.

    `flags` are settings given on the command line, which hold for what it runs too (`offline`, `max_cost`, …).
    """

    def __init__(self, find: Callable[[], Path], embedder: str, **flags: object) -> None:
        self._find = find
        self._flags = {"embedder": embedder, **flags}
        self._child: subprocess.Popen[str] | None = None

    @functools.cached_property
    def store(self) -> Path:
        """The folder of the index, there or not. Raises `QaError` where it cannot be a folder."""
        return self._find()

    def missing(self) -> bool:
        """Say whether there is no index yet, or one that was never finished."""
        from index.catalogue import Catalogue
        from index.errors import NothingIndexed

        try:
            with contextlib.closing(Catalogue.open_to_read(self.store)) as catalogue:
                return catalogue.live == 0
        except NothingIndexed:
            return True
        except QaError:
            return False  # there is one, and something is wrong with it

    def roots(self) -> list[Path]:
        """Return what was indexed the last time. Raises `UsageError` when nobody knows."""
        from index.catalogue import Catalogue

        if not self.missing():
            catalogue = Catalogue.open_to_read(self.store)
            try:
                known = [Path(r) for r in json.loads(catalogue.get("roots") or "[]")]
            finally:
                catalogue.close()
            if known:
                return known
        raise UsageError("name the files or folders to index", "/reindex FOLDER")

    def changes(self) -> dict[str, int]:
        """Return how many files are `new`, `changed` and `gone`, by their sizes and times alone."""
        from index.forecast import compare
        from index.walk import STDIN

        _, files = self._scan([r for r in self.roots() if r.exists() or str(r) == STDIN])
        counts, _ = compare(self.store, files)
        return {what: counts[what] for what in ("new", "changed", "gone")}

    def count(self, roots: Sequence[Path]) -> dict[str, int]:
        """Return how many `files` under these roots would be read and how many would be `skipped`."""
        report, files = self._scan(roots)
        return {"files": len(files), "skipped": len(report.skipped)}

    def _scan(self, roots: Sequence[Path]) -> tuple[Report, list[File]]:
        from index.report import Report
        from index.walk import scan

        report = Report()
        return report, scan(roots, self.store, report)

    def run(self, roots: Sequence[Path], progress: Progress) -> str:
        """Index and return a line on what was done. Raises `QaError` as the indexer does."""
        named = [str(r) for r in (roots or self.roots())]
        command = [
            sys.executable,
            "-P",
            "-m",
            "qa.indexer",
            str(self.store),
            json.dumps(self._flags),
            *named,
        ]
        package = str(Path(__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl+C in the terminal is the chat's
        )
        self._child = child
        last: dict[str, Any] = {}
        try:
            for row in child.stdout or ():
                with contextlib.suppress(ValueError):
                    last = json.loads(row)
                    if "phase" in last:
                        progress(str(last["phase"]), int(last["done"]), int(last["total"]))
            child.wait()
        finally:
            self._child = None
            self._end(child)
        if "error" in last:
            raise QaError(str(last["error"]), last.get("hint"))
        if "told" not in last:
            raise QaError("the indexing was ended; what was embedded is kept", "/reindex goes on")
        return str(last["told"])

    def stop(self) -> None:
        """End a run; what it embedded is kept."""
        if (child := self._child) is not None:
            self._end(child)

    @staticmethod
    def _end(child: subprocess.Popen[str]) -> None:
        if child.poll() is None:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(2)
        if child.poll() is None:
            child.kill()
        if child.stdout:
            child.stdout.close()


def main(arguments: Sequence[str]) -> None:
    """Index; print progress and, last, what was done or why not, a JSON object a line."""
    from index.build import build
    from qa.config import load_settings
    from qa.embedders import identity_in, is_hosted, open_embedder

    if hasattr(os, "nice"):
        os.nice(10)
    store, flags, *roots = arguments
    shown: tuple[str, int] = ("", -1)

    def tell(phase: str, done: int, total: int) -> None:
        nonlocal shown
        step = (phase, done * _STEPS // total if total else 0)
        if step != shown:
            shown = step
            _say(phase=phase, done=done, total=total)

    try:
        _say(phase="loading", done=0, total=1)
        settings = load_settings(json.loads(flags))
        embedder: Any = open_embedder(settings, identity_in(Path(store), settings))

        def announce(texts: int, tokens: int) -> None:
            if is_hosted(settings.embedder, settings):
                embedder.announce(texts, tokens, lambda line: _say(phase=line, done=0, total=1))

        report = build(
            Path(store),
            [Path(r) for r in roots],
            embedder,
            passage_tokens=settings.passage_tokens,
            progress=tell,
            before=announce,
        )
    except QaError as error:
        _say(error=error.message, hint=error.hint)
    except OSError as error:
        _say(error=f"{type(error).__name__}: {error.strerror or 'failed'}")
    else:
        failed = f", {len(report.failed):,} could not be read" if report.failed else ""
        _say(
            told=f"{report.articles:,} articles: {report.added:,} added, {report.updated:,} updated, "
            f"{report.removed:,} removed{failed}"
        )


def _say(**row: object) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
