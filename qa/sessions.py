"""Conversations, saved turn by turn in one SQLite file in the user's data folder, and found again.

Each call opens the file anew, so any thread may make it; a turn is on the disk when `save` returns.
Left out: how an answer becomes text; that is `packing.py`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qa.packing import pack_answer, unpack_answer
from qa.types import Answer

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    session TEXT NOT NULL, n INTEGER NOT NULL, at TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (session, n)
);
CREATE TABLE IF NOT EXISTS names (session TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS drafts (place TEXT PRIMARY KEY, text TEXT NOT NULL);
"""
_WORDS = """
CREATE VIRTUAL TABLE words USING fts5(
    session UNINDEXED, n UNINDEXED, said, tokenize = 'unicode61 remove_diacritics 2'
)"""
_LIST = """
SELECT session, min(at), max(at), count(*),
    (SELECT name FROM names WHERE names.session = t.session),
    (SELECT question FROM turns f WHERE f.session = t.session ORDER BY n LIMIT 1)
FROM turns t {where} GROUP BY session ORDER BY max(at) DESC, max(rowid) DESC LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation: the name that it was given, else its first question; times are local, ISO."""

    session_id: str
    began: str
    last: str
    name: str
    turns: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A question; `answer` is None where it was cut short, and `partial` what had come by then."""

    question: str
    answer: Answer | None
    partial: str = ""


class Sessions:
    """The file of conversations; made on the first save, readable by its owner only.

    Every method raises `OSError` or `sqlite3.Error` when the file cannot be read or written.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    @property
    def file(self) -> Path:
        """Where the conversations are kept."""
        if self._file is None:
            import platformdirs

            self._file = platformdirs.user_data_path("qa") / "sessions.sqlite3"
        return self._file

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self.file.exists():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.touch(mode=0o600)
        with closing(sqlite3.connect(self.file, timeout=5)) as db, db:
            db.executescript(_SCHEMA)
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone():
                db.execute(_WORDS)
                for session, n, question, packed in db.execute(
                    "SELECT session, n, question, answer FROM turns"
                ).fetchall():
                    _index(db, session, n, question, _read(question, packed))
            yield db

    def save(
        self, session_id: str, n: int, question: str, answer: Answer | None, partial: str = ""
    ) -> None:
        """Keep one turn in the place of what was kept of it before; without an answer, what came."""
        at = datetime.now().isoformat(timespec="seconds")
        question = _storable(question)
        packed = pack_answer(answer) if answer else _storable(partial)
        with self._open() as db:
            db.execute(
                "INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?, ?)",
                (session_id, n, at, question, packed),
            )
            _index(db, session_id, n, question, Turn(question, answer, partial))

    def latest(self, count: int = 200) -> list[Session]:
        """Return the last conversations, newest first."""
        return self._list("", (), count)

    def search(self, text: str, count: int = 200) -> list[Session]:
        """Return the conversations in which every word (or beginning of one) is said, newest first."""
        words = re.findall(r"\w+", text)
        if not words:
            return self.latest(count)
        each = ["session IN (SELECT session FROM words WHERE said MATCH ?)" for _ in words]
        wanted = tuple(f'"{word}"*' for word in words)
        return self._list(f"WHERE {' AND '.join(each)}", wanted, count)

    def _list(self, where: str, values: tuple[str, ...], count: int) -> list[Session]:
        if not self.file.exists():
            return []
        with self._open() as db:
            rows = db.execute(_LIST.format(where=where), (*values, count)).fetchall()
        return [
            Session(s, began, last, name or first, n) for s, began, last, n, name, first in rows
        ]

    def load(self, session_id: str) -> list[Turn]:
        """Return the turns of a conversation, oldest first."""
        with self._open() as db:
            rows = db.execute(
                "SELECT question, answer FROM turns WHERE session = ? ORDER BY n", (session_id,)
            ).fetchall()
        return [_read(question, packed) for question, packed in rows]

    def last_number(self, session_id: str) -> int:
        """Return the greatest number of a turn of a conversation, 0 where there is none."""
        with self._open() as db:
            query = "SELECT coalesce(max(n), 0) FROM turns WHERE session = ?"
            return int(db.execute(query, (session_id,)).fetchone()[0])

    def rename(self, session_id: str, name: str) -> None:
        """Give a conversation a name; none takes it away, and the first question names it again."""
        with self._open() as db:
            db.execute("DELETE FROM names WHERE session = ?", (session_id,))
            if name := _storable(name).strip():
                db.execute("INSERT INTO names VALUES (?, ?)", (session_id, name))

    def delete(self, session_id: str) -> None:
        """Forget a conversation; its pages in the file are written over."""
        with self._open() as db:
            db.execute("PRAGMA secure_delete = ON")
            for table in ("turns", "words", "names"):
                db.execute(f"DELETE FROM {table} WHERE session = ?", (session_id,))
            # The index of words keeps what was deleted until its segments are merged into one.
            db.execute("INSERT INTO words (words) VALUES ('optimize')")

    def questions(self, count: int = 100) -> list[str]:
        """Return what was asked last, in any conversation, oldest first."""
        if not self.file.exists():
            return []
        with self._open() as db:
            rows = db.execute(
                "SELECT question, max(rowid) FROM turns GROUP BY question ORDER BY 2 DESC LIMIT ?",
                (count,),
            ).fetchall()
        return [row[0] for row in reversed(rows)]

    @property
    def draft(self) -> str:
        """What stood in the input, unsent, when the last chat ended."""
        if not self.file.exists():
            return ""
        with self._open() as db:
            row = db.execute("SELECT text FROM drafts WHERE place = 'prompt'").fetchone()
        return row[0] if row else ""

    @draft.setter
    def draft(self, text: str) -> None:
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO drafts VALUES ('prompt', ?)", (_storable(text),))


def _index(db: sqlite3.Connection, session: str, n: int, question: str, turn: Turn) -> None:
    said = [question, turn.partial]
    if turn.answer is not None:
        said += [turn.answer.short or "", turn.answer.text]
        said += [f"{c.source.title} {c.source.publisher or ''}" for c in turn.answer.citations]
    db.execute("DELETE FROM words WHERE session = ? AND n = ?", (session, n))
    db.execute("INSERT INTO words VALUES (?, ?, ?)", (session, n, _storable("\n".join(said))))


def _read(question: str, packed: str) -> Turn:
    try:
        return Turn(question, unpack_answer(packed))
    except ValueError:  # what had come of an answer, as plain text
        return Turn(question, None, packed)


def _storable(text: str) -> str:
    """SQLite stores UTF-8: a lone surrogate would raise."""
    return text.encode("utf-8", "replace").decode("utf-8")
