"""One question on its way through the pipeline, in a thread of its own.

Left out: the screen. Text is gathered here and taken by the screen twenty times a second, so that a
fast model costs no more redraws than a slow one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from textual.message import Message as Note

from index.errors import QaError
from index.types import Scope
from qa.tui.contracts import PipelineLike
from qa.tui.messages import AnswerFinished, AskFailed, HitsFound
from qa.types import Finished, Message, Retrieved, Token


class Asking:
    """A running question; `cancel` lets go of it at once, whatever the model is waiting for."""

    def __init__(
        self, number: int, question: str, history: Sequence[Message], scope: Scope
    ) -> None:
        self.number = number
        self.question = question
        self.history = tuple(history)
        self.scope = scope
        self.began = time.monotonic()
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._pieces: list[str] = []

    def cancel(self) -> None:
        """Stop reading; the thread closes the stream as soon as it gets control."""
        self._cancelled.set()

    def take(self) -> str:
        """Return what came since the last call."""
        with self._lock:
            pieces, self._pieces = self._pieces, []
        return "".join(pieces)

    def run(self, pipeline: PipelineLike, post: Callable[[Note], object]) -> None:
        """Read the stream to its end, telling the screen what happens. Runs in a thread."""
        finished = False
        try:
            events = pipeline.ask(self.question, history=self.history, scope=self.scope)
            try:
                for event in events:
                    if self._cancelled.is_set():
                        return
                    if isinstance(event, Token):
                        with self._lock:
                            self._pieces.append(event.text)
                    elif isinstance(event, Retrieved):
                        post(HitsFound(self.number, event.hits, event.question))
                    elif isinstance(event, Finished):
                        finished = True
                        # Kept by the thread that asked, which is this one.
                        sent = getattr(pipeline.answerer, "sent", ())
                        post(AnswerFinished(self.number, event.answer, sent))
            finally:
                close = getattr(events, "close", None)
                if close is not None:
                    close()
            if not finished and not self._cancelled.is_set():
                post(AskFailed(self.number, "the answer ended before it was complete", "ask again"))
        except QaError as error:
            if not finished and not self._cancelled.is_set():
                post(AskFailed(self.number, error.message, error.hint))
        except Exception as error:  # the one that keeps the chat alive: it reports, and goes on
            # Only the kind is shown: the text of an unforeseen error may hold a key or a document.
            kind = type(error).__name__
            if not finished and not self._cancelled.is_set():
                post(AskFailed(self.number, f"internal error ({kind})", "ask again; qa doctor"))
