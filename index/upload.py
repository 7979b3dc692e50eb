"""Publish a store to a server: upload what is not there yet, look for some of it, then move the pointer.

The store keeps its own catalogue and vectors, so a lost connection costs nothing but the rest of the upload.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

from index.catalogue import ALIVE, Catalogue
from index.embed import Vectors
from index.errors import Unreachable
from index.lexical import day_number
from index.server import Pointer, Server, pages
from index.staging import Progress

_PIECE = 12_000
"""Characters (all of them ASCII) of an article in one record; Chroma Cloud takes 16 kB."""


def push(server: Server, folder: Path, progress: Progress) -> bool:
    """Publish the index of a writer's folder; return whether anything was new.

    Interrupted at any moment, nothing of it is seen, and the next call goes on where it was.
    """
    catalogue = Catalogue.open_to_read(folder)
    try:
        g = catalogue.live
        before = server.pointer()
        stamp = _content(catalogue, g)
        if before and before.stamp == stamp:
            return False
        passages, articles = server.generation(stamp, make=True)
        _upload_articles(server, articles, catalogue, g)
        samples = _upload_passages(server, passages, catalogue, g, progress)
        for name, vector in samples:
            found = server.nearest(passages, vector, 10)
            if not found or found[0][1] < 0.999:
                raise Unreachable(f"{server.shown} does not find passage {name}", "run it again")
        _, count, total = catalogue.counts(g)
        previous = before.stamp if before else ""
        pointer = Pointer(
            stamp=stamp,
            previous=previous,
            embedder=catalogue.get("embedder") or "",
            splitter=catalogue.get("splitter") or "",
            roots=catalogue.get("roots") or "",
            indexed_at=catalogue.get("indexed_at") or "",
            articles=count,
            passages=total,
        )
        server.point(pointer, before)
        # The one before stays until the next: a question that is being answered may need it.
        server.sweep([stamp, previous])
        return True
    finally:
        catalogue.close()


def _content(catalogue: Catalogue, g: int) -> str:
    """A hash of what the index holds and was made with: equal content, equal stamp."""
    digest = hashlib.sha256()
    for key in ("embedder", "splitter"):
        digest.update(f"{catalogue.get(key)}\0".encode())
    prints = dict(
        catalogue.db.execute(
            f"SELECT article_id, fingerprint FROM articles WHERE {ALIVE}", {"g": g}
        ).fetchall()
    )
    for source in catalogue.sources(g):
        # The outlet's name may change while the article stays: other articles tell how it is spelt.
        line = [source.article_id, prints[source.article_id], source.paths, source.publisher]
        digest.update(json.dumps(line).encode())
    return digest.hexdigest()[:16]


def _upload_articles(server: Server, target: Any, catalogue: Catalogue, g: int) -> None:
    there = server.ids(target)
    batch: list[tuple[str, str, dict[str, Any]]] = []

    def send() -> None:
        ids, documents, about = (list(column) for column in zip(*batch, strict=True))
        # A record needs a vector; different ones keep the graph, which nobody searches, small.
        vectors = [[float(len(there) + i), 1.0] for i in range(len(ids))]
        server.add(target, ids=ids, documents=documents, metadatas=about, embeddings=vectors)
        there.update(ids)
        batch.clear()

    rows = catalogue.db.execute(
        f"SELECT id, article_id, fingerprint FROM articles WHERE {ALIVE} ORDER BY article_id",
        {"g": g},
    ).fetchall()
    for row in rows:
        article = catalogue.article(row["article_id"], g)
        assert article is not None
        spans = catalogue.db.execute(
            "SELECT start, stop, tokens FROM passages WHERE article = ? ORDER BY n", [row["id"]]
        ).fetchall()
        source = {
            k: getattr(article.source, k)
            for k in (
                "article_id",
                "title",
                "publisher",
                "published",
                "url",
                "authors",
                "source_id",
            )
        }
        same = article.original == article.text
        packed = base64.b64encode(zlib.compress(article.original.encode(), 6)).decode()
        record = {
            "source": source,
            "fingerprint": row["fingerprint"],
            "text": article.text,
            "original": None if same else packed,
            "passages": [list(s) for s in spans],
        }
        pieces = list(pages(json.dumps(record), _PIECE))
        about = {"pieces": len(pieces), "fingerprint": row["fingerprint"]}
        about |= {"paths": json.dumps(article.source.paths)}
        about |= {"publisher": article.source.publisher or ""}
        for i, piece in enumerate(pieces):
            name = f"{row['article_id']}/{i}"
            if name not in there:
                # The first piece says what the article is; listing them is enough to see what changed.
                batch.append((name, str(piece), about if i == 0 else {"piece": i}))
            if len(batch) == 100:
                send()
    if batch:
        send()


def _upload_passages(
    server: Server, target: Any, catalogue: Catalogue, g: int, progress: Progress
) -> list[tuple[str, Vectors]]:
    """Add what is not there yet; return some passages with their vectors, to be looked for."""
    there = server.ids(target)
    rows = catalogue.db.execute(
        "SELECT p.id, p.n, p.start, p.stop, a.article_id, a.published, a.publisher FROM passages p "
        f"JOIN articles a ON a.id = p.article WHERE {ALIVE} ORDER BY p.id",
        {"g": g},
    ).fetchall()
    missing = [r for r in rows if f"{r['article_id']}#{r['n']}" not in there]
    for done, page in enumerate(pages(missing)):
        progress("uploading", done * len(page), len(missing))
        vectors = catalogue.vectors([r["id"] for r in page])
        server.add(
            target,
            ids=[f"{r['article_id']}#{r['n']}" for r in page],
            embeddings=[vectors[r["id"]] for r in page],
            metadatas=[
                {
                    "article": r["article_id"],
                    "start": r["start"],
                    "end": r["stop"],
                    "published": day_number(r["published"]),
                    "publisher": r["publisher"] or "",
                }
                for r in page
            ],
        )
    progress("uploading", len(missing), len(missing))
    some = rows[:: max(len(rows) // 3, 1)][:3]
    found = catalogue.vectors([r["id"] for r in some])
    return [(f"{r['article_id']}#{r['n']}", found[r["id"]]) for r in some]
