"""The full article behind a citation, the cited sentence lit and scrolled to.

Left out: articles longer than a window around the sentence; `qa show ID` prints them whole.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from index.errors import QaError
from index.safe import safe
from index.types import Article
from qa.tui.evidence import Evidence
from qa.tui.lettering import byline, line, title
from qa.tui.messages import ArticleLoaded, Trouble

WINDOW = 30_000

LoadArticle = Callable[[str], Article]
Spawn = Callable[[Callable[[], None]], object]


class CitationScreen(Screen[None]):
    """Reads the article in a thread; until then, and where it is gone, the passage is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", id="article-back"),
        Binding("n,right", "step(1)", "Next citation", id="article-next"),
        Binding("b,left", "step(-1)", "Citation before", id="article-before"),
        *[Binding(str(n), f"jump({n})", f"Citation {n}", show=False) for n in range(1, 10)],
        Binding("y", "copy", "Copy the sentence with its source", id="article-copy"),
        Binding("u", "copy_link", "Copy the link", id="article-link"),
        Binding("p", "copy_path", "Copy the path", id="article-path"),
        Binding("e", "edit", "Open in $EDITOR", id="article-edit"),
        Binding("o", "browse", "Open in the browser", id="article-browse"),
        Binding("f1", "keys", "Help", id="article-help"),
    ]

    def __init__(
        self,
        evidence: tuple[Evidence, ...],
        position: int,
        load: LoadArticle,
        spawn: Spawn,
        base: Path = Path(),
    ) -> None:
        super().__init__()
        self.evidence = evidence
        self.position = position
        self.article: Article | None = None
        self._base = base  # paths of the index are relative to it
        self._load = load
        self._spawn = spawn
        self._trouble = ""
        self._before = Content("")

    def compose(self) -> ComposeResult:
        yield Static(Content(""), id="article-head", markup=False)
        with VerticalScroll(id="article-scroll"):
            yield Static(Content(""), id="article-text", markup=False)
        yield Static(Content(""), id="article-foot", markup=False)

    def on_mount(self) -> None:
        self.query_one("#article-scroll").focus()
        self._open()

    def on_resize(self) -> None:
        self.call_after_refresh(self._scroll)

    @property
    def current(self) -> Evidence:
        """The piece of evidence that is shown."""
        return self.evidence[self.position]

    def _open(self) -> None:
        if self.article and self.article.source.article_id == self.current.source.article_id:
            self._draw()
            return
        self.article, self._trouble = None, ""
        self._draw()
        wanted, load = self.current.source.article_id, self._load

        def read() -> None:
            try:
                self.post_message(ArticleLoaded(load(wanted)))
            except QaError as error:
                self.post_message(Trouble(error.message, error.hint))
            except Exception as error:  # the screen stays; the passage is shown instead
                self.post_message(Trouble(f"the article cannot be read ({type(error).__name__})"))

        self._spawn(read)

    def on_article_loaded(self, message: ArticleLoaded) -> None:
        if message.article.source.article_id == self.current.source.article_id:
            self.article = message.article
            self._draw()

    def on_trouble(self, message: Trouble) -> None:
        self._trouble = line(message.message) + (f" — {line(message.hint)}" if message.hint else "")
        self._draw()

    def _draw(self) -> None:
        e, source = self.current, self.current.source
        where = [line(part, 300) for part in (source.url, source.path) if part]
        number = f"[{e.number}] " if e.number else ""
        notes = [self._trouble] if self._trouble else []
        if self.article is None:
            text, start, end = e.passage, e.start - e.passage_start, e.end - e.passage_start
            if not self._trouble:
                notes.append("reading the article…")
        else:
            text, start, end = self.article.text, e.start, e.end
            if text[start:end] != e.quote:
                # Another text than the one that was quoted: never light the wrong sentence.
                start = text.find(e.quote)
                end = start + len(e.quote)
                if start < 0:
                    start = end = 0
                    notes.append("the article has changed since; the sentence is no longer in it")
        if not e.verified:
            notes.append("this quote was not found in the article as it stands")
        self.query_one("#article-head", Static).update(
            Content.assemble(
                (number, "bold $accent"),
                (title(source), "bold"),
                (f"\n{byline(source)}", ""),
                *[(f"\n{row}", "dim") for row in where],
                *[(f"\n! {row}", "bold $warning") for row in notes],
            )
        )
        low, high = max(0, start - WINDOW), min(len(text), end + WINDOW)
        self._before = Content(
            (f"… {low:,} characters before\n" if low else "") + safe(text[low:start])
        )
        lit = safe(text[start:end])
        self.query_one("#article-text", Static).update(
            Content.assemble(
                self._before,
                (f"▶ {lit} ◀", "bold reverse") if lit else "",
                safe(text[end:high]),
                f"\n… {len(text) - high:,} characters after" if high < len(text) else "",
            )
        )
        self.query_one("#article-foot", Static).update(
            Content.styled(
                (f"{self.position + 1} of {len(self.evidence)} · " if self.current.quote else "")
                + "Esc back"
                + (" · n next · b before" if len(self.evidence) > 1 else "")
                + " · y copy · u link · p path · e edit · o browser",
                "dim",
            )
        )
        self.call_after_refresh(self._scroll)

    def _scroll(self) -> None:
        text, scroller = self.query_one("#article-text"), self.query_one("#article-scroll")
        width = text.content_size.width
        if width:
            above = self._before.get_height({}, width) if self._before else 1
            room = scroller.size.height // 3
            scroller.scroll_to(y=max(0, above - 1 - room), animate=False)

    def action_back(self) -> None:
        """Return to the conversation."""
        self.dismiss()

    def action_step(self, by: int) -> None:
        """Go to the citation after or before, round and round."""
        self.position = (self.position + by) % len(self.evidence)
        self._open()

    def action_jump(self, number: int) -> None:
        """Go to the citation with that number."""
        for position, e in enumerate(self.evidence):
            if (e.number or position + 1) == number:
                self.position = position
                self._open()
                return

    def action_copy(self) -> None:
        """Copy the sentence with title, outlet, date and link."""
        e, source = self.current, self.current.source
        parts = [title(source), byline(source), line(source.url or source.path or "")]
        quote = f"“{safe(e.quote)}”\n— " if e.quote else ""
        self._put(quote + ", ".join(part for part in parts if part), "the sentence with its source")

    def action_copy_link(self) -> None:
        """Copy the link, or the path when there is none."""
        source = self.current.source
        self._put(line(source.url or source.path or source.article_id, 2000), "the link")

    def action_copy_path(self) -> None:
        """Copy where the file is."""
        if path := self.current.source.path:
            self._put(line(str(self._base / path), 2000), "the path")
        else:
            self._say("the article came from no file that is known")

    def _put(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        self._say(f"copied {what}")

    def _say(self, text: str) -> None:
        self.notify(line(text), markup=False, timeout=3)

    def action_edit(self) -> None:
        """Open the file in the person's editor, at the sentence."""
        from qa.tui.outside import editor_command

        try:
            path = self.current.source.path
            command = editor_command(self._base / (path or "?"), self.current.quote)
            with self.app.suspend():
                subprocess.run(command, check=False)
            self.app.refresh()
        except QaError as error:
            self._say(f"{error.message} — {error.hint}" if error.hint else error.message)
        except (OSError, SuspendNotSupported) as error:
            self._say(f"the editor cannot be started ({type(error).__name__})")

    def action_browse(self) -> None:
        """Open the address in the browser."""
        from qa.tui.outside import browse

        try:
            browse(self.current.source.url or "")
            self._say("opened in the browser")
        except QaError as error:
            self._say(f"{error.message} — {error.hint}" if error.hint else error.message)

    def action_keys(self) -> None:
        """Show the keys of this screen."""
        from qa.tui.help import HelpScreen

        self.app.push_screen(HelpScreen([("In an article", self), ("Anywhere", self.app)]))
