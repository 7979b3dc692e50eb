"""A Chroma server, or Chroma Cloud, that holds one index for many readers.

Each generation has two collections of its own, which are complete before one record (the pointer) names
them; readers look at the pointer before each question. What is not named by it, or by the one before it,
is swept. Nothing but this one server is contacted.

qa-NAME                    one record, `live`: the pointer
qa-NAME-STAMP-passages     a record a passage: its vector, its article and place, date and outlet
qa-NAME-STAMP-articles     the articles in pieces that fit the limits of Chroma Cloud
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import numpy as np

from index.addresses import is_loopback
from index.embed import Vectors
from index.errors import IndexMissing, Unreachable, UsageError
from index.hnsw import EF_CONSTRUCTION, EF_SEARCH, NEIGHBOURS

T = TypeVar("T")

CLOUD = "trychroma.com"
TRIES, FIRST_WAIT_S, PATIENCE_S = 4, 0.5, 60.0
_PAGE = 300
"""Records in a request: the most that Chroma Cloud takes, and the most that it finds."""


_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,59}[A-Za-z0-9])?")
"""What Chroma takes behind the `qa-` of its collections."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What the live generation is: its stamp (a hash of its content), its settings and its size."""

    stamp: str
    previous: str
    embedder: str
    splitter: str
    roots: str
    indexed_at: str
    articles: int
    passages: int
    layout: int = 1


