"""Choosing another model: the list, the one question before anything leaves this machine, the swap.

Left out: which models there are and how they are made; both are handed in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from index.addresses import is_loopback
from index.errors import QaError
from qa.tui.contracts import HERE, DescribeModel, FindPlace, ListModels, MakeAnswerer, ModelChoice
from qa.tui.messages import ModelReady, ModelsListed, Trouble
from qa.tui.picker import Choice, Picker

if TYPE_CHECKING:
    from qa.tui.chat import ChatScreen


class Models:
    """The model in use and the way to another; all that may wait runs in a thread."""

    def __init__(
        self,
        name: str,
        list_models: ListModels,
        make_answerer: MakeAnswerer,
        describe: DescribeModel,
        find: FindPlace | None = None,
    ) -> None:
        self.name = name
        self.place: str | None = None
        self.known: tuple[str, ...] = ()
        self._list = list_models
        self._make = make_answerer
        self._describe = describe
        self._find = find
        self._agreed: set[str] = set()
        self._chat: ChatScreen | None = None

    def attach(self, chat: ChatScreen) -> None:
        """Say which screen is asked and told."""
        self._chat = chat

    @property
    def chat(self) -> ChatScreen:
        """The screen that is asked and told."""
        assert self._chat is not None
        return self._chat

    def find_place(self, name: str | None = None) -> str | None:
        """Return where a model runs, the one in use where none is named; None when nobody knows."""
        name = name or self.name
        if name == "extractive":
            return HERE
        with contextlib.suppress(Exception):  # a courtesy; failing at it must not cost the answer
            if self._find is not None:
                return self._find(name)
            return next((c.place for c in self._list() if c.name == name), None)
        return None

    def ask_leave(self, then: Callable[[bool], None]) -> None:
        """Call `then` with whether the model in use may be sent questions; asks once a place."""
        key = self.place or self.name
        if self.name == "extractive" or is_here(self.place) or key in self._agreed:
            then(True)
            return

        def picked(answer: int | None) -> None:
            if answer == 0:
                self._agreed.add(key)
            then(answer == 0)

        # It comes of its own accord: an Enter that was meant for the input must not agree.
        rows = [Choice("Send it"), Choice("Do not send it")]
        picker = Picker(self._warning(self.name, self.place), rows, chosen=False)
        self.chat.app.push_screen(picker, picked)

    def choose(self, wanted: str | None) -> None:
        """List the models, then go on with the one that is wanted or ask which."""
        self.chat.say("looking for models…")

        def gather() -> None:
            try:
                choices = tuple(self._list())
                self.known = tuple(c.name for c in choices if c.available and "…" not in c.name)
                self.chat.post_message(ModelsListed(choices, wanted))
            except QaError as error:
                self.chat.post_message(Trouble(error.message, error.hint))
            except Exception as error:
                kind = type(error).__name__
                self.chat.post_message(
                    Trouble(f"the models cannot be listed ({kind})", "qa doctor")
                )

        self.chat.spawn(gather)

    def listed(self, choices: Sequence[ModelChoice], wanted: str | None) -> None:
        """Go on with the model that was named, or let the person pick one."""
        self.chat.say("")
        if wanted is not None:
            known = next((c for c in choices if c.name == wanted), None)
            self._confirm(wanted, known.place if known else self.find_place(wanted))
            return
        if not choices:
            self.chat.conversation.notice("no other model was found", "qa models says more")
            return

        def picked(name: str | None) -> None:
            if name is not None:
                known = next((c for c in choices if c.name == name), None)
                self._confirm(name, known.place if known else self.find_place(name))

        from qa.tui.models_screen import ModelsScreen

        self.chat.app.push_screen(ModelsScreen(choices, self.name, self._describe), picked)

    def _confirm(self, name: str, place: str | None) -> None:
        """Ask once for each place that is not this machine."""
        key = place or name
        if is_here(place) or key in self._agreed or name == "extractive":
            self._swap(name, place)
            return

        def picked(answer: int | None) -> None:
            if answer == 0:
                self._agreed.add(key)
                self._swap(name, place)

        rows = [Choice("Use it"), Choice("Keep the present model")]
        self.chat.app.push_screen(Picker(self._warning(name, place), rows), picked)

    def _warning(self, name: str, place: str | None) -> str:
        where = place or "a server that its name leads to"
        told = f"{name} runs at {where}.\nYour questions and the passages found will be sent there."
        return told + (f"\n{facts}" if (facts := self._describe(name)) else "")

    def _swap(self, name: str, place: str | None) -> None:
        self.chat.say(f"starting {name}…")

        def make() -> None:
            try:
                self.chat.post_message(ModelReady(name, place, self._make(name)))
            except QaError as error:
                self.chat.post_message(Trouble(error.message, error.hint))
            except Exception as error:
                kind = type(error).__name__
                self.chat.post_message(Trouble(f"{name} cannot be started ({kind})", "/model"))

        self.chat.spawn(make)


def is_here(place: str | None) -> bool:
    """Say whether a place is this machine; `localhost:11434` is."""
    host = (place or "").rsplit(":", 1)[0].strip("[]")
    return place == HERE or is_loopback(host) or is_loopback(place or "")
