"""One question and its answer in the conversation, from waiting to done.

Left out: who asks whom; the screen tells a view what happened to it.
"""

from __future__ import annotations

from typing import Literal

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.content import Content
from textual.widgets import Static

from index.safe import safe
from qa.tui.evidence import Evidence, behind
from qa.tui.lettering import byline, letter_answer, line, title
from qa.tui.messages import CitationChosen, TurnChosen
from qa.types import Answer

State = Literal["waiting", "asking", "done", "cancelled", "failed"]

_LONG = 4_000  # text beyond this is redrawn on every fourth call only


class AnswerText(Static):
    """The answer's text; a click on `[n]` opens that citation."""

    def __init__(self, turn: int) -> None:
        super().__init__(Content(""), classes="answer", markup=False)
        self._turn = turn

    def action_cite(self, number: int) -> None:
        """Open the citation whose marker was clicked."""
        self.post_message(CitationChosen(self._turn, -number))


class TurnView(VerticalGroup):
    """A turn; `evidence` is what its number keys open."""

    def __init__(self, number: int, question: str) -> None:
        super().__init__(classes="turn")
        self.number = number
        self.question = question
        self.state: State = "waiting"
        self.answer: Answer | None = None
        self.evidence: tuple[Evidence, ...] = ()
        self.problem = ""
        self._pieces: list[str] = []
        self._drawn = 0
        self._ticks = 0
        self._asked = Content.assemble(("› ", "bold $primary"), (safe(question[:4000]), "bold"))
        self._question = Static(self._asked, classes="question", markup=False)
        self._text = AnswerText(number)
        self._foot = Static(Content(""), classes="foot", markup=False)
        self._references = Static(Content(""), classes="references", markup=False)

    def compose(self) -> ComposeResult:
        yield self._question
        yield self._text
        yield self._foot
        yield self._references

    def on_mount(self) -> None:
        self._draw_foot()

    def on_click(self, event: events.Click) -> None:
        """Make this the turn that the sources panel shows."""
        self.post_message(TurnChosen(self.number))

    @property
    def text(self) -> str:
        """What was written so far, or the whole answer."""
        return self.answer.text if self.answer else "".join(self._pieces)

    def begin(self, note: str = "searching the articles…") -> None:
        """Say that work on the question has begun."""
        self.state = "asking"
        self._text.update(Content.styled(note, "dim"))

    def wait(self, note: str) -> None:
        """Say what the question is waiting for."""
        self._text.update(Content.styled(note, "dim"))

    def show_found(self, evidence: tuple[Evidence, ...], searched: str) -> None:
        """Note what was found while the answer is on its way."""
        self.evidence = evidence
        if not self._pieces:
            self._text.update(Content.styled("reading the passages…", "dim"))
        if searched.strip() and searched.strip() != self.question.strip():
            self._question.update(
                Content.assemble(self._asked, ("\n  searched for: " + line(searched, 400), "dim"))
            )

    def append(self, text: str) -> None:
        """Add what the model wrote and draw it; long texts are drawn less often."""
        if text:
            self._pieces.append(text)
        whole = self.text
        self._pieces = [whole] if whole else []
        self._ticks += 1
        if len(whole) == self._drawn or (len(whole) > _LONG and self._ticks % 4):
            return
        self._drawn = len(whole)
        self._text.update(letter_answer(whole))

    def finish(self, answer: Answer) -> None:
        """Show the checked answer, which may differ from what was streamed."""
        self.state, self.answer, self.evidence = "done", answer, behind(answer)
        if answer.abstained:
            reason = safe((answer.reason or answer.text)[:2000]).strip()
            self.add_class("abstained")
            self._text.update(
                Content.assemble(("— No answer in these articles", "bold"), f": {reason}")
                if reason
                else Content.assemble(("— No answer in these articles.", "bold"))
            )
        else:
            body = letter_answer(answer.text, {c.number for c in answer.citations})
            short = line(answer.short or "", 300)
            if short and short != answer.text.strip():
                body = Content.assemble((short, "bold"), "\n", body)
            self._text.update(body)
        self._draw_foot()

    def cancel(self) -> None:
        """Keep what came, and say that it was cut short."""
        self.state = "cancelled"
        self._drawn = -1
        self._keep_text()
        self._draw_foot()

    def fail(self, message: str, hint: str | None) -> None:
        """Keep what came, and say in plain words what went wrong."""
        self.state = "failed"
        self.problem = line(message, 600) + (f" — {line(hint, 300)}" if hint else "")
        self._keep_text()
        self._draw_foot()

    def _keep_text(self) -> None:
        self._text.update(letter_answer(self.text, ()))
        self._text.display = bool(self.text)

    def _draw_foot(self) -> None:
        rows: list[Content] = []
        if self.state == "cancelled":
            rows.append(Content.styled("— cancelled; r asks again", "italic"))
        if self.state == "failed":
            rows.append(Content.assemble(("! ", "bold $error"), self.problem))
        answer = self.answer
        if answer is not None:
            rows += [Content.assemble(("note: ", "bold"), line(n, 400)) for n in answer.notes]
            references = [self._reference(i, e) for i, e in enumerate(self.evidence)]
            if answer.abstained:
                references.insert(0, Content.styled("the nearest passages:", "dim"))
            self._references.update(Content("\n").join(references))
        self._foot.update(Content("\n").join(rows))
        self._foot.display = bool(rows)
        self._references.display = answer is not None and bool(self.evidence)

    def _reference(self, position: int, evidence: Evidence) -> Content:
        number = evidence.number or position + 1
        # What must not be cut off comes first: the line is as long as the screen is wide.
        return Content.assemble(
            (f"[{number}]", "bold $accent") if evidence.number else (f" {number}.", "dim"),
            ("" if evidence.verified else " ✗ not found in the article:", "bold $warning"),
            (f" {byline(evidence.source)} ", "dim"),
            title(evidence.source),
        )
