"""The turn that is being read, and what is done with it: open, copy, ask again, edit, inspect.

Left out: answering; a question that is asked again goes to the desk like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.safe import safe
from qa.tui.citation import CitationScreen
from qa.tui.evidence import Evidence
from qa.tui.messages import CitationChosen
from qa.tui.prompt import Prompt
from qa.tui.sources_panel import SourcesPanel
from qa.tui.transcript import copy_text
from qa.tui.turn_view import TurnView

if TYPE_CHECKING:
    from qa.tui.chat import ChatScreen


class Reading:
    """Which turn is selected; `editing` is the number of the one whose question stands in the input."""

    def __init__(self, chat: ChatScreen) -> None:
        self.selected: TurnView | None = None
        self.editing: int | None = None
        self._chat = chat

    def clear(self) -> None:
        """Select nothing."""
        self.selected = self.editing = None
        self._chat.query_one(SourcesPanel).show(0, (), "")

    def select(self, view: TurnView) -> None:
        """Make this the turn whose sources are shown and opened by number."""
        if self.selected is not None:
            self.selected.remove_class("-selected")
        self.selected = view
        view.add_class("-selected")
        heading = "Found so far" if view.state == "asking" else "Sources"
        if view.answer is not None and view.answer.abstained:
            heading = "Nearest evidence"
        panel = self._chat.query_one(SourcesPanel)
        panel.show(view.number, view.evidence, heading, view.warning)
        self._chat.shorten()

    def step(self, by: int) -> None:
        """Select the turn after or before and bring it into sight."""
        turns = self._chat.conversation.views
        if self.selected in turns:
            place = turns.index(self.selected) + by
            if 0 <= place < len(turns):
                self.select(turns[place])
                turns[place].scroll_visible(animate=False, top=True)

    def open(self, message: CitationChosen) -> None:
        """Open a source of a turn."""
        view = self._chat.conversation.turn(message.turn)
        if view is None:
            return
        position = message.position
        if position < 0:  # a marker: the number of a citation, not a place in the list
            numbers = [e.number for e in view.evidence]
            position = numbers.index(-position) if -position in numbers else len(numbers)
        if position < len(view.evidence):
            self.show(view.evidence, position)

    def show(self, evidence: tuple[Evidence, ...], position: int = 0) -> None:
        """Show articles at their evidence."""
        chat = self._chat
        if (pipeline := chat.desk.pipeline) is None:
            chat.say("the index is not open yet")
            return
        base = chat.keeper.base()
        screen = CitationScreen(evidence, position, pipeline.article, chat.spawn, base)
        chat.app.push_screen(screen)

    def open_number(self, number: int) -> None:
        """Open the source with that number in the selected turn."""
        view = self.selected
        if view is None or not view.evidence:
            self._chat.say("no sources yet")
            return
        for position, e in enumerate(view.evidence):
            if (e.number or position + 1) == number:
                self._chat.post_message(CitationChosen(view.number, position))
                return
        self._chat.say(f"there is no source [{number}]")

    def copy(self) -> None:
        """Copy the selected answer with its sources."""
        view = self.selected
        if view is not None and (view.answer is not None or view.text):
            self._chat.app.copy_to_clipboard(copy_text(view))
            self._chat.say("copied the answer with its sources")
        else:
            self._chat.say("there is no answer to copy yet")

    def again(self) -> None:
        """Ask the selected question again; what it was answered before is no part of its history."""
        if self.selected is not None:
            self._chat.ask(self.selected.question, instead=self.selected.number)

    def edit(self) -> None:
        """Put the selected question into the input; sent, it stands in the place of the old one."""
        if self.selected is None:
            return
        prompt = self._chat.query_one(Prompt)
        prompt.focus()
        prompt.replace_all(safe(self.selected.question))
        self.editing = self.selected.number
        self._chat.say("change the question; Enter asks it in the place of the old one")

    def inspect(self) -> None:
        """Show what was found for the selected question, and what was sent."""
        view = self.selected
        if view is None or view.answer is None:
            self._chat.say("there is no answer to inspect yet")
            return
        from qa.tui.inspector import Inspector

        self._chat.app.push_screen(Inspector(view, view.sent))
