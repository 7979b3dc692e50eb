"""Which models can be used now, and the answerer for a name.

Only `list_models` opens a socket, to this machine or to an address that the user configured; a
provider is never asked, only whether its key is set. How well a model answers, `qa eval` says.
"""

from __future__ import annotations

import difflib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from index.errors import UsageError
from index.safe import safe
from qa.config import Settings
from qa.destinations import (
    BUILT_IN,
    HOSTED,
    SERVERS,
    Destination,
    address,
    destination,
    full_name,
    has_key,
    keys,
)
from qa.types import Answerer

if TYPE_CHECKING:
    from qa.client import Client

WAIT_S, LONGEST_S, MOST_BYTES = 0.5, 2.0, 1 << 20
SHOWN_WITHOUT_KEY = ("openai", "anthropic", "gemini", "mistral")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model, or what stands for many (`openai/…`), where it is, and whether it can be used."""

    name: str
    place: str
    available: bool
    note: str


def make_answerer(
    name: str,
    settings: Settings,
    extractive: Callable[[], Answerer],
    client: Client | None = None,
) -> Answerer:
    """Return the answerer for a name; nothing is sent. With a `client` litellm stays out of this process.

    Raises `UsageError` with the nearest name where it is none of these.
    """
    if (settings.options(name).model or name) == BUILT_IN:
        if client:
            client.close()
        return extractive()
    try:
        full_name(name, settings)
    except UsageError:
        raise _unknown(name, settings) from None
    from qa.llm import ModelAnswerer

    if client is None:
        return ModelAnswerer(name, settings)
    client.start()
    return ModelAnswerer(name, settings, client.stream)


def list_models(settings: Settings) -> list[ModelChoice]:
    """Return what can be chosen: built in, aliases, what servers offer, and which keys are set."""
    found = [ModelChoice(BUILT_IN, "this machine", True, "built in: no key, no server")]
    offered: dict[str, list[str] | None] = {}
    servers = list(_servers(settings, offered))
    found += [_alias(name, settings, offered) for name in settings.models]
    return found + servers + list(_providers(settings))


def _unknown(name: str, settings: Settings) -> UsageError:
    model = settings.options(name).model or name
    known = [BUILT_IN, *settings.models, *HOSTED, *SERVERS]
    near = difflib.get_close_matches(model, known, n=1, cutoff=0.5)
    shown = safe(model, newlines=False)[:80]
    if not near:
        hint = "name the provider as well, such as ollama/llama3.2, or see: qa models"
    elif near[0] in HOSTED or near[0] in SERVERS:
        hint = f"did you mean {near[0]}/…? see: qa models"
    else:
        hint = f"did you mean {near[0]!r}?"
    return UsageError(f"unknown model {shown!r}", hint)


def _alias(name: str, settings: Settings, offered: dict[str, list[str] | None]) -> ModelChoice:
    options = settings.options(name)
    model = options.model or name
    if model == BUILT_IN:
        return ModelChoice(name, "this machine", True, f"alias of {BUILT_IN}")
    note = f"alias of {safe(model, newlines=False)}" if model != name else "options in qa.toml"
    try:
        where = destination(name, settings)
    except UsageError as error:
        return ModelChoice(name, "nowhere", False, f"{note}; {error.message}")
    if where.base in offered:
        there = offered[where.base] is not None
        return ModelChoice(name, where.host, there, note if there else f"{note}; nothing answers")
    ready, why = _usable(where, settings)
    return ModelChoice(name, where.host, ready, f"{note}; {why}")


def _usable(where: Destination, settings: Settings) -> tuple[bool, str]:
    if settings.offline and not where.local:
        return False, "offline"
    if where.key is None or where.local:
        return True, "not asked"
    is_set = has_key(where)
    named = next((name for name in keys(where) if os.environ.get(name)), where.key)
    return is_set, f"{named} is {'set' if is_set else 'not set'}"


def _servers(settings: Settings, offered: dict[str, list[str] | None]) -> Iterator[ModelChoice]:
    """Ask Ollama and every configured API base what they have; no key is sent along."""
    ollama = destination("ollama/any", Settings(models={}))
    bases = {settings.api_base: None, **{o.api_base: None for o in settings.models.values()}}
    places = [(ollama, "/api/tags", "models", "name", "ollama/")]
    for base in bases:
        if not base:
            continue
        try:
            where = destination("openai/any", Settings(api_base=address(base)))
        except UsageError as error:
            yield ModelChoice("openai/…", "nowhere", False, error.message)
            continue
        places.append((where, "/models", "data", "id", "openai/"))
    for where, path, table, key, prefix in places:
        base = where.base or ""
        if settings.offline and not where.local:
            yield ModelChoice(f"{prefix}…", where.host, False, "offline")
            continue
        if base in offered:
            continue
        names = offered[base] = _ask(base + path, table, key, where.local)
        if names is None:
            hint = "start it with: ollama serve" if prefix == "ollama/" else "is it running?"
            yield ModelChoice(f"{prefix}…", where.host, False, f"no answer; {hint}")
        for name in names or []:
            yield ModelChoice(prefix + name, where.host, True, "served now")
        if names == []:
            hint = "; fetch one with: ollama pull llama3.2" if prefix == "ollama/" else ""
            yield ModelChoice(f"{prefix}…", where.host, False, f"it has no models{hint}")


def _providers(settings: Settings) -> Iterator[ModelChoice]:
    """The hosted providers, each where a question to it would go: the environment may have moved it."""
    for provider in HOSTED:
        try:
            where = destination(f"{provider}/any", replace(settings, api_base=None, models={}))
        except UsageError as error:
            yield ModelChoice(f"{provider}/…", "nowhere", False, error.message)
            continue
        if has_key(where) or provider in SHOWN_WITHOUT_KEY or where.base:
            yield ModelChoice(f"{provider}/…", where.host, *_usable(where, settings))


def _ask(url: str, table: str, key: str, local: bool) -> list[str] | None:
    """Return the names that a server lists, None where nothing fit answers within two seconds."""
    import httpx

    stop, body = time.monotonic() + LONGEST_S, b""
    try:
        # A proxy has no business with what is meant for this machine.
        with (
            httpx.Client(timeout=WAIT_S, trust_env=not local, follow_redirects=False) as client,
            client.stream("GET", url, headers={"accept-encoding": "identity"}) as answer,
        ):
            if answer.status_code != 200:
                return None
            for piece in answer.iter_raw():
                body += piece
                if len(body) > MOST_BYTES or time.monotonic() > stop:
                    return None
        listed: Any = json.loads(body)[table]
        names = [safe(str(row[key]), newlines=False)[:120] for row in listed]
        return sorted(filter(None, names))[:200]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError):
        return None
