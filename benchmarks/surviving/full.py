"""Index on disks of twenty sizes that are too small, or just large enough, and then with room.

    python -m benchmarks.surviving.full --sizes 20

Half of the sizes meet a first build, half an update. A run that fails says what is needed and what is free; an
index that was there answers; once there is room a second run finishes with the content of a clean build and
leaves nothing over. Needs to be root (the disks are tmpfs).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.surviving import child, scene
from benchmarks.surviving.scene import AFTER, BEFORE

_TOLD = re.compile(r"about [\d,]+ bytes are needed, [\d,]+ are free")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--sizes", type=int, default=20)
    options = asked.parse_args()
    child.warm()
    bad: list[str] = []
    counts: Counter[str] = Counter()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="surviving-") as place:
        before, after, disk = (Path(place, name) for name in (BEFORE, AFTER, "disk"))
        for state, folder in ((BEFORE, before), (AFTER, after)):
            scene.put(folder, state)
            assert child.run(lambda f=folder: scene.index(f)).code == 0
        hashes = {
            s: child.answer(lambda f=f: scene.content(f))
            for s, f in ((BEFORE, before), (AFTER, after))
        }
        held = {"first": 0, "update": _size(before / ".qa")}
        disk.mkdir()
        half = max(options.sizes // 2, 1)
        for kind in ("first", "update"):
            for i in range(half):
                room = 60_000 + held[kind] + i * (2 * _size(after / ".qa")) // half
                _mount(disk, 1 << 26)
                try:
                    scene.copy(before, disk / "work")
                    scene.put(disk / "work", AFTER)
                    if kind == "first":
                        subprocess.run(["rm", "-rf", str(disk / "work" / ".qa")], check=True)
                    _mount(disk, room, "remount,")
                    for wrong in _wrong(disk, kind, hashes, counts):
                        bad.append(f"{kind} with {room:,} bytes: {wrong}")
                        print(bad[-1], flush=True)
                finally:
                    subprocess.run(["umount", "-l", str(disk)], check=False)
    counts["failures"] = len(bad)
    print(json.dumps({**counts, "seconds": round(time.monotonic() - started)}))
    return 1 if bad or not counts["full"] else 0


def _size(folder: Path) -> int:
    """The pages of a folder's files, as a tmpfs counts them."""
    return sum(-(-f.stat().st_size // 4096) * 4096 for f in folder.rglob("*") if f.is_file())


def _mount(disk: Path, size: int, how: str = "") -> None:
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"{how}size={size}", "tmpfs", str(disk)], check=True
    )


def _wrong(disk: Path, kind: str, hashes: dict[str, str], counts: Counter[str]) -> Iterator[str]:
    work = disk / "work"
    ended = child.run(lambda: scene.index(work))
    counts["sizes"] += 1
    counts["full" if ended.code else "enough"] += 1
    if ended.code is None or ended.code < 0:
        yield f"ended {ended.code}"
    if ended.code and not _TOLD.search(ended.err):
        yield f"does not say what is needed and free: {ended.err.strip()[-400:]}"
    if kind == "update" or ended.code == 0:
        wanted = {hashes[AFTER]} | ({hashes[BEFORE]} if ended.code else set())
        seen = child.run(lambda: print(scene.content(work)))
        if seen.out.strip() not in wanted:
            yield f"no index that answers: {(seen.out + seen.err).strip()[-300:]}"
    _mount(disk, 1 << 26, "remount,")
    again = child.run(lambda: scene.index(work))
    last = child.run(lambda: print(scene.content(work), *scene.orphans(work), sep="\n"))
    if again.code != 0 or last.out.splitlines() != [hashes[AFTER]]:
        yield f"with room: {again.code} {again.err.strip()[-300:]} {(last.out + last.err).strip()[-300:]}"


if __name__ == "__main__":
    raise SystemExit(main())
