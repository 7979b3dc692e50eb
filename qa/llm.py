"""The answerer that asks a model through litellm: hosted or local, by one string.

It writes a draft; whether the markers and quotes in it hold is checked elsewhere. It has no tools,
keeps nothing between questions but the tokens of a rewriting, and loads litellm only when asked.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import socket
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from index.errors import UsageError
from index.safe import safe
from index.types import Hit
from prompts import Prompt, load
from qa.calls import Call, End, returned
from qa.config import Settings
from qa.destinations import destination, full_name, has_key
from qa.faults import LONGEST, missing_key, not_there, plain, unreachable
from qa.markers import without_markers
from qa.opening import Opening, declines, without_thoughts
from qa.prices import entry, prices
from qa.types import Draft, Message, Token, Usage

__all__ = ["ModelAnswerer", "destination"]

CONTEXT = 4096  # what an unknown model surely holds
BYTES_PER_TOKEN = 3.5
TURNS, LONGEST_TURN = 6, 1200
# In capitals; otherwise only alone in its line: "No answer came from the ministry" is an answer.
NO_ANSWER = re.compile(
    r"\W{0,3}(?:NO[ _]ANSWER\b|[Nn]o [Aa]nswer[.*_]{0,3} {0,3}(?:\n|$))[\s.:*_—–-]*"
)


class ModelAnswerer:
    """Answers by a model of any provider that litellm knows.

    `call` makes the request: `qa.completion.stream`, in this process, or the same in one of its own.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        call: Callable[[Call], Iterator[str | End]] | None = None,
    ) -> None:
        self._name, self._settings, self._call = name, settings, call
        self.options = settings.options(name)
        self.model = full_name(name, settings)
        self.destination = destination(name, settings)
        self.prompts = {which: _prompt(which, settings) for which in ("answer", "rewrite")}
        self._spent = threading.local()  # by rewriting the question that is answered next

    @property
    def name(self) -> str:
        """The name that was asked for, an alias or a litellm string."""
        return self._name

    def rewrite(self, question: str, history: Sequence[Message]) -> Generator[Token, None, str]:
        """Return the question rewritten to stand alone; as it is, where the reply is unfit."""
        self._spent.usage = None
        if not history:
            return question
        lines = [f"{m.role}: {_clip(m.content)}" for m in history[-TURNS:]]
        system, user = self.prompts["rewrite"].render(
            fence=_fence(), history="\n".join(lines), question=safe(question, newlines=False)
        )
        reply, usage = yield from self._complete(system, user)
        self._spent.usage = usage
        reply = re.sub(r"^(?:(?:stand-?alone |rewritten )?question:)\s*", "", reply, flags=re.I)
        reply = reply.strip().strip("\"“”'*").strip()
        return reply if reply and "\n" not in reply and len(reply) <= 400 else question

    def complete(self, system: str, user: str) -> tuple[str, Usage]:
        """Return a whole reply to one message, and what it took; raises as `answer` does."""
        return returned(self._complete(system, user))

    def _complete(self, system: str, user: str) -> Generator[Token, None, tuple[str, Usage]]:
        draft: list[str] = []
        usage, opening = Usage(cost_usd=None), Opening()
        for piece in self._stream(_messages(system, user)):
            if isinstance(piece, End):
                usage = piece.usage
            else:
                draft.append(opening.feed(piece))
                yield Token("")
        return safe(without_thoughts("".join(draft) + opening.rest())).strip(), usage

    def answer(
        self, question: str, hits: Sequence[Hit], history: Sequence[Message]
    ) -> Iterator[Token | Draft]:
        """Yield the answer as the model writes it and, last, the draft.

        Empty tokens come while it waits, so that a reader can stop then. Raises `Unreachable`.
        """
        self._check()
        messages, kept = self.messages(question, hits, history)
        notes = [] if kept == len(hits) else [f"only the first {kept} of {len(hits)} passages fit"]
        text, opening, usage = "", Opening(), Usage(cost_usd=None)
        for piece in self._stream(messages):
            if isinstance(piece, End):
                usage = piece.usage
                if piece.cut:
                    notes.append(f"the answer was cut: {piece.cut}")
                continue
            shown = safe(opening.feed(piece))
            text += shown
            yield Token(shown)
        rest = safe(opening.rest())
        if opening.is_page(rest):
            raise unreachable(
                f"{self.destination.host} answered with a web page instead of a model's answer",
                "check the API base, and whether the network asks for a login",
            )
        whole = without_thoughts(text + rest)
        if not whole.strip():
            raise unreachable(
                f"{self.model} at {self.destination.host} gave an empty answer", "ask again"
            )
        if history:  # else what was spent on rewriting belongs to an answer that never came
            usage = _sum(getattr(self._spent, "usage", None), usage)
        self._spent.usage = None
        bare, marked = without_markers(whole)
        refusal = NO_ANSWER.match(bare)
        if refusal or (not marked and declines(bare)):
            # Its markers lead nowhere: nothing is cited where there is no answer.
            why = plain(bare[refusal.end() if refusal else 0 :].strip(), LONGEST)
            yield Draft(
                "", None, True, why or "found but does not say", usage=usage, notes=tuple(notes)
            )
            return
        if rest:
            yield Token(rest)
        yield Draft(whole.strip(), usage=usage, notes=tuple(notes))

    def messages(
        self, question: str, hits: Sequence[Hit], history: Sequence[Message]
    ) -> tuple[list[dict[str, str]], int]:
        """Return what is sent, and how many passages fit the context; the last are left out."""
        fence = _fence()
        turns: list[dict[str, str]] = [
            {"role": m.role, "content": _clip(m.content)} for m in history[-TURNS:]
        ]
        blocks = [_block(number, hit, fence) for number, hit in enumerate(hits, 1)]
        frame = "".join(self._render(fence, "", question)) + "".join(t["content"] for t in turns)
        context = self.options.context or entry(self.model).get("max_input_tokens")
        room = (context or CONTEXT) - min(self.options.max_tokens, (context or CONTEXT) // 2)
        left = int(room * BYTES_PER_TOKEN) - _size(frame)
        kept: list[str] = []
        for block in blocks:
            left -= _size(block)
            if left < 0:
                break
            kept.append(block)
        if blocks and not kept:
            raise unreachable(
                f"not one passage fits the context of {self.model} ({context or CONTEXT} tokens)",
                "raise context under [models.NAME] in qa.toml",
            )
        system, user = self._render(fence, "\n".join(kept), question)
        return [{"role": "system", "content": system}, *turns, _message(user)], len(kept)

    @property
    def sent(self) -> Sequence[Mapping[str, str]]:
        """The messages of this thread's last call, none before one."""
        return getattr(self._spent, "sent", ())

    @property
    def sent_sha256(self) -> str | None:
        """The hash of what this thread sent last, None before anything was."""
        if not self.sent:
            return None
        return hashlib.sha256(json.dumps(list(self.sent)).encode()).hexdigest()

    def _render(self, fence: str, passages: str, question: str) -> tuple[str, str]:
        return self.prompts["answer"].render(
            fence=fence, passages=passages, question=safe(question, newlines=False)
        )

    def _stream(self, messages: Sequence[dict[str, str]]) -> Iterator[str | End]:
        self._check()
        self._check_cost(messages)
        self._spent.sent = messages
        yield from (self._call or _here())(
            Call(self.model, self.destination, self.options, messages)
        )

    def _check(self) -> None:
        """Find out what would go wrong before litellm is loaded or anything sent."""
        where = self.destination
        if self._settings.offline and not where.local:
            raise unreachable(
                f"offline: {self.name} would send the question to {where.host}",
                "leave out --offline, or choose a model of this machine: qa models",
            )
        if where.key and not where.local and not has_key(where):
            raise missing_key(where.key)
        if where.local and where.base and not _listens(where.base):
            raise not_there(where)

    def _check_cost(self, messages: Sequence[dict[str, str]]) -> None:
        limit = self._settings.max_cost
        if limit is None or self.destination.local:
            return
        price = prices(self.model, self.destination)
        if price is None:
            raise unreachable(
                f"the price of {self.model} is unknown, so the limit of ${limit:g} cannot be kept",
                "leave out max_cost, or choose a model whose price is known",
            )
        sent = sum(_size(m["content"]) for m in messages) / BYTES_PER_TOKEN
        cost = sent * price[0] + self.options.max_tokens * price[1]
        if cost > limit:
            raise unreachable(
                f"this question may cost ${cost:.4f}, more than the limit of ${limit:g}",
                "raise max_cost, lower -k or choose another model: qa models",
            )


def _here() -> Callable[[Call], Iterator[str | End]]:
    from qa.completion import stream

    return stream


def _prompt(which: str, settings: Settings) -> Prompt:
    try:
        return load(which, settings.prompts)
    except ValueError as error:
        raise UsageError(
            plain(str(error)), "mend the file, or leave out the setting prompts"
        ) from None


def _listens(base: str) -> bool:
    """Say whether anything listens at an address, before seconds go into an import."""
    split = urlsplit(base)
    try:
        port = split.port or (443 if split.scheme == "https" else 80)
        socket.create_connection((split.hostname or "", port), timeout=2).close()
    except OSError:
        return False
    return True


def _block(number: int, hit: Hit, fence: str) -> str:
    source = hit.passage.source
    lines = [f"<<<PASSAGE {number} {fence}>>>", f"title: {_line(source.title)}"]
    if source.publisher:
        lines.append(f"outlet: {_line(source.publisher)}")
    if source.published:
        lines.append(f"date: {_line(source.published)}")
    return "\n".join([*lines, "", safe(hit.passage.text), f"<<<END {number} {fence}>>>", ""])


def _fence() -> str:
    """A code that a passage cannot know: made for one request."""
    return secrets.token_hex(8)


def _line(text: str) -> str:
    return safe(text, newlines=False)[:300]


def _clip(text: str) -> str:
    text = safe(text).strip()
    return text if len(text) <= LONGEST_TURN else text[: LONGEST_TURN - 1] + "…"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _message(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def _messages(system: str, user: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": system}, _message(user)]


def _sum(first: Usage | None, second: Usage) -> Usage:
    if first is None:
        return second
    known = first.cost_usd is not None and second.cost_usd is not None
    return Usage(
        first.prompt_tokens + second.prompt_tokens,
        first.completion_tokens + second.completion_tokens,
        (first.cost_usd or 0) + (second.cost_usd or 0) if known else None,
    )
