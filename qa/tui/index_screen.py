"""What is indexed, how fresh it is, and what could not be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from qa.tui.lettering import line

if TYPE_CHECKING:
    from index.corpus import Status

_SHOWN = 12


class IndexScreen(ModalScreen[str | None]):
    """Returns "reindex" or "browse" when that is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", id="index-back"),
        Binding("r", "leave('reindex')", "Bring it up to date", id="index-refresh"),
        Binding("b", "leave('browse')", "Look through the articles", id="index-browse"),
    ]

    def __init__(self, status: Status, difference: str) -> None:
        super().__init__()
        self._status = status
        self._difference = difference

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="index"):
            yield Static(self._content(), markup=False)

    def on_mount(self) -> None:
        self.query_one("#index").focus()

    def _content(self) -> Content:
        s = self._status
        rows = [
            ("articles", f"{s.articles:,}, in {s.passages:,} passages, from {s.files:,} files"),
            ("made", f"{_ago(s.indexed_at)} ({line(s.indexed_at or 'unknown', 30)})"),
            ("files", self._difference or "as they were when it was made"),
            ("dates", f"{line(s.oldest or '?', 20)} to {line(s.newest or '?', 20)}"),
            ("embedder", line(s.embedder, 80)),
            ("kept in", line(s.store, 200)),
        ]
        parts = [Content.styled("The index", "bold"), Content("")]
        parts += [Content.assemble((f"  {name:<10} ", "dim"), value) for name, value in rows]
        parts += [Content(""), Content.styled("Outlets", "bold underline")]
        outlets = list(s.publishers.items())
        most = max((n for _, n in outlets), default=1)
        for name, number in outlets[:_SHOWN]:
            bar = "▇" * max(1, round(20 * number / most))
            parts.append(Content.assemble(f"  {line(name, 30):<30} {number:>6,} ", (bar, "dim")))
        if len(outlets) > _SHOWN:
            parts.append(Content.styled(f"  … {len(outlets) - _SHOWN:,} more", "dim"))
        if s.failures:
            parts += [Content(""), Content.styled("Could not be read", "bold underline")]
            for failure in s.failures[:_SHOWN]:
                told = f"  {line(failure['path'], 80)}: {line(failure['reason'], 100)}"
                parts.append(Content(told))
            if len(s.failures) > _SHOWN:
                parts.append(
                    Content.styled(f"  … {len(s.failures) - _SHOWN:,} more: qa status", "dim")
                )
        parts += [Content(""), Content.styled("r re-index · b browse · Esc back", "dim")]
        return Content("\n").join(parts)

    def action_leave(self, wish: str | None = None) -> None:
        """Close, and say what is wished for."""
        self.dismiss(wish)


def _ago(stamp: str | None) -> str:
    """How long ago a UTC stamp was, in words."""
    try:
        then = datetime.strptime(stamp or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return "at a time that is not known"
    seconds = max(0, (datetime.now(UTC) - then).total_seconds())
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"
