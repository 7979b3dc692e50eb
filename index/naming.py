"""One name for an outlet that the articles spell in several ways, as far as the collection itself tells.

An outlet that is known by its address only ("northline-news.example") gets the name that other articles at that
address have, and spellings that differ in capitals, marks or a "The" become the most common one. Which outlet
stands behind an address that no article names is not guessed. Ids keep what the article said of itself.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict

from index.identity import bear_again
from index.masthead import plain
from index.outlets import domain, is_host

TABLE = """
CREATE TABLE IF NOT EXISTS spellings (article INTEGER PRIMARY KEY, said TEXT NOT NULL);
"""
"""What an article that was given another name said itself."""


def settle_outlets(db: sqlite3.Connection, g: int) -> None:
    """Give the articles of generation `g` the names of their outlets, unless no article came or went."""
    if not db.execute(
        "SELECT 1 FROM articles WHERE born = ? OR died = ? LIMIT 1", [g, g]
    ).fetchone():
        return
    rows = db.execute(
        "SELECT id, publisher, coalesce(said, publisher) AS own, url, born FROM articles "
        "LEFT JOIN spellings ON article = id WHERE died IS NULL AND publisher NOT NULL ORDER BY id"
    ).fetchall()
    names = _names([(row["own"], row["url"]) for row in rows])
    for row in rows:
        wanted = names.get(row["own"], row["own"])
        if wanted != row["publisher"]:
            at = bear_again(db, row["id"], g, fresh=row["born"] == g, publisher=wanted)
            db.execute("INSERT OR REPLACE INTO spellings VALUES (?, ?)", [at, row["own"]])


def _names(said: list[tuple[str, str | None]]) -> dict[str, str]:
    """The name for each spelling that is to have another."""
    counts = Counter(name for name, _ in said if not is_host(name))
    spellings: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        spellings[plain(name).removeprefix("the") or name].append(name)
    best = {
        name: min(same, key=lambda n: (-counts[n], n))
        for same in spellings.values()
        for name in same
    }
    at_host: dict[str, Counter[str]] = defaultdict(Counter)
    for name, url in said:
        host = domain(url) if url else None
        if host and name in best:
            at_host[host][best[name]] += 1
    hosts = {host: min(found, key=lambda n: (-found[n], n)) for host, found in at_host.items()}
    return best | hosts
