"""Keeps Python itself from pausing the screen while somebody types.

The cycle collector stops everything, for a tenth of a second and more once a model's client with its many
objects is loaded; and a thread that imports holds the interpreter for 5 ms at a time. So the collector
runs when the chat says so, without what was loaded for good. Left out: what a C library does in one go.
"""

from __future__ import annotations

import gc
import sys

EVERY = 0.5  # seconds between collections of what is youngest: little each time
_SWITCH = 0.0005  # seconds after which a thread lets go of the interpreter
_YOUNG, _FULL = 20, 480  # how many of them go between collections of what is older, of everything


class Quiet:
    """Switches the collector off, and collects a little at moments when nothing is being loaded."""

    def __init__(self) -> None:
        self._count = 0

    def begin(self) -> None:
        """From now on collect only in `tidy`."""
        gc.disable()
        sys.setswitchinterval(_SWITCH)

    def settle(self) -> None:
        """What is there now stays for good: never look at it again."""
        gc.freeze()

    def tidy(self, *, idle: bool) -> None:
        """Collect what is youngest; what is older only when nothing else is going on."""
        self._count += 1
        if idle and self._count % _FULL == 0:
            gc.collect()
        else:
            gc.collect(1 if idle and self._count % _YOUNG == 0 else 0)

    def end(self) -> None:
        """Leave everything as it was found."""
        sys.setswitchinterval(0.005)
        gc.unfreeze()
        gc.enable()
