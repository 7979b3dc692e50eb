"""The input: several lines, Enter sends, Up in an empty input recalls, Tab completes a command.

Left out: what becomes of the text.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from index.safe import safe
from qa.tui.commands import complete_slash
from qa.tui.messages import Submitted


class Prompt(TextArea):
    """A text area that sends on Enter and remembers what was sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send"),
        Binding("ctrl+j,shift+enter,alt+enter", "newline", "New line"),
        Binding("up", "recall_or_up", "The question before (empty input)"),
        Binding("down", "recall_or_down", "Recall the question after", show=False),
        Binding("tab", "complete_or_leave", "Complete a /command, or leave the input"),
        Binding("pageup", "screen.scroll_talk(-1)", "Scroll the conversation up"),
        Binding("pagedown", "screen.scroll_talk(1)", "Scroll the conversation down"),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(
            id=id,
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder="Ask a question, or / for commands",
        )
        self.sent: list[str] = []
        self._back = 0  # how many questions ago the recalled one is; 0 when none is recalled

    async def _on_key(self, event: events.Key) -> None:
        # TextArea would write a newline for Enter before any binding is looked at.
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.action_send()

    async def _on_paste(self, event: events.Paste) -> None:
        # TextArea's own handler runs after this one, on the cleaned text.
        event.text = safe(event.text)

    def action_send(self) -> None:
        """Send the text and empty the input; nothing happens when there is none."""
        text = self.text.strip()
        if not text:
            return
        if not self.sent or self.sent[-1] != text:
            self.sent.append(text)
        self._back = 0
        self.clear()
        self.post_message(Submitted(text))

    def action_newline(self) -> None:
        """Begin a new line; in an empty input that would only be a stray Enter, so nothing."""
        if self.text:
            self.insert("\n")

    def action_recall_or_up(self) -> None:
        """Recall the question before, where that loses nothing; else move the cursor."""
        untouched = not self.text or (self._back and self.text == self.sent[-self._back])
        if untouched and self.cursor_location[0] == 0 and self._back < len(self.sent):
            self._recall(self._back + 1)
        else:
            self.action_cursor_up()

    def action_recall_or_down(self) -> None:
        """Undo a recall step by step; else move the cursor."""
        at_end = self.cursor_location[0] == self.document.line_count - 1
        if self._back and at_end and self.text == self.sent[-self._back]:
            self._recall(self._back - 1)
        else:
            self.action_cursor_down()

    def _recall(self, back: int) -> None:
        self._back = back
        self.text = self.sent[-back] if back else ""
        self.move_cursor(self.document.end)

    def action_complete_or_leave(self) -> None:
        """Complete `/na` when there is something to complete; else go on to the next widget."""
        found = complete_slash(self.text)
        if not self.text.startswith("/") or not found:
            self.screen.focus_next()
            return
        common = found[0]
        while not all(name.startswith(common) for name in found):
            common = common[:-1]
        self.text = common + (" " if len(found) == 1 else "")
        self.move_cursor(self.document.end)
