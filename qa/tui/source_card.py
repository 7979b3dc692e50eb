"""One source in the panel: number, title, outlet, date, how well it fits, and the quote in its passage."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from qa.tui.evidence import Evidence, band, excerpt
from qa.tui.lettering import byline, letter_quote, line, title
from qa.tui.messages import CitationChosen

_UNQUOTED = 220


class SourceCard(Static, can_focus=True):
    """A card; Enter or a click opens the article at that place, + unfolds its near-copies."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "choose", "Open the article", id="open-card"),
        Binding("plus,f", "unfold", "Show or hide near-copies", id="unfold"),
        Binding("up,k", "app.focus_previous", "Source before", show=False, id="card-up"),
        Binding("down,j", "app.focus_next", "Next source", show=False, id="card-down"),
    ]

    def __init__(self) -> None:
        super().__init__(Content(""), classes="card", markup=False)
        self._turn, self._position = 0, 0
        self._evidence: Evidence | None = None
        self._open = False

    def show(self, turn: int, position: int, evidence: Evidence) -> None:
        """Show one piece of evidence of a turn; its position is that in the whole of the evidence."""
        if evidence != self._evidence:
            self._open = False
        self._turn, self._position, self._evidence = turn, position, evidence
        number = f"[{evidence.number}]" if evidence.number else f" {position + 1}."
        if evidence.number:
            quote = letter_quote(*excerpt(evidence))
        else:
            quote = Content.styled(line(evidence.quote, _UNQUOTED), "dim")
        fits = band(evidence.cosine)
        where = " · ".join(part for part in (fits, byline(evidence.source)) if part)
        parts = [
            Content.assemble((number, "bold $accent"), " ", (title(evidence.source), "bold")),
            Content.styled(f"    {where}", "dim"),
            quote,
        ]
        if not evidence.verified:
            parts.append(Content.styled("✗ not found in the article", "bold $warning"))
        parts += self._copies(evidence)
        self.update(Content("\n").join(parts))

    def _copies(self, evidence: Evidence) -> list[Content]:
        """What tells the same: passages folded under this one, and near-copies anywhere in the index."""
        source = evidence.source
        elsewhere = max(source.copies - 1, 0)
        number = max(len(evidence.copies), elsewhere)
        if not number:
            return []
        count = "1 near-copy" if number == 1 else f"{number} near-copies"
        by = f" · told by {source.outlets} outlets" if source.outlets > 1 else ""
        if not self._open:
            return [Content.styled(f"+ {count}{by}", "italic")]
        rows = [Content.styled(f"− {count}{by}", "italic")]
        for e in evidence.copies:
            rows.append(Content.styled(f"    {byline(e.source)} · {title(e.source)}", "dim"))
        return rows

    def action_choose(self) -> None:
        """Ask the screen to open this source."""
        self.post_message(CitationChosen(self._turn, self._position))

    def action_unfold(self) -> None:
        """Show or hide what is folded under this source."""
        if self._evidence is not None:
            self._open = not self._open
            self.show(self._turn, self._position, self._evidence)

    def on_click(self) -> None:
        self.action_choose()
