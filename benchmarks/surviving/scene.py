"""A small folder of articles in two states, an embedder that costs nothing, and what must hold of its index.

The embedder stands in for the built-in one, so that a thousand runs take minutes; everything else is real.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from index.embed import Vectors
from index.sealed import FILE
from index.walk import File

IDENTITY = "minilm/quick"
BEFORE, AFTER, LATER = "before", "after", "later"
_WORDS = (
    "harbour minister inquiry witness company safe law crew promised water morning council storm engine report "
    "judge family north shore lost found bridge tunnel ferry orchard school budget vote strike museum"
).split()
_KNOWN = {"catalogue.sqlite3", "generations", "writer", "readers", ".gitignore", "catalogue.seal"}


class Quick:
    """An embedder of fixed random word vectors; it counts what it embeds."""

    max_tokens = 254

    def __init__(self, identity: str = IDENTITY) -> None:
        self.identity = identity
        self.embedded = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed(
        self,
        texts: Sequence[str],
        *,
        query: bool = False,
        done: Callable[[int], None] | None = None,
    ) -> Vectors:
        self.embedded += 0 if query else len(texts)
        rows = np.zeros((len(texts), 32), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.casefold().split():
                row += _vector(word)
            row /= np.linalg.norm(row) or 1.0
        return rows


_known: dict[str, Vectors] = {}


def _vector(word: str) -> Vectors:
    if word not in _known:
        _known[word] = np.random.default_rng(sum(map(ord, word))).standard_normal(32)
    return _known[word]


def story(subject: str, sentences: int = 30) -> str:
    """Return an article of a few passages on a subject."""
    random = Random(subject)
    said = [
        f"The {subject} " + " ".join(random.choices(_WORDS, k=12)) + "." for _ in range(sentences)
    ]
    return "\n\n".join(" ".join(said[i : i + 5]) for i in range(0, len(said), 5)) + "\n"


def put(folder: Path, state: str) -> None:
    """Make `folder/articles` hold one of three states.

    After `BEFORE` one article is edited, one gone, one new, one moved; later there is one more, which is little
    enough to extend a copy of the live generation.
    """
    articles = folder / "articles"
    wanted = {
        "harbour.txt": story("harbour"),
        "railway.txt": story("railway"),
        "orchard.txt": story("orchard"),
        "copy.txt": story("orchard") + "\n(Reporting by Jane Roe)\n",
        "museum.md": f"---\ntitle: The museum\nsource: North\ndate: 2025-05-31\n---\n\n{story('museum')}",
    }
    if state == LATER:
        wanted["late.txt"] = story("ferry", 12)
    if state != BEFORE:
        wanted["harbour.txt"] = story("lighthouse")
        del wanted["railway.txt"]
        wanted["bakery.txt"] = story("bakery")
        wanted["deep/museum.md"] = wanted.pop("museum.md")
    for file in [f for f in articles.rglob("*") if f.is_file()]:
        if str(file.relative_to(articles)) not in wanted:
            file.unlink()
    for name, text in wanted.items():
        file = articles / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text() != text:
            file.write_text(text)


def index(folder: Path, *options: str) -> int:
    """Run `qa index` of the folder in this process, with the quick embedder; return its exit code."""
    return qa(
        "index", str(folder / "articles"), "--store", str(folder / ".qa"), "--quiet", *options
    )


class Inside:
    """Reads in this process what `index.reading.Reading` reads in one of its own."""

    def __enter__(self) -> Inside:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(
        self, files: Sequence[File], known: Mapping[str, Collection[str]]
    ) -> Iterator[tuple[File, Iterator[Any]]]:
        from index.entries import read_entries

        for file in files:
            digests = frozenset(known.get(file.path, ()))
            yield file, read_entries(file.location, file.path, known=digests)


class Forked:
    """The process that writes vectors (`index.watched.start`), as a fork, which has imported all it needs."""

    def __init__(self) -> None:
        source, self_in = os.pipe()
        self_out, target = os.pipe()
        self._code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            from index import hnsw

            os.close(self_in)
            os.close(self_out)
            for number in (1, 2):
                os.dup2(target, number)
            with contextlib.suppress(ValueError):  # it was not needed, and asked for nothing
                hnsw.serve(os.fdopen(source, "rb"), os.fdopen(target, "wb", buffering=0))
            os._exit(0)
        os.close(source)
        os.close(target)
        self.stdin, self.stdout = os.fdopen(self_in, "wb"), os.fdopen(self_out, "rb")

    def kill(self) -> None:
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code


def qa(*arguments: str) -> int:
    """Run the command line in this process, with the quick embedder.

    The process that reads is left out and that which writes vectors forked, unless `WHOLE` is in the
    environment: starting them costs as much as all the rest.
    """
    import index.embed
    import index.staging
    import index.watched
    from qa.cli import run

    index.watched.PATIENCE = 20
    if not os.environ.get("WHOLE"):
        index.staging.Reading = Inside  # type: ignore[assignment, misc]
        # Forked now, before anything is open; the second for a copy that will not take the change.
        ready = [Forked(), Forked()]
        index.watched.start = ready.pop  # type: ignore[assignment]
    index.embed.open_embedder = lambda name: Quick(name if "/" in name else IDENTITY)  # type: ignore[assignment]
    return run(arguments)


def content(folder: Path) -> str:
    """Return the content hash of the index, after a search that must find what it holds."""
    from index.corpus import Corpus

    corpus = Corpus(folder / ".qa", Quick)
    try:
        [hit] = corpus.search("the orchard", 1)
        assert "orchard" in hit.passage.text, hit
        return corpus.content_hash()
    finally:
        corpus.close()


def orphans(folder: Path) -> list[str]:
    """Return what an index holds that nothing needs: rows, generations, files."""
    store = folder / ".qa"
    found = [
        f.name
        for f in store.iterdir()
        if f.name.removesuffix("-wal").removesuffix("-shm") not in _KNOWN
    ]
    db = sqlite3.connect(store / FILE)
    live, name = (
        db.execute(f"SELECT value FROM meta WHERE key = '{k}'").fetchone()[0]
        for k in ("live", "folder")
    )
    found += [f"generations/{g.name}" for g in (store / "generations").iterdir() if g.name != name]
    for what, query in {
        "dead or staged articles": f"FROM articles WHERE died NOT NULL OR born > {live}",
        "dead or staged files": f"FROM files WHERE died NOT NULL OR born > {live}",
        "passages of no article": "FROM passages WHERE article NOT IN (SELECT id FROM articles)",
        "articles of no file": "FROM articles WHERE id NOT IN (SELECT article FROM links)",
        "links of no file": "FROM links WHERE file NOT IN (SELECT id FROM files)",
        "vectors of no passage": "FROM vectors WHERE key NOT IN (SELECT vector FROM passages)",
        "sketches of no article": "FROM sketches WHERE article NOT IN (SELECT id FROM articles)",
        "shingles of no article": "FROM shingles WHERE article NOT IN (SELECT id FROM articles)",
        "twins of no article": "FROM twins WHERE one NOT IN (SELECT id FROM articles) "
        "OR other NOT IN (SELECT id FROM articles)",
    }.items():
        count = db.execute(f"SELECT count(*) {query}").fetchone()[0]
        found += [f"{count} {what}"] if count else []
    db.close()
    return found


def copy(folder: Path, to: Path) -> None:
    """Copy a folder with its index, times and all; what was there is dropped."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to, symlinks=True)
