"""The chat as lines of text: for screen readers, dumb terminals, and pipes.

No cursor is moved and no colour is needed; what is told stands in the order in which it is to be read.
Left out: sessions and the corpus browser; `qa chat` has them.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable

from index.errors import QaError, UsageError
from index.safe import safe
from index.types import Scope
from qa.cli.wiring import announce, answerer_for, open_pipeline
from qa.config import Settings
from qa.filters import chips, narrow_scope
from qa.plain import describe, print_answer, print_error
from qa.slash_commands import COMMANDS, Slash, parse_slash, typed_path
from qa.types import Answer, Citation, Finished, Message, Retrieved, Token

KNOWN = ("help", "model", "since", "until", "as-of", "source", "again", "export", "new", "quit")
PIPED = ("since", "until", "as-of", "source", "new", "quit")
"""Commands that a pipe may give: none that writes a file or sends text elsewhere."""

_COMMAND = re.compile(r"/[a-z][a-z-]*(?=\s|$)")
_REMEMBERED = 12
"""Turns that a follow-up may refer to."""

NO_ANSWER = "The articles hold no answer."


class PlainChat:
    """Reads a question a line and prints answers; `typed` by a person, else from a pipe."""

    def __init__(self, settings: Settings, scope: Scope, *, typed: bool) -> None:
        self._settings, self._scope, self._typed = settings, scope, typed
        self._turns: list[tuple[str, Answer]] = []
        self._told: set[str] = set()
        self._code = 0

    def run(self) -> int:
        """Answer until the input ends; a question that fails is told and the next one is read."""
        self._pipeline = open_pipeline(self._settings)
        if self._typed:
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401  (Up recalls, the line can be edited)
            print("Type a question and Enter. /help lists the commands, /quit leaves.")
            print(f"Indexed: {safe(self._pipeline.describe(), newlines=False)}.")
        while (text := self._read()) is not None:
            if not text:
                continue
            if not self._typed:
                print(f"> {safe(text, newlines=False)}")
            command = text.startswith("/") and text[1:].split(maxsplit=1)[:1]
            if command and (self._typed or command[0] in PIPED):
                if not self._obey(text):
                    break
                continue
            if name := _COMMAND.match(text):
                # Asked as a question it would be sent to the model, and stay in the conversation.
                obeyed = " ".join(f"/{known}" for known in PIPED)
                print_error(f"{name[0]} is not obeyed from a pipe", f"these are: {obeyed}")
                self._code = 2
                continue
            self._ask(text)
            print(flush=True)
        return self._code if not self._typed else 0

    def _read(self) -> str | None:
        """The next line, None at the end; Ctrl+C at the prompt only says how to leave."""
        if not self._typed:
            return line.strip() if (line := sys.stdin.readline()) else None
        while True:
            try:
                return input("Question: ").strip()
            except EOFError:
                print()
                return None
            except KeyboardInterrupt:
                print("\n/quit leaves; Ctrl+D does too.")

    def _ask(self, question: str) -> None:
        history = [
            message
            for asked, answer in self._turns[-_REMEMBERED:]
            for message in (Message("user", asked), Message("assistant", answer.said or NO_ANSWER))
        ]
        try:
            announce(self._settings, self._settings.k, self._told)
            if self._typed:
                print("Searching.", flush=True)
            streamed, told = "", False
            for event in self._pipeline.ask(question, history=history, scope=self._scope):
                if isinstance(event, Token):
                    streamed += event.text
                elif isinstance(event, Retrieved) and self._typed and not told:
                    told = True  # a model may take its time, and nothing else would say so
                    print(f"Found {len(event.hits)} passages. Reading them.", flush=True)
                elif isinstance(event, Finished):
                    print_answer(event.answer)
                    self._turns.append((question, event.answer))
        except KeyboardInterrupt:
            if not self._typed:
                raise
            print("\nCancelled. What had come:\n" + safe(streamed) if streamed else "\nCancelled.")
        except QaError as error:
            print_error(error.message, error.hint)
            self._code = error.exit_code

    def _obey(self, text: str) -> bool:
        """Do what a command says; returns whether to go on."""
        try:
            number = text.removeprefix("/open").strip()
            if text.startswith("/open"):
                self._open(number)
                return True
            slash = parse_slash(text)
            if slash.name == "quit":
                return False
            if slash.name not in KNOWN:
                raise UsageError(
                    f"/{slash.name} is not in the plain chat", "/help lists the commands"
                )
            deeds: dict[str, Callable[[Slash], None]] = {
                "help": self._help, "model": self._model, "again": self._again,
                "export": self._export, "new": self._new,
            }  # fmt: skip
            deeds.get(slash.name, self._narrow)(slash)
        except QaError as error:
            print_error(error.message, error.hint)
        return True

    def _help(self, slash: Slash) -> None:
        for name in KNOWN:
            takes, what = COMMANDS[name]
            print(f"/{name} {takes}".strip() + f": {what}")
        print("/open NUMBER: print the article of a citation, the sentence marked")

    def _narrow(self, slash: Slash) -> None:
        self._scope = narrow_scope(self._scope, slash)
        now = ", ".join(f"{name} {value}" for name, value in chips(self._scope))
        print(f"Searching in: {safe(now, newlines=False) or 'all articles'}.")

    def _model(self, slash: Slash) -> None:
        from dataclasses import replace

        if not slash.argument:
            print(f"Answers come from {safe(self._pipeline.answerer.name, newlines=False)}.")
            return
        settings = replace(self._settings, model=slash.argument)
        corpus = self._pipeline.corpus
        self._pipeline.answerer = answerer_for(slash.argument, settings, corpus)
        self._settings = settings
        print(f"Answers come from {safe(slash.argument, newlines=False)} now.")

    def _again(self, slash: Slash) -> None:
        if not self._turns:
            raise UsageError("nothing was asked yet")
        last = self._turns.pop()
        before = len(self._turns)
        try:
            self._ask(last[0])
        finally:
            # After an error, or cancelled, the answer that there was stays.
            if len(self._turns) == before:
                self._turns.append(last)

    def _new(self, slash: Slash) -> None:
        self._turns = []
        print("A new conversation.")

    def _export(self, slash: Slash) -> None:
        from qa.export import export, export_name

        if not self._turns:
            raise UsageError("there is nothing to export yet", "ask a question first")
        file = typed_path(slash.argument or export_name())
        export(file, self._turns)
        print(f"Wrote {file}.")

    def _open(self, number: str) -> None:
        shown: tuple[Citation, ...] = ()
        if self._turns:
            answer = self._turns[-1][1]
            shown = answer.citations or answer.nearest
        found = next((c for c in shown if str(c.number) == number), None)
        if found is None:
            raise UsageError(f"the last answer has no citation {number[:9]!r}", "/open 1")
        article = self._pipeline.article(found.source.article_id)
        print(safe(article.source.title, newlines=False))
        print(describe(article.source))
        print(safe(article.text[: found.start]))
        print(f"CITED: {safe(found.quote, newlines=False)} END OF THE CITED SENTENCE.")
        print(safe(article.text[found.end :]))
