"""Stories and subjects told by three or four texts each, with questions, that were written for this project.

`written/stories/*.jsonl` hold one story a line: `articles` (`title`, `outlet`, `date`, `text`) and `questions` (`q`,
`answers`). Every article of a story that answers a question is among its `answers` (`article`, its exact words in
`text`), so that the other articles of the story are known not to answer it: the other round of the talks, the toll
before it was corrected, the other side's spokesman.

`written/subjects/*.jsonl` have the same form: the `articles` are four parts of one encyclopaedia article, without
`outlet` and `date`, and the sixteen questions are asked as those of SQuAD are.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.reader_data import Paragraph, Question, Questions, located
from index.split import sentences

FOLDER = Path(__file__).with_name("written") / "stories"
SUBJECTS = FOLDER.with_name("subjects")

_HELD = 10
"""One story, and one subject, in so many is never trained on, chosen by the title of its first article."""


def read_stories(*, held: bool, folder: Path = FOLDER) -> Questions:
    """Return the questions of a folder's stories that are never trained on (`held`), or of the others.

    A question that two articles answer is there twice, once about each; one that none answers is about one of them.
    """
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    for story in _stories(folder):
        if (zlib.crc32(story["articles"][0]["title"].encode()) % _HELD == 0) is not held:
            continue
        first = len(paragraphs)
        for article in story["articles"]:
            text = article["text"]
            spans = tuple(sentences(text))
            paragraphs.append(Paragraph(article["title"], text, spans, article.get("date", "")))
        for n, asked in enumerate(story["questions"]):
            questions += _asked(asked, n, range(first, len(paragraphs)), paragraphs)
    return Questions(tuple(paragraphs), tuple(questions))


def _asked(
    asked: dict[str, Any], n: int, story: range, paragraphs: Sequence[Paragraph]
) -> Iterator[Question]:
    answers = tuple(dict.fromkeys(a["text"] for a in asked["answers"]))
    answering = tuple(sorted({story[a["article"]] for a in asked["answers"]}))
    beside = tuple(p for p in story if p not in answering)
    if not answers:
        own = story[n % len(story)]
        yield Question(asked["q"], own, (), (), (), tuple(p for p in beside if p != own))
    for p in answering:
        texts = [a["text"] for a in asked["answers"] if story[a["article"]] == p]
        found = [located(paragraphs[p], _only(t, paragraphs[p].text), t) for t in texts]
        gold = tuple(g for g in found if g)
        yield Question(asked["q"], p, answers, gold[:1], (), beside, answering)


def _only(answer: str, text: str) -> int:
    """Where an answer stands in a text; -1 where it stands there twice, for then it is not known which is meant."""
    places = [m.start() for m in re.finditer(rf"(?<!\w){re.escape(answer)}(?!\w)", text)]
    return places[0] if len(places) == 1 else -1


def _stories(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
