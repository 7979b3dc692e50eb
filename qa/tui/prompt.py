"""The input: several lines, Enter sends, Up in an empty input recalls, Tab completes a command.

Left out: what becomes of the text, and what a command may be completed to.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from index.safe import safe
from qa.tui.completions import Completions
from qa.tui.in_order import InOrder
from qa.tui.messages import Submitted

LONGEST = 100_000  # characters that are taken by one paste: no question is as long


class Prompt(InOrder, TextArea):
    """A text area that sends on Enter and remembers what was sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="send"),
        Binding("ctrl+j,shift+enter,alt+enter", "newline", "New line", id="newline"),
        Binding("up", "recall_or_up", "The question before (empty input)", id="recall"),
        Binding(
            "down", "recall_or_down", "Recall the question after", show=False, id="recall-next"
        ),
        Binding(
            "tab", "complete_or_leave", "Complete a /command, or leave the input", id="complete"
        ),
        Binding("pageup", "screen.scroll_talk(-1)", "Scroll the conversation up", id="scroll-up"),
        Binding(
            "pagedown", "screen.scroll_talk(1)", "Scroll the conversation down", id="scroll-down"
        ),
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

    @property
    def _menu(self) -> Completions:
        return self.screen.query_one(Completions)

    @property
    def draft(self) -> str:
        """What is worth keeping of the text: a half-typed command is not."""
        return "" if self.text.startswith("/") else self.text

    async def _on_paste(self, event: events.Paste) -> None:
        # TextArea's own handler runs after this one, on the cleaned text.
        event.text = safe(event.text[:LONGEST])

    def action_send(self) -> None:
        """Send the text and empty the input; nothing happens when there is none."""
        menu = self._menu
        if menu.display and menu.moved:
            self.replace_all(menu.rows[menu.chosen].text)
            return
        text = self.text.strip()
        if not text:
            return
        if not self.sent or self.sent[-1] != text:
            self.sent.append(text)
        self._back = 0
        self.clear()
        self.post_message(Submitted(text))

    def replace_all(self, text: str) -> None:
        """Put another text into the input, the cursor behind it; Ctrl+Z brings the old one back."""
        self.replace(text, (0, 0), self.document.end)
        self.move_cursor(self.document.end)

    def action_newline(self) -> None:
        """Begin a new line; in an empty input that would only be a stray Enter, so nothing."""
        if self.text:
            self.insert("\n")

    def action_recall_or_up(self) -> None:
        """Go up in the completions; recall the question before, where that loses nothing."""
        if self._menu.display:
            self._menu.move(-1)
            return
        untouched = not self.text or (self._back and self.text == self.sent[-self._back])
        if untouched and self.cursor_location[0] == 0 and self._back < len(self.sent):
            self._recall(self._back + 1)
        else:
            self.action_cursor_up()

    def action_recall_or_down(self) -> None:
        """Go down in the completions; undo a recall step by step; else move the cursor."""
        if self._menu.display:
            self._menu.move(1)
            return
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
        """Take the completion when there is one; else go on to the next widget."""
        menu = self._menu
        if not menu.display:
            self.screen.focus_next()
            return
        rows = [row.text for row in menu.rows]
        common = rows[menu.chosen]
        if not menu.moved:
            while not all(row.startswith(common) for row in rows):
                common = common[:-1]
        if common == self.text:
            menu.move(1 if menu.moved else 0)
        else:
            self.replace_all(common)
