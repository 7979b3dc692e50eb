"""Several embedders in one index: each has a store of its own, so that their vectors never mix.

The first is the index itself; others lie below it in `embedders/NAME/`, with passages that fit their own
length. A search opens the store of the embedder that was chosen.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from index.catalogue import Catalogue
from index.embed import can_be
from index.errors import IndexMissing
from index.store import BESIDE


def identity(store: Path) -> str | None:
    """Return the identity of the embedder that a store was made with, None where nothing is indexed."""
    try:
        catalogue = Catalogue.open_to_read(store)
    except IndexMissing:
        return None
    try:
        return catalogue.get("embedder") if catalogue.live else None
    finally:
        catalogue.close()


def place(store: Path, name: str) -> Path:
    """Return where the store of another embedder lies beside the first. It need not exist yet."""
    short = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[-40:]
    return store / BESIDE / f"{short}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def others(store: Path) -> dict[str, Path]:
    """Return the stores beside the first that hold something, by the identity of their embedder."""
    folders = sorted((store / BESIDE).iterdir()) if (store / BESIDE).is_dir() else []
    found = {identity(folder): folder for folder in folders}
    return {i: folder for i, folder in found.items() if i}


def fitting(store: Path, name: str) -> Path | None:
    """Return the store, of those in an index, whose embedder has that name; the first where none is yet."""
    first = identity(store)
    if first is None or can_be(name, first):
        return store
    return next((folder for i, folder in others(store).items() if can_be(name, i)), None)


def choose(store: Path, name: str) -> Path:
    """Return the fitting store. Raises `IndexMissing` that says which embedders the index has."""
    found = fitting(store, name)
    if found is None:
        known = " and ".join([identity(store) or "?", *others(store)])
        raise IndexMissing(
            f"the index was made with the embedder {known}, the settings name {name}",
            f"choose one that it has (--embedder), add this one (qa index --beside --embedder {name}), "
            "or replace the first (qa index --rebuild PATH…)",
        )
    return found


def name_of(found: str) -> str:
    """Return the name by which the embedder of an identity is opened."""
    return found.rsplit("/", 2)[0]
