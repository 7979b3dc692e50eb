"""The index as the chat keeps it: making the first one, noticing changed files, bringing it up to date.

Left out: indexing, which is a process of its own (`qa.indexer`), and how the screens look.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from index.errors import QaError
from index.types import Source
from qa.tui import messages as m
from qa.tui.contracts import IndexerLike, PipelineLike
from qa.tui.status_line import StatusLine
from qa.tui.title_line import TitleLine

if TYPE_CHECKING:
    from index.corpus import Status
    from qa.tui.chat import ChatScreen

T = TypeVar("T")
EVERY = 30.0  # seconds between looks at the files


class IndexKeeper:
    """Watches the files and runs the indexer; without one it only describes the index."""

    def __init__(self, chat: ChatScreen, indexer: IndexerLike | None) -> None:
        self.indexer = indexer
        self.outlets: tuple[str, ...] = ()
        self.newest: str | None = None
        self.changed: m.FilesChanged | None = None
        self.running = False
        self._chat = chat
        self._looking = False

    def opened(self, pipeline: PipelineLike) -> None:
        """Read what the screens offer of an index that was opened, and begin to watch its files."""
        chat = self._chat

        def read() -> None:
            from qa.tui.suggestions import suggest

            try:
                sources = pipeline.corpus.sources()
                outlets = sorted({s.publisher for s in sources if s.publisher})
                newest = max((s.published for s in sources if s.published), default=None)
                chat.post_message(
                    m.CorpusDescribed(tuple(outlets), newest, suggest(pipeline, sources))
                )
            except QaError:
                pass  # the next question says what is wrong

        chat.spawn(read)
        if self.indexer is not None:
            chat.set_interval(EVERY, self.look)
            chat.set_timer(1.0, self.look)

    def look(self) -> None:
        """Compare the files with the index, in a thread."""
        indexer, chat = self.indexer, self._chat
        if indexer is None or self.running or self._looking:
            return
        self._looking = True

        def compare() -> None:
            try:
                chat.post_message(m.FilesChanged(**indexer.changes()))
            except (QaError, OSError):
                pass  # a folder that is gone for now: nothing to tell of
            finally:
                self._looking = False

        chat.spawn(compare)

    def noticed(self, message: m.FilesChanged) -> None:
        """Say quietly that files changed, as long as they did."""
        self.changed = message if message.new + message.changed + message.gone else None
        if not self.running:
            self._show(f"{self.difference} · /reindex" if self.changed else "")

    @property
    def difference(self) -> str:
        """What changed, in words; nothing when nothing did."""
        if (c := self.changed) is None:
            return ""
        told = [(c.new, "new"), (c.changed, "changed"), (c.gone, "gone")]
        parts = [f"{number:,} {what}" for number, what in told if number]
        return f"files: {', '.join(parts)}"

    def offer_first(self) -> bool:
        """Show the screen that makes an index where there is none; returns whether it did."""
        if self.indexer is None or not self.indexer.missing():
            return False
        from qa.tui.first_run import FirstRun

        def chosen(root: Path | None) -> None:
            if root is not None:
                self.refresh([root])
            elif not self.running:
                self._chat.desk.not_opened("there is no index here", "/reindex FOLDER makes one")
                self._chat.conversation.notice(
                    "There is no index yet.", "/reindex FOLDER makes one"
                )

        self._chat.app.push_screen(FirstRun(self.indexer, self._chat.spawn), chosen)
        return True

    def refresh(self, roots: Sequence[Path] = ()) -> None:
        """Bring the index up to date in the background; what is asked meanwhile is answered."""
        indexer, chat = self.indexer, self._chat
        if indexer is None:
            chat.conversation.notice("the index cannot be changed from here", "qa index")
            return
        if self.running:
            chat.say("the index is being brought up to date already")
            return
        self.running = True
        chat.say("")
        self._show("indexing: starting…")

        def tell(phase: str, done: int, total: int) -> None:
            chat.post_message(m.Indexing(phase, done, total))

        def run() -> None:
            try:
                told = indexer.run(roots, tell)
                chat.post_message(m.Indexed(told))
            except QaError as error:
                chat.post_message(m.Indexed(error.message, True, error.hint))
            except OSError as error:
                why = error.strerror or type(error).__name__
                chat.post_message(m.Indexed(f"the indexer cannot be started: {why}", True))

        chat.spawn(run)

    def progress(self, message: m.Indexing) -> None:
        """Show how far it is."""
        share = f" {100 * message.done // message.total} %" if message.total else ""
        self._show(f"indexing: {message.phase}{share}")

    def ended(self, message: m.Indexed) -> None:
        """Say what was done; the next question sees the new index."""
        self.running, self.changed = False, None
        self._show("")
        chat = self._chat
        chat.conversation.notice(message.told, message.hint, problem=message.problem)
        pipeline = chat.desk.pipeline
        if pipeline is None:
            if message.problem:
                chat.desk.not_opened(message.told, message.hint)
            else:
                chat.desk.open_index()
            return
        title = chat.query_one(TitleLine)

        def describe() -> None:
            try:
                line = pipeline.describe()
            except QaError:
                return
            chat.call_later(setattr, title, "corpus", line)

        chat.spawn(describe)
        self.look()

    def browse(self) -> None:
        """Read, in a thread, which articles there are, and list them."""
        self._read(lambda pipeline: tuple(pipeline.corpus.sources()), self._list)

    def read_story(self, story: str, tell: Callable[[Sequence[Source]], None]) -> None:
        """Read, in a thread, which articles tell a story."""
        self._read(lambda pipeline: pipeline.corpus.story(story), tell)

    def tell(self) -> None:
        """Read, in a thread, what is indexed, and show it."""
        self._read(lambda pipeline: pipeline.corpus.status(), self._describe)

    def _read(self, get: Callable[[PipelineLike], T], show: Callable[[T], None]) -> None:
        chat, pipeline = self._chat, self._chat.desk.pipeline
        if pipeline is None:
            chat.say("the index is not open yet")
            return

        def read() -> None:
            try:
                found = get(pipeline)
            except QaError as error:
                chat.post_message(m.Trouble(error.message, error.hint))
            else:
                chat.call_later(show, found)

        chat.spawn(read)

    def _list(self, sources: Sequence[Source]) -> None:
        from qa.tui.browser import Browser

        chat, pipeline = self._chat, self._chat.desk.pipeline
        if pipeline is not None:
            read = lambda e: chat.reading.show((e,))  # noqa: E731
            chat.app.push_screen(Browser(pipeline.corpus, sources, chat.spawn, read))

    def _describe(self, status: Status) -> None:
        from qa.tui.index_screen import IndexScreen

        def wished(wish: str | None) -> None:
            if wish == "reindex":
                self.refresh()
            elif wish == "browse":
                self.browse()

        self._chat.app.push_screen(IndexScreen(status, self.difference), wished)

    def stop(self) -> None:
        """End a run that is going on; what it embedded is kept."""
        if self.indexer is not None and self.running:
            self.indexer.stop()

    def base(self) -> Path:
        """The folder to which the paths of the index are relative."""
        pipeline = self._chat.desk.pipeline
        if pipeline is not None:
            return Path(os.path.abspath(pipeline.corpus.store)).parent
        return Path()

    def _show(self, text: str) -> None:
        self._chat.query_one(StatusLine).index = text
