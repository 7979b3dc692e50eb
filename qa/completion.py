"""One call of a model through litellm: streamed, bounded in time and size, cancelled by closing.

It knows nothing of passages or prompts, gives the model no tools, and falls back to no other model.
"""

from __future__ import annotations

import difflib
import email.utils
import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from qa import library, prices
from qa.calls import BEAT_S, Call, End
from qa.config import ModelOptions
from qa.destinations import HOSTED, SERVERS, Destination
from qa.faults import explain, is_passing, missing_key, unreachable
from qa.types import Usage
from qa.wire import Exchange, TooMuch, bound

T = TypeVar("T")

MOST_TEXT = 1 << 20
MOST_BYTES = 16 << 20  # each token travels in some 200 bytes of JSON
RETRIES = 2
LONGEST_WAIT_S = 30.0

# Routes of litellm that use its session, which is ours; the others take our client as `client=`.
_BY_SESSION = {"openai", "perplexity", "cerebras", "lm_studio", "llamafile"}


@dataclass(frozen=True, slots=True)
class _Closed:
    """The worker's last word."""

    finish: str | None = None
    usage: Any = None
    error: BaseException | None = None
    overlong: bool = False


def stream(call: Call) -> Generator[str | End, None, None]:
    """Yield the pieces of the answer and, last, how it ended.

    While it waits, empty pieces come four times a second, so that a reader can stop in between.
    Raises `Unreachable` where no text came. Closing the iterator shuts the connection.
    """
    yield from waited(library.load)
    _check_provider(call.model, call.where)
    stop = time.monotonic() + call.options.total_s
    for attempt in range(RETRIES + 1):
        limit = max(MOST_BYTES, call.options.max_tokens * 1000)
        exchange = Exchange(call.where.hostname, limit)
        try:
            failed = yield from _attempt(call, exchange, stop)
        except BaseException:
            exchange.cancel()
            raise
        if failed is None:
            return
        wait = _wait(exchange, attempt)
        again = attempt < RETRIES and is_passing(failed, exchange, call.where)
        if not again or wait > LONGEST_WAIT_S or time.monotonic() + wait >= stop:
            raise explain(failed, exchange, call.where, call.model) from None
        resume = time.monotonic() + wait
        while (left := resume - time.monotonic()) > 0:
            yield ""
            time.sleep(min(BEAT_S, left))


