"""The line above the input: what is going on, which filters are in force, what became of the files."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from qa.tui.lettering import line
from qa.tui.messages import ChipChosen

KEYS = "Tab sources · F1 help · ^P commands · ^Q quit"
KEYS_SHORT = "F1 help · ^Q quit"


class StatusLine(Widget):
    """State and chips at the left, key hints at the right while there is room; a click drops a chip."""

    state: reactive[str] = reactive("")
    chips: reactive[tuple[tuple[str, str], ...]] = reactive(())
    index: reactive[str] = reactive("")

    def render(self) -> Content:
        parts: list[Content | tuple[str, str]] = [(line(self.state, 200), "")]
        for place, (name, value) in enumerate(self.chips):
            click = Style.from_meta({"@click": f"drop({place})"})
            chip = Content(f"[{name} {line(value, 40)} ×]").stylize("bold $accent").stylize(click)
            parts += [("  " if self.state or place else "", ""), chip]
        if self.index:
            parts.append(
                (f"{'  ' if self.state or self.chips else ''}{line(self.index, 80)}", "dim")
            )
        left = Content.assemble(*parts)
        width = self.size.width - 2
        keys = next((k for k in (KEYS, KEYS_SHORT) if left.cell_length + len(k) + 2 <= width), "")
        gap = max(1, width - left.cell_length - len(keys))
        return Content.assemble(" ", left, " " * gap, (keys, "dim"))

    def action_drop(self, place: int) -> None:
        """Ask for a filter to be taken away."""
        if place < len(self.chips):
            self.post_message(ChipChosen(*self.chips[place]))
