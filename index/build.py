"""Build or update an index: read what changed, embed what is new, publish a new generation.

Every step can be interrupted: what is staged is invisible until the catalogue switches, and vectors are
kept as they come. Unchanged files are not read, unchanged passages not embedded.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from index import clean, dense, lexical, readers
from index.catalogue import FILE, Catalogue
from index.embed import Embedder, Vectors
from index.errors import IndexMissing, Unreachable, UnreadableFile, UsageError
from index.split import SPLITTER, passages
from index.store import MEAN, Generation, no_readers, open_generation, publish, remove, writing
from index.types import Article

Progress = Callable[[str, int, int], None]
"""Called with the phase (`reading`, `embedding`, `storing`), what is done, and the total."""

_TITLE_CHARACTERS = 200
_CHUNK = 256  # passages embedded between two commits


@dataclass(slots=True)
class Report:
    """What a run did; `failed` and `skipped` are lists of `{path, reason}`."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: list[dict[str, str]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    articles: int = 0
    passages: int = 0
    embedded: int = 0
    files: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class File:
    """A file to be indexed: where it is, and how the catalogue names it."""

    location: Path
    path: str
    size: int
    mtime_ns: int


def build(
    store: Path,
    roots: Sequence[Path],
    embedder: Embedder,
    *,
    rebuild: bool = False,
    dry_run: bool = False,
    wait: float = 0.0,
    progress: Progress = lambda phase, done, total: None,
) -> Report:
    """Make the index in `store` hold exactly the articles under `roots`.

    `rebuild` reads every file again and builds the store from the catalogue's cached vectors.
    Raises `UsageError` for a path that is not there or holds nothing to read, `IndexMissing` when the
    index was made with another embedder, `Busy` when another process writes.
    """
    started = time.monotonic()
    report = Report()
    files = scan(roots, store, report)
    if not files:
        kinds = " ".join(sorted(readers.READERS))
        named = ", ".join(str(r) for r in roots)
        raise UsageError(
            f"nothing to index in {named}",
            f"files that are read: {kinds} (and .gz of the text ones)",
        )
    if dry_run:
        _compare_files(store, files, report)
        report.seconds = time.monotonic() - started
        return report
    with writing(store, wait):
        if rebuild:
            _set_damaged_aside(store)
        catalogue = None
        try:
            catalogue = Catalogue.open_to_write(store)
            _Run(store, catalogue, embedder, report, progress, rebuild).run(files, roots)
        except sqlite3.OperationalError as error:
            raise _full(store, error) from error
        except OSError as error:
            if error.errno in (5, 28, 122):  # EIO, ENOSPC, EDQUOT
                raise _full(store, error) from error
            raise
        finally:
            if catalogue:
                catalogue.close()
    report.seconds = time.monotonic() - started
    return report


def scan(roots: Sequence[Path], store: Path, report: Report) -> list[File]:
    """Return the files under `roots` that can be read, by name; the others go into `report.skipped`.

    Hidden files and folders are passed over; a link that leads out of its root is skipped.
    """
    base = store.resolve().parent
    found: dict[str, File] = {}
    refused: list[OSError] = []
    for root in roots:
        if not root.exists():
            raise UsageError(f"there is no file or folder {str(root)!r}", "qa index PATH…")
        for location in _walk(root, store, refused):
            path = _name(location, base)
            reason = _unfit(location, root)
            if reason:
                report.skipped.append({"path": path, "reason": reason})
                continue
            try:
                stat = location.stat()
            except OSError as error:
                report.failed.append({"path": path, "reason": error.strerror or "cannot be read"})
                continue
            found[path] = File(location, path, stat.st_size, stat.st_mtime_ns)
    for refusal in refused:
        path = _name(Path(refusal.filename), base)
        report.failed.append({"path": path, "reason": refusal.strerror or "cannot be read"})
    return [found[path] for path in sorted(found)]


def _walk(root: Path, store: Path, refused: list[OSError]) -> Iterator[Path]:
    """Yield the files under a root but for hidden ones and the index's own; `refused` takes folders."""
    if not root.is_dir():
        yield root
        return
    own = os.path.realpath(store)
    for folder, names, files in os.walk(root, followlinks=False, onerror=refused.append):
        names[:] = sorted(
            n
            for n in names
            if not n.startswith(".") and os.path.realpath(os.path.join(folder, n)) != own
        )
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(folder, name)


def _name(location: Path, base: Path) -> str:
    """A file's name in the catalogue: relative to the index's folder when below it, so both can move."""
    absolute = Path(os.path.abspath(location))
    try:
        return absolute.relative_to(base).as_posix()
    except ValueError:
        return absolute.as_posix()


