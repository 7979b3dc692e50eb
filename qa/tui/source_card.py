"""One source in the panel: number, title, outlet, date, and the quote inside its passage."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from qa.tui.evidence import Evidence, excerpt
from qa.tui.lettering import byline, letter_quote, line, title
from qa.tui.messages import CitationChosen

_UNQUOTED = 220


class SourceCard(Static, can_focus=True):
    """A card; Enter or a click opens the article at that place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "choose", "Open the article"),
        Binding("up,k", "app.focus_previous", "Source before", show=False),
        Binding("down,j", "app.focus_next", "Next source", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(Content(""), classes="card", markup=False)
        self._turn, self._position = 0, 0

    def show(self, turn: int, position: int, evidence: Evidence) -> None:
        """Show one piece of evidence of a turn."""
        self._turn, self._position = turn, position
        number = f"[{evidence.number}]" if evidence.number else f" {position + 1}."
        if evidence.number:
            quote = letter_quote(*excerpt(evidence))
        else:
            quote = Content.styled(line(evidence.quote, _UNQUOTED), "dim")
        parts = [
            Content.assemble((number, "bold $accent"), " ", (title(evidence.source), "bold")),
            Content.styled("    " + byline(evidence.source), "dim"),
            quote,
        ]
        if not evidence.verified:
            parts.append(Content.styled("✗ not found in the article", "bold $warning"))
        self.update(Content("\n").join(parts))

    def action_choose(self) -> None:
        """Ask the screen to open this source."""
        self.post_message(CitationChosen(self._turn, self._position))

    def on_click(self) -> None:
        self.action_choose()
