"""What `qa index` costs when nothing changed, and when one article did, in a large file of records.

    make bench-again STORE=folder/.qa DATA=articles.jsonl.gz

STORE is an index of DATA alone. Both are copied; the index is brought up to date, then the command is run three times
without a change and three times after the text of one more record was changed. Seconds are by the clock, the start
of the command included, and of all its processes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from index.store import NAME


def main() -> None:
    """Print the seconds of each run."""
    parser = argparse.ArgumentParser(prog="make bench-again")
    parser.add_argument("store", type=Path)
    parser.add_argument("data", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store, data = Path(folder, NAME), Path(folder, given.data.name)
        shutil.copytree(given.store, store)
        data.write_bytes(given.data.read_bytes())
        _index(store, data)
        _change(data, 0)
        _index(store, data)  # an index of an older version gets what this one adds to it
        for changes in (0, 1):
            for n in range(3):
                if changes:
                    _change(data, n + 1)
                clock, used, told = _index(store, data)
                assert told["updated"] == changes, told
                print(
                    f"{told['articles']:,} articles, {told['passages']:,} passages, {changes} changed: "
                    f"{clock:.1f} s by the clock, {used:.1f} CPU-s, {told['embedded']} embedded",
                    flush=True,
                )


def _change(data: Path, number: int) -> None:
    opened = gzip.open if data.suffix == ".gz" else open
    with opened(data, "rt", encoding="utf-8", newline="\n") as file:
        lines = file.readlines()
    record = json.loads(lines[number])
    field = max(record, key=lambda name: len(str(record[name])))
    record[field] += "\n\nAnd this is how it went on."
    lines[number] = json.dumps(record) + "\n"
    with opened(data, "wt", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


def _index(store: Path, data: Path) -> tuple[float, float, dict[str, int]]:
    began, used = time.monotonic(), _cpu()
    command = [sys.executable, "-m", "qa", "index", str(data), "--store", str(store), "--json"]
    done = subprocess.run(command, capture_output=True, check=True)
    return time.monotonic() - began, _cpu() - used, json.loads(done.stdout)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
