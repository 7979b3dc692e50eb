"""Several indexes of the same files in one: of other embedders, or cut into passages of another size.

The first is the index itself; others lie below it in `embedders/NAME/`, those that a sweep made in
`sweep/NAME/`, each a store of its own, so that their vectors never mix. A search opens the one that fits
the settings; `qa index` brings all of `embedders/` up to date, and never what a sweep made.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from index.catalogue import Catalogue
from index.embed import can_be
from index.errors import IndexMissing
from index.split import size_of
from index.store import BESIDE, SWEEP


class Made(NamedTuple):
    """A store that holds something, and the identities of the embedder and the splitter that made it."""

    folder: Path
    embedder: str
    splitter: str

    @property
    def name(self) -> str:
        """The name by which its embedder is opened."""
        return self.embedder.rsplit("/", 2)[0]

    @property
    def size(self) -> int | None:
        """The most tokens of a passage, None for as many as the embedder reads."""
        return size_of(self.splitter)

    @property
    def shown(self) -> str:
        """How it is told from the others."""
        return described(self.embedder, self.size)

    def fits(self, name: str, size: int | None) -> bool:
        """Whether its embedder may have that name, and its passages that size; None is any size."""
        return can_be(name, self.embedder) and size in (None, self.size)


def described(embedder: str, size: int | None) -> str:
    """Return an embedder and the most tokens of a passage in words."""
    return f"{embedder}, passages of {size} tokens" if size else embedder


def made(store: Path) -> Made | None:
    """Return what made a store, None where nothing is indexed."""
    try:
        catalogue = Catalogue.open_to_read(store)
    except IndexMissing:
        return None
    try:
        if not catalogue.live:
            return None
        return Made(store, catalogue.get("embedder") or "?", catalogue.get("splitter") or "?")
    finally:
        catalogue.close()


def place(store: Path, name: str, size: int | None = None, *, under: str = BESIDE) -> Path:
    """Return where the store of another embedder or size lies beside the first. It need not exist yet."""
    wanted = described(name, size)
    short = re.sub(r"[^A-Za-z0-9]+", "-", wanted).strip("-")[-40:]
    return store / under / f"{short}-{hashlib.sha256(wanted.encode()).hexdigest()[:6]}"


def others(store: Path, *, under: str = BESIDE) -> list[Made]:
    """Return the stores beside the first that hold something."""
    folders = sorted((store / under).iterdir()) if (store / under).is_dir() else []
    return [found for folder in folders if (found := made(folder))]


def fitting(store: Path, name: str, size: int | None = None) -> Path | None:
    """Return the store, of those in an index, that fits; the first where nothing is indexed yet."""
    first = made(store)
    if first is None:
        return store
    found = (m.folder for m in (first, *others(store)) if m.fits(name, size))
    return next(found, None)


def choose(store: Path, name: str, size: int | None = None) -> Path:
    """Return the fitting store. Raises `IndexMissing` that says which ones the index has."""
    found = fitting(store, name, size)
    if found is None:
        first = made(store)
        known = " and ".join(m.shown for m in ([first] if first else []) + others(store))
        raise IndexMissing(
            f"the index was made with the embedder {known}, the settings name {described(name, size)}",
            "choose one that it has (--embedder; passage_tokens in qa.toml), add this one "
            f"(qa index --beside --embedder {name}), or replace the first (qa index --rebuild PATH…)",
        )
    return found


def adopt(folder: Path) -> None:
    """Move a store that a sweep made to `folder`, its place beside the first, where nothing is there yet."""
    swept = folder.parents[1] / SWEEP / folder.name
    if swept.is_dir() and not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        swept.rename(folder)
