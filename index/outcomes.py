"""What became of each input file of a generation, from what the catalogue keeps of it.

An archive is counted by its members, and as itself only where it holds none that can be named.
"""

from __future__ import annotations

import json

from index.archives import MARK, archive_of
from index.catalogue import ALIVE, Catalogue
from index.report import Report


def tell_files(catalogue: Catalogue, g: int, report: Report) -> None:
    """Count the files of generation `g` in the report, and list what failed or was skipped, then and now."""
    rows = catalogue.db.execute(
        f"SELECT path, failures, born FROM files WHERE {ALIVE} ORDER BY path", {"g": g}
    ).fetchall()
    archives = {row["path"].rpartition(MARK)[0] for row in rows if archive_of(row["path"])}
    for row in rows:
        kinds = set()
        for entry in json.loads(row["failures"]):
            kind = entry.pop("kind", "failed")
            kinds.add(kind)
            (report.skipped if kind == "skipped" else report.failed).append(entry)
        if row["path"] not in archives:
            whole = kinds & {"skipped", "failed"}
            report.count(whole.pop() if whole else "indexed" if row["born"] == g else "unchanged")
