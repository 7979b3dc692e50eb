"""Read a folder of hostile files and compare what became of each with what was expected.

    python -m benchmarks.hostile FOLDER [EXPECTATIONS.json]

The expectations (by default `FOLDER.expectations.json`) map a path, its bytes written as Latin-1, to
`{"expect": "indexed|skipped|error"}`. Nothing is embedded or stored: this is about readers.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import NamedTuple

from index.entries import Ended
from index.reading import Reading
from index.report import Report
from index.types import Article
from index.walk import name_in, scan


class Outcome(NamedTuple):
    """What became of a folder: each file's (status, reason), the text of each, and the cost.

    `worker_mib` is the peak of the largest child that this process has had, of whatever kind.
    """

    files: dict[str, tuple[str, str | None]]
    texts: dict[str, str]
    restarts: int
    slowest: tuple[float, str]
    worker_mib: float


def read_all(folder: Path) -> Outcome:
    """Read every file of a folder as `qa index` does."""
    store = folder.parent / ".qa"
    report = Report()
    files: dict[str, tuple[str, str | None]] = {}
    texts: dict[str, str] = {}
    slowest = (0.0, "")
    with Reading() as reading:
        for file, events in reading.read(scan([folder], store, report)):
            began = time.monotonic()
            for event in events:
                if isinstance(event, Article):
                    texts[file.path] = texts.get(file.path, "") + event.text
                elif isinstance(event, Ended):
                    files[event.path] = (event.status, event.reason)
            slowest = max(slowest, (time.monotonic() - began, file.path))
        restarts = reading.restarts
    for status, entries in (("skipped", report.skipped), ("failed", report.failed)):
        files |= {entry["path"]: (status, entry["reason"]) for entry in entries}
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
    return Outcome(files, texts, restarts, slowest, peak)


def unmet(folder: Path, outcome: Outcome, expected: dict[str, dict[str, str]]) -> list[str]:
    """Return a line for each file that did not end as expected."""
    lines = []
    for raw, wanted in expected.items():
        path = name_in(
            folder.resolve().parent,
            os.path.join(folder.resolve(), os.fsdecode(raw.encode("latin-1"))),
        )
        if "as non-root" in wanted.get("note", "") and os.geteuid() == 0:
            continue
        status, reason = outcome.files.get(path, ("not told", None))
        if status not in wanted["expect"].replace("error", "failed").split("|"):
            lines.append(f"{path}: {status} ({reason}), expected {wanted['expect']}")
    return lines


def main() -> int:
    """Print what became of the files; 1 when one did not end as expected."""
    folder = Path(sys.argv[1])
    named = sys.argv[2] if len(sys.argv) > 2 else f"{folder}.expectations.json"
    expected = json.loads(Path(named).read_text())
    began = time.monotonic()
    outcome = read_all(folder)
    wrong = unmet(folder, outcome, expected)
    counts = {
        status: sum(s == status for s, _ in outcome.files.values())
        for status in ("indexed", "skipped", "failed")
    }
    print(
        f"{len(expected)} files expected, {len(outcome.files)} told: "
        + ", ".join(f"{n} {status}" for status, n in counts.items())
    )
    print(f"not as expected: {len(wrong)}")
    print("\n".join(wrong))
    print(
        f"{time.monotonic() - began:.1f} s, the slowest {outcome.slowest[0]:.1f} s "
        f"({outcome.slowest[1][-40:]!r}); reader restarted {outcome.restarts} times, "
        f"{outcome.worker_mib:.0f} MiB at its peak"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