class Server:
    """One index on a server, by address: `http(s)://host:port[/NAME]`; NAME is `articles` if it is not given.

    A token is taken from CHROMA_API_KEY, tenant and database from CHROMA_TENANT and CHROMA_DATABASE, as
    Chroma's own clients do; the token is sent over https and to this machine, never in the clear to another one.
    Methods raise `Unreachable` where the server cannot be reached or refuses.
    """

    def __init__(self, address: str, *, offline: bool = False) -> None:
        split = urlsplit(address)
        try:
            port = split.port
        except ValueError:
            port = 0
        name = split.path.strip("/") or "articles"
        if not split.hostname or port == 0 or not _NAME.fullmatch(name):
            raise UsageError(
                "--store is not the address of a Chroma server", "write it as http://localhost:8000"
            )
        self.secure = split.scheme == "https"
        self.hostname, self.port = split.hostname, port or (443 if self.secure else 8000)
        self.name = name
        self.cloud = self.hostname.endswith(CLOUD)
        self.shown = f"{split.scheme}://{self.hostname}:{self.port}/{name}"
        """The address without user and password."""
        here = is_loopback(self.hostname)
        self._trusted = self.secure or here
        if offline and not here:
            raise UsageError(
                f"--offline: the store is on {self.hostname}",
                "leave --offline out, or use a folder",
            )
        self._login = (
            f"{unquote(split.username)}:{unquote(split.password or '')}" if split.username else ""
        )
        self._connected: Any = None

    @property
    def key(self) -> str:
        """What tells this index from others: address, tenant and database."""
        place = (os.environ.get(n, "") for n in ("CHROMA_TENANT", "CHROMA_DATABASE"))
        return " ".join((self.shown, *place))

    def pointer(self) -> Pointer | None:
        """Return what is live, None where nothing was published."""
        found = self._try(lambda: self._record(f"qa-{self.name}"))
        if found is None:
            return None
        try:
            return Pointer(**json.loads(found))
        except (ValueError, TypeError) as error:
            raise IndexMissing(
                f"the index on {self.shown} was published by another version of qa",
                "qa index PATH… --store with a new name: http://host:port/NAME",
            ) from error

    def point(self, pointer: Pointer, expected: Pointer | None) -> None:
        """Make a generation the live one, in one request.

        Raises `Unreachable` when somebody else published since `expected` was read.
        """
        if self.pointer() != expected:
            raise Unreachable(
                f"another process published to {self.shown} meanwhile", "run qa index again"
            )
        collection = self._make(f"qa-{self.name}", {})
        document = json.dumps(asdict(pointer))
        self._try(lambda: collection.upsert(ids=["live"], embeddings=[[1.0]], documents=[document]))

    def generation(self, stamp: str, *, make: bool = False) -> tuple[Any, Any]:
        """Return the collections of passages and of articles. Raises `IndexMissing` where they are gone."""
        names = [f"qa-{self.name}-{stamp}-{kind}" for kind in ("passages", "articles")]
        if make:
            graph = {
                "space": "ip",
                "ef_construction": EF_CONSTRUCTION,
                "ef_search": EF_SEARCH,
                "max_neighbors": NEIGHBOURS,
            }
            wide = {"spann": {"space": "ip"}} if self.cloud else {"hnsw": graph}
            return self._make(names[0], wide), self._make(names[1], {})
        return self._open(names[0]), self._open(names[1])

    def add(self, collection: Any, **records: Any) -> None:
        """Add records; those that are there already stay as they are, so it can be repeated."""
        self._try(lambda: collection.add(**records))

    def get(self, collection: Any, **wanted: Any) -> Any:
        """Return `collection.get(…)`, asked again where the connection was lost."""
        return self._try(lambda: collection.get(**wanted))

    def ids(self, collection: Any) -> set[str]:
        """Return the ids of all records."""
        found: set[str] = set()
        while page := self.get(collection, include=[], limit=_PAGE * 10, offset=len(found))["ids"]:
            before = len(found)
            found.update(page)
            if len(found) == before:
                break
        return found

    def nearest(self, collection: Any, vector: Vectors, n: int) -> list[tuple[str, float]]:
        """Return (passage id, cosine) of the `n` nearest passages, nearest first."""
        most = min(n, _PAGE) if self.cloud else n
        answer = self._try(
            lambda: collection.query(
                query_embeddings=[vector], n_results=most, include=["distances"]
            )
        )
        distances = answer["distances"][0]
        return [(i, 1.0 - d) for i, d in zip(answer["ids"][0], distances, strict=True)]

    def sweep(self, keep: Sequence[str]) -> int:
        """Delete the collections of other generations than those; return how many."""
        ours = re.compile(rf"qa-{re.escape(self.name)}-([0-9a-f]+)-(?:passages|articles)")
        names = self._try(lambda: [c.name for c in self._client().list_collections(limit=1000)])
        gone = [n for n in names if (m := ours.fullmatch(n)) and m[1] not in keep]
        for name in gone:
            with contextlib.suppress(IndexMissing):  # another indexer was quicker
                self._delete(name)
        return len(gone)

    def _record(self, name: str) -> str | None:
        try:
            collection = self._client().get_collection(name, embedding_function=None)
        except Exception as error:
            if _is(error, "NotFoundError"):
                return None
            raise
        documents = collection.get(ids=["live"], include=["documents"])["documents"]
        return documents[0] if documents else None

    def _open(self, name: str) -> Any:
        return self._try(lambda: self._client().get_collection(name, embedding_function=None))

    def _delete(self, name: str) -> None:
        self._try(lambda: self._client().delete_collection(name))

    def _make(self, name: str, configuration: dict[str, Any]) -> Any:
        more = {"configuration": configuration} if configuration else {}
        return self._try(
            lambda: self._client().get_or_create_collection(name, embedding_function=None, **more)
        )

    def _client(self) -> Any:
        """Chroma's own client, connected at the first use, without telemetry and with a limit of time."""
        if self._connected is None:
            try:  # the client itself waits for ever for a host that does not answer
                socket.create_connection((self.hostname, self.port), timeout=10).close()
            except OSError as error:
                raise ConnectionError(error.strerror or str(error)) from error
            os.environ["ANONYMIZED_TELEMETRY"] = "False"
            import chromadb
            from chromadb.config import Settings

            headers = {}
            if self._trusted and (key := os.environ.get("CHROMA_API_KEY", "")):
                headers = {"x-chroma-token": key}
                if not self.cloud:  # a server behind a gate of its own
                    headers["authorization"] = f"Bearer {key}"
            elif self._login:
                coded = base64.b64encode(self._login.encode()).decode()
                headers = {"authorization": f"Basic {coded}"}
            client = chromadb.HttpClient(
                host=self.hostname,
                port=self.port,
                ssl=self.secure,
                headers=headers,
                settings=Settings(anonymized_telemetry=False),
                tenant=os.environ.get("CHROMA_TENANT") or "default_tenant",
                database=os.environ.get("CHROMA_DATABASE") or "default_database",
            )
            session = getattr(getattr(client, "_server", None), "_session", None)
            if session is not None:
                session.timeout = PATIENCE_S
            self._connected = client
        return self._connected

    def _try(self, call: Callable[[], T]) -> T:
        """Make a call, again where the connection was lost; raise what people understand."""
        for attempt in range(TRIES):
            try:
                return call()
            except Exception as error:  # Chroma's client raises classes of httpx, json and its own
                if _is(error, "NotFoundError"):
                    raise IndexMissing(
                        f"what was asked for is no longer on {self.shown}", "ask again"
                    ) from error
                if attempt + 1 < TRIES and self._connected is not None and _passes(error):
                    time.sleep(FIRST_WAIT_S * 2**attempt)
                    continue
                raise self._explained(error) from error
        raise AssertionError

    def _explained(self, error: Exception) -> Exception:
        text = " ".join(str(error).split())
        if key := os.environ.get("CHROMA_API_KEY"):  # some servers repeat what they refuse
            text = text.replace(key, "***")
        if isinstance(error, Unreachable | UsageError):
            return error
        if _is(error, "AuthorizationError", "ForbiddenError") or _status(error) in (401, 403):
            hint = "set CHROMA_API_KEY (and CHROMA_TENANT, CHROMA_DATABASE)"
            if not self._trusted:
                hint = "use https://: CHROMA_API_KEY is not sent in the clear to another machine"
            return Unreachable(f"{self.shown} refused the key", hint)
        if _is(error, "TransportError", "ConnectionError") or "connect" in text.casefold():
            return Unreachable(
                f"the Chroma server at {self.shown} cannot be reached",
                "start it with: chroma run --path DIR --port PORT, or use a folder: --store DIR",
            )
        if _is(error, "TenantError", "InvalidArgumentError") and "tenant" in text.casefold():
            return Unreachable(
                f"{self.shown} has no such tenant or database",
                "check CHROMA_TENANT, CHROMA_DATABASE",
            )
        return Unreachable(
            f"{self.shown} does not answer as a Chroma server does: {text[:160]}",
            "check the address; run it again to go on where it was",
        )


def pages(items: Sequence[T], size: int = _PAGE) -> Iterator[Sequence[T]]:
    """Yield the items in parts that fit a request."""
    for i in range(0, len(items), size):
        yield items[i : i + size]


def as_vectors(found: Any) -> Vectors:
    """Return the embeddings of an answer as an array of shape (n, dimension)."""
    return np.asarray(found["embeddings"], dtype=np.float32)


def _is(error: BaseException, *names: str) -> bool:
    """Whether an error, or what it came from, is of a class of that name; no class is imported for it."""
    while error:
        if any(c.__name__ in names for c in type(error).__mro__):
            return True
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return False


def _status(error: BaseException | None) -> int | None:
    """The HTTP status that an error came from, if it did; the client keeps it in what it raised from."""
    while error:
        found = getattr(getattr(error, "response", None), "status_code", None)
        if isinstance(found, int):
            return found
        error = error.__cause__ or error.__context__
    return None


def _passes(error: BaseException) -> bool:
    """Whether the fault may soon be gone."""
    return _is(error, "TransportError", "RateLimitError", "InternalError") or _status(error) in (
        429, 500, 502, 503, 504,
    )  # fmt: skip
