"""Questions made from sentences by rules: who did it, when it was done, where, how many.

They are plainer than those that people ask, but are asked of sentences that no data set asks about. A
sentence that does not have the shape that a rule wants gives none.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reader_data import Paragraph, Question, Questions
from index.split import sentences

_WORD = r"[A-ZÀ-ÖØ-Þ][\w’'.-]*"
_NAME = rf"{_WORD}(?:\s+(?:(?:of|the|de|la|von|van|bin|al|and)\s+){{0,2}}{_WORD}){{0,4}}"
_DONE = (
    r"(?:led|headed|won|wrote|made|said|became|took|gave|built|found|held|began|sold|bought|left|met|lost|sent|"
    r"brought|taught|fought|[a-z]{2,}ed)"
)
_DATE = (
    r"(?:\d{1,2}\s+)?(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?:\s+\d{1,2})?(?:,?\s+\d{4})?|(?:1[0-9]|20)\d\d"
)
_THING = rf"(?:The\s)?{_NAME}(?:\s[a-z]+)?"
_WHO = re.compile(
    rf"^({_NAME})(?:,[^,]{{3,60}},)?\s+((?:also\s+)?{_DONE}\s[^,;:()]{{8,90}}?)"
    r"(?=[,;:.]|\s(?:and|which|who|but)\s|$)"
)
_ROLE = re.compile(
    rf"^({_NAME})(?:\s*\([^)]*\))?\s+(?:is|was)\s+(the\s[^,;:().]{{10,80}})(?=[,;:.]|$)"
)
_WHEN = re.compile(
    rf"^({_THING})\s(was|were)\s([a-z]{{3,}}(?:ed|en|un|lt|ld|de|nt)\b[^,;:()]{{0,50}}?)"
    rf"\s(?:in|on)\s({_DATE})\b"
)
_WHERE = re.compile(
    rf"^({_THING})\s(was|is)\s(born|located|situated|held|buried|based|set)\s[^,;:()]{{0,25}}?"
    rf"\b(?:in|at|near)\s({_NAME}(?:,\s{_NAME})?)"
)
_MANY = re.compile(
    rf"^({_THING})\s(has|had)\s((?:about|over|nearly|some|around)\s)?(\d[\d,.]*)\s([a-z]+s)\b"
)
_PRONOUNS = {
    "It",
    "He",
    "She",
    "They",
    "The",
    "This",
    "That",
    "These",
    "There",
    "In",
    "His",
    "Her",
    "Its",
    "We",
    "A",
    "Others",
    "Many",
    "Some",
    "Most",
}


def made(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield questions that the sentence answers, each with the words that do."""
    if sentence.split(" ", 1)[0] in _PRONOUNS - {"The"}:
        return
    if (m := _WHO.match(sentence)) and "The " not in m[1]:
        yield f"Who {m[2]}?", m[1]
    if (m := _ROLE.match(sentence)) and "born" not in m[2]:
        yield f"Who is {m[2]}?", m[1]
    if (m := _WHEN.match(sentence)) and " " in m[1]:
        yield f"When {m[2]} {_lower(m[1])} {m[3]}?", m[4]
    if m := _WHERE.match(sentence.rstrip(".")):
        yield f"Where {m[2]} {_lower(m[1])} {m[3]}?", m[4]
    if m := _MANY.match(sentence):
        does = "does" if m[2] == "has" else "did"
        yield f"How many {m[5]} {does} {_lower(m[1])} have?", m[4]


def read_articles(path: Path) -> Questions:
    """Return made questions about the records (`title`, `text`) of a JSON lines file, gzipped or not."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    paragraphs = []
    for line in content.decode().splitlines():
        record = json.loads(line)
        spans = tuple(sentences(record["text"]))
        if len(spans) > 1:
            paragraphs.append(Paragraph(record.get("title", ""), record["text"], spans))
    return ask(tuple(paragraphs))


def ask(paragraphs: tuple[Paragraph, ...]) -> Questions:
    """Return made questions about paragraphs, one a sentence at most."""
    questions = []
    for n, paragraph in enumerate(paragraphs):
        for i, (a, b) in enumerate(paragraph.spans):
            sentence = paragraph.text[a:b]
            found = next(made(sentence), None)
            if found and (start := sentence.find(found[1])) >= 0:
                gold = ((i, start, found[1]),)
                questions.append(Question(found[0], n, (found[1],), gold, ()))
    return Questions(paragraphs, tuple(questions))


def _lower(name: str) -> str:
    return name[0].lower() + name[1:] if name.startswith("The ") else name
