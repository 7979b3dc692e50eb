"""The first line: what is indexed, which model answers, where it runs, and what it has cost."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from qa.tui.lettering import line


class TitleLine(Widget):
    """One line; model, place and cost stay in sight when the description has to be cut."""

    corpus: reactive[str] = reactive("opening the index…")
    model: reactive[str] = reactive("")
    place: reactive[str | None] = reactive(None)
    cost: reactive[str] = reactive("$0")
    private: reactive[bool] = reactive(False)

    def render(self) -> Content:
        name = line(self.model, 60)
        rest = "".join(f" · {part}" for part in (line(self.place or "", 40), self.cost) if part)
        room = self.size.width - len(name + rest) - 8
        corpus = line(self.corpus, 200)
        if self.private:
            corpus = f"private · {corpus}"
        if len(corpus) > room:
            corpus = corpus[: max(0, room - 1)] + "…" if room > 8 else ""
        left = Content.assemble((" qa ", "bold reverse"), ("  " + corpus, "dim"))
        gap = max(1, self.size.width - left.cell_length - Content(name + rest).cell_length - 1)
        return Content.assemble(left, " " * gap, (name, "bold"), rest)
