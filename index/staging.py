"""Read what changed: files become articles and passages in the catalogue's next generation.

Nothing here embeds, and nothing that is staged can be seen before the catalogue switches.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path

from index.archives import archive_of
from index.catalogue import Catalogue
from index.embed import Embedder
from index.entries import Ended, Event
from index.forecast import Meter
from index.identity import settle_ids, versioned
from index.naming import settle_outlets
from index.outcomes import tell_files
from index.reading import Reading
from index.record import Failure, Raw
from index.report import Report
from index.split import passages
from index.types import Article
from index.walk import File

Progress = Callable[[str, int, int], None]
"""Called with the phase (`reading`, `embedding`, `storing`), what is done, and the total."""

_TITLE_CHARACTERS = 200


def embedded_text(title: str, passage: str) -> str:
    """Return what is embedded of a passage: the head of its title, and itself."""
    return f"{title[:_TITLE_CHARACTERS]}\n{passage}"


class Staging:
    """The reading part of a run, into generation `g`."""

    def __init__(
        self,
        catalogue: Catalogue,
        g: int,
        embedder: Embedder,
        progress: Progress,
        rebuild: bool,
        passage_tokens: int | None = None,
    ) -> None:
        self.catalogue, self.g = catalogue, g
        self.embedder, self.progress, self.rebuild = embedder, progress, rebuild
        self.passage_tokens = passage_tokens
        self.meter = Meter()
        self._recalled: dict[str, dict[str, int]] = {}
        """By the path of a file that is read again: the live articles of its records, by their digests."""

    def stage(self, files: Sequence[File], report: Report, *, anew: bool = False) -> None:
        """Make the generation hold exactly these files, and count in the report what became of each.

        With `anew` no article is taken over from the live generation, whose passages are another embedder's
        or another splitter's.
        """
        db = self.catalogue.db
        with db:
            if anew:
                db.execute("UPDATE articles SET died = ? WHERE died IS NULL", [self.g])
            changed = self._changed(files)
            with Reading() as reading:
                for done, (file, events) in enumerate(reading.read(changed, self._recalled)):
                    self.progress("reading", done, len(changed))
                    self._take(file, events)
            db.execute(
                "UPDATE articles SET died = ? WHERE died IS NULL AND id NOT IN (SELECT l.article "
                "FROM links l JOIN files f ON f.id = l.file WHERE f.died IS NULL)",
                [self.g],
            )
            settle_ids(db, self.g)
            settle_outlets(db, self.g)
        self.progress("reading", len(changed), len(changed))
        tell_files(self.catalogue, self.g, report)

    def _changed(self, files: Sequence[File]) -> list[File]:
        """Return the files to be read; those that changed or are gone die, with the members of archives."""
        db = self.catalogue.db
        known: dict[str, sqlite3.Row] = {}
        members: dict[str, list[int]] = {}
        for row in db.execute("SELECT * FROM files WHERE died IS NULL").fetchall():
            if archive := archive_of(row["path"]):
                members.setdefault(archive, []).append(row["id"])
            else:
                known[row["path"]] = row
        changed = []
        for file in files:
            old = known.get(file.path)
            if old is not None and not self.rebuild and self._same(file, old):
                del known[file.path]
                continue
            changed.append(file)
        again = set() if self.rebuild else {file.path for file in changed}
        for path, row in known.items():
            for id in (row["id"], *members.get(path, ())):
                db.execute("UPDATE files SET died = ? WHERE id = ?", [self.g, id])
                if path in again:
                    self._recall(path, id)
        return changed

    def _recall(self, path: str, file: int) -> None:
        """Note which articles came from the records of a file: records that stand there still need no reading."""
        rows = self.catalogue.db.execute(
            "SELECT record, article FROM links JOIN articles ON id = article "
            "WHERE file = ? AND record NOT NULL AND died IS NULL",
            [file],
        )
        if found := dict(rows.fetchall()):
            self._recalled.setdefault(path, {}).update(found)

    def _same(self, file: File, old: sqlite3.Row) -> bool:
        if not old["sha256"]:
            return False  # it could not be opened the last time
        try:
            if (file.size, file.mtime_ns) == (old["size"], old["mtime_ns"]) and (
                os.stat(file.location).st_ctime_ns < self._settled
            ):
                return True
            if file.size != old["size"] or _digest(file.location) != old["sha256"]:
                return False
        except OSError:
            return False  # reading it will tell why
        self.catalogue.db.execute(
            "UPDATE files SET mtime_ns = ? WHERE id = ?", [file.mtime_ns, old["id"]]
        )
        return True

    @cached_property
    def _settled(self) -> int:
        """Times before this one (ns) are as they were when the last run began; a later change of a file may
        have kept its size and time (a copy with its old time, a clock that was put back, two in one tick).
        """
        began = int(self.catalogue.get("began_ns") or 0)
        # A run that began in the future had another clock: its time says nothing.
        return began - 2_000_000_000 if began <= time.time_ns() else 0

    def _take(self, file: File, events: Iterable[Event]) -> None:
        failures: list[dict[str, str]] = []
        rows: dict[int, str | None] = {}
        recalled, record = self._recalled.get(file.path, {}), None
        characters = 0
        for event in events:
            if isinstance(event, Raw):
                record = event.digest
                if record in recalled:
                    rows[recalled[record]] = record
            elif isinstance(event, Article):
                rows[self._add(event)] = record
                characters += len(event.text)
            elif isinstance(event, Failure):
                reason = f"{event.where}: {event.reason}" if event.where else event.reason
                failures.append({"path": event.path, "reason": reason, "kind": "record"})
            elif isinstance(event, Ended):
                if event.reason and rows:  # it has ended early, and what came before is kept
                    reason = f"the rest of the file cannot be read: {event.reason}"
                    failures.append({"path": event.path, "reason": reason, "kind": "record"})
                elif event.reason:  # a file of failures only is one failure
                    failures = [{"path": event.path, "reason": event.reason, "kind": event.status}]
                opened = event.size, event.mtime_ns
                size, mtime_ns = opened if event.sha256 else (file.size, file.mtime_ns)
                row = self.catalogue.add_file(
                    self.g, event.path, size, mtime_ns, event.sha256, failures
                )
                self.catalogue.db.executemany(
                    "INSERT INTO links VALUES (?, ?, ?)",
                    [(row, article, rows[article]) for article in sorted(rows)],
                )
                failures, rows, record = [], {}, None
        if not self._recalled.pop(file.path, None):  # else only some of it was read
            self.meter.count(file, characters)

    def _add(self, article: Article) -> int:
        """Stage an article unless this very one is there; return its row id."""
        print_ = fingerprint(article)
        base = article.source.article_id
        row = self.catalogue.db.execute(
            "SELECT id FROM articles WHERE article_id IN (?, ?) AND fingerprint = ? AND died IS NULL",
            [base, versioned(base, print_), print_],
        ).fetchone()
        if row:
            return int(row["id"])
        title = article.source.title[:_TITLE_CHARACTERS]
        budget = max(self.embedder.max_tokens - self.embedder.count_tokens([title])[0] - 1, 64)
        budget = min(budget, self.passage_tokens or budget)
        spans = passages(article.text, budget, self.embedder.count_tokens)
        inputs = [embedded_text(title, article.text[a:b]) for a, b in spans]
        tokens = self.embedder.count_tokens(inputs) if inputs else []
        return self.catalogue.add_article(
            self.g,
            article,
            print_,
            [
                (a, b, n, self._key(text))
                for (a, b), n, text in zip(spans, tokens, inputs, strict=True)
            ],
        )

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.embedder.identity}\0{text}".encode()).digest()[:16]


def fingerprint(article: Article) -> str:
    """Return a hash of all that an article says: its text, title, outlet, date, address, authors and own id."""
    s = article.source
    parts = [article.text, s.title, s.publisher, s.published, s.url, s.authors, s.source_id]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _digest(location: Path) -> str:
    with location.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
