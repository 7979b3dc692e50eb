"""Damage every file of an index in turn, and see what is said of it and what mends it.

    python -m benchmarks.surviving.damage --flips 12

Each file is missing, empty, cut in the middle, cut by a byte, and has bits flipped at places spread over it. A
question and `qa doctor --deep` must end within 10 seconds, without a signal or a traceback; the doctor must see
every damage and name `qa index --rebuild`, which must bring back the content: without embedding again, or, where
the cache of vectors itself was damaged, by embedding what is lost.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.surviving import child, scene
from benchmarks.surviving.scene import BEFORE
from index import seal
from index.sealed import SEAL
from index.store import NAME

_NO_CONTENT = ("writer", "readers", ".gitignore", "-wal", "-shm", ".lock")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument(
        "--flips", type=int, default=12, help="bit flips a file (more for the catalogue)"
    )
    asked.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    asked.add_argument("--skip", type=int, default=0, help="begin behind so many cases")
    asked.add_argument("--only", default="", help="cases whose name holds this")
    options = asked.parse_args()
    child.warm()
    bad: list[str] = []
    counts: Counter[str] = Counter()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="surviving-") as place:
        whole, work = Path(place, "whole"), Path(place, "work")
        scene.put(whole, BEFORE)
        assert child.run(lambda: scene.index(whole)).code == 0
        content = child.answer(lambda: scene.content(whole))
        scene.copy(whole, work)
        named = [c for c in cases(whole / NAME, options.flips) if options.only in c[0]]
        for name, file, spoil in named[options.skip :]:
            if time.monotonic() - started > options.seconds:
                break
            scene.copy(whole, work)
            spoil(work / NAME / file)
            for fault in wrong(whole, work, content, counts, file):
                bad.append(f"{name}: {fault}")
                print(bad[-1], flush=True)
            counts["cases"] += 1
    print(
        json.dumps({**counts, "failures": len(bad), "seconds": round(time.monotonic() - started)})
    )
    return 1 if bad or not counts["cases"] else 0


def cases(store: Path, flips: int) -> Iterator[tuple[str, str, Callable[[Path], None]]]:
    """Yield (name, file, damage) for every file of the index that holds content."""
    for path in sorted(store.rglob("*")):
        file = str(path.relative_to(store))
        size = path.stat().st_size
        if not path.is_file() or file.endswith(_NO_CONTENT) or not size:
            continue
        if file != SEAL:  # an interrupted run leaves none either
            yield f"{file} missing", file, Path.unlink
        yield f"{file} empty", file, lambda p: _cut(p, 0)
        yield f"{file} cut in half", file, lambda p, n=size // 2: _cut(p, n)
        yield f"{file} cut by a byte", file, lambda p, n=size - 1: _cut(p, n)
        many = flips * (5 if "sqlite3" in file else 1)
        for i in range(min(many, size)):
            at = (2 * i + 1) * size // (2 * min(many, size))
            yield f"{file} flipped at {at}", file, lambda p, at=at, bit=i % 8: _flip(p, at, bit)


def _cut(file: Path, size: int) -> None:
    with file.open("r+b") as handle:
        handle.truncate(size)


def _flip(file: Path, at: int, bit: int) -> None:
    with file.open("r+b") as handle:
        handle.seek(at)
        byte = handle.read(1)[0]
        handle.seek(at)
        handle.write(bytes([byte ^ (1 << bit)]))


def _idle(file: Path, whole: Path) -> bool:
    """Whether a damaged SQLite file says row by row what the whole one says: the damage is in unused bytes."""
    return file.name == "chroma.sqlite3" and seal.rows_digest(file) == seal.rows_digest(whole)


def wrong(whole: Path, work: Path, content: str, counts: Counter[str], file: str) -> Iterator[str]:
    """Yield what is wrong with how a damaged index is told of and mended."""
    store = str(work / NAME)
    question = child.run(
        lambda: scene.qa("search", "the orchard", "--store", store, "--json"), timeout=30
    )
    doctor = child.run(lambda: scene.qa("doctor", "--deep", "--store", store), timeout=30)
    for what, ended in (("a question", question), ("the doctor", doctor)):
        if ended.code is None or ended.seconds > 20:
            yield f"{what} took {ended.seconds:.0f} s"
        elif ended.code < 0:
            yield f"{what} died of signal {-ended.code}"
        elif "Traceback" in ended.err or "unexpected fault" in ended.err or ended.code in (70, 71):
            yield f"{what} was not explained: {ended.err.strip()[-400:]}"
    if question.code == 3:
        counts["refused by a question"] += 1
        if "qa index" not in question.err:
            yield f"a question does not say what to type: {question.err.strip()[-300:]}"
    told = doctor.code == 3 and "--rebuild" in doctor.out
    gone = file == "catalogue.sqlite3" and "qa index PATH" in doctor.out
    if doctor.code == 0:
        if not _idle(work / NAME / file, whole / NAME / file) or question.code != 0:
            yield "the doctor sees nothing"
            return
        counts["in bytes that hold nothing"] += 1
    elif not told and not gone:
        yield f"the doctor does not name the rebuild: {doctor.out[-400:]}"
    counts["seen by the doctor"] += doctor.code == 3
    mended = child.run(lambda: scene.index(work, "--rebuild", "--json"), timeout=60)
    if mended.code != 0:
        yield f"the rebuild ended {mended.code}: {mended.err.strip()[-400:]}"
        return
    embedded = json.loads(mended.out)["embedded"]
    counts["mended without embedding" if not embedded else "mended by embedding"] += 1
    if embedded and not file.startswith("catalogue"):
        yield f"the rebuild embedded {embedded} passages again"
    after = child.run(lambda: print(scene.content(work), *scene.orphans(work), sep="\n"))
    if after.out.splitlines() != [content]:
        yield f"after the rebuild: {(after.out + after.err).strip()[-400:]}"
    again = child.run(lambda: scene.qa("doctor", "--deep", "--store", store))
    if again.code != 0:
        yield f"the doctor is not content after the rebuild: {again.out[-300:]}"


if __name__ == "__main__":
    raise SystemExit(main())
