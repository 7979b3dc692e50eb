"""What the command in the input may become: a short list above it.

Left out: what is offered (`commands.py`) and the keys, which are the input's.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from qa.slash_commands import Completion
from qa.tui.lettering import line
from qa.tui.messages import CompletionChosen

ROWS = 7


class Completions(Widget):
    """Shows a window of the rows around the chosen one; hidden while there is none."""

    rows: reactive[tuple[Completion, ...]] = reactive((), layout=True)
    chosen: reactive[int] = reactive(0)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.display = False
        self.moved = False

    def offer(self, rows: Sequence[Completion]) -> None:
        """Show these rows."""
        self.rows, self.chosen, self.moved = tuple(rows), 0, False
        self.display = bool(rows)

    def move(self, by: int) -> None:
        """Choose the row after or before, round and round."""
        self.chosen = (self.chosen + by) % len(self.rows)
        self.moved = True

    def get_content_height(self, *_: object) -> int:
        return min(len(self.rows), ROWS)

    def render(self) -> Content:
        first = max(0, min(self.chosen - ROWS // 2, len(self.rows) - ROWS))
        shown = []
        for place, row in enumerate(self.rows[first : first + ROWS], first):
            chosen = place == self.chosen
            text = Content.assemble(
                ("▸ " if chosen else "  ", "bold"),
                (f"{line(row.text.rstrip(), 60):<14}", "bold" if chosen else ""),
                (f"  {line(row.note, 100)}", "dim"),
            )
            shown.append(text.stylize(Style.from_meta({"@click": f"choose({place})"})))
        return Content("\n").join(shown)

    def action_choose(self, place: int) -> None:
        """Take the row that was clicked."""
        if place < len(self.rows):
            self.post_message(CompletionChosen(self.rows[place].text))

    def on_click(self, event: events.Click) -> None:
        event.stop()
