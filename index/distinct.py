"""Which passages stand in the graph: of those with the same vector, one stands for all.

Thousands of equal vectors (a page behind a wall, a line that is repeated) would be neighbours of each other alone,
and whatever lies beyond them could not be reached. A search puts the others beside the one that was found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence


def standing(db: sqlite3.Connection) -> list[int]:
    """Return the row ids of the passages that stand for those alive, in order."""
    rows = db.execute(
        "SELECT min(p.id) FROM passages p JOIN articles a ON a.id = p.article "
        "WHERE a.died IS NULL GROUP BY p.vector ORDER BY 1"
    )
    return [row[0] for row in rows]


def difference(
    db: sqlite3.Connection, g: int, changed: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return which rows come to stand in generation `g` and which no longer do, where those passages came or went."""
    added, removed = [], []
    for chunk in _chunks(changed):
        marks = ",".join("?" * len(chunk))
        for before, now in db.execute(
            f"""SELECT min(CASE WHEN a.born < ? AND (a.died IS NULL OR a.died >= ?) THEN p.id END) AS before,
            min(CASE WHEN a.died IS NULL THEN p.id END) AS now
            FROM passages p JOIN articles a ON a.id = p.article
            WHERE p.vector IN (SELECT vector FROM passages WHERE id IN ({marks}))
            GROUP BY p.vector HAVING before IS NOT now""",
            [g, g, *chunk],
        ):
            added += [] if now is None else [now]
            removed += [] if before is None else [before]
    # Two chunks may have met the same vector.
    return sorted(set(added)), sorted(set(removed))


def twins(db: sqlite3.Connection, rows: Sequence[int]) -> dict[int, list[int]]:
    """Return, for each passage that has any, the others of the same vector, alive or not."""
    found: dict[int, list[int]] = {}
    for chunk in _chunks(rows):
        marks = ",".join("?" * len(chunk))
        for row, twin in db.execute(
            "SELECT p.id, t.id FROM passages p JOIN passages t ON t.vector = p.vector "
            f"WHERE p.id IN ({marks}) AND t.id != p.id ORDER BY t.id",
            chunk,
        ):
            found.setdefault(row, []).append(twin)
    return found


def _chunks(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    for i in range(0, len(rows), 500):
        yield rows[i : i + 500]
