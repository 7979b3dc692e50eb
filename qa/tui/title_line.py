"""The first line: what this is, what is indexed, which model answers and where it runs."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from qa.tui.lettering import line


class TitleLine(Widget):
    """One line; the model stays in sight when the description has to be cut."""

    corpus: reactive[str] = reactive("opening the index…")
    model: reactive[str] = reactive("")
    place: reactive[str | None] = reactive(None)

    def render(self) -> Content:
        name = line(self.model, 60)
        right = f"{name} · {line(self.place, 40)}" if self.place else name
        room = self.size.width - len(right) - 8
        corpus = line(self.corpus, 200)
        if len(corpus) > room:
            corpus = corpus[: max(0, room - 1)] + "…" if room > 8 else ""
        left = Content.assemble((" qa ", "bold reverse"), ("  " + corpus, "dim"))
        gap = max(1, self.size.width - left.cell_length - Content(right).cell_length - 1)
        return Content.assemble(left, " " * gap, (name, "bold"), right[len(name) :])