def _unfit(location: Path, root: Path) -> str | None:
    if not readers.supported(location):
        return f"not a kind that is read ({location.suffix or 'no ending'})"
    if location.is_symlink() and root.is_dir():
        # Not Path.resolve(), which raises on a link to itself.
        target, inside = os.path.realpath(location), os.path.realpath(root)
        if os.path.commonpath([target, inside]) != inside:
            return "a link that leads out of the folder"
    if not location.is_file():
        return "not a regular file"
    return None


def _compare_files(store: Path, files: Sequence[File], report: Report) -> None:
    """Fill a report by sizes and times alone, reading nothing."""
    known: dict[str, tuple[int, int]] = {}
    if (store / FILE).is_file():
        catalogue = Catalogue.open_to_read(store)
        rows = catalogue.db.execute(
            "SELECT path, size, mtime_ns FROM files WHERE born <= :g AND (died IS NULL OR died > :g)",
            {"g": catalogue.live},
        )
        known = {row[0]: (row[1], row[2]) for row in rows}
        catalogue.close()
    same = sum(1 for f in files if known.get(f.path) == (f.size, f.mtime_ns))
    changed = sum(1 for f in files if f.path in known) - same
    report.files = {
        "new": len(files) - same - changed,
        "changed": changed,
        "unchanged": same,
        "gone": len(known.keys() - {f.path for f in files}),
    }


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
    ) -> None:
        self.store, self.catalogue, self.embedder = store, catalogue, embedder
        self.report, self.progress, self.rebuild = report, progress, rebuild
        self.live = catalogue.live
        self.g = self.live + 1

    def run(self, files: Sequence[File], roots: Sequence[Path]) -> None:
        self._check_identity()
        self.catalogue.drop_staged()
        self._stage(files)
        added, removed = self._difference()
        _, self.report.articles, self.report.passages = self.catalogue.counts(self.g)
        if not self.report.articles:
            reasons = "; ".join(f"{f['path']}: {f['reason']}" for f in self.report.failed[:3])
            raise UnreadableFile(
                f"no article could be read ({reasons})", "the index was left as it was"
            )
        self._embed()
        folder = self._generation(added, removed)
        settings = {
            "embedder": self.embedder.identity,
            "splitter": SPLITTER,
            "folder": folder.name,
            "roots": json.dumps([os.path.abspath(r) for r in roots]),
            "indexed_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        self.catalogue.switch(self.g, settings)
        self._clean_up(folder)

    def _check_identity(self) -> None:
        """Refuse to mix two embedders or two splitters in one index."""
        if self.rebuild or self.live == 0:
            return
        for key, wanted in (("embedder", self.embedder.identity), ("splitter", SPLITTER)):
            found = self.catalogue.get(key)
            if found != wanted:
                raise IndexMissing(
                    f"the index was made with the {key} {found}, not {wanted}",
                    "qa index --rebuild PATH…",
                )

    # --- reading ---

    def _stage(self, files: Sequence[File]) -> None:
        db = self.catalogue.db
        known = {
            row["path"]: row
            for row in db.execute("SELECT * FROM files WHERE died IS NULL").fetchall()
        }
        with db:
            for done, file in enumerate(files):
                self.progress("reading", done, len(files))
                old = known.pop(file.path, None)
                if old is not None:
                    if not self.rebuild and self._same(file, old):
                        continue
                    db.execute("UPDATE files SET died = ? WHERE id = ?", [self.g, old["id"]])
                self._read(file)
            for gone in known.values():
                db.execute("UPDATE files SET died = ? WHERE id = ?", [self.g, gone["id"]])
            db.execute(
                "UPDATE articles SET died = ? WHERE died IS NULL AND id NOT IN (SELECT l.article "
                "FROM links l JOIN files f ON f.id = l.file WHERE f.died IS NULL)",
                [self.g],
            )
        self.progress("reading", len(files), len(files))
        self.report.failed.extend(self.catalogue.failures(self.g))

    def _same(self, file: File, old: sqlite3.Row) -> bool:
        if not old["sha256"]:
            return False  # it could not be opened the last time
        if (file.size, file.mtime_ns) == (old["size"], old["mtime_ns"]):
            return True
        if file.size != old["size"] or _digest(file.location) != old["sha256"]:
            return False
        self.catalogue.db.execute(
            "UPDATE files SET mtime_ns = ? WHERE id = ?", [file.mtime_ns, old["id"]]
        )
        return True

    def _read(self, file: File) -> None:
        failures: list[dict[str, str]] = []
        rows: set[int] = set()
        digest = ""
        try:
            digest = _digest(file.location)
            for record in readers.read_file(file.location):
                if isinstance(record, readers.Failure):
                    where = f"{file.path} {record.where}" if record.where else file.path
                    failures.append({"path": where, "reason": record.reason})
                else:
                    rows.add(self._add(clean.to_article(record, file.path)))
        except UnreadableFile as error:
            failures.append({"path": file.path, "reason": error.message})
        except OSError as error:
            if error.errno in (5, 28):
                raise
            failures.append({"path": file.path, "reason": error.strerror or str(error)})
        row = self.catalogue.add_file(self.g, file.path, file.size, file.mtime_ns, digest, failures)
        self.catalogue.db.executemany(
            "INSERT INTO links VALUES (?, ?)", [(row, a) for a in sorted(rows)]
        )

    def _add(self, article: Article) -> int:
        """Stage an article unless this very one is there; return its row id."""
        print_ = _fingerprint(article)
        rows = self.catalogue.db.execute(
            "SELECT id, fingerprint, born FROM articles WHERE article_id = ? AND died IS NULL",
            [article.source.article_id],
        ).fetchall()
        for row in rows:
            if row["fingerprint"] == print_:
                return int(row["id"])
            if row["born"] < self.g and not self._still_linked(row["id"]):
                self.catalogue.db.execute(
                    "UPDATE articles SET died = ? WHERE id = ?", [self.g, row["id"]]
                )
                rows = [r for r in rows if r["id"] != row["id"]]
        if rows:
            # Two different texts under one id (the same address, two versions): both are kept.
            suffix = hashlib.sha256(article.text.encode()).hexdigest()[:6]
            source = replace(article.source, article_id=f"{article.source.article_id}-{suffix}")
            if source.article_id.count(suffix) == 1:
                return self._add(replace(article, source=source))
        title = article.source.title[:_TITLE_CHARACTERS]
        budget = max(self.embedder.max_tokens - self.embedder.count_tokens([title])[0] - 1, 64)
        spans = passages(article.text, budget, self.embedder.count_tokens)
        inputs = [_embedded_text(title, article.text[a:b]) for a, b in spans]
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

    def _still_linked(self, row: int) -> bool:
        """Whether a file that has not changed still holds the article."""
        return bool(
            self.catalogue.db.execute(
                "SELECT 1 FROM links l JOIN files f ON f.id = l.file WHERE l.article = ? AND f.died IS NULL",
                [row],
            ).fetchone()
        )

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.embedder.identity}\0{text}".encode()).digest()[:16]

    # --- what changed ---

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

    # --- embedding ---

    def _embed(self) -> None:
        rows = self.catalogue.db.execute(
            "SELECT p.vector, min(p.id) AS id, p.tokens FROM passages p JOIN articles a "
            "ON a.id = p.article WHERE a.died IS NULL AND p.vector NOT IN (SELECT key FROM vectors) "
            # The longest first: memory peaks at once, and the time left is never too hopeful.
            "GROUP BY p.vector ORDER BY p.tokens DESC, p.vector"
        ).fetchall()
        total = sum(row["tokens"] for row in rows)
        done = 0
        for i in range(0, len(rows), _CHUNK):
            chunk = rows[i : i + _CHUNK]
            self.progress("embedding", done, total)
            found = self.catalogue.passages([r["id"] for r in chunk], self.g)
            texts = [
                _embedded_text(found[r["id"]].source.title[:_TITLE_CHARACTERS], found[r["id"]].text)
                for r in chunk
            ]
            vectors = self.embedder.embed(texts)
            self.catalogue.add_vectors([r["vector"] for r in chunk], vectors)
            done += sum(r["tokens"] for r in chunk)
            self.report.embedded += len(chunk)
        self.progress("embedding", total, total)

    # --- storing ---

    def _generation(self, added: Sequence[int], removed: Sequence[int]) -> Path:
        """Return the folder of the new generation: the live one when no passage changed, else a new one."""
        name = self.catalogue.get("folder")
        old = self.store / "generations" / name if name else None
        live = None if self.rebuild or old is None else _sound(old)
        if live and not added and not removed:
            return live.folder
        folder = self.store / "generations" / str(self.g)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.progress("storing", 0, len(added) + len(removed))
        if live and len(added) + len(removed) <= 0.25 * live.passages:
            try:
                collection = self._extend(live, folder, added, removed)
            except (
                Exception
            ):  # a copy that will not take the change: the catalogue can make it anew
                shutil.rmtree(folder)
                folder.mkdir()
                collection = self._build(folder)
        else:
            collection = self._build(folder)
        samples = self.catalogue.vectors(added[:: max(len(added) // 3, 1)][:3] if added else [])
        dense.probe(folder / "chroma", collection, list(samples.items()))
        np.save(folder / MEAN, self._mean())
        publish(folder, collection, self.report.passages)
        return folder

    def _build(self, folder: Path) -> str:
        rows = [r[0] for r in self.catalogue.db.execute(
            "SELECT p.id FROM passages p JOIN articles a ON a.id = p.article WHERE a.died IS NULL "
            "ORDER BY p.id"
        )]  # fmt: skip
        lexical.write(folder / "words", self._entries(rows))
        return dense.build(folder / "chroma", len(rows), self._vectors(rows))

    def _extend(
        self, live: Generation, folder: Path, added: Sequence[int], removed: Sequence[int]
    ) -> str:
        shutil.copytree(live.words, folder / "words")
        lexical.write(folder / "words", self._entries(added), removed)
        shutil.copytree(live.chroma, folder / "chroma", ignore=shutil.ignore_patterns("*.sqlite3*"))
        # Readers may have the file open: SQLite's own copy is whole, a file copy might not be.
        source = sqlite3.connect(live.chroma / "chroma.sqlite3")
        target = sqlite3.connect(folder / "chroma" / "chroma.sqlite3")
        source.backup(target)
        source.close()
        target.close()
        dense.extend(folder / "chroma", removed, len(added), self._vectors(added))
        return live.collection

    def _mean(self) -> Vectors:
        """The mean of all vectors: a question's product with it is its mean cosine to the collection."""
        total, count = np.zeros(0, dtype=np.float64), 0
        for (vector,) in self.catalogue.db.execute(
            "SELECT v.vector FROM passages p JOIN articles a ON a.id = p.article "
            "JOIN vectors v ON v.key = p.vector WHERE a.died IS NULL"
        ):
            row = np.frombuffer(vector, dtype=np.float32)
            total = total + row if len(total) else row.astype(np.float64)
            count += 1
        return (total / max(count, 1)).astype(np.float32)

    def _entries(self, rows: Sequence[int]) -> Iterator[lexical.Entry]:
        for i in range(0, len(rows), 1000):
            chunk = rows[i : i + 1000]
            found = self.catalogue.passages(chunk, self.g)
            for row in chunk:
                p = found[row]
                yield lexical.Entry(
                    row, p.source.title, p.text, p.source.published, p.source.publisher
                )

    def _vectors(self, rows: Sequence[int]) -> Iterator[tuple[list[int], Vectors]]:
        for i in range(0, len(rows), 5000):
            chunk = list(rows[i : i + 5000])
            found = self.catalogue.vectors(chunk)
            self.progress("storing", i, len(rows))
            yield chunk, np.stack([found[row] for row in chunk])

    def _clean_up(self, folder: Path) -> None:
        """Delete what no reader needs: now if no question is being answered, else at the next run."""
        if no_readers(self.store):
            self.catalogue.drop_dead(self.g)
            for other in (self.store / "generations").iterdir():
                if other.name != folder.name:
                    remove(other)
        self.catalogue.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sound(folder: Path) -> Generation | None:
    try:
        return open_generation(folder)
    except IndexMissing:
        return None


def _embedded_text(title: str, passage: str) -> str:
    return f"{title}\n{passage}"


def _fingerprint(article: Article) -> str:
    s = article.source
    parts = [article.text, s.title, s.publisher, s.published, s.url, s.authors, s.source_id]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _digest(location: Path) -> str:
    with location.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
    """Rename a catalogue that cannot be opened, so that a rebuild can start from nothing."""
    if not (store / FILE).exists():
        return
    try:
        catalogue = Catalogue.open_to_write(store)
        broken = catalogue.db.execute("PRAGMA quick_check").fetchone()[0] != "ok"
        catalogue.close()
    except (IndexMissing, sqlite3.DatabaseError):
        broken = True
    if broken:
        for file in store.glob(f"{FILE}*"):
            file.replace(file.with_name(f"damaged-{file.name}"))


def _full(store: Path, error: Exception) -> Unreachable:
    free = shutil.disk_usage(store).free
    return Unreachable(
        f"the index in {store} could not be written ({error}); {free // 1_000_000} MB are free",
        "free some space and run it again: nothing is lost, what is embedded stays embedded",
    )
