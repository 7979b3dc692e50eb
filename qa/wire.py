"""The HTTP client of model calls: one announced host, no redirects, a cap, a way to cancel.

Only those who call a model import it. It adds nothing to what is sent; proxies of the environment
are honoured, but never for this machine.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from index.addresses import is_loopback
from index.errors import Unreachable

_HEAD = 2048  # enough of a body to read an error message from
_LONGEST_LINE = 2 << 20  # the readers above take time with the square of it
_thread = threading.local()


class Elsewhere(httpx.RequestError):
    """A request was about to go to another host than the one that was announced."""


class TooMuch(httpx.ReadError):
    """The server sent more than any answer needs."""


@dataclass(slots=True)
class Exchange:
    """One request and what came back, as seen below litellm; above, the headers get lost."""

    hostname: str
    limit: int
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    head: bytes = b""
    received: int = 0
    fault: Exception | None = None
    cancelled: bool = False
    connection: socket.socket | None = None

    def cancel(self) -> None:
        """Stop reading, from any thread; a read that waits wakes up."""
        self.cancelled = True
        if self.connection is not None:
            with contextlib.suppress(OSError):
                # shutdown, not close: only this wakes a thread that is inside recv()
                socket.socket.shutdown(self.connection, socket.SHUT_RDWR)


@contextlib.contextmanager
def bound(exchange: Exchange) -> Iterator[None]:
    """Tie an exchange to the requests of this thread."""
    _thread.exchange = exchange
    try:
        yield
    finally:
        _thread.exchange = None


class GuardedClient(httpx.Client):
    """A client that sends only to the announced host, and reads no more than is allowed."""

    def __init__(self) -> None:
        try:
            super().__init__(follow_redirects=False, event_hooks={"response": [_record]})
        except ImportError as error:  # of what a socks:// proxy of the environment needs
            raise Unreachable(
                f"the proxy of the environment cannot be used: {error}",
                "pip install 'httpx[socks]', or unset ALL_PROXY",
            ) from error
        self._direct = httpx.HTTPTransport()

    def _transport_for_url(self, url: httpx.URL) -> httpx.BaseTransport:
        """No proxy for any name of this machine, 127.0.1.1 included."""
        here = is_loopback(url.host.strip("[]"))
        return self._direct if here else super()._transport_for_url(url)

    def close(self) -> None:
        self._direct.close()
        super().close()

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        exchange = _exchange()
        if exchange is None or request.url.host.strip("[]") != exchange.hostname:
            fault = Elsewhere("not the host that was announced", request=request)
            if exchange is not None:
                exchange.fault = fault
            raise fault
        options["follow_redirects"] = False
        # A compressed body could grow a thousandfold after it was counted.
        request.headers["accept-encoding"] = "identity"
        exchange.status, exchange.fault, exchange.head, exchange.received = None, None, b"", 0
        try:
            return super().send(request, **options)
        except httpx.HTTPError as error:
            exchange.fault = exchange.fault or error
            raise


class _Counted(httpx.SyncByteStream):
    """A body that is counted as it is read."""

    def __init__(self, body: Any, exchange: Exchange) -> None:
        self.body, self.exchange = body, exchange

    def __iter__(self) -> Iterator[bytes]:
        exchange, line = self.exchange, 0
        try:
            for piece in self.body:
                exchange.received += len(piece)
                if len(exchange.head) < _HEAD:
                    exchange.head += piece[: _HEAD - len(exchange.head)]
                newline = piece.rfind(b"\n")
                line = line + len(piece) if newline < 0 else len(piece) - newline
                if exchange.received > exchange.limit or line > _LONGEST_LINE:
                    raise TooMuch("more than an answer needs")
                if exchange.cancelled:
                    raise httpx.ReadError("cancelled")
                yield piece
        except httpx.HTTPError as error:
            exchange.fault = exchange.fault or error
            raise

    def close(self) -> None:
        self.exchange.connection = None  # it goes back to the pool, where another may take it
        self.body.close()


def _exchange() -> Exchange | None:
    return getattr(_thread, "exchange", None)


def _record(response: httpx.Response) -> None:
    exchange = _exchange()
    if exchange is None:
        return
    exchange.status = response.status_code
    exchange.headers = {name.lower(): value for name, value in response.headers.items()}
    stream = response.extensions.get("network_stream")
    if stream is not None:
        exchange.connection = stream.get_extra_info("socket")
    response.stream = _Counted(response.stream, exchange)
