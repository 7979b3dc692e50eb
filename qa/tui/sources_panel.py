"""The sources of the answer that is being read; beside the conversation where there is room.

Left out: opening one; a card asks the screen for that.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from index.types import Source
from qa.tui.evidence import Evidence, dates, fold
from qa.tui.source_card import SourceCard

MOST = 20


class SourcesPanel(VerticalScroll, can_focus=False):
    """A heading and a card for each source; cards are kept and refilled, never rebuilt."""

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="sources-heading", markup=False)

    def on_mount(self) -> None:
        self.show(0, (), "")

    def show(
        self, turn: int, evidence: tuple[Evidence, ...], heading: str, warning: str = ""
    ) -> None:
        """Show the evidence of a turn under a heading."""
        folded = fold(evidence)[:MOST]
        cards = list(self.query(SourceCard))
        if (missing := len(folded) - len(cards)) > 0:
            fresh = [SourceCard() for _ in range(missing)]
            self.mount(*fresh)
            cards += fresh
        for at, card in enumerate(cards):
            card.display = at < len(folded)
            if card.display:
                card.show(turn, _place(evidence, folded[at]), folded[at])
        days = dates(evidence)
        self.query_one("#sources-heading", Static).update(
            Content.assemble(
                (heading or "Sources", "bold"),
                (f"  {days}" if days else "", "dim"),
                (f"\n! {warning}" if warning else "", "bold $warning"),
                ""
                if evidence
                else ("\n\nThe sentences that an answer rests on appear here.", "dim"),
            )
        )
        self.scroll_home(animate=False)

    def tell(self, story: Sequence[Source]) -> None:
        """Show the articles of a story under the sources that are of it."""
        for card in self.query(SourceCard):
            card.tell(story)


def _place(evidence: tuple[Evidence, ...], folded: Evidence) -> int:
    """The place of what a folded piece was before others were put under it."""
    for place, e in enumerate(evidence):
        if (e.source, e.start, e.number) == (folded.source, folded.start, folded.number):
            return place
    return 0