def waited(work: Callable[[], T]) -> Iterator[str]:
    """Do `work` in another thread and yield an empty piece four times a second until it is done."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # handed to the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="qa-wait")
    thread.start()
    while thread.is_alive():
        thread.join(BEAT_S)
        if thread.is_alive():
            yield ""
    if errors:
        raise errors[0]


def _check_provider(model: str, where: Destination) -> None:
    """Let litellm say whether it knows the provider and which keys are missing."""
    provider = model.partition("/")[0]
    if not library.knows(provider):
        near = difflib.get_close_matches(provider, [*HOSTED, *SERVERS], n=1)
        hint = f"did you mean {near[0]}/{model.partition('/')[2]}?" if near else "see: qa models"
        raise unreachable(f"unknown model {model!r}: there is no provider {provider!r}", hint)
    if where.base or where.key:
        return
    if missing := library.missing_keys(model):
        raise missing_key(missing[0])


def _attempt(
    call: Call, exchange: Exchange, stop: float
) -> Generator[str | End, None, BaseException | None]:
    """Run one request in a thread of its own and pass on what it yields, within the deadlines.

    Returns the error that ended it before any text came, None where it is done.
    """
    pieces: queue.Queue[str | _Closed] = queue.Queue(maxsize=1000)
    threading.Thread(
        target=_work, args=(call, exchange, pieces), daemon=True, name="qa-model"
    ).start()
    options, text = call.options, 0
    limit, deadline = "first token", min(stop, time.monotonic() + options.first_token_s)
    while True:
        left = deadline - time.monotonic()
        try:
            if left <= 0:
                raise queue.Empty
            piece = pieces.get(timeout=min(left, BEAT_S))
        except queue.Empty:
            if time.monotonic() < deadline:
                yield ""
                continue
            exchange.cancel()
            spent = f"{options.total_s if deadline == stop else _seconds(options, limit):g} s"
            if not text:
                raise unreachable(
                    f"{call.where.host} gave no answer within {spent}",
                    "ask again, or give it longer: first_token_s under [models.NAME] in qa.toml",
                ) from None
            why = "it took longer than" if deadline == stop else "nothing more came for"
            yield End(f"{why} {spent}", _usage(call, None))
            return None
        if isinstance(piece, _Closed):
            if not text and (piece.error is not None or exchange.fault is not None):
                return piece.error or exchange.fault
            if not text:
                raise _empty(piece, exchange, call)
            yield End(_cut(piece, exchange), _usage(call, piece.usage))
            return None
        text += len(piece)
        limit, deadline = "idle", min(stop, time.monotonic() + options.idle_s)
        yield piece


def _work(call: Call, exchange: Exchange, pieces: queue.Queue[str | _Closed]) -> None:
    """Read the answer, in a daemon thread: a read without end must not keep the process alive."""
    litellm = library.load()
    provider, _, model = call.model.partition("/")
    options = call.options
    more: dict[str, Any] = {}
    if provider == "ollama":
        provider = "ollama_chat"  # the plain route flattens the messages into one text
    if provider == "ollama_chat":
        more["num_ctx"] = options.context or 4096  # else the server silently cuts the beginning
    if provider not in _BY_SESSION and (provider in HOSTED or provider in SERVERS):
        more["client"] = library.handler()
    if call.where.base:
        more["api_base"] = call.where.base
    if call.where.local and not (call.where.key and os.environ.get(call.where.key)):
        more["api_key"] = "none"  # a server of one's own asks for none, but the client insists
    if provider not in ("ollama_chat",):
        more["stream_options"] = {"include_usage": True}
    finish, usage, size = None, None, 0
    try:
        with bound(exchange):
            answer = litellm.completion(
                model=f"{provider}/{model}",
                messages=[dict(message) for message in call.messages],
                stream=True,
                temperature=options.temperature,
                max_tokens=options.max_tokens,
                timeout=max(options.first_token_s, options.idle_s),
                max_retries=0,
                num_retries=0,
                **more,
            )
            for chunk in answer:
                if exchange.cancelled:
                    return
                usage = getattr(chunk, "usage", None) or usage
                for choice in chunk.choices[:1]:
                    finish = choice.finish_reason or finish
                    text = choice.delta.content or ""
                    size += len(text.encode("utf-8", "replace"))
                    if size > MOST_TEXT:
                        _put(pieces, _Closed(overlong=True), exchange)
                        exchange.cancel()
                        return
                    if text or getattr(choice.delta, "reasoning_content", None):
                        _put(pieces, text, exchange)
            # litellm says "stop" of a stream that merely ended; this is what the server said.
            said = getattr(answer, "received_finish_reason", finish)
            _put(pieces, _Closed(finish=said, usage=usage), exchange)
    except BaseException as error:  # it has to reach the thread that waits, whatever it is
        _put(pieces, _Closed(finish=finish, usage=usage, error=error), exchange)


def _put(pieces: queue.Queue[str | _Closed], piece: str | _Closed, exchange: Exchange) -> None:
    """Hand a piece over, unless nobody reads any more."""
    while not exchange.cancelled:
        try:
            return pieces.put(piece, timeout=BEAT_S)
        except queue.Full:
            continue


def _cut(closed: _Closed, exchange: Exchange) -> str | None:
    """Say why the text is not whole, or None."""
    if closed.overlong or isinstance(exchange.fault, TooMuch):
        return "it grew longer than any answer should be"
    if closed.error is not None:
        return "the connection was lost or the rest could not be read"
    match closed.finish:
        case "length" | "max_tokens":
            return "it reached the limit of max_tokens"
        case "content_filter":
            return "the provider's content filter stopped it"
        case None | "":
            return "the stream ended early"
        case _:
            return None


def _empty(closed: _Closed, exchange: Exchange, call: Call) -> Exception:
    at = call.where.host
    if closed.overlong:
        return unreachable(f"{at} sent far more than an answer; the reading was stopped")
    if closed.finish == "content_filter":
        return unreachable(f"the content filter of {at} withheld the answer", "ask it differently")
    if closed.finish in ("tool_calls", "function_call"):
        return unreachable(f"{call.model} asked for a tool instead of answering", "ask again")
    if closed.finish == "length":
        return unreachable(
            f"{call.model} used up max_tokens before it wrote an answer",
            "raise max_tokens under [models.NAME] in qa.toml",
        )
    return explain(None, exchange, call.where, call.model)


def _wait(exchange: Exchange, attempt: int) -> float:
    """How long to wait before trying again: as the server asks, else half a second and more."""
    asked = exchange.headers.get("retry-after", "").strip()
    if asked and exchange.status in (429, 503):
        try:
            return max(0.0, float(asked))
        except ValueError:
            try:
                at = email.utils.parsedate_to_datetime(asked).timestamp()
                return float(max(0.0, at - time.time()))
            except ValueError:
                pass
    return 0.5 * (1 << attempt)


def _seconds(options: ModelOptions, limit: str) -> float:
    return options.first_token_s if limit == "first token" else options.idle_s


def _usage(call: Call, counted: Any) -> Usage:
    """The tokens that were counted and their price from litellm's table, None where it has none."""
    sent = int(getattr(counted, "prompt_tokens", 0) or 0)
    wrote = int(getattr(counted, "completion_tokens", 0) or 0)
    usage = Usage(sent, wrote, None)
    price = prices.prices(call.model, call.where)
    if price is None or (counted is None and any(price)):
        return usage
    return replace(usage, cost_usd=sent * price[0] + wrote * price[1])
