"""How long a run would take: by the pace of the last one, or by trying a few files and passages.

A forecast of what is new or changed as if all of it had to be embedded; what is cached makes a run quicker.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.catalogue import Catalogue
from index.embed import Embedder
from index.reading import Reading
from index.report import Report
from index.sealed import FILE
from index.split import passages
from index.types import Article
from index.walk import STDIN, File

_FILES = 12  # files that are tried
_SECONDS = 4.0  # spent on trying, embedding not counted
_PASSAGES = 8  # passages that are embedded
_LEAST = 20_000  # characters that make a pace worth remembering
# Characters of text that a byte of a format holds, where no file of it could be tried.
_DENSITY = {".gz": 2.8, ".zip": 2.8, ".html": 0.05, ".htm": 0.05, ".pdf": 0.05, ".docx": 0.3}


def pace_of(characters: int, seconds: float, density: dict[str, float]) -> str | None:
    """Return what is remembered of a run: characters a second, and characters a byte by format."""
    if characters < _LEAST or seconds <= 0:
        return None
    return json.dumps({"rate": characters / seconds, "density": density})


def compare(store: Path, files: Sequence[File]) -> tuple[dict[str, int], list[File]]:
    """Return how many files are `new`, `changed`, `unchanged` and `gone`, and those to be read.

    Sizes and times alone are looked at. Records from stdin count as they did the last time.
    """
    known: dict[str, tuple[int, int]] = {}
    if (store / FILE).is_file():
        catalogue = Catalogue.open_to_read(store)
        known = catalogue.file_stamps(catalogue.live)
        catalogue.close()
    unread = [
        f
        for f in files
        if f.path not in known or (f.path != STDIN and known[f.path] != (f.size, f.mtime_ns))
    ]
    new = sum(f.path not in known for f in unread)
    return {
        "new": new,
        "changed": len(unread) - new,
        "unchanged": len(files) - len(unread),
        "gone": len(known.keys() - {f.path for f in files}),
    }, unread


def plan(store: Path, files: Sequence[File], embedder: Embedder, report: Report) -> None:
    """Fill `report.plan`; a sample of the files is read, and only where no run is remembered."""
    counts, unread = compare(store, files)
    unread = [file for file in unread if file.size]
    seconds, by = 0.0, ""
    if unread:
        remembered = _remembered(store)
        pace = remembered or _try(unread, embedder)
        by = "the pace of the last run" if remembered else "a trial"
        density = _DENSITY | pace["density"]
        characters = sum(f.size * density.get(f.location.suffix.lower(), 1.0) for f in unread)
        seconds = characters / pace["rate"]
    report.plan = {**counts, "seconds": round(seconds, 3), "by": by}
    # What reads the counts of a run reads those of a dry run too: in files, for no article was read.
    report.added, report.updated = counts["new"], counts["changed"]
    report.unchanged, report.removed = counts["unchanged"], counts["gone"]


def _remembered(store: Path) -> dict[str, Any] | None:
    if not (store / FILE).is_file():
        return None
    catalogue = Catalogue.open_to_read(store)
    pace = catalogue.get("pace")
    catalogue.close()
    return dict(json.loads(pace)) if pace else None


class Meter:
    """Counts, while files are read, how many characters of text a byte of each format holds."""

    def __init__(self) -> None:
        self.characters = 0
        self._sizes: dict[str, tuple[int, int]] = {}

    def count(self, file: File, characters: int) -> None:
        """Add a file that was read to its end."""
        suffix = file.location.suffix.lower()
        before = self._sizes.get(suffix, (0, 0))
        self._sizes[suffix] = before[0] + characters, before[1] + file.size
        self.characters += characters

    @property
    def density(self) -> dict[str, float]:
        """Characters a byte, by suffix."""
        return {suffix: round(a / b, 4) for suffix, (a, b) in self._sizes.items() if b}


def _try(files: Sequence[File], embedder: Embedder) -> dict[str, Any]:
    """The pace by some files, spread over all, and some passages of theirs."""
    meter = Meter()
    articles: list[Article] = []
    began = time.monotonic()
    with Reading() as reading:
        for file, events in reading.read(files[:: max(len(files) // _FILES, 1)][:_FILES]):
            before = sum(len(a.text) for a in articles)
            for event in events:
                if isinstance(event, Article):
                    articles.append(event)
                if time.monotonic() - began > _SECONDS:
                    break  # a large file of records: its density is left to the table
            else:
                meter.count(file, sum(len(a.text) for a in articles) - before)
            if time.monotonic() - began > _SECONDS:
                break
    reading_seconds = time.monotonic() - began
    characters = sum(len(a.text) for a in articles)
    texts = [
        a.text[start:end]
        for a in articles[:: max(len(articles) // _PASSAGES, 1)]
        for start, end in passages(a.text, embedder.max_tokens - 20, embedder.count_tokens)[:1]
    ][:_PASSAGES]
    if not texts:
        return {"rate": 5_000.0, "density": {}}
    if getattr(embedder, "is_elsewhere", False):  # a trial sends nothing
        return {"rate": 5_000.0, "density": meter.density}
    embedder.embed(texts[:1])  # the first one warms up
    began = time.monotonic()
    embedder.embed(texts)
    embedding = (time.monotonic() - began) / sum(map(len, texts))
    rate = 1 / (embedding + reading_seconds / max(characters, 1))
    return {"rate": rate, "density": meter.density}
