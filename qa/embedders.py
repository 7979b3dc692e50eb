"""The embedder that the settings name: on this machine, or behind an address.

What calls a server is imported for such a name only.
"""

from __future__ import annotations

from pathlib import Path

from index.embed import Embedder
from qa.config import Settings
from qa.destinations import HOSTED, SERVERS


def is_hosted(name: str, settings: Settings) -> bool:
    """Say whether a name means a model behind an address; a folder of that name wins."""
    name = settings.options(name).model or name
    provider = name.partition("/")[0]
    return "/" in name and provider in {*HOSTED, *SERVERS} and not Path(name).is_dir()


def open_embedder(settings: Settings, found: str | None = None) -> Embedder:
    """Return the embedder of the settings; `found` is the identity of the index, where there is one.

    Raises `UsageError` when it cannot be had, or is elsewhere with `--offline`.
    """
    if not is_hosted(settings.embedder, settings):
        from index.embed import open_embedder as open_local

        return open_local(settings.embedder)
    from qa.embedding import HostedEmbedder

    return HostedEmbedder(settings, found)


def identity_in(folder: Path, settings: Settings) -> str | None:
    """Return the identity that the settings' embedder had when an index was made, None for another's or none.

    With it nobody is asked how long the vectors are.
    """
    from index.beside import made

    found = made(folder)
    return found.embedder if found and found.name == settings.embedder else None
