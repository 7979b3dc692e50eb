"""The terminal chat as an application: themes, palette, leaving, and what happens when it breaks.

Left out: the conversation itself; that is `chat.py`.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from index.types import Scope
from qa.sessions import Sessions
from qa.tui.chat import ChatScreen
from qa.tui.contracts import ListModels, MakeAnswerer, OpenPipeline
from qa.tui.models import Models
from qa.tui.past import Past
from qa.tui.themes import THEMES

CRASHED = 70  # EX_SOFTWARE: none of the codes that mean something in the contract
_PATIENCE = 1.0  # seconds that leaving waits for threads: a save is quick, a dead server is not


class ChatApp(App[None]):
    """The chat; `private` writes nothing, `sessions` names another file for the conversations."""

    CSS_PATH = "app.tcss"
    TITLE = "qa"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "Command palette", priority=True),
        Binding("f1", "help", "Help"),
        Binding("ctrl+q", "quit", "Quit", priority=True),
        Binding("ctrl+c", "help_quit", "Copy the selection", system=True),
    ]

    def __init__(
        self,
        open_pipeline: OpenPipeline,
        *,
        model: str,
        list_models: ListModels,
        make_answerer: MakeAnswerer,
        scope: Scope = Scope(),  # noqa: B008  (frozen)
        private: bool = False,
        sessions: Path | None = None,
    ) -> None:
        super().__init__()
        self.crash: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._open_pipeline = open_pipeline
        self._models = Models(model, list_models, make_answerer)
        self._past = Past(None if private else Sessions(sessions))
        self._scope = scope
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def get_default_screen(self) -> Screen[None]:
        return ChatScreen(self._open_pipeline, self._models, self._past, self._scope, self.spawn)

    @property
    def chat(self) -> ChatScreen:
        """The conversation's screen, whatever lies on top of it."""
        screen = self.screen_stack[0]
        assert isinstance(screen, ChatScreen)
        return screen

    def spawn(self, work: Callable[[], None]) -> None:
        """Run `work` in a daemon thread: leaving must not wait for a server that never answers."""

        def run() -> None:
            try:
                work()
            except RuntimeError:
                if self._running:  # else: the loop that it reports to is gone, and so is the reader
                    raise

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=run, daemon=True, name="qa-chat")
        self._threads.append(thread)
        thread.start()

    def finish_threads(self) -> None:
        """Give running threads a moment to end."""
        until = time.monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        chat = self.chat
        yield SystemCommand("Model", "answer with another model", lambda: chat.models.choose(None))
        yield SystemCommand("New", "begin a new conversation", chat.action_new)
        yield SystemCommand("Sources", "show or hide the sources", chat.action_sources)
        yield SystemCommand("Sessions", "go back to an earlier conversation", chat.action_sessions)
        yield SystemCommand("Copy", "copy the answer with its sources", chat.action_copy)
        yield SystemCommand("Ask again", "ask the same question again", chat.action_again)
        yield SystemCommand(
            "Theme", "dark, light, high contrast and others", self.action_change_theme
        )
        yield SystemCommand("Help", "keys and commands", chat.action_help)
        yield SystemCommand("Quit", "leave", self.action_quit)

    def action_help(self) -> None:
        """Show the keys and commands."""
        self.chat.action_help()

    def action_help_quit(self) -> None:
        """Say how to leave: Ctrl+C copies, and a habit must not end the chat."""
        self.chat.say("Ctrl+Q quits · Ctrl+C copies a selection")

    def _fatal_error(self) -> None:
        # Textual would print a traceback with local variables: keys, and pieces of the articles.
        self.crash = self._exception or sys.exc_info()[1]
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """Leave without printing what Textual wanted printed."""
        self._fatal_error()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()


def run_chat(
    open_pipeline: OpenPipeline,
    *,
    model: str,
    list_models: ListModels,
    make_answerer: MakeAnswerer,
    scope: Scope = Scope(),  # noqa: B008  (frozen)
    private: bool = False,
) -> int:
    """Run the chat to its end and return the exit code; a crash is told in one line on stderr."""
    app = ChatApp(
        open_pipeline,
        model=model,
        list_models=list_models,
        make_answerer=make_answerer,
        scope=scope,
        private=private,
    )
    crash: BaseException | None = None
    try:
        app.run()
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # the terminal is restored by then; only the line is left to print
        crash = error
    app.finish_threads()
    crash = crash or app.crash
    if crash is None and not app.return_code:
        return 0
    print(f"qa: the chat stopped on an internal error{_place(crash)}.", file=sys.stderr)
    if not private:
        print("The answers are saved: qa chat, then /sessions.", file=sys.stderr)
    return CRASHED


def _place(crash: BaseException | None) -> str:
    """Say which error it was and where, without its text: that may hold a key or a document."""
    if crash is None:
        return ""
    trace = crash.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = ""
    if trace is not None:
        where = f", {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    return f" ({type(crash).__name__}{where})"
