"""A rate limit: so many requests a minute, evenly spaced, whatever thread asks."""

from __future__ import annotations

import threading
import time


class Pace:
    """Lets one caller through each `60 / per_minute` seconds; without a limit, everybody."""

    def __init__(self, per_minute: float | None) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait for this caller's turn."""
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        time.sleep(max(0.0, turn - now))
