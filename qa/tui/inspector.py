"""What was done for a question: what each retriever found, how long it took, what the model was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from index.safe import safe
from index.types import Hit
from qa.tui.lettering import byline, line, title
from qa.tui.turn_view import TurnView

_LONGEST = 20_000  # characters that are shown of what was sent


class Inspector(ModalScreen[None]):
    """Shows one turn from behind; `sent` are the messages to the model, none for the built-in one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i", "back", "Back", id="inspect-back")
    ]

    def __init__(self, view: TurnView, sent: Sequence[Mapping[str, str]]) -> None:
        super().__init__()
        self._view = view
        self._sent = sent

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="inspector"):
            yield Static(self._content(), markup=False)

    def on_mount(self) -> None:
        self.query_one("#inspector").focus()

    def _content(self) -> Content:
        view, answer = self._view, self._view.answer
        parts = [Content.styled(line(view.question, 400), "bold"), Content("")]
        searched = (answer.searched if answer else "") or view.searched or view.question
        parts.append(_fact("searched", line(searched, 400)))
        if answer is not None:
            parts.append(_fact("answered by", line(answer.model, 80)))
            times = ", ".join(f"{name} {ms:,.0f} ms" for name, ms in answer.timings_ms.items())
            parts.append(_fact("took", times or "unknown"))
            if answer.confidence is not None:
                parts.append(_fact("confidence", f"{answer.confidence:.2f}"))
            usage = answer.usage
            if usage.prompt_tokens or usage.completion_tokens:
                cost = "unknown cost" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
                tokens = f"{usage.prompt_tokens:,} in, {usage.completion_tokens:,} out, {cost}"
                parts.append(_fact("tokens", tokens))
            for judged in answer.sentences:
                said = line(answer.text[judged.start : judged.end], 90)
                parts.append(_fact(judged.verdict, f"{judged.support:.2f}  {said}"))
            parts += [Content(""), Content.styled("Found", "bold underline")]
            parts += [_hit(hit) for hit in answer.hits]
        parts += [Content(""), Content.styled("Sent to the model", "bold underline")]
        if not self._sent:
            built_in = answer is not None and answer.model == "extractive"
            why = "nothing: the answer was made here" if built_in else "not kept: an earlier answer"
            parts.append(Content.styled(f"  {why}", "dim"))
        for message in self._sent:
            text = message.get("content", "")
            parts.append(Content.styled(f"  {line(message.get('role', ''), 20)}", "bold"))
            parts.append(Content(safe(text[:_LONGEST])))
            if len(text) > _LONGEST:
                parts.append(Content.styled(f"… {len(text) - _LONGEST:,} more characters", "dim"))
        parts += [Content(""), Content.styled("↑ ↓ scroll · Esc back", "dim")]
        return Content("\n").join(parts)

    def action_back(self) -> None:
        """Close."""
        self.dismiss()


def _fact(name: str, value: str) -> Content:
    return Content.assemble((f"  {name:<12} ", "dim"), value)


def _hit(hit: Hit) -> Content:
    traces = ", ".join(
        f"{line(t.retriever, 20)} #{t.rank}" + (f" ({t.score:.3f})" if t.score is not None else "")
        if t.rank
        else f"{line(t.retriever, 20)} –"
        for t in hit.traces
    )
    source = hit.passage.source
    return Content.assemble(
        (f"  {hit.rank:>2}. ", "bold"),
        title(source),
        (f"  {byline(source)}\n", "dim"),
        f"      score {hit.score:.3f}, cosine {hit.cosine:.3f}",
        (f": {traces}" if traces else "", ""),
        (f"\n      {line(hit.passage.text, 160)}", "dim"),
    )
