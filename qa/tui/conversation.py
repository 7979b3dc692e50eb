"""The scrolling conversation: turns, and notices of the program between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from index.safe import safe
from qa.tui.lettering import line
from qa.tui.suggestions import Suggestion
from qa.tui.turn_view import TurnView
from qa.types import Answer

MOUNTED = 80  # turns and notices on the screen: each one costs at every redraw


@dataclass(frozen=True, slots=True)
class OldTurn:
    """What is kept of a turn that has left the screen: a widget weighs fifty times as much."""

    number: int
    question: str
    instead: int | None
    answer: Answer | None


class Conversation(VerticalScroll):
    """Holds the turns in order and keeps the newest in sight until the person scrolls up."""

    can_focus = True

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._follows = True
        self._turns: list[TurnView | OldTurn] = []

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
        if not self._turns:
            self.remove_children(Suggestion)
        self._turns.append(turn)
        self.mount(turn)
        if len(self.children) > MOUNTED:
            # Oldest first; what was said stays in `turns`, and with that in history and export.
            gone = self.children[: len(self.children) - MOUNTED]
            self._turns = [
                OldTurn(t.number, t.question, t.instead, t.answer)
                if isinstance(t, TurnView) and t in gone
                else t
                for t in self._turns
            ]
            self.remove_children(gone)
        self._follow()

    def suggest(self, questions: Sequence[str]) -> None:
        """Offer first questions, as long as nothing was asked."""
        if questions and not self._turns:
            self.remove_children(Suggestion)
            self.mount(*[Suggestion(question) for question in questions])

    def clear(self) -> None:
        """Take everything away."""
        self._turns = []
        self.remove_children()

    def notice(self, message: str, hint: str | None = None, *, problem: bool = False) -> None:
        """Show a remark of the program, in plain words and never as markup."""
        mark = ("! ", "bold $error") if problem else ("· ", "dim")
        rows = safe(message[:24_000]).split("\n")[:40]  # columns stay where they are
        text = "\n".join(row if len(row) <= 600 else row[:599] + "…" for row in rows)
        parts = [mark, (text, "" if problem else "dim")]
        if hint:
            parts.append((f"\n  {line(hint, 400)}", "bold"))
        self.mount(Static(Content.assemble(*parts), classes="notice", markup=False))
        self._follow()

    @property
    def turns(self) -> list[TurnView | OldTurn]:
        """All turns, oldest first."""
        return list(self._turns)

    @property
    def views(self) -> list[TurnView]:
        """The turns that are on the screen, or above what is seen of it."""
        return [turn for turn in self._turns if isinstance(turn, TurnView)]

    def turn(self, number: int) -> TurnView | None:
        """Return the turn with that number, if it is on the screen."""
        return next((turn for turn in reversed(self.views) if turn.number == number), None)
