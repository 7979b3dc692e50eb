"""The scrolling conversation: turns, and notices of the program between them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalGroup, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa.tui.lettering import line
from qa.tui.turn_view import TurnView


class Conversation(VerticalScroll):
    """Holds the turns in order and keeps the newest in sight until the person scrolls up."""

    can_focus = True

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        # As tall as the screen at least: an anchored scroll sets a short talk at the bottom.
        self._rows = VerticalGroup(id="rows")

    def compose(self) -> ComposeResult:
        yield self._rows

    def on_mount(self) -> None:
        self.anchor()

    def add(self, turn: TurnView) -> None:
        """Put a turn at the end and go there."""
        self._rows.mount(turn)
        self.anchor()

    def clear(self) -> None:
        """Take everything away."""
        self._rows.remove_children()

    def notice(self, message: str, hint: str | None = None, *, problem: bool = False) -> None:
        """Show a remark of the program, in plain words and never as markup."""
        mark = ("! ", "bold $error") if problem else ("· ", "dim")
        text = "\n".join(line(row, 600) for row in message.split("\n")[:40])
        parts = [mark, (text, "" if problem else "dim")]
        if hint:
            parts.append((f"\n  {line(hint, 400)}", "bold"))
        self._rows.mount(Static(Content.assemble(*parts), classes="notice", markup=False))
        self.anchor()

    @property
    def turns(self) -> list[TurnView]:
        """The turns, oldest first."""
        return [child for child in self._rows.children if isinstance(child, TurnView)]

    def turn(self, number: int) -> TurnView | None:
        """Return the turn with that number."""
        return next((turn for turn in reversed(self.turns) if turn.number == number), None)
