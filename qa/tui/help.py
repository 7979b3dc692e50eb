"""Keys and commands, read from the key maps that are in force. Left out: prose about how to ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.widgets import Static

from qa.slash_commands import COMMANDS

MARKS = (
    ("[1]", "a citation: its quote was compared with the stored article"),
    ("❞", "the sentence stands word for word in what it cites"),
    ("✓", "what it cites holds nearly all that the sentence says"),
    ("✗ not found", "it does not; behind it, the names and figures that are missing"),
    ("∅", "no answer in these articles"),
    ("▮▮▯", "how well a passage fits the question"),
)


class HelpScreen(ModalScreen[None]):
    """Lists what each key does; Esc or F1 closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "back", "Close the help")]

    def __init__(self, parts: Iterable[tuple[str, DOMNode]]) -> None:
        super().__init__()
        self._parts = list(parts)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(self._content(), markup=False)

    def on_mount(self) -> None:
        self.query_one("#help").focus()

    def _content(self) -> Content:
        rows: list[Content] = []
        for heading, node in self._parts:
            rows.append(Content.styled(heading, "bold underline"))
            rows += [_row(keys, what) for keys, what in self._keys(node)]
            rows.append(Content(""))
        rows.append(Content.styled("Commands", "bold underline"))
        rows += [_row(f"/{name} {takes}".strip(), what) for name, (takes, what) in COMMANDS.items()]
        rows.append(Content(""))
        rows.append(Content.styled("What the marks say", "bold underline"))
        rows += [_row(sign, what) for sign, what in MARKS]
        rows.append(Content(""))
        rows.append(Content.styled("↑ ↓ scroll · Esc closes", "dim"))
        return Content("\n").join(rows)

    def _keys(self, node: DOMNode) -> list[tuple[str, str]]:
        """Gather the shown bindings of a node as they are in force, keys of one action together."""
        found: dict[str, list[str]] = {}
        # Only what the class itself declares: the editing keys are those of every terminal.
        own = {b.action for b in type(node).BINDINGS if isinstance(b, Binding)}
        bindings = node._bindings.copy()
        bindings.apply_keymap(self.app._keymap)
        for _, binding in bindings:
            if binding.action in own and binding.show and binding.description:
                keys = found.setdefault(binding.description, [])
                keys.append(self.app.get_key_display(binding))
        return [
            (f"{keys[0]}…{keys[-1]}" if len(keys) > 4 else ", ".join(keys), what)
            for what, keys in found.items()
        ]

    def action_back(self) -> None:
        """Close the help."""
        self.dismiss()


def _row(left: str, right: str) -> Content:
    return Content.assemble(f"  {left:<22} ", (right, "dim"))
