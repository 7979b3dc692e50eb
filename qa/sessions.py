"""Conversations, saved turn by turn in one SQLite file in the user's data folder.

Left out: search in them, and answers that were cancelled or failed. Each call opens the file anew,
so any thread may make it.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from index.types import Hit, Passage, Source
from qa.types import Answer, Citation, Usage

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    session TEXT NOT NULL, n INTEGER NOT NULL, at TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (session, n)
)"""
_HITS = 3  # uncited passages that are kept of an answer, for an abstention's nearest evidence


@dataclass(frozen=True, slots=True)
class Session:
    """One earlier conversation, by its first question."""

    session_id: str
    began: str
    question: str
    turns: int


class Sessions:
    """The file of conversations; made on the first save, readable by its owner only."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    @property
    def file(self) -> Path:
        """Where the conversations are kept."""
        if self._file is None:
            import platformdirs

            self._file = platformdirs.user_data_path("qa") / "sessions.sqlite3"
        return self._file

    def save(self, session_id: str, n: int, question: str, answer: Answer) -> None:
        """Keep one turn; raises `OSError` or `sqlite3.Error` when the file cannot be written."""
        if not self.file.exists():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.touch(mode=0o600)
        at = datetime.now().isoformat(timespec="seconds")
        with closing(sqlite3.connect(self.file, timeout=5)) as db, db:
            db.execute(_SCHEMA)
            db.execute(
                "INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?, ?)",
                (session_id, n, at, _storable(question), pack_answer(answer)),
            )

    def latest(self, count: int = 10) -> list[Session]:
        """Return the last conversations, newest first."""
        if not self.file.exists():
            return []
        with closing(sqlite3.connect(self.file, timeout=5)) as db:
            db.execute(_SCHEMA)
            rows = db.execute(
                "SELECT session, min(at), max(at), count(*), "
                "(SELECT question FROM turns f WHERE f.session = t.session ORDER BY n LIMIT 1) "
                "FROM turns t GROUP BY session ORDER BY max(at) DESC, max(rowid) DESC LIMIT ?",
                (count,),
            ).fetchall()
        return [Session(row[0], row[1], row[4], row[3]) for row in rows]

    def load(self, session_id: str) -> list[tuple[str, Answer]]:
        """Return the questions and answers of a conversation, oldest first."""
        with closing(sqlite3.connect(self.file, timeout=5)) as db:
            rows = db.execute(
                "SELECT question, answer FROM turns WHERE session = ? ORDER BY n", (session_id,)
            ).fetchall()
        return [(question, unpack_answer(packed)) for question, packed in rows]


def pack_answer(answer: Answer) -> str:
    """Return an answer as JSON, without the passages that nothing was quoted from."""
    cited = {c.passage_id for c in answer.citations}
    fields = asdict(answer)
    fields["hits"] = [
        hit
        for place, hit in enumerate(fields["hits"])
        if hit["passage"]["passage_id"] in cited or place < _HITS
    ]
    return json.dumps(fields, ensure_ascii=True)


def unpack_answer(packed: str) -> Answer:
    """Return the answer that `pack_answer` wrote."""
    fields: dict[str, Any] = json.loads(packed)
    fields["citations"] = tuple(
        Citation(**{**c, "source": _source(c["source"])}) for c in fields["citations"]
    )
    fields["hits"] = tuple(
        Hit(
            hit["rank"],
            hit["score"],
            Passage(**{**hit["passage"], "source": _source(hit["passage"]["source"])}),
            hit["cosine"],
        )
        for hit in fields["hits"]
    )
    fields["usage"] = Usage(**fields["usage"])
    fields["notes"] = tuple(fields["notes"])
    return Answer(**fields)


def _source(fields: dict[str, Any]) -> Source:
    return Source(
        **{**fields, "authors": tuple(fields["authors"]), "paths": tuple(fields["paths"])}
    )


def _storable(text: str) -> str:
    """SQLite stores UTF-8: a lone surrogate would raise."""
    return text.encode("utf-8", "replace").decode("utf-8")
