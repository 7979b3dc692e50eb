"""A list to choose one thing from: a model, an earlier conversation, yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from qa.tui.lettering import line


@dataclass(frozen=True, slots=True)
class Choice:
    """One row: what it is called, what is said of it, and whether it can be chosen."""

    name: str
    note: str = ""
    available: bool = True


class Picker(ModalScreen[int | None]):
    """Returns the place of the row that was chosen, None when the person went back.

    Unless `chosen`, no row is lit at first, so that Enter alone chooses none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back")]

    def __init__(self, heading: str, choices: Sequence[Choice], *, chosen: bool = True) -> None:
        super().__init__()
        self._chosen = chosen
        self._heading = heading
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical(id="picker"):
            heading = "\n".join(line(row, 400) for row in self._heading.split("\n"))
            yield Static(Content.styled(heading, "bold"), markup=False)
            yield OptionList(
                *[
                    Option(
                        Content.assemble(
                            (line(choice.name, 120), "bold" if choice.available else "dim"),
                            (f"  {line(choice.note, 160)}" if choice.note else "", "dim"),
                        ),
                        disabled=not choice.available,
                    )
                    for choice in self._choices
                ],
                markup=False,
            )
            yield Static(Content.styled("Enter choose · Esc back", "dim"), markup=False)

    def on_mount(self) -> None:
        if not self._chosen:
            self.query_one(OptionList).highlighted = None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_back(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
