"""What went wrong with a model, in a line that a person understands.

Text of a server is quoted only where nothing better is known: cleaned, masked and cut.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from index.errors import Unreachable
from index.safe import safe
from qa.destinations import Destination
from qa.secrets import mask

if TYPE_CHECKING:
    from qa.wire import Exchange

LONGEST = 300
OTHER_MODEL = "choose another model: qa models"

_MARKUP = re.compile(r"<[^>]{0,200}>")


def plain(text: str, longest: int = LONGEST) -> str:
    """Return text of others as one harmless line without keys, cut to `longest` characters."""
    line = mask(safe(text[: 20 * longest], newlines=False))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def unreachable(message: str, hint: str | None = None) -> Unreachable:
    """Return the error that ends a call to a model."""
    return Unreachable(plain(message), plain(hint) if hint else None)


def missing_key(variable: str) -> Unreachable:
    """Return the error for a provider whose key is not in the environment."""
    return unreachable(f"{variable} is not set", f"export {variable}=… or {OTHER_MODEL}")


def not_there(where: Destination) -> Unreachable:
    """Return the error for a server that nothing answers at."""
    if not where.local:
        return unreachable(
            f"{where.host} could not be reached",
            "check the network, or ask the built-in answerer: --model extractive",
        )
    start = "ollama serve" if where.provider.startswith("ollama") else None
    return unreachable(
        f"the server at {where.host} is not there",
        f"start it with: {start}" if start else f"start it, or {OTHER_MODEL}",
    )


def explain(
    error: BaseException | None, exchange: Exchange, where: Destination, model: str
) -> Unreachable:
    """Return the one error that people see for whatever ended a call before it gave an answer."""
    import httpx

    from qa.wire import Elsewhere, TooMuch

    at = where.host
    if isinstance(exchange.fault, Elsewhere):
        return unreachable(
            f"{at} was announced, but the request was meant for another address; nothing was sent",
            "name the address with api_base under [models.NAME] in qa.toml",
        )
    if isinstance(exchange.fault, TooMuch):
        return unreachable(
            f"{at} sent far more than an answer; the reading was stopped", OTHER_MODEL
        )
    # 200 says nothing of what came after it, and above httpx a lost status becomes 500.
    status = exchange.status or _status(error)
    if exchange.status is None and _is_connection(error, exchange.fault, httpx.TransportError):
        if isinstance(exchange.fault, httpx.RemoteProtocolError | httpx.ReadError):
            return unreachable(f"{at} closed the connection without an answer", OTHER_MODEL)
        return not_there(where)
    if status is not None and status >= 300:
        return _refused(status, error, exchange, where, model)
    said = _said(exchange.head)
    if said:
        return unreachable(f"{at} answered with an error: {said}", OTHER_MODEL)
    if "html" in exchange.headers.get("content-type", "") or _is_page(exchange.head):
        return unreachable(
            f"{at} answered with a web page instead of a model's answer",
            "check the API base, and whether the network asks for a login",
        )
    if error is None:
        return unreachable(f"{model} at {at} gave an empty answer", f"ask again, or {OTHER_MODEL}")
    if exchange.status is None:
        return unreachable(f"{model} failed: {_own_words(error)}", OTHER_MODEL)
    return unreachable(f"the answer of {at} broke off or could not be read", "ask again")


def is_passing(error: BaseException, exchange: Exchange, where: Destination) -> bool:
    """Say whether the fault may soon be gone; a refused connection to this machine will not be."""
    import httpx

    from qa.wire import Elsewhere, TooMuch

    if isinstance(exchange.fault, Elsewhere | TooMuch) or exchange.cancelled:
        return False
    status = exchange.status or _status(error)
    if exchange.status is None and _is_connection(error, exchange.fault, httpx.TransportError):
        return not (where.local and isinstance(exchange.fault, httpx.ConnectError))
    return status == 429 or (status is not None and status >= 500)


def _refused(
    status: int, error: BaseException | None, exchange: Exchange, where: Destination, model: str
) -> Unreachable:
    at, short = where.host, model.partition("/")[2] or model
    if status < 400:
        return unreachable(
            f"{at} redirects to another address (HTTP {status}); it was not followed",
            "set api_base to the server's own address",
        )
    if status in (401, 403):
        key = where.key or "the key"
        return unreachable(
            f"{at} refused the key (HTTP {status})", f"check {key}, or {OTHER_MODEL}"
        )
    if status == 404:
        pull = f"ollama pull {short}" if where.provider.startswith("ollama") else OTHER_MODEL
        return unreachable(f"{at} has no model {short!r} (HTTP 404)", pull)
    if status == 402:
        return unreachable(f"{at} asks for payment (HTTP 402)", OTHER_MODEL)
    if status == 429:
        wait = exchange.headers.get("retry-after")
        until = f" and asks to wait {wait} s" if wait and wait.isdigit() else ""
        return unreachable(f"{at} allows no more requests now (HTTP 429){until}", "ask again later")
    said = _said(exchange.head) or (_own_words(error) if error and not exchange.head else "")
    if "context" in type(error).__name__.lower() or "context length" in said.lower():
        return unreachable(
            f"the passages do not fit the context of {short!r}",
            "lower -k, or set context under [models.NAME] in qa.toml",
        )
    if status >= 500:
        return unreachable(f"{at} failed (HTTP {status})", f"ask again, or {OTHER_MODEL}")
    return unreachable(
        f"{at} refused the request (HTTP {status})" + (f": {said}" if said else ""), OTHER_MODEL
    )


def _is_connection(
    error: BaseException | None, fault: Exception | None, transport: type[Exception]
) -> bool:
    """Through our client the fault is known; for the other providers litellm's class has to do."""
    if fault is not None:
        return isinstance(fault, transport)
    return type(error).__name__ in ("APIConnectionError", "ConnectError", "Timeout")


def _status(error: BaseException | None) -> int | None:
    status = getattr(error, "status_code", None)
    try:
        return int(status) if status is not None else None
    except (TypeError, ValueError):
        return None


def _said(head: bytes) -> str:
    """The message in a JSON error body, or nothing."""
    try:
        body = json.loads(head)
    except ValueError:
        return ""
    found = body.get("error", body.get("message")) if isinstance(body, dict) else None
    if isinstance(found, dict):
        found = found.get("message")
    return plain(found, 120) if isinstance(found, str) else ""


def _is_page(head: bytes) -> bool:
    return head.lstrip()[:15].lower().startswith((b"<!doctype", b"<html"))


def _own_words(error: BaseException) -> str:
    """The client's own message without the class names that it starts with."""
    text = _MARKUP.sub(" ", str(error)) or type(error).__name__
    text = re.sub(r"^(?:litellm\.)?(?:\w+(?:Error|Exception)\s*[:-]\s*)+", "", text)
    return plain(text, 120)
