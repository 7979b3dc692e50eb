"""The main screen: conversation, sources, status, input, and what passes between them.

Left out: the questions in hand (`desk.py`), the turn that is read (`reading.py`), the index
(`index_keeper.py`), models, saved conversations, slash commands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.timer import Timer

from index.safe import safe
from index.types import Scope
from qa.filters import chips, without
from qa.sessions import Turn
from qa.slash_commands import complete
from qa.tui import messages as m
from qa.tui.actions import WELCOME, WIDE, Actions
from qa.tui.completions import Completions
from qa.tui.contracts import FindCase, IndexerLike, OpenPipeline
from qa.tui.conversation import Conversation
from qa.tui.desk import Desk
from qa.tui.index_keeper import IndexKeeper
from qa.tui.models import Models
from qa.tui.past import Past
from qa.tui.prompt import Prompt
from qa.tui.quiet import Quiet
from qa.tui.reading import Reading
from qa.tui.slash import obey
from qa.tui.sources_panel import SourcesPanel
from qa.tui.status_line import StatusLine
from qa.tui.title_line import TitleLine
from qa.tui.turn_view import TurnView

_DRAFT = 0.7  # seconds without a key after which the draft is saved


class ChatScreen(Actions):
    """One conversation over one index."""

    # Textual declares it for instances, hence no ClassVar.
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (WIDE, "-wide"),
        (160, "-very-wide"),
    ]
    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel the answer, or back to the input", id="cancel"),
        Binding("ctrl+n", "new", "New conversation", priority=True, id="new"),
        Binding("ctrl+o", "sources", "Show or hide the sources", priority=True, id="sources"),
        *[Binding(str(n), f"open({n})", "Open a source") for n in range(1, 10)],
        Binding("y", "copy", "Copy the answer with its sources", id="copy"),
        Binding("r", "again", "Ask again", id="again"),
        Binding("e", "edit", "Edit the question and ask again", id="edit"),
        Binding("i", "inspect", "What was found, and what was sent", id="inspect"),
        Binding("b", "browse", "Look through the articles", id="browse"),
        Binding("left_square_bracket", "step(-1)", "The turn before", id="turn-before"),
        Binding("right_square_bracket", "step(1)", "The turn after", id="turn-after"),
        Binding("slash", "slash", "Type a command", show=False, id="command"),
    ]

    def __init__(
        self,
        open_pipeline: OpenPipeline,
        models: Models,
        past: Past,
        scope: Scope,
        spawn: Callable[[Callable[[], None]], object],
        indexer: IndexerLike | None = None,
        go_on: bool = False,
        quiet: Quiet | None = None,
        find_case: FindCase | None = None,
    ) -> None:
        super().__init__()
        self.models: Models = models
        self.models.attach(self)
        self.spawn = spawn
        self.find_case = find_case
        self.desk: Desk = Desk(self, open_pipeline)
        self.reading: Reading = Reading(self)
        self.keeper: IndexKeeper = IndexKeeper(self, indexer)
        self.past = past
        self._scope = scope
        self._go_on = go_on
        self.quiet = quiet or Quiet()
        self._numbers = 0
        self._draft: Timer | None = None

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        with Container(id="body"):
            yield Conversation(id="conversation")
            yield SourcesPanel(id="sources")
        yield StatusLine(id="status")
        yield Completions(id="completions")
        yield Prompt(id="prompt")

    def on_mount(self) -> None:
        title = self.query_one(TitleLine)
        title.model, title.private = self.models.name, self.past.sessions is None
        self.scope = self._scope
        self.conversation.notice(WELCOME)
        # The index is opened only when the first picture is on the terminal.
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.desk.open_index()
        self.past.read_history(self)
        if self._go_on:
            self.past.resume(self)

    @property
    def conversation(self) -> Conversation:
        """The conversation."""
        return self.query_one(Conversation)

    @property
    def selected(self) -> TurnView | None:
        """The turn whose sources are shown."""
        return self.reading.selected

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

    def ask(self, question: str, *, instead: int | None = None) -> None:
        """Put a question at the end of the conversation and answer it when its turn comes."""
        self.desk.take(self._add(question, instead))

    def _add(self, question: str, instead: int | None = None) -> TurnView:
        self._numbers += 1
        view = TurnView(self._numbers, question, instead)
        self.conversation.add(view)
        self.reading.select(view)
        return view

    def resume(self, turns: Sequence[Turn], last: int = 0) -> None:
        """Show an earlier conversation and go on from there.

        `last` is the greatest number that a turn of it is kept by: a new one must not be kept in its place.
        """
        self.action_new()
        prompt = self.query_one(Prompt)
        for turn in turns:
            view = self._add(turn.question)
            prompt.sent.append(safe(turn.question))
            if turn.answer is None:
                view.restore(turn.partial)
            else:
                view.finish(turn.answer)
            self.reading.select(view)
        self._numbers = max(self._numbers, last)

    def shorten(self) -> None:
        """Leave out of the selected turn the list of sources that the panel shows."""
        wide = self.size.width >= WIDE
        shown = not self.has_class("-sources-off") if wide else self.has_class("-sources-on")
        for view in self.conversation.views:
            view.show_brief(shown and view is self.selected)

    def on_resize(self) -> None:
        self.shorten()

    def leave(self) -> None:
        """Save what came of an answer and what stands in the input; end what runs beside."""
        self.desk.cancel()
        if self.query("#prompt"):
            self.past.keep_draft(self.query_one(Prompt).draft)
        self.keeper.stop()

    # -- what the threads say

    def on_pipeline_ready(self, message: m.PipelineReady) -> None:
        title = self.query_one(TitleLine)
        title.corpus = message.description
        if title.place is None:
            self.models.place = title.place = message.place
        self.desk.opened(message.pipeline)
        self.keeper.opened(message.pipeline)

    def on_pipeline_failed(self, message: m.PipelineFailed) -> None:
        self.query_one(TitleLine).corpus = "no index"
        self.say("no index")
        if self.keeper.offer_first():
            self.desk.not_opened("", None, wait=True)
        elif not self.desk.not_opened(message.message, message.hint):
            self.conversation.notice(message.message, message.hint, problem=True)
            self.conversation.notice("The next question looks for the index again.")

    def on_corpus_described(self, message: m.CorpusDescribed) -> None:
        self.keeper.outlets, self.keeper.newest = message.outlets, message.newest
        self.conversation.suggest(message.questions)

    def on_files_changed(self, message: m.FilesChanged) -> None:
        self.keeper.noticed(message)

    def on_indexing(self, message: m.Indexing) -> None:
        self.keeper.progress(message)

    def on_indexed(self, message: m.Indexed) -> None:
        self.keeper.ended(message)

    def on_history_read(self, message: m.HistoryRead) -> None:
        prompt = self.query_one(Prompt)
        prompt.sent[:0] = [safe(question) for question in message.questions]
        if message.draft and not prompt.text:
            prompt.replace_all(safe(message.draft))
            self.say("the draft of last time")

    def on_case_found(self, message: m.CaseFound) -> None:
        case = message.case
        if case.question is None:
            self.conversation.notice(case.told)
            return
        self.resume(case.earlier)
        self.conversation.notice(case.told)
        self.ask(case.question)

    def on_hits_found(self, message: m.HitsFound) -> None:
        self.desk.found(message)

    def on_answer_finished(self, message: m.AnswerFinished) -> None:
        if (view := self.desk.finished(message.number, message.answer)) is not None:
            view.sent = message.sent
            self.query_one(TitleLine).cost = self.desk.price(message.answer)

    def on_ask_failed(self, message: m.AskFailed) -> None:
        if self.desk.failed(message):
            self.say(message.message)

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
        self.say(message.message)
        self.conversation.notice(message.message, message.hint, problem=True)

    # -- what the widgets say

    def on_submitted(self, message: m.Submitted) -> None:
        editing, self.reading.editing = self.reading.editing, None
        if message.text.startswith("/"):
            obey(self, message.text)
        else:
            self.ask(message.text, instead=editing)

    def on_suggestion_chosen(self, message: m.SuggestionChosen) -> None:
        self.query_one(Prompt).focus()
        self.ask(message.question)

    def on_turn_chosen(self, message: m.TurnChosen) -> None:
        if (view := self.conversation.turn(message.number)) is not None:
            self.reading.select(view)

    def on_citation_chosen(self, message: m.CitationChosen) -> None:
        self.reading.open(message)

    def on_story_wanted(self, message: m.StoryWanted) -> None:
        self.keeper.read_story(message.story, self.query_one(SourcesPanel).tell)

    def on_chip_chosen(self, message: m.ChipChosen) -> None:
        self.scope = without(self.scope, message.name, message.value)

    def on_completion_chosen(self, message: m.CompletionChosen) -> None:
        prompt = self.query_one(Prompt)
        prompt.focus()
        prompt.replace_all(message.text)

    def on_text_area_changed(self) -> None:
        text = self.query_one(Prompt).text
        self.query_one(Completions).offer(complete(text, self._known()) if text else ())
        if self._draft is not None:
            self._draft.stop()
        self._draft = self.set_timer(_DRAFT, self._keep_draft)

    def _keep_draft(self) -> None:
        draft = self.query_one(Prompt).draft
        self.spawn(lambda: self.past.keep_draft(draft))

    def _known(self) -> dict[str, Sequence[str]]:
        """What the commands can take, for completing them."""
        day = (self.keeper.newest,) if self.keeper.newest else ()
        return {
            "source": self.keeper.outlets,
            "model": self.models.known,
            "since": (*day, "today", "yesterday"),
            "until": (*day, "today", "yesterday"),
            "as-of": (*day, "today", "yesterday"),
            "export": ("talk.md", "talk.html", "talk.json"),
            "theme": ("dark", "light", "contrast"),
        }

    def action_sessions(self) -> None:
        """Offer the earlier conversations."""
        self.past.choose(self)
