"""The main screen: conversation, sources, status, input, and what passes between them.

Left out: the threads' work (`asking.py`), slash commands (`slash.py`), models, saved conversations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen

from index.safe import safe
from index.types import Scope
from qa.tui import messages as m
from qa.tui.citation import CitationScreen
from qa.tui.commands import chips, complete_slash
from qa.tui.contracts import OpenPipeline
from qa.tui.conversation import Conversation
from qa.tui.desk import Desk
from qa.tui.help import HelpScreen
from qa.tui.models import Models
from qa.tui.past import Past
from qa.tui.prompt import Prompt
from qa.tui.slash import obey
from qa.tui.sources_panel import SourcesPanel
from qa.tui.status_line import StatusLine
from qa.tui.title_line import TitleLine
from qa.tui.transcript import copy_text
from qa.tui.turn_view import TurnView
from qa.types import Answer

WIDE = 100  # columns from which the sources stand beside the conversation
WELCOME = (
    "Ask a question. Every answer quotes the sentence that it rests on, or says that none does."
)


class ChatScreen(Screen[None]):
    """One conversation over one index."""

    # Textual declares it for instances, hence no ClassVar.
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (WIDE, "-wide"),
    ]
    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel the answer, or back to the input"),
        Binding("ctrl+n", "new", "New conversation", priority=True),
        Binding("ctrl+o", "sources", "Show or hide the sources", priority=True),
        *[Binding(str(n), f"open({n})", "Open a source") for n in range(1, 10)],
        Binding("y", "copy", "Copy the answer with its sources"),
        Binding("r", "again", "Ask again"),
        Binding("slash", "slash", "Type a command", show=False),
    ]

    def __init__(
        self,
        open_pipeline: OpenPipeline,
        models: Models,
        past: Past,
        scope: Scope,
        spawn: Callable[[Callable[[], None]], object],
    ) -> None:
        super().__init__()
        self.models: Models = models
        self.models.attach(self)
        self.spawn = spawn
        self.desk = Desk(self, open_pipeline)
        self.selected: TurnView | None = None
        self._past = past
        self._scope = scope
        self._numbers = 0

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        with Container(id="body"):
            yield Conversation(id="conversation")
            yield SourcesPanel(id="sources")
        yield StatusLine(id="status")
        yield Prompt(id="prompt")

    def on_mount(self) -> None:
        self.query_one(TitleLine).model = self.models.name
        self.scope = self._scope
        self.conversation.notice(WELCOME)
        # The index is opened only when the first picture is on the terminal.
        self.call_after_refresh(self.desk.open_index)

    @property
    def conversation(self) -> Conversation:
        """The conversation."""
        return self.query_one(Conversation)

    @property
    def scope(self) -> Scope:
        """The filters in force for the next question."""
        return self._scope

    @scope.setter
    def scope(self, scope: Scope) -> None:
        self._scope = scope
        self.query_one(StatusLine).chips = tuple(chips(scope))

    def say(self, text: str) -> None:
        """Put a word about what is going on into the status line."""
        self.query_one(StatusLine).state = text

    # -- what the widgets and threads say

    def on_pipeline_ready(self, message: m.PipelineReady) -> None:
        title = self.query_one(TitleLine)
        title.corpus = message.description
        if title.place is None:
            self.models.place = title.place = message.place
        self.desk.opened(message.pipeline)

    def on_pipeline_failed(self, message: m.PipelineFailed) -> None:
        self.query_one(TitleLine).corpus = "no index"
        self.say("no index")
        if not self.desk.not_opened(message.message, message.hint):
            self.conversation.notice(message.message, message.hint, problem=True)
            self.conversation.notice("The next question looks for the index again.")

    def on_submitted(self, message: m.Submitted) -> None:
        if message.text.startswith("/"):
            obey(self, message.text)
        else:
            self.ask(message.text)

    def ask(self, question: str) -> None:
        """Put a question at the end of the conversation and answer it when its turn comes."""
        self.desk.take(self._add(question))

    def _add(self, question: str) -> TurnView:
        self._numbers += 1
        view = TurnView(self._numbers, question)
        self.conversation.add(view)
        self.select(view)
        return view

    def on_hits_found(self, message: m.HitsFound) -> None:
        self.desk.found(message)

    def on_answer_finished(self, message: m.AnswerFinished) -> None:
        if (view := self.desk.finished(message.number, message.answer)) is not None:
            self._past.keep(self, view, message.answer)
            self.query_one(StatusLine).cost = self.desk.price(message.answer)

    def on_ask_failed(self, message: m.AskFailed) -> None:
        self.desk.failed(message)

    def select(self, view: TurnView) -> None:
        """Make this the turn whose sources are shown and opened by number."""
        if self.selected is not None:
            self.selected.remove_class("-selected")
        self.selected = view
        view.add_class("-selected")
        heading = "Found so far" if view.state == "asking" else "Sources"
        if view.answer is not None and view.answer.abstained:
            heading = "Nearest passages"
        self.query_one(SourcesPanel).show(view.number, view.evidence, heading)
        self._shorten()

    def _shorten(self) -> None:
        """Leave out of the selected turn the list of sources that the panel shows."""
        wide = self.size.width >= WIDE
        shown = not self.has_class("-sources-off") if wide else self.has_class("-sources-on")
        for view in self.conversation.turns:
            view.show_brief(shown and view is self.selected)

    def on_resize(self) -> None:
        self._shorten()

    def on_turn_chosen(self, message: m.TurnChosen) -> None:
        if (view := self.conversation.turn(message.number)) is not None:
            self.select(view)

    def on_citation_chosen(self, message: m.CitationChosen) -> None:
        view = self.conversation.turn(message.turn)
        if view is None:
            return
        position = message.position
        if position < 0:  # a marker: the number of a citation, not a place in the list
            numbers = [e.number for e in view.evidence]
            position = numbers.index(-position) if -position in numbers else len(numbers)
        pipeline = self.desk.pipeline
        if pipeline is None:
            self.say("the index is not open yet")
        elif position < len(view.evidence):
            self.app.push_screen(
                CitationScreen(view.evidence, position, pipeline.article, self.spawn)
            )

    def on_models_listed(self, message: m.ModelsListed) -> None:
        self.models.listed(message.choices, message.wanted)

    def on_model_ready(self, message: m.ModelReady) -> None:
        self.models.name, self.models.place = message.name, message.place
        self.desk.use(message.answerer)
        title = self.query_one(TitleLine)
        title.model, title.place = message.name, message.place
        self.say("")
        self.conversation.notice(f"answers come from {message.name} now")

    def on_trouble(self, message: m.Trouble) -> None:
        self.say("")
        self.conversation.notice(message.message, message.hint, problem=True)

    def on_text_area_changed(self) -> None:
        text = self.query_one(Prompt).text
        self.query_one(StatusLine).hint = "  ".join(complete_slash(text))

    # -- actions

    def action_cancel(self) -> None:
        """Let go of the running answer and of those that wait; else go to the input."""
        if not self.desk.cancel():
            self.query_one(Prompt).focus()

    def action_new(self) -> None:
        """Begin a new conversation; what stands in the input stays."""
        self.desk.cancel()
        self._past.begin()
        self.selected = None
        self.conversation.clear()
        self.conversation.notice(WELCOME)
        self.query_one(SourcesPanel).show(0, (), "")
        self.query_one(Prompt).focus()

    def resume(self, turns: Sequence[tuple[str, Answer]]) -> None:
        """Show an earlier conversation and go on from there."""
        self.action_new()
        self._numbers = 0
        prompt = self.query_one(Prompt)
        for question, answer in turns:
            view = self._add(question)
            prompt.sent.append(safe(question))
            view.finish(answer)
            self.select(view)

    def action_sources(self) -> None:
        """Show or hide the sources; beside the conversation when wide, below it when narrow."""
        self.toggle_class("-sources-off" if self.size.width >= WIDE else "-sources-on")
        self._shorten()

    def action_sessions(self) -> None:
        """Offer the earlier conversations."""
        self._past.choose(self)

    def action_open(self, number: int) -> None:
        """Open the source with that number in the selected turn."""
        view = self.selected
        if view is None or not view.evidence:
            self.say("no sources yet")
            return
        for position, e in enumerate(view.evidence):
            if (e.number or position + 1) == number:
                self.post_message(m.CitationChosen(view.number, position))
                return
        self.say(f"there is no source [{number}]")

    def action_copy(self) -> None:
        """Copy the selected answer with its sources."""
        if self.selected is not None and self.selected.text:
            self.app.copy_to_clipboard(copy_text(self.selected))
            self.say("copied the answer with its sources")

    def action_again(self) -> None:
        """Ask the selected question again."""
        if self.selected is not None:
            self.ask(self.selected.question)

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
        prompt = self.query_one(Prompt)
        self.app.push_screen(
            HelpScreen(
                [("In the input", prompt), ("Outside the input", self), ("Anywhere", self.app)]
            )
        )
