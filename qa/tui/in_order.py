"""Keys in the order in which they were typed, however fast.

Textual lets a letter act in the focused widget at once, but a key with a binding (Backspace, Enter) only
when it has bubbled up to the app: on a busy machine "x, Backspace, Enter" sends the x. Here bindings act
at once too. Left out: bindings with priority, which the app looks at before any widget.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.widget import Widget as _Widget
else:
    _Widget = object  # a second widget among the bases would hide the styles of the first


class InOrder(_Widget):
    """To be put before a widget that takes text; `typed_at` is when the last key came."""

    typed_at = 0.0

    async def _on_key(self, event: events.Key) -> None:
        self.typed_at = time.monotonic()
        now = self.app.focused
        if now is not self:  # a key before this one moved the focus: this one was meant for there
            event.stop()
            event.prevent_default()
            (now or self.app.screen)._forward_event(events.Key(event.key, event.character))
            return
        if event.is_printable:
            return
        # What the app does with a key that has bubbled up to it, done here.
        if await self.app._check_bindings(event.key):
            event.stop()
            event.prevent_default()


class Line(InOrder, Input):
    """One line of text."""
