"""Which stores `qa index` brings up to date, with which embedder, and from which files."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import IndexMissing, UsageError
from qa.cli.wiring import store_of
from qa.config import Settings

if TYPE_CHECKING:
    from index.embed import Embedder
    from index.server import Server


def targets_of(
    settings: Settings, server: Server | None, rebuild: bool, beside: bool
) -> list[tuple[Settings, Path]]:
    """The stores that this run brings up to date, each with the settings that name its embedder.

    That of the embedder which was typed; else that of the settings, and all that lie beside it. Nothing is
    loaded. Raises `IndexMissing` when the index was made with another embedder, or cut to another size.
    """
    from index import beside as side

    wanted = settings.embedder, settings.passage_tokens
    if server:
        from index.mirror import place

        folder = place(server, "writer")
        found = side.made(folder)
        if found and not rebuild and not found.fits(*wanted):
            raise IndexMissing(
                f"{server.shown} was indexed with the embedder {found.shown}, not {side.described(*wanted)}",
                f"give this one a name of its own: {server.shown}-2, or replace it (--rebuild)",
            )
        return [(settings, folder)]
    first = store_of(settings)
    found = side.made(first)
    if beside and found and not found.fits(*wanted):
        return [(settings, side.place(first, *wanted))]
    try:
        chosen = side.choose(first, *wanted)
    except IndexMissing:
        if not rebuild:
            raise
        chosen = first
    others = [m for m in ([found] if found else []) + side.others(first) if m.folder != chosen]
    if settings.origins.get("embedder") == "flag":
        for other in others:
            print(f"qa: the part of {other.shown} was not updated: qa index", file=sys.stderr)
        return [(settings, chosen)]
    return [(settings, chosen)] + [
        (replace(settings, embedder=m.name, passage_tokens=m.size), m.folder) for m in others
    ]


class Later:
    """An embedder that may not be needed: it is opened when something is asked of it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder

    @cached_property
    def opened(self) -> Embedder:
        from qa.embedders import identity_in, open_embedder

        return open_embedder(self._settings, identity_in(self._folder, self._settings))

    @property
    def is_elsewhere(self) -> bool:
        """Whether texts leave this process for a server to be embedded."""
        from qa.embedders import is_hosted

        return is_hosted(self._settings.embedder, self._settings)

    def announce(self, texts: int, tokens: int) -> None:
        """Say what is about to leave this machine, if anything is."""
        if self.is_elsewhere:
            hosted: Any = self.opened
            hosted.announce(texts, tokens, lambda line: print(f"qa: {line}", file=sys.stderr))

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.opened, attribute)


def last_roots(folders: list[Path], first: Path) -> list[Path]:
    """What was indexed the last time, for another embedder if not for this one."""
    from index.catalogue import Catalogue
    from index.sealed import FILE

    for folder in (*folders, first):
        if (folder / FILE).is_file():
            known = json.loads(Catalogue.open_to_read(folder).get("roots") or "[]")
            if known:
                return [Path(root) for root in known]
    raise UsageError("name the files or folders to index", "qa index articles/")
