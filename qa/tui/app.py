"""The terminal chat as an application: themes, palette, leaving, and what happens when it breaks.

Left out: the conversation itself; that is `chat.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from index.errors import UsageError
from index.types import Scope
from qa.sessions import Sessions
from qa.slash_commands import COMMANDS
from qa.tui.chat import ChatScreen
from qa.tui.contracts import (
    DescribeModel,
    FindCase,
    FindPlace,
    IndexerLike,
    ListModels,
    MakeAnswerer,
    OpenPipeline,
)
from qa.tui.messages import Trouble
from qa.tui.models import Models
from qa.tui.past import Past
from qa.tui.prompt import Prompt
from qa.tui.quiet import EVERY as QUIET
from qa.tui.quiet import Quiet
from qa.tui.slash import obey
from qa.tui.themes import THEMES, named

CRASHED = 70  # EX_SOFTWARE: none of the codes that mean something in the contract
_PATIENCE = 1.0  # seconds that leaving waits for threads: a save is quick, a dead server is not


class ChatApp(App[None]):
    """The chat; `private` writes nothing, `sessions` names another file for the conversations.

    `keys` gives bindings other keys, by id; `go_on` resumes the last conversation.
    """

    CSS_PATH = "app.tcss"
    TITLE = "qa"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "Command palette", priority=True, id="palette"),
        Binding("f1", "help", "Help", id="help"),
        Binding("ctrl+q", "quit", "Quit", priority=True, id="quit"),
        Binding("ctrl+c", "help_quit", "Copy the selection", system=True),
    ]

    def __init__(
        self,
        open_pipeline: OpenPipeline,
        *,
        model: str,
        list_models: ListModels,
        make_answerer: MakeAnswerer,
        describe_model: DescribeModel = lambda name: "",
        find_place: FindPlace | None = None,
        indexer: IndexerLike | None = None,
        find_case: FindCase | None = None,
        scope: Scope = Scope(),  # noqa: B008  (frozen)
        private: bool = False,
        go_on: bool = False,
        sessions: Path | None = None,
        theme: str | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.crash: BaseException | None = None
        self.quiet = Quiet()
        self._threads: list[threading.Thread] = []
        self._open_pipeline = open_pipeline
        self._models = Models(model, list_models, make_answerer, describe_model, find_place)
        self._past = Past(None if private else Sessions(sessions))
        self._indexer, self._scope, self._go_on = indexer, scope, go_on
        self._find_case = find_case
        self._keys, self._wish = dict(keys or {}), theme
        for ours in THEMES:
            self.register_theme(ours)
        self.theme = THEMES[0].name
        if self._keys:
            self.set_keymap(self._keys)

    def get_default_screen(self) -> Screen[None]:
        return ChatScreen(
            self._open_pipeline, self._models, self._past, self._scope, self.spawn,
            self._indexer, self._go_on, self.quiet, self._find_case,
        )  # fmt: skip

    def on_mount(self) -> None:
        self.quiet.begin()
        self.set_interval(QUIET, self._tidy)
        if self._wish:
            try:
                self.theme = named(self._wish, self.available_themes)
            except UsageError as error:
                self.chat.post_message(Trouble(error.message, error.hint))
        if self._keys:
            self.call_after_refresh(self._check_keys)
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for signal_ in (signal.SIGTERM, signal.SIGHUP):
                with contextlib.suppress(NotImplementedError, ValueError):
                    loop.add_signal_handler(signal_, self.exit)

    def _tidy(self) -> None:
        if not self.screen_stack:  # it is being closed
            return
        desk = self.chat.desk
        if not desk.loading:
            self.quiet.tidy(idle=desk.asking is None)

    def on_unmount(self) -> None:
        self.quiet.end()

    def _check_keys(self) -> None:
        from qa.tui.keys import complaints

        for complaint in complaints(self._keys):
            self.chat.post_message(Trouble(complaint, "F1 lists the keys; [keys] in qa.toml"))

    def exit(self, *args: Any, **named_: Any) -> None:
        """Leave; what came of an answer and what stands in the input are saved first."""
        if self.screen_stack and isinstance(self.screen_stack[0], ChatScreen):
            self.chat.leave()
        super().exit(*args, **named_)

    async def action_quit(self) -> None:
        """Leave once the input has taken what was typed before."""
        self.chat.query_one(Prompt).call_later(self.exit)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal (OSC 52) and into the system's clipboard where there is one."""
        super().copy_to_clipboard(text)
        if not self.is_headless:
            from qa.tui.outside import to_clipboard

            self.spawn(lambda: to_clipboard(text))

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
            except Exception as error:  # a traceback would be written across the screen
                if self._running:  # else: the loop that it reports to is gone, and so is the reader
                    kind = type(error).__name__
                    self.chat.post_message(Trouble(f"internal error ({kind})", "qa doctor"))

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
        for name, (takes, what) in COMMANDS.items():
            if not takes or takes.startswith("["):
                title = name.replace("-", " ").capitalize()
                yield SystemCommand(title, what, partial(obey, self.chat, f"/{name}"))

    def action_help(self) -> None:
        """Show the keys and commands."""
        self.chat.action_help()

    def action_help_quit(self) -> None:
        """Say how to leave: Ctrl+C copies, and a habit must not end the chat."""
        self.chat.say("Ctrl+Q quits · Ctrl+C copies a selection · nothing is lost")

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
    private: bool = False,
    **more: Any,
) -> int:
    """Run the chat to its end and return the exit code; a crash is told in one line on stderr."""
    app = ChatApp(
        open_pipeline,
        model=model,
        list_models=list_models,
        make_answerer=make_answerer,
        private=private,
        **more,
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
        print("The conversation is saved: qa chat --continue", file=sys.stderr)
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
