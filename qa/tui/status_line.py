"""The line above the input: what is going on, which filters are in force, what it has cost."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from qa.tui.lettering import line

KEYS = "Tab sources · F1 help · ^P commands · ^Q quit"
KEYS_SHORT = "F1 help · ^Q quit"


class StatusLine(Widget):
    """State at the left, key hints at the right while there is room for them."""

    state: reactive[str] = reactive("")
    hint: reactive[str] = reactive("")
    chips: reactive[tuple[str, ...]] = reactive(())
    cost: reactive[str] = reactive("")

    def render(self) -> Content:
        parts: list[Content | tuple[str, str]] = [(line(self.hint or self.state, 200), "")]
        for chip in self.chips:
            parts += [("  ", ""), (f"[{line(chip, 40)}]", "bold $accent")]
        if self.cost:
            parts.append((f"  {self.cost}", "dim"))
        left = Content.assemble(*parts)
        width = self.size.width - 2
        keys = next((k for k in (KEYS, KEYS_SHORT) if left.cell_length + len(k) + 2 <= width), "")
        if self.hint and not self.hint.startswith("/"):
            keys = keys and KEYS_SHORT
        gap = max(1, width - left.cell_length - len(keys))
        return Content.assemble(" ", left, " " * gap, (keys, "dim"))
