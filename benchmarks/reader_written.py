"""The texts with questions that were written for this project, to train the reader on and to measure it with.

`written/*.json` are 1,618 reports, features and encyclopaedia paragraphs about things that hardly ever happened, in
SQuAD 2.0's form: of each, five questions in other words than its own and three that it nearly answers, then some four
in plain words and three more that it does not answer, most of which share few words with it.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import reduce
from pathlib import Path

from benchmarks.reader_data import Questions, joined, read_squad

FOLDER = Path(__file__).with_name("written")

_HELD = 10
"""One text in so many is never trained on, chosen by its title."""


def read_written(*, held: bool, folder: Path = FOLDER) -> Questions:
    """Return the questions of the texts that are never trained on (`held`), or of the others.

    Of several right forms of an answer the first is the one to learn, the shortest; all are accepted.
    """
    data = reduce(joined, (read_squad(path) for path in sorted(folder.glob("*.json"))))
    chosen = data.only(t for t in data.titles if (zlib.crc32(t.encode()) % _HELD == 0) is held)
    return replace(chosen, questions=tuple(replace(q, gold=q.gold[:1]) for q in chosen.questions))
