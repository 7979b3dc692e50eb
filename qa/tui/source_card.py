"""One source in the panel: number, title, outlet, date, how well it fits, and the quote in its passage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from index.types import Source
from qa.tui.evidence import Evidence, band, excerpt
from qa.tui.lettering import byline, letter_quote, line, title
from qa.tui.messages import CitationChosen, StoryWanted
from qa.tui.stories import by_outlet, told

_UNQUOTED = 220
_LISTED = 5  # articles of one outlet


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
        self._story: Sequence[Source] = ()

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
            Content.styled(where, "dim"),
            quote,
        ]
        if not evidence.verified:
            parts.append(Content.styled("✗ not found in the article", "bold $warning"))
        parts += self._copies(evidence)
        self.update(Content("\n").join(parts))

    def _copies(self, evidence: Evidence) -> list[Content]:
        """What tells the same: the articles of its story by outlet, else passages folded under this one."""
        source = evidence.source
        folded = [source, *(e.source for e in evidence.copies)]
        story = (
            self._story if any(s.article_id == source.article_id for s in self._story) else folded
        )
        copies = max(source.copies, len(folded))
        if copies < 2:
            return []
        count = told(copies, source.outlets)
        if not self._open:
            return [Content.styled(f"+ {count}", "italic")]
        rows = [Content.styled(f"− {count}", "italic")]
        for outlet, articles in by_outlet(story).items():
            rows.append(Content.styled(f"    {line(outlet, 60)} · {len(articles)}", "bold"))
            for article in articles[:_LISTED]:
                day = line(article.published or "", 20) or "no date known"
                rows.append(Content.styled(f"      {day} {title(article)}", "dim"))
            if len(articles) > _LISTED:
                rows.append(Content.styled(f"      … {len(articles) - _LISTED} more", "dim"))
        return rows

    def tell(self, story: Sequence[Source]) -> None:
        """Show who tells the story, where this source is of it."""
        e = self._evidence
        if e is not None and any(s.article_id == e.source.article_id for s in story):
            self._story = story
            self.show(self._turn, self._position, e)

    def action_choose(self) -> None:
        """Ask the screen to open this source."""
        self.post_message(CitationChosen(self._turn, self._position))

    def action_unfold(self) -> None:
        """Show or hide what is folded under this source."""
        if self._evidence is not None:
            self._open = not self._open
            if self._open and (story := self._evidence.source.story):
                self.post_message(StoryWanted(story))
            self.show(self._turn, self._position, self._evidence)

    def on_click(self) -> None:
        self.action_choose()
