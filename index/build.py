"""Build or update an index: read what changed, embed what is new, publish a new generation.

Every step can be interrupted: what is staged is invisible until the catalogue switches, and vectors are
kept as they come. Unchanged files are not read, unchanged passages not embedded.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from index import grouping, incoming, readers, room
from index.catalogue import ASIDE, Catalogue, is_damaged
from index.embed import Embedder
from index.errors import IndexMissing, UnreadableFile, UsageError
from index.forecast import pace_of, plan
from index.report import Report
from index.sealed import FILE, break_seal
from index.split import size_of, splitter
from index.staging import Progress, Staging, embedded_text
from index.store import writing
from index.storing import Storing
from index.walk import STDIN, File, scan
from index.workers import embedded

_CHUNK = 32
"""Passages embedded between two commits: what an interrupted run has to do again at most, a core."""


def build(
    store: Path,
    roots: Sequence[Path],
    embedder: Embedder,
    *,
    passage_tokens: int | None = None,
    rebuild: bool = False,
    dry_run: bool = False,
    wait: float = 0.0,
    workers: int | None = None,
    graph: bool = True,
    before: Callable[[int, int], None] = lambda texts, tokens: None,
    progress: Progress = lambda phase, done, total: None,
    stdin: IO[bytes] | None = None,
) -> Report:
    """Make the index in `store` hold exactly the articles under `roots`.

    A root `-` stands for records in JSON lines: those of `stdin`, or those that came last where it is None.
    A dry run tells in `Report.plan` what would be done and how long it would take, and changes nothing.
    A passage has at most `passage_tokens`, the title not counted: None is what the index has, of a new or a
    rebuilt one as many as the embedder reads.
    `rebuild` reads every file again and builds the store from the catalogue's cached vectors.
    `workers` processes embed what is new (None: as many as pay); `graph` False makes a store whose vectors
    are searched on a server. `before` is told how many texts and tokens are about to be embedded.
    Raises `UsageError` for a path that is not there or holds nothing to read, `IndexMissing` when the
    index was made with another embedder, `Busy` when another process writes.
    """
    started = time.monotonic()
    report = Report()
    if any(os.path.realpath(root) == os.path.realpath(store) for root in roots):
        raise UsageError(
            f"{store} is the folder of the articles",
            f"keep the index beside them: --store {store}/.qa",
        )
    files = scan(roots, store, report)
    if not files:
        kinds = " ".join(sorted(readers.READERS))
        named = ", ".join(str(r) for r in roots)
        raise UsageError(
            f"nothing to index in {named}",
            f"files that are read: {kinds} (and .gz of the text ones)",
        )
    if dry_run:
        plan(store, files, embedder, report)
        report.seconds = time.monotonic() - started
        return report
    with writing(store, wait):
        if rebuild:
            _set_damaged_aside(store)
        catalogue = None
        try:
            catalogue = Catalogue.open_to_write(store)
            run = _Run(
                store,
                catalogue,
                embedder,
                report,
                progress,
                rebuild,
                workers,
                graph,
                before,
                passage_tokens,
            )
            if any(file.path == STDIN for file in files):
                came = run.stdin(stdin)
                files = [came if file.path == STDIN else file for file in files]
            run.run(files, roots)
        except Exception as error:
            told = room.explain(error, store, files, catalogue.db if catalogue else None)
            if told is None:
                raise
            raise told from error
        finally:
            if catalogue:
                with contextlib.suppress(sqlite3.Error):  # the disk again: it was told already
                    catalogue.close()
    report.seconds = time.monotonic() - started
    return report


class _Run:
    """One run of the writer, from the files to the switch."""

    def __init__(
        self,
        store: Path,
        catalogue: Catalogue,
        embedder: Embedder,
        report: Report,
        progress: Progress,
        rebuild: bool,
        workers: int | None = None,
        graph: bool = True,
        before: Callable[[int, int], None] = lambda texts, tokens: None,
        passage_tokens: int | None = None,
    ) -> None:
        self.store, self.catalogue, self.embedder = store, catalogue, embedder
        self.report, self.progress, self.rebuild = report, progress, rebuild
        self.workers, self.graph, self.before = workers, graph, before
        self.live = catalogue.live
        if passage_tokens is None and self.live and not rebuild:
            passage_tokens = size_of(catalogue.get("splitter") or "")
        self.passage_tokens = passage_tokens
        self.g = self.live + 1

    def stdin(self, stream: IO[bytes] | None) -> File:
        """Return the records that come now, or came last."""
        if stream is not None:
            return incoming.receive(self.store, stream)
        return incoming.kept(self.store, self.catalogue.digest(STDIN, self.live))

    def run(self, files: Sequence[File], roots: Sequence[Path]) -> None:
        anew = self._other_parts()
        self.catalogue.drop_staged()
        began, began_ns = time.monotonic(), time.time_ns()
        staging = Staging(
            self.catalogue, self.g, self.embedder, self.progress, self.rebuild, self.passage_tokens
        )
        staging.stage(files, self.report, anew=anew)
        grouping.group(self.catalogue.db, self.progress)
        added, removed = self._difference()
        _, self.report.articles, self.report.passages = self.catalogue.counts(self.g)
        if not self.report.articles:
            told = (self.report.failed + self.report.skipped)[:3]
            reasons = "; ".join(f"{f['path']}: {f['reason']}" for f in told)
            raise UnreadableFile(
                f"no article could be read ({reasons})", "the index was left as it was"
            )
        self._embed()
        storing = Storing(
            self.store, self.catalogue, self.g, self.progress, self.rebuild, graph=self.graph
        )
        folder = storing.make(added, removed)
        settings = {
            "embedder": self.embedder.identity,
            "splitter": splitter(self.passage_tokens),
            "folder": folder.name,
            "roots": json.dumps(
                [r if (r := str(root)) == STDIN else os.path.abspath(r) for root in roots]
            ),
            "began_ns": str(began_ns),
            "indexed_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        if self.report.embedded > 0.8 * len(added):  # else the cache did the work
            meter = staging.meter
            pace = pace_of(meter.characters, time.monotonic() - began, meter.density)
            settings |= {"pace": pace} if pace else {}
        self.catalogue.switch(self.g, settings)
        storing.clean_up(folder)
        incoming.drop(self.store, self.catalogue.digest(STDIN, self.g))

    def _other_parts(self) -> bool:
        """Whether the live generation was made with another embedder or splitter; only a rebuild may mix them."""
        wanted = {"embedder": self.embedder.identity, "splitter": splitter(self.passage_tokens)}
        for key, value in wanted.items():
            found = self.catalogue.get(key)
            if self.live and found != value:
                if self.rebuild:
                    return True
                raise IndexMissing(
                    f"the index was made with the {key} {found}, not {value}",
                    "qa index --rebuild PATH…",
                )
        return False

    def _difference(self) -> tuple[list[int], list[int]]:
        """Count articles for the report; return the row ids of the passages that came and went."""
        db, g = self.catalogue.db, self.g
        born = {
            r[0]: r[1]
            for r in db.execute("SELECT id, article_id FROM articles WHERE born = ?", [g])
        }
        died = {
            r[0]: r[1]
            for r in db.execute("SELECT id, article_id FROM articles WHERE died = ?", [g])
        }
        by_id = set(born.values()) & set(died.values())
        # An edited file may have got another id: the article of the same file counts as updated too.
        by_path = _paths(db, [r for r, i in born.items() if i not in by_id])
        gone = _paths(db, [r for r, i in died.items() if i not in by_id])
        same_path = sum(min(n, gone.get(path, 0)) for path, n in by_path.items())
        self.report.updated = len(by_id) + same_path
        self.report.added = len(born) - self.report.updated
        self.report.removed = len(died) - self.report.updated
        total = self.catalogue.counts(g)[1]
        self.report.unchanged = total - len(born)
        return _passages_of(db, "born", g), _passages_of(db, "died", g)

    def _embed(self) -> None:
        rows = self.catalogue.db.execute(
            "SELECT p.vector, min(p.id) AS id, p.tokens FROM passages p JOIN articles a "
            "ON a.id = p.article WHERE a.died IS NULL AND p.vector NOT IN (SELECT key FROM vectors) "
            # The longest first: memory peaks at once, and the time left is never too hopeful.
            "GROUP BY p.vector ORDER BY p.tokens DESC, p.vector"
        ).fetchall()
        total = sum(row["tokens"] for row in rows)
        done = 0

        def chunks() -> Iterator[tuple[list[sqlite3.Row], list[str]]]:
            for i in range(0, len(rows), _CHUNK):
                chunk = rows[i : i + _CHUNK]
                found = self.catalogue.passages([r["id"] for r in chunk], self.g)
                yield (
                    chunk,
                    [
                        embedded_text(found[r["id"]].source.title, found[r["id"]].text)
                        for r in chunk
                    ],
                )

        if rows:
            self.before(len(rows), total)
        self.progress("embedding", 0, total)
        for chunk, vectors in embedded(
            self.embedder,
            chunks(),
            len(rows),
            workers=self.workers,
            warn=self.report.warnings.append,
        ):
            self.catalogue.add_vectors([r["vector"] for r in chunk], vectors)
            done += sum(r["tokens"] for r in chunk)
            self.report.embedded += len(chunk)
            self.progress("embedding", done, total)


def _paths(db: sqlite3.Connection, rows: Sequence[int]) -> dict[str, int]:
    """How many of the articles each file holds or held."""
    counts: dict[str, int] = {}
    for row in rows:
        for path in db.execute(
            "SELECT DISTINCT f.path FROM links l JOIN files f ON f.id = l.file WHERE l.article = ? LIMIT 1",
            [row],
        ):
            counts[path[0]] = counts.get(path[0], 0) + 1
    return counts


def _passages_of(db: sqlite3.Connection, column: str, g: int) -> list[int]:
    rows = db.execute(
        f"SELECT p.id FROM passages p JOIN articles a ON a.id = p.article WHERE a.{column} = ? ORDER BY p.id",
        [g],
    )
    return [row[0] for row in rows]


def _set_damaged_aside(store: Path) -> None:
    """Rename a catalogue that is not sound: a new one takes the vectors of it that are whole."""
    if not (store / FILE).exists() or not is_damaged(store):
        return
    for file in store.glob(f"{FILE}*"):
        file.replace(file.with_name(f"{ASIDE}{file.name}"))
    break_seal(store)
