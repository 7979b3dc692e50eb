"""From Enter to the first source on the screen, in a real terminal, over the sample or an index of yours.

    make bench-first [STORE=folder of an index] [QUESTIONS=question set]

The chat is warm: the first questions are not counted. Target: 150 ms over 50,000 passages. Takes a minute.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from importlib.resources import files
from itertools import cycle, islice
from pathlib import Path

from benchmarks.terminal import QA, ROOT, Terminal
from eval.cases import load_cases

ASKED, WARM = 26, 2
SAMPLE = Path(str(files("eval") / "sample"))


def main() -> None:
    """Print the median and the slow end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", type=Path)
    parser.add_argument("--questions", type=Path, default=SAMPLE / "questions.jsonl")
    options = parser.parse_args()
    questions = [" ".join(case.question.split()) for case in load_cases(options.questions)]
    with tempfile.TemporaryDirectory() as folder:
        env = {"XDG_DATA_HOME": f"{folder}/data", "XDG_CONFIG_HOME": f"{folder}/config",
               "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}  # fmt: skip
        os.environ.update(env)
        store = options.store and options.store.resolve()
        if store is None:
            os.system(f"cd {folder} && {' '.join(QA)} index -q {SAMPLE / 'articles'} >/dev/null")
            store = Path(folder, ".qa")
        times = sorted(_times(folder, store, list(islice(cycle(questions), ASKED)))[WARM:])
    print(
        f"question to first source on screen: median {statistics.median(times):.0f} ms, "
        f"9 of 10 within {times[int(len(times) * 0.9)]:.0f} ms, slowest {times[-1]:.0f} ms "
        f"of {len(times)} (target 150 ms)"
    )


def _times(folder: str, store: Path, questions: list[str]) -> list[float]:
    """Milliseconds until the first score band of a question's sources is drawn."""
    chat = [*QA, "chat", "--private", "--store", str(store)]
    terminal, times = Terminal(chat, cwd=folder, columns=120, lines=40), []
    terminal.until(b"passages", 120)
    terminal.settle(0.4, 3.0)
    for question in questions:
        terminal.type(question)
        terminal.settle(0.3, 2.0)
        began = time.perf_counter()
        terminal.type("\r")
        terminal.until("▮".encode(), 60)
        times.append((time.perf_counter() - began) * 1000)
        terminal.settle(0.4, 2.0)
    terminal.kill()
    return times


if __name__ == "__main__":
    main()
