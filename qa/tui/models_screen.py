"""The models that can be used, with place, context size and price where they are known."""

from __future__ import annotations

from collections.abc import Sequence

from qa.tui.contracts import DescribeModel, ModelChoice
from qa.tui.listing import Listing, Row


class ModelsScreen(Listing[str]):
    """Returns the name of a model; one that is not in the list can be typed."""

    HEADING = "Answer with"
    FOOT = "Enter choose · Esc back · a name that is not listed can be typed"
    PLACEHOLDER = "type to search, or a name such as ollama/llama3.2"

    def __init__(
        self, choices: Sequence[ModelChoice], present: str, describe: DescribeModel
    ) -> None:
        super().__init__()
        self._choices = choices
        self._present = present
        self._describe = describe

    def rows(self, wanted: str) -> Sequence[Row]:
        """The models whose name, place or note holds what was typed, and what was typed itself."""
        low = wanted.casefold()
        rows = []
        for c in self._choices:
            if low not in f"{c.name} {c.place} {c.note}".casefold():
                continue
            facts = self._describe(c.name)
            note = " · ".join(part for part in (c.place, facts, c.note) if part)
            mark = " ●" if c.name == self._present else ""
            rows.append(Row(c.name + mark, note, c.available, key=c.name))
        if wanted and "/" in wanted and all(c.name != wanted for c in self._choices):
            facts = self._describe(wanted)
            rows.append(Row(wanted, " · ".join(p for p in ("as typed", facts) if p), key=wanted))
        return rows

    def take(self, row: Row) -> None:
        """Return the model; `openai/…` stands for many, so the name is left to be typed."""
        if isinstance(row.key, str) and row.key.endswith("…"):
            from textual.widgets import Input

            search = self.query_one(Input)
            search.value = row.key.rstrip("…")
            search.cursor_position = len(search.value)
        else:
            super().take(row)
