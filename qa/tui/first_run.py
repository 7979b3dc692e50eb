"""The screen where there is no index yet: it asks for a folder, says what is in it, and makes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static

from index.errors import QaError
from qa.tui.contracts import IndexerLike
from qa.tui.in_order import Line
from qa.tui.lettering import line

KINDS = "text, web pages, PDF, Word, JSON and CSV records, mail and feeds, and .gz and .zip of them"


_PAUSE = 0.3  # seconds without a key after which files are counted


class FirstRun(ModalScreen[Path | None]):
    """Returns the folder to index, None when the person would rather not."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Not now", id="first-back")]

    @dataclass
    class Counted(Message):
        """What was found under the folder that was typed."""

        folder: str
        told: str
        fit: bool

    def __init__(self, indexer: IndexerLike, spawn: Callable[[Callable[[], None]], object]) -> None:
        super().__init__()
        self._indexer = indexer
        self._spawn = spawn
        self._fit = ""
        self._pause: Timer | None = None
        self._counting = False

    def compose(self) -> ComposeResult:
        with Vertical(id="first"):
            yield Static(
                Content.assemble(
                    ("There is no index here yet.\n\n", "bold"),
                    "qa reads a folder of articles, here on this machine, and answers from them.\n",
                    (f"It reads {KINDS}.\n", "dim"),
                    (f"The index will be in {line(str(self._indexer.store))}.\n\n", "dim"),
                    "Folder or file to index:",
                ),
                markup=False,
            )
            yield Line(value=".", id="first-folder")
            yield Static(Content(""), id="first-count", markup=False)
            yield Static(Content.styled("Enter index it · Esc not now", "dim"), markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Count what is there once no key has come for a moment: on the way to it stand larger folders."""
        self._fit = ""
        self._tell("looking…" if event.value.strip() else "")
        if self._pause:
            self._pause.stop()
        self._pause = self.set_timer(_PAUSE, self._count)

    def _count(self) -> None:
        """Count in a thread, one at a time."""
        folder = self.query_one(Input).value.strip()
        if not folder or self._counting:
            return
        self._counting = True

        def count() -> None:
            try:
                found = self._indexer.count([Path(folder).expanduser()])
                told = f"{found['files']:,} files that are read"
                if found["skipped"]:
                    told += f", {found['skipped']:,} that are not"
                self.post_message(self.Counted(folder, told, found["files"] > 0))
            except QaError as error:
                self.post_message(self.Counted(folder, error.message, False))
            except (OSError, RuntimeError) as error:
                self.post_message(self.Counted(folder, type(error).__name__, False))

        self._spawn(count)

    def on_first_run_counted(self, message: Counted) -> None:
        self._counting = False
        if message.folder == self.query_one(Input).value.strip():
            self._fit = message.folder if message.fit else ""
            self._tell(message.told)
        else:
            self._count()

    def _tell(self, text: str) -> None:
        self.query_one("#first-count", Static).update(Content.styled(line(text), "bold"))

    def on_input_submitted(self) -> None:
        if self._fit:
            self.dismiss(Path(self._fit).expanduser())

    def action_back(self) -> None:
        """Leave without an index."""
        self.dismiss(None)
