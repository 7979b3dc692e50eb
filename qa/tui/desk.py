"""The questions in hand: which is being answered, which wait, and the index that they wait for.

Left out: how anything looks; the screen and the views are told what happened.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.timer import Timer

from index.errors import QaError
from qa.tui import messages as m
from qa.tui.age import warn
from qa.tui.asking import Asking
from qa.tui.contracts import OpenPipeline, PipelineLike
from qa.tui.conversation import OldTurn
from qa.tui.evidence import behind, days_of, nearest
from qa.tui.prompt import Prompt
from qa.tui.turn_view import TurnView
from qa.types import Answer, Answerer, Message

if TYPE_CHECKING:
    from qa.tui.chat import ChatScreen

TICK = 0.05  # seconds between redraws while an answer comes
FOUND = 8  # passages shown while an answer is on its way
SETTLE = 0.3  # seconds before a better order replaces what is shown: an answer may come before


class Desk:
    """Answers one question at a time, in the order in which they came."""

    def __init__(self, chat: ChatScreen, open_pipeline: OpenPipeline) -> None:
        self.pipeline: PipelineLike | None = None
        self.asking: Asking | None = None
        self._chat = chat
        self._open_pipeline = open_pipeline
        self._opening = False
        self._loaded = ""
        self.loading = True  # libraries, the index, a model's client: no time to tidy up
        self._leave: bool | None = None  # False while the person is asked whether to send
        self._answerer: Answerer | None = None  # chosen before the index was open
        self._queue: list[TurnView] = []
        self._asked_as_of: str | None = None
        self._cost = 0.0
        self._unknown = False
        self._ticks = 0
        self._better: m.HitsFound | None = None
        self._found_at = 0.0
        self._ticker: Timer | None = None

    def open_index(self) -> None:
        """Open the index in a thread, unless that is going on already."""
        if self._opening or self.pipeline is not None:
            return
        self._opening = True
        chat = self._chat
        chat.say("opening the index…")

        def read() -> None:
            try:
                pipeline = self._open_pipeline()
                place = chat.models.find_place()
                chat.post_message(m.PipelineReady(pipeline, pipeline.describe(), place))
            except QaError as error:
                chat.post_message(m.PipelineFailed(error.message, error.hint))
            except Exception as error:
                kind = type(error).__name__
                chat.post_message(
                    m.PipelineFailed(f"the index cannot be opened ({kind})", "run: qa doctor")
                )

        chat.spawn(read)

    def opened(self, pipeline: PipelineLike) -> None:
        """Begin with the questions that waited for the index."""
        self._opening = False
        self.pipeline = pipeline
        self._settle()
        if self._answerer is not None:
            pipeline.answerer = self._answerer
        self._chat.say("")
        self._begin_next()

    def not_opened(self, message: str, hint: str | None, *, wait: bool = False) -> bool:
        """Tell the questions that waited why, unless an index is about to be made.

        Returns whether there was one.
        """
        self._opening = False
        if wait:
            return bool(self._queue)
        waiting, self._queue = self._queue, []
        for view in waiting:
            view.fail(message, hint)
        return bool(waiting)

    def use(self, answerer: Answerer) -> None:
        """Answer with another model from the next question on."""
        self._answerer = answerer
        if self.pipeline is not None:
            self.pipeline.answerer = answerer

    def take(self, view: TurnView) -> None:
        """Answer a question when its turn comes, in the scope of the moment at which it was asked."""
        view.scope = self._chat.scope
        self._chat.past.keep(self._chat, view)
        self._queue.append(view)
        self._begin_next()

    def _begin_next(self) -> None:
        if self.asking is not None or not self._queue:
            return
        if self.pipeline is None:
            for view in self._queue:
                view.wait("waiting for the index…")
            if not self._chat.keeper.running:
                self.open_index()
            return
        if not self._leave:
            if self._leave is None:
                self._leave = False
                self._chat.models.ask_leave(self._given)
            return
        chat, pipeline = self._chat, self.pipeline
        view = self._queue.pop(0)
        self._leave = None
        chat.reading.select(view)
        history = self._history(view)
        if history and chat.models.name != "extractive":  # a model is asked, which may take a while
            view.begin("working out what the question refers to…")
        else:
            view.begin()
        chat.past.keep(chat, view)
        self.loading = chat.models.name != self._loaded
        asking = Asking(view.number, view.question, history, view.scope)
        self.asking, self._asked_as_of = asking, view.scope.as_of
        self._better = None
        self._ticker = chat.set_interval(TICK, self._tick)
        chat.spawn(lambda: asking.run(pipeline, chat.post_message))

    def _given(self, leave: bool) -> None:
        """Go on once it is known whether the model may be sent the question."""
        if leave:
            self._leave = True
        else:
            waiting, self._queue = self._queue, []
            for view in waiting:
                view.fail("not sent", "/model chooses another model")
            self._leave = None
        self._begin_next()

    def _history(self, asked: TurnView) -> Sequence[Message]:
        """What was said before; a turn that asks an earlier one again stands in its place."""
        said: list[TurnView | OldTurn] = []
        for view in self._chat.conversation.turns:
            if view.instead is not None:
                said = [v for v in said if v.number < (view.instead or 0)]
            if view is asked:
                break
            if view.answer is not None:
                if isinstance(view, TurnView):
                    view.slim()
                said.append(view)
        pairs = [
            (Message("user", v.question), Message("assistant", v.answer.said))
            for v in said
            if v.answer is not None
        ]
        return [message for pair in pairs for message in pair]

    def running(self, number: int) -> TurnView | None:
        """Return the view of the question being answered, None for one that was let go."""
        if self.asking is None or self.asking.number != number:
            return None
        return self._chat.conversation.turn(number)

    def _tick(self) -> None:
        if self.asking is None or (view := self.running(self.asking.number)) is None:
            return
        self._ticks += 1
        if self._better is not None and time.monotonic() - self._found_at > SETTLE:
            better, self._better = self._better, None
            self._show_found(view, better)
        typing = time.monotonic() - self._chat.query_one(Prompt).typed_at < 2 * TICK
        if typing and self._ticks % 5:
            return  # a key is due to be drawn: the answer can wait a moment
        if self.loading and view.text:
            self._settle()
        # A long text costs more to lay out, and typing comes first.
        if not view.long or self._ticks % 2:
            view.append(self.asking.take())
        seconds = time.monotonic() - self.asking.began
        self._chat.say(f"answering {seconds:.1f} s · Esc cancels")

    def found(self, message: m.HitsFound) -> None:
        """Show what the answer will be drawn from; a better order of it a moment later."""
        view = self.running(message.number)
        if view is not None and view.evidence:
            self._better = message
        elif view is not None:
            self._found_at = time.monotonic()
            self._show_found(view, message)

    def _show_found(self, view: TurnView, message: m.HitsFound) -> None:
        evidence = nearest(message.hits, FOUND)
        if evidence == view.evidence:
            return  # nobody's place in the list is lost for nothing
        view.show_found(evidence, message.question)
        if view is self._chat.selected:
            self._chat.reading.select(view)

    def finished(self, number: int, answer: Answer) -> TurnView | None:
        """Show the checked answer; returns its view, None when it was let go before."""
        if (view := self.running(number)) is not None:
            days = days_of(behind(answer))
            view.finish(answer, warn(view.question, days, self._asked_as_of))
            self._chat.past.keep(self._chat, view)
            self._end(view)
        return view

    def failed(self, message: m.AskFailed) -> bool:
        """Keep what came and say what went wrong; returns whether it is of the question being answered."""
        view = self.running(message.number)
        if view is not None and self.asking is not None:
            view.append(self.asking.take())
            view.fail(message.message, message.hint)
            self._chat.past.keep(self._chat, view)
            self._end(view)
        return view is not None

    def cancel(self) -> bool:
        """Let go of the running answer and of those that wait; returns whether there was any."""
        waiting, self._queue = self._queue, []
        for view in waiting:
            view.cancel()
        asking = self.asking
        if asking is None:
            return bool(waiting)
        asking.cancel()
        view_now = self.running(asking.number)
        if view_now is not None:
            view_now.append(asking.take())
            view_now.cancel()
            self._chat.past.keep(self._chat, view_now)
        self._end(view_now)
        return True

    def _settle(self) -> None:
        """Note that what had to be loaded is there."""
        self.loading = False
        self._loaded = self._chat.models.name
        self._chat.quiet.settle()

    def _end(self, view: TurnView | None) -> None:
        self.asking = None
        if self.loading:
            self._settle()
        if self._ticker is not None:
            self._ticker.stop()
        self._chat.say("")
        if view is not None and view is self._chat.selected:
            self._chat.reading.select(view)
        self._begin_next()

    def price(self, answer: Answer) -> str:
        """Add what an answer cost; returns the sum of this chat as text."""
        cost = answer.usage.cost_usd
        self._cost += cost or 0.0
        self._unknown = self._unknown or cost is None
        known = f"${self._cost:.4f}" if self._cost else "$0"
        return f"{known} + unknown" if self._unknown else known
