"""One question and its answer in the conversation, from waiting to done.

Left out: who asks whom; the screen tells a view what happened to it. A turn is one widget, not a
stack of them: laying out a long conversation costs by the widget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from textual import events
from textual.content import Content
from textual.widgets import Static

from index.safe import safe
from index.types import Scope
from qa.tui.evidence import Evidence, behind, dates
from qa.tui.lettering import SHOWN, byline, letter_answer, letter_safe, line, title
from qa.tui.messages import CitationChosen, TurnChosen
from qa.tui.verdicts import legend, mark
from qa.types import Answer

State = Literal["waiting", "asking", "done", "cancelled", "failed"]

REASONS = {
    "found but does not say": "what was found does not say it",
    "nothing found": "nothing was found",
}
TAIL = 2_500  # what is drawn of a text while it still comes: each redraw lays all of it out


class TurnView(Static):
    """A turn; `evidence` is what its number keys open.

    `instead` is the number of the turn that this one asks again: what was said from there on is no
    part of its history. `scope` are the filters in force when it was asked. `warning` says
    that the evidence is old for the question.
    """

    def __init__(self, number: int, question: str, instead: int | None = None) -> None:
        super().__init__(Content(""), classes="turn", markup=False)
        self.number = number
        self.question = question
        self.instead = instead
        self.scope = Scope()
        self.state: State = "waiting"
        self.answer: Answer | None = None
        self.evidence: tuple[Evidence, ...] = ()
        self.warning = ""
        self.searched = ""
        self.sent: Sequence[Mapping[str, str]] = ()
        self._brief = False
        self._width = 0
        self._pieces: list[str] = []
        self._tail = ""
        self._cut = False
        self._head = Content.assemble(("› ", "bold $primary"), (safe(question[:4000]), "bold"))
        self._body = Content("")
        self._foot: list[Content] = []

    def on_mount(self) -> None:
        self._draw()

    def on_unmount(self) -> None:
        # Textual remembers the style caches of its last thousand widgets, and with them what was drawn.
        self._styles_cache.clear()

    def on_resize(self) -> None:
        if self.content_size.width != self._width:
            self._draw()

    def on_click(self, event: events.Click) -> None:
        """Make this the turn that the sources panel shows."""
        self.post_message(TurnChosen(self.number))

    def action_cite(self, number: int) -> None:
        """Open the citation whose marker was clicked."""
        self.post_message(CitationChosen(self.number, -number))

    @property
    def text(self) -> str:
        """What was written so far, or the whole answer."""
        return self.answer.text if self.answer else "".join(self._pieces)

    @property
    def long(self) -> bool:
        """Whether what came so far takes long to draw."""
        return len(self._tail) > TAIL // 3

    def show_brief(self, brief: bool) -> None:
        """Leave the list of sources out while the panel shows it."""
        if brief != self._brief:
            self._brief = brief
            self._draw()

    def wait(self, note: str) -> None:
        """Say what the question is waiting for."""
        self._body = Content.styled(note, "dim")
        self._draw()

    def begin(self, note: str = "searching the articles…") -> None:
        """Say that work on the question has begun, and with what."""
        self.state = "asking"
        self.wait(note)

    def show_found(self, evidence: tuple[Evidence, ...], searched: str) -> None:
        """Note what was found while the answer is on its way."""
        told = self.searched == searched
        self.evidence, self.searched = evidence, searched
        if searched.strip() and searched.strip() != self.question.strip() and not told:
            note = ("\n  searched for: " + line(searched, 400), "dim")
            self._head = Content.assemble(self._head, note)
        if not self._pieces:
            self.wait("reading the passages…")

    def append(self, text: str) -> None:
        """Add what the model wrote and draw the end of it; the whole is drawn when it is there."""
        if not text:
            return
        self._pieces.append(text)
        tail = self._tail + text
        self._cut = self._cut or len(tail) > TAIL
        self._tail = tail[-TAIL:]
        self._body = letter_answer(("…" if self._cut else "") + self._tail)
        self._draw()

    def finish(self, answer: Answer, warning: str = "") -> None:
        """Show the checked answer, which may differ from what was streamed."""
        self.state, self.answer, self.evidence = "done", answer, behind(answer)
        self.warning = warning
        self._pieces, self._tail = [], ""
        if answer.abstained:
            self.add_class("-abstained")
            reason = safe((answer.reason or answer.text)[:2000]).strip().rstrip(".")
            reason = REASONS.get(reason, reason)
            self._body = Content.assemble(
                ("∅ No answer in these articles", "bold"), f": {reason}." if reason else "."
            )
        else:
            numbers = {c.number for c in answer.citations}
            self._body = letter_safe(mark(answer), numbers, max(0, len(answer.text) - SHOWN))
            short = line(answer.short or "", 300)
            if short and short != answer.text.strip():
                self._body = Content.assemble((short, "bold"), "\n", self._body)
        self._foot = [Content.assemble(("! ", "bold $warning"), warning)] if warning else []
        self._foot += [Content.assemble(("note: ", "bold"), line(n, 400)) for n in answer.notes]
        told = [
            legend(answer),
            f"evidence of {dates(self.evidence)}" if dates(self.evidence) else "",
        ]
        if any(told) and not answer.abstained:
            self._foot.append(Content.styled(" · ".join(t for t in told if t), "dim"))
        self._draw()

    def cancel(self) -> None:
        """Keep what came, and say that it was cut short."""
        self.state = "cancelled"
        self._body = letter_answer(self.text, ())
        self._foot = [Content.styled("— cancelled; Up brings the question back", "italic")]
        self._draw()

    def fail(self, message: str, hint: str | None) -> None:
        """Keep what came, and say in plain words what went wrong."""
        self.state = "failed"
        problem = line(message, 600) + (f" — {line(hint, 300)}" if hint else "")
        self._body = letter_answer(self.text, ())
        self._foot = [Content.assemble(("! ", "bold $error"), problem)]
        self._draw()

    def restore(self, partial: str) -> None:
        """Show a turn of an earlier conversation that was cut short."""
        self._pieces = [partial] if partial else []
        self.cancel()

    def slim(self) -> None:
        """Let go of passages that nothing was quoted from: only the last answer is inspected."""
        self.sent = ()
        if self.answer is not None and len(self.answer.hits) > len(self.evidence):
            shown = {e.passage for e in self.evidence}
            kept = tuple(hit for hit in self.answer.hits if hit.passage.text in shown)
            self.answer = replace(self.answer, hits=kept)

    def _draw(self) -> None:
        self._width = self.content_size.width
        parts = [self._head, self._body, Content("\n").join(self._foot), self._references()]
        self.update(Content("\n\n").join(part for part in parts if part))

    def _references(self) -> Content:
        answer = self.answer
        if answer is None or self._brief or not self.evidence:
            return Content("")
        rows = [self._reference(place, e) for place, e in enumerate(self.evidence, 1)]
        if answer.abstained:
            rows.insert(0, Content.styled("the nearest evidence, which does not answer it:", "dim"))
        return Content("\n").join(rows)

    def _reference(self, place: int, evidence: Evidence) -> Content:
        # What must not be cut off comes first: the row is no longer than the line.
        row = Content.assemble(
            (f"[{evidence.number}]", "bold $accent") if evidence.number else (f" {place}.", "dim"),
            ("" if evidence.verified else " ✗ not found in the article:", "bold $warning"),
            (f" {byline(evidence.source)} ", "dim"),
            title(evidence.source),
        )
        return row.truncate(self._width or 76, ellipsis=True)
