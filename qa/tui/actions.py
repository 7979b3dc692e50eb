"""What the keys of the main screen do, each in a line or two; the work is done elsewhere.

Left out: which key does what; that stands with the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

from qa.tui.prompt import Prompt

if TYPE_CHECKING:
    from qa.tui.conversation import Conversation
    from qa.tui.desk import Desk
    from qa.tui.index_keeper import IndexKeeper
    from qa.tui.past import Past
    from qa.tui.reading import Reading

WELCOME = (
    "Ask a question. Every answer quotes the sentence that it rests on, or says that none does."
)
WIDE = 100  # columns from which the sources stand beside the conversation


class Actions(Screen[None]):
    """The actions of `ChatScreen`, which owns what they act on."""

    if TYPE_CHECKING:
        desk: Desk
        reading: Reading
        keeper: IndexKeeper
        past: Past

    @property
    def conversation(self) -> Conversation:
        """The conversation."""
        raise NotImplementedError

    def shorten(self) -> None:
        """Leave out of the selected turn the list of sources that the panel shows."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        """Let go of the running answer and of those that wait; else go to the input."""
        self.reading.editing = None
        if not self.desk.cancel():
            self.query_one(Prompt).focus()

    def action_new(self) -> None:
        """Begin a new conversation; what stands in the input stays."""
        self.desk.cancel()
        self.past.begin()
        self.conversation.clear()
        self.conversation.notice(WELCOME)
        self.reading.clear()
        self.query_one(Prompt).focus()

    def action_sources(self) -> None:
        """Show or hide the sources; beside the conversation when wide, below it when narrow."""
        self.toggle_class("-sources-off" if self.size.width >= WIDE else "-sources-on")
        self.shorten()

    def action_open(self, number: int) -> None:
        """Open the source with that number in the selected turn."""
        self.reading.open_number(number)

    def action_step(self, by: int) -> None:
        """Select the turn after or before."""
        self.reading.step(by)

    def action_copy(self) -> None:
        """Copy the selected answer with its sources."""
        self.reading.copy()

    def action_again(self) -> None:
        """Ask the selected question again."""
        self.reading.again()

    def action_edit(self) -> None:
        """Edit the selected question and ask again."""
        self.reading.edit()

    def action_inspect(self) -> None:
        """Show what was found for the selected question, and what was sent."""
        self.reading.inspect()

    def action_browse(self) -> None:
        """Look through the articles."""
        self.keeper.browse()

    def action_index(self) -> None:
        """Say what is indexed and how fresh it is."""
        self.keeper.tell()

    def action_slash(self) -> None:
        """Go to the input and begin a command."""
        prompt = self.query_one(Prompt)
        prompt.focus()
        if not prompt.text:
            prompt.insert("/")

    def action_scroll_talk(self, pages: int) -> None:
        """Scroll the conversation by pages."""
        talk = self.conversation
        talk.scroll_relative(y=pages * max(1, talk.size.height - 2), animate=False)

    def action_help(self) -> None:
        """Show the keys and commands."""
        from qa.tui.help import HelpScreen

        prompt = self.query_one(Prompt)
        parts = [("In the input", prompt), ("Outside the input", self), ("Anywhere", self.app)]
        self.app.push_screen(HelpScreen(parts))
