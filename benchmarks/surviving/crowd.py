"""Two indexers and four askers at once over a folder that changes all the time.

    python -m benchmarks.surviving.crowd --seconds 120

Articles below `pinned` are changed together, from one edition to the next, while no indexer reads; those below
`loose` come, go and change at any time. Two askers keep the index open, as a chat does, two open it for each
question. No question may fail or mix editions, none may go back; an indexer that finds the index held is told by
whom within two seconds, or waits.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from benchmarks.surviving import child, scene
from index.corpus import Corpus

_PINNED = 4
_HELD = re.compile(r"being written by process \d+")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seconds", type=float, default=120)
    options = asked.parse_args()
    child.warm()
    with tempfile.TemporaryDirectory(prefix="surviving-") as place:
        return run(Path(place), options.seconds)


def run(folder: Path, seconds: float) -> int:
    """Let the crowd loose over a folder; print what became of it and return 1 when something failed."""
    _edition(folder, 1)
    assert child.run(lambda: scene.index(folder), timeout=120).code == 0
    end = time.monotonic() + seconds
    work: list[Callable[[], Iterator[tuple[str, object]]]] = [
        lambda: _change(folder, end),
        lambda: _index(folder, end, ()),
        lambda: _index(folder, end, ("--wait", "60")),
        *([lambda: _ask(folder, end, keep=True)] * 2),
        *([lambda: _ask(folder, end, keep=False)] * 2),
    ]
    logs = [folder / f"log{i}" for i in range(len(work))]
    pids = [_start(job, log) for job, log in zip(work, logs, strict=True)]
    for pid in pids:
        os.waitpid(pid, 0)
    said = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    counts = Counter(kind for kind, _ in said if kind != "wrong")
    wrong = [text for kind, text in said if kind == "wrong"]
    for text in wrong[:20]:
        print(text)
    told = sorted(float(str(s)) for kind, s in said if kind == "told who holds it")
    slowest = {"slowest to be told, s": round(told[-1], 2)} if told else {}
    print(json.dumps({**counts, "failures": len(wrong), **slowest}))
    return 1 if wrong or not counts["questions answered"] or not counts["runs finished"] else 0


def _start(job: Callable[[], Iterator[tuple[str, object]]], log: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    with log.open("w", buffering=1) as out:
        try:
            for line in job():
                out.write(json.dumps(line) + "\n")
        except BaseException as error:
            out.write(json.dumps(("wrong", f"{type(error).__name__}: {error}")) + "\n")
        os._exit(0)


def _edition(folder: Path, number: int) -> None:
    for i in range(_PINNED):
        file = folder / "articles" / "pinned" / f"p{i}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f"Orchard report {i}\n\nThe orchard is in edition {number} of {i}.\n\n{scene.story(f'orchard{i}', 8)}"
        )


@contextmanager
def _pen(folder: Path, kind: int) -> Iterator[None]:
    with (folder / "pen").open("w") as pen, (folder / "gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)  # whoever is to write waits before those who come later
        fcntl.flock(pen, kind)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield


def _change(folder: Path, end: float) -> Iterator[tuple[str, object]]:
    random, number = Random(1), 1
    while time.monotonic() < end:
        loose = folder / "articles" / "loose" / f"l{random.randrange(6)}.txt"
        loose.parent.mkdir(exist_ok=True)
        if loose.exists() and random.random() < 0.3:
            loose.unlink()
        else:
            loose.write_text(scene.story(f"ferry{random.randrange(1000)}", 8))
        if random.random() < 0.2:
            with _pen(folder, fcntl.LOCK_EX):
                number += 1
                _edition(folder, number)
            yield "editions", number
        yield "changes", None
        time.sleep(0.2)


def _index(folder: Path, end: float, options: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    while time.monotonic() < end:
        with _pen(folder, fcntl.LOCK_SH):
            ended = child.run(lambda: scene.index(folder, *options), timeout=120)
        if ended.code == 0:
            yield "runs finished", None
        elif ended.code == 4 and _HELD.search(ended.err) and not options:
            yield "told who holds it", ended.seconds
            if ended.seconds > 2:
                yield "wrong", f"told only after {ended.seconds:.1f} s"
            time.sleep(0.3)
        else:
            yield "wrong", f"a run ended {ended.code}: {ended.err.strip()[-300:]}"


def _ask(folder: Path, end: float, keep: bool) -> Iterator[tuple[str, object]]:
    corpus = Corpus(folder / ".qa", scene.Quick) if keep else None
    seen = 0
    while time.monotonic() < end:
        asked = corpus or Corpus(folder / ".qa", scene.Quick)
        with asked.snapshot():
            hits = asked.search("the orchard is in edition", 60)
            texts = " ".join(h.passage.text for h in hits)
            whole = all(asked.passage(h.passage.passage_id).text == h.passage.text for h in hits)
        editions = re.findall(r"in edition (\d+) of (\d)", texts)
        numbers = {int(n) for n, _ in editions}
        if len(numbers) != 1 or len({i for _, i in editions}) != _PINNED or not whole:
            yield "wrong", f"an answer from a half-built index: {sorted(editions)}"
        elif min(numbers) < seen:
            yield "wrong", f"edition {numbers} after {seen}"
        else:
            yield "questions answered", None
            if min(numbers) > seen and keep and seen:
                yield "new generations seen by an open index", None
            seen = min(numbers)
        if not keep:
            asked.close()
        time.sleep(0.05)


if __name__ == "__main__":
    raise SystemExit(main())
