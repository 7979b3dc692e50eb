"""The scrolling conversation: turns, and notices of the program between them."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa.tui.lettering import line
from qa.tui.turn_view import TurnView

MOUNTED = 80  # turns and notices on the screen: each one costs at every redraw


class Conversation(VerticalScroll):
    """Holds the turns in order and keeps the newest in sight until the person scrolls up."""

    can_focus = True

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._follows = True
        self._turns: list[TurnView] = []

    def on_mount(self) -> None:
        # Textual's anchor would hang a short talk from the bottom of the screen.
        self.watch(self, "virtual_size", self._grew, init=False)
        self.watch(self, "scroll_y", self._moved, init=False)

    def _moved(self) -> None:
        self._follows = self.is_vertical_scroll_end

    def _grew(self) -> None:
        if self._follows:
            self.scroll_end(animate=False, immediate=True)

    def _follow(self) -> None:
        self._follows = True
        self.scroll_end(animate=False)

    def add(self, turn: TurnView) -> None:
        """Put a turn at the end and go there."""
        self._turns.append(turn)
        self.mount(turn)
        if len(self.children) > MOUNTED:
            # Oldest first; they stay in `turns`, and with that in the history and the export.
            self.remove_children(self.children[: len(self.children) - MOUNTED])
        self._follow()

    def clear(self) -> None:
        """Take everything away."""
        self._turns = []
        self.remove_children()

    def notice(self, message: str, hint: str | None = None, *, problem: bool = False) -> None:
        """Show a remark of the program, in plain words and never as markup."""
        mark = ("! ", "bold $error") if problem else ("· ", "dim")
        text = "\n".join(line(row, 600) for row in message.split("\n")[:40])
        parts = [mark, (text, "" if problem else "dim")]
        if hint:
            parts.append((f"\n  {line(hint, 400)}", "bold"))
        self.mount(Static(Content.assemble(*parts), classes="notice", markup=False))
        self._follow()

    @property
    def turns(self) -> list[TurnView]:
        """The turns, oldest first."""
        return list(self._turns)

    def turn(self, number: int) -> TurnView | None:
        """Return the turn with that number."""
        return next((turn for turn in reversed(self._turns) if turn.number == number), None)
