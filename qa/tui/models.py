"""Choosing another model: the list, the one question before anything leaves this machine, the swap.

Left out: which models there are and how they are made; both are handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.errors import QaError
from qa.tui.contracts import HERE, ListModels, MakeAnswerer, ModelChoice
from qa.tui.messages import ModelReady, ModelsListed, Trouble
from qa.tui.picker import Choice, Picker

if TYPE_CHECKING:
    from qa.tui.chat import ChatScreen


class Models:
    """The model in use and the way to another; all that may wait runs in a thread."""

    def __init__(self, name: str, list_models: ListModels, make_answerer: MakeAnswerer) -> None:
        self.name = name
        self.place: str | None = None
        self._list = list_models
        self._make = make_answerer
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

    def find_place(self) -> str | None:
        """Return where the model in use runs. In a thread; calls no one for the built-in one."""
        if self.name == "extractive":
            return HERE
        try:
            return next((c.place for c in self._list() if c.name == self.name), None)
        except Exception:  # knowing the place is a courtesy; failing at it must not cost the answer
            return None

    def choose(self, wanted: str | None) -> None:
        """List the models, then go on with the one that is wanted or ask which."""
        self.chat.say("looking for models…")

        def gather() -> None:
            try:
                self.chat.post_message(ModelsListed(tuple(self._list()), wanted))
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
            self._confirm(wanted, known.place if known else None)
            return
        if not choices:
            self.chat.conversation.notice("no other model was found", "qa models says more")
            return
        rows = [
            Choice(
                c.name + (" ●" if c.name == self.name else ""),
                f"{c.place} · {c.note}" if c.note else c.place,
                c.available,
            )
            for c in choices
        ]

        def picked(place: int | None) -> None:
            if place is not None:
                self._confirm(choices[place].name, choices[place].place)

        self.chat.app.push_screen(Picker("Answer with", rows), picked)

    def _confirm(self, name: str, place: str | None) -> None:
        """Ask once for each place that is not this machine."""
        key = place or name
        if place == HERE or key in self._agreed or name == "extractive":
            self._swap(name, place)
            return
        where = place or "a server that its name leads to"

        def picked(answer: int | None) -> None:
            if answer == 0:
                self._agreed.add(key)
                self._swap(name, place)

        heading = (
            f"{name} runs at {where}.\nYour questions and the passages found will be sent there."
        )
        self.chat.app.push_screen(
            Picker(heading, [Choice("Use it"), Choice("Keep the present model")]), picked
        )

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
