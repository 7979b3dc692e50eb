"""A screen with a search line above a list: what the model, session and article lists have in common.

Left out: what is listed; each of them says that in `rows` and takes what is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from qa.tui.in_order import Line
from qa.tui.lettering import line

T = TypeVar("T")
MOST = 400  # rows that are laid out: a longer list is searched, not scrolled


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it is called, what is said of it, whether it can be chosen, and what it stands for."""

    name: str
    note: str = ""
    available: bool = True
    heading: bool = False
    key: object = None


class Listing(ModalScreen[T | None]):
    """Type to search, arrows to move, Enter to choose, Esc to go back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="list-back"),
        Binding("down", "move('cursor_down')", "Next", show=False),
        Binding("up", "move('cursor_up')", "Before", show=False),
        Binding("pagedown", "move('page_down')", "Page down", show=False),
        Binding("pageup", "move('page_up')", "Page up", show=False),
    ]
    HEADING = ""
    FOOT = "Enter choose · Esc back"
    PLACEHOLDER = "type to search"

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []

    def rows(self, wanted: str) -> Sequence[Row]:
        """Return what fits the text that was typed."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="listing"):
            yield Static(Content.styled(self.HEADING, "bold"), id="listing-head", markup=False)
            yield Line(placeholder=self.PLACEHOLDER, id="listing-search")
            yield OptionList(id="listing-rows", markup=False)
            yield Static(Content.styled(self.FOOT, "dim"), id="listing-foot", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self.refill()

    @property
    def wanted(self) -> str:
        """What stands in the search line."""
        return self.query_one(Input).value.strip()

    @property
    def current(self) -> Row | None:
        """The row that Enter chooses."""
        place = self.query_one(OptionList).highlighted
        return self._rows[place] if place is not None and place < len(self._rows) else None

    def refill(self, *, keep: bool = False) -> None:
        """Show the rows that fit; `keep` stays at the same place of the list."""
        listed = self.query_one(OptionList)
        place = listed.highlighted
        found = list(self.rows(self.wanted))
        self._rows = found[:MOST]
        if len(found) > MOST:
            self._rows.append(Row(f"… {len(found) - MOST:,} more; type to search", available=False))
        listed.clear_options()
        listed.add_options([Option(_letter(row), disabled=not row.available) for row in self._rows])
        first = next((n for n, row in enumerate(self._rows) if row.available), None)
        listed.highlighted = (
            place if keep and place is not None and place < len(self._rows) else first
        )

    def say(self, text: str) -> None:
        """Put a word into the last line."""
        foot = Content.styled(text or self.FOOT, "bold" if text else "dim")
        self.query_one("#listing-foot", Static).update(foot)

    # Textual calls a handler of every class in the line: what may be overridden is not a handler.
    def on_input_changed(self) -> None:
        self.typed()

    def on_input_submitted(self) -> None:
        self.entered()

    def typed(self) -> None:
        """Show what fits the text that stands in the search line now."""
        self.refill()

    def entered(self) -> None:
        """Take the row that Enter chooses."""
        if (row := self.current) is not None and row.available:
            self.take(row)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.take(self._rows[event.option_index])

    def take(self, row: Row) -> None:
        """Return what was chosen."""
        self.dismiss(row.key)  # type: ignore[arg-type]

    def action_move(self, how: str) -> None:
        """Move in the list while the cursor stays in the search line."""
        listed = self.query_one(OptionList)
        if listed.option_count and listed.scrollable_content_region.area:  # it has been laid out
            getattr(listed, f"action_{how}")()

    def action_back(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


def _letter(row: Row) -> Content:
    if row.heading:
        note = f"  {line(row.note, 60)}" if row.note else ""
        return Content.assemble((line(row.name, 120), "bold underline"), (note, "dim"))
    return Content.assemble(
        (line(row.name, 160), "bold" if row.available else "dim"),
        (f"  {line(row.note, 200)}" if row.note else "", "dim"),
    )
