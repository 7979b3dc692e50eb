"""One question and its answer in the conversation, from waiting to done.

Left out: who asks whom; the screen tells a view what happened to it. A turn is one widget, not a
stack of them: laying out a long conversation costs by the widget.
"""

from __future__ import annotations

from typing import Literal

from textual import events
from textual.content import Content
from textual.widgets import Static

from index.safe import safe
from qa.tui.evidence import Evidence, behind
from qa.tui.lettering import byline, letter_answer, line, title
from qa.tui.messages import CitationChosen, TurnChosen
from qa.types import Answer

State = Literal["waiting", "asking", "done", "cancelled", "failed"]

TAIL = 2_500  # what is drawn of a text while it still comes: each redraw lays all of it out


class TurnView(Static):
    """A turn; `evidence` is what its number keys open."""

    def __init__(self, number: int, question: str) -> None:
        super().__init__(Content(""), classes="turn", markup=False)
        self.number = number
        self.question = question
        self.state: State = "waiting"
        self.answer: Answer | None = None
        self.evidence: tuple[Evidence, ...] = ()
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

    def begin(self) -> None:
        """Say that work on the question has begun."""
        self.state = "asking"
        self.wait("searching the articles…")

    def show_found(self, evidence: tuple[Evidence, ...], searched: str) -> None:
        """Note what was found while the answer is on its way."""
        self.evidence = evidence
        if searched.strip() and searched.strip() != self.question.strip():
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

    def finish(self, answer: Answer) -> None:
        """Show the checked answer, which may differ from what was streamed."""
        self.state, self.answer, self.evidence = "done", answer, behind(answer)
        if answer.abstained:
            self.add_class("-abstained")
            reason = safe((answer.reason or answer.text)[:2000]).strip()
            head = "— No answer in these articles" + (": " if reason else ".")
            self._body = Content.assemble((head, "bold"), reason)
        else:
            self._body = letter_answer(answer.text, {c.number for c in answer.citations})
            short = line(answer.short or "", 300)
            if short and short != answer.text.strip():
                self._body = Content.assemble((short, "bold"), "\n", self._body)
        self._foot = [Content.assemble(("note: ", "bold"), line(n, 400)) for n in answer.notes]
        self._draw()

    def cancel(self) -> None:
        """Keep what came, and say that it was cut short."""
        self.state = "cancelled"
        self._body = letter_answer(self.text, ())
        self._foot = [Content.styled("— cancelled; r asks again", "italic")]
        self._draw()

    def fail(self, message: str, hint: str | None) -> None:
        """Keep what came, and say in plain words what went wrong."""
        self.state = "failed"
        problem = line(message, 600) + (f" — {line(hint, 300)}" if hint else "")
        self._body = letter_answer(self.text, ())
        self._foot = [Content.assemble(("! ", "bold $error"), problem)]
        self._draw()

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
            rows.insert(0, Content.styled("the nearest passages:", "dim"))
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
