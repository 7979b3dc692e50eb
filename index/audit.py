"""Compare an index with what was written, file by file and row by row, before any engine opens it.

It names what is wrong and mends nothing; what only a search can show is compared by `Corpus.audit`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index import cache, seal
from index.catalogue import Catalogue
from index.connection import damaged
from index.errors import NothingIndexed
from index.sealed import FILE, SEAL, unsealed
from index.staging import fingerprint
from index.store import open_generation


def inspect(store: Path) -> None:
    """Read every byte of the index. Raises `IndexMissing` for the first thing that is not as it was written."""
    if unsealed(store):
        raise damaged(store / FILE, "it is not what was written")
    if (store / SEAL).exists():
        try:
            seal.read(store / SEAL)
        except ValueError as error:
            raise damaged(store / SEAL, error) from error
    catalogue = Catalogue.open_to_read(store)
    try:
        found = catalogue.db.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise damaged(store / FILE, found)
        if not catalogue.live:
            raise NothingIndexed(f"nothing is indexed in {store} yet", "qa index PATH…")
        _articles(catalogue, store / FILE)
        bad = len(cache.damaged(catalogue.db))
        if bad:
            raise damaged(store / FILE, f"{bad} vectors are not what was written")
        open_generation(store / "generations" / str(catalogue.get("folder")), deep=True)
    finally:
        catalogue.close()


def _articles(catalogue: Catalogue, file: Path) -> None:
    named = {}
    if catalogue.get("schema") not in ("1", "2"):
        named = dict(
            map(tuple, catalogue.db.execute("SELECT article, said FROM spellings").fetchall())
        )
    rows = catalogue.db.execute(
        "SELECT id, article_id, fingerprint FROM articles WHERE born <= :g AND (died IS NULL OR died > :g)",
        {"g": catalogue.live},
    ).fetchall()
    for row in rows:
        article = catalogue.article(row["article_id"], catalogue.live)
        if article and row["id"] in named:  # what it was given another name for
            article = replace(article, source=replace(article.source, publisher=named[row["id"]]))
        if article is None or fingerprint(article) != row["fingerprint"]:
            raise damaged(file, f"{row['article_id']} is not what was written")
