"""How far a run is, as a line on stderr: a bar that moves on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from typing import Any

_WIDTH = 24


class ProgressLine:
    """Called after each case with `eval.run.Progress`."""

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._started = time.monotonic()
        self._last = self._started if not sys.stderr.isatty() else 0.0

    def __call__(self, progress: Any) -> None:
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        last = progress.done >= progress.total
        if now - self._last < (0.1 if terminal else 15) and not (last and terminal):
            return
        self._last = now
        text = describe(progress, now - self._started)
        if self._name:
            text = f"{self._name}: {text}"
        if terminal:
            full = round(_WIDTH * progress.done / max(progress.total, 1))
            text = f"{'█' * full}{'░' * (_WIDTH - full)} {text}\x1b[K"
        print(text, end="\r" if terminal and not last else "\n", file=sys.stderr, flush=True)


def describe(progress: Any, seconds: float) -> str:
    """Return cases done, errors, time left and cost in words; only this session's cases are timed."""
    asked = progress.done - progress.skipped
    left = seconds / asked * (progress.total - progress.done) if asked > 0 else None
    parts = [f"{progress.done:,}/{progress.total:,} cases"]
    if progress.errors:
        parts.append(f"{progress.errors:,} {'error' if progress.errors == 1 else 'errors'}")
    if left is not None and progress.done < progress.total:
        minutes, rest = divmod(round(left), 60)
        parts.append(f"{minutes} min {rest:02} s left" if minutes else f"{rest} s left")
    if progress.cost_usd is None:
        parts.append("cost unknown")
    elif progress.cost_usd:
        parts.append(f"${progress.cost_usd:.4f} so far")
    return ", ".join(parts)
