"""Kill `qa index` at chosen system calls, or let them fail, and see what is left of the index.

    python -m benchmarks.surviving.crashes --points 200
    python -m benchmarks.surviving.crashes --points 100 --fault error=EIO
    python -m benchmarks.surviving.crashes --points 100 --fault error=ENOSPC

A third of the points each: in a first build, in an update, in one so small that it extends a copy. After each an
index that was there answers, from before or from after the switch; a second run finishes; its content is that of a
clean build, and nothing is left over. Needs strace.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from benchmarks.surviving import child, scene
from benchmarks.surviving.scene import AFTER, BEFORE, LATER

KILL = "signal=SIGKILL"
KINDS = {"first": (None, AFTER), "update": (BEFORE, AFTER), "extension": (AFTER, LATER)}
"""Of which state there is an index, and of which there is to be one."""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--points", type=int, default=200)
    asked.add_argument("--fault", default=KILL, help=f"{KILL}, error=EIO or error=ENOSPC")
    asked.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    asked.add_argument("--skip", type=int, default=0, help="begin behind so many points")
    asked.add_argument(
        "--only", help="points as they are printed: update:pwrite64:17,first:write:4"
    )
    options = asked.parse_args()
    child.warm()
    with tempfile.TemporaryDirectory(prefix="surviving-") as place:
        return _run(Path(place), options)


def _run(place: Path, options: argparse.Namespace) -> int:
    hashes = {}
    for state in (BEFORE, AFTER, LATER):
        scene.put(place / state, state)
        assert child.run(lambda s=state: scene.index(place / s)).code == 0
        hashes[state] = child.answer(lambda s=state: scene.content(place / s))
    traces = ("-e", "trace=" + ",".join(child.CALLS))
    jobs = []
    for kind in KINDS:
        _set_up(place, kind)
        seen = child.run(lambda: scene.index(place / "work"), strace=traces, timeout=300)
        assert seen.code == 0, seen.err
        jobs += [(kind, c, k) for c, k in child.points(seen.trace, options.points // 3)]
    Random(0).shuffle(jobs)  # a run that is stopped early has met all kinds
    if options.only:
        named = [point.split(":") for point in options.only.split(",")]
        jobs = [(kind, call, int(k)) for kind, call, k in named]
    bad: list[str] = []
    fired = done = 0
    ends: Counter[str] = Counter()
    started = time.monotonic()
    for kind, call, k in jobs[options.skip :]:
        if time.monotonic() - started > options.seconds:
            break
        _set_up(place, kind)
        inject = ("-e", f"trace={call}", "-e", f"inject={call}:{options.fault}:when={k}")
        ended = child.run(lambda: scene.index(place / "work"), strace=inject)
        fired += ended.fired
        done += 1
        ends[str(ended.code)] += 1
        for wrong in _wrong(place, kind, ended, options.fault, hashes):
            bad.append(f"{kind}:{call}:{k} ended {ended.code}: {wrong}")
            print(bad[-1], ended.err[-600:] if options.only else "", flush=True)
    print(
        json.dumps(
            {
                "fault": options.fault, "points": done, "fired": fired, "failures": len(bad),
                "skipped": options.skip, "exit_codes": dict(ends),
                "seconds": round(time.monotonic() - started),
            }
        )
    )  # fmt: skip
    return 1 if bad or not fired else 0


def _set_up(place: Path, kind: str) -> None:
    work = place / "work"
    old, new = KINDS[kind]
    scene.copy(place / (old or new), work)
    scene.put(work, new)
    if old is None:
        shutil.rmtree(work / ".qa")


def _wrong(
    place: Path, kind: str, ended: child.Ended, fault: str, hashes: dict[str, str]
) -> list[str]:
    """What a point left that it must not leave."""
    work, found = place / "work", []
    old, new = KINDS[kind]
    if ended.code is None:
        found.append("a hang")
    if "Traceback" in ended.err or "unexpected fault" in ended.err:
        found.append("a fault that is not explained: " + ended.err.strip()[-300:])
    if fault != KILL and ended.code and "free" not in ended.err:
        found.append("no word of what is free: " + ended.err.strip()[-300:])
    seen = child.run(lambda: print(scene.content(work)))
    allowed = {hashes[new]}
    if ended.code != 0:
        allowed.add(hashes[old] if old else "")
    missing = "NothingIndexed" in seen.err
    told = (
        ended.code == 0 and "failed: " in ended.err
    )  # an article that could not be read was left out
    if not told and (seen.out.strip() if seen.code == 0 else "" if missing else "?") not in allowed:
        found.append(f"no index that answers ({seen.code}): {(seen.out + seen.err).strip()[-300:]}")
    again = child.run(lambda: scene.index(work))
    if again.code != 0:
        found.append(f"running again ended {again.code}: {again.err.strip()[-300:]}")
    last = child.run(lambda: print(scene.content(work), *scene.orphans(work), sep="\n"))
    if last.out.splitlines()[:1] != [hashes[new]]:
        found.append(f"other content than a clean build's: {(last.out + last.err).strip()[-300:]}")
    found += [f"left over: {name}" for name in last.out.splitlines()[1:]]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
