"""A case: one question, and what is right; read from a record in the contract's form.

Records that other people's sets have are brought to this form first (`eval.collections`).
"""

from __future__ import annotations

import difflib
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.errors import UsageError
from qa.render import to_json
from qa.types import Message

FORMATS = "a question set is JSONL (or .gz), SQuAD JSON, or a BEIR folder with queries.jsonl and qrels/*.tsv"
_KEYS = ("id", "question", "answers", "evidence", "quotes", "answerable", "history", "tags")


@dataclass(frozen=True, slots=True)
class Case:
    """One question, and what is right: accepted short answers, evidence, gold sentences.

    Pieces of evidence are alternatives or parts; the set does not say which. `judgements` keeps
    graded relevance where the set has it (BEIR); a piece of evidence without a grade counts 1.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    answerable: bool = True
    history: tuple[Message, ...] = ()
    tags: tuple[str, ...] = ()
    judgements: Mapping[str, int] = field(default_factory=dict)

    def grade(self, evidence: str) -> int:
        """Return how relevant a piece of evidence is."""
        return self.judgements.get(evidence, 1)


def read_case(record: Any, where: str) -> Case:
    """Return the case of a record; `where` says in errors where it stands.

    Raises `UsageError` that names what is wrong with it.
    """
    if not isinstance(record, dict):
        raise UsageError(
            f"{where}: a case must be an object, not {json.dumps(record)[:40]}", FORMATS
        )
    for key in record.keys() - set(_KEYS):
        near = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.75)
        if near and near[0] not in record:  # a slip; other keys are the owner's own remarks
            raise UsageError(f"{where}: unknown key {key!r}", f"did you mean {near[0]!r}?")
    given = record.get("id")
    if isinstance(given, bool) or not isinstance(given, (str, int)) or given == "":
        raise UsageError(f"{where}: 'id' must be a text that is not empty")
    question = record.get("question")
    if not isinstance(question, str) or not question.strip():
        raise UsageError(f"{where}: 'question' must be a text that is not empty")
    answers, evidence, quotes, tags = (
        _texts(record, key, where) for key in ("answers", "evidence", "quotes", "tags")
    )
    answerable = record.get("answerable")
    if answerable is None:
        answerable = bool(answers or evidence)
    if not isinstance(answerable, bool):
        raise UsageError(f"{where}: 'answerable' must be true or false")
    if answers and not answerable:
        raise UsageError(f"{where}: 'answerable' is false, yet there are 'answers'")
    history = _history(record.get("history"), where)
    return Case(str(given), question, answers, evidence, quotes, answerable, history, tags)


def _texts(record: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = record.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(map(_says_something, value)):
        raise UsageError(f"{where}: {key!r} must be a list of texts, none of them empty")
    return tuple(str(item) for item in value)


def _says_something(item: Any) -> bool:
    """Whether it is a text, or a whole number, as ids and answers often are."""
    return (isinstance(item, str) and bool(item.strip())) or type(item) is int


def _history(value: Any, where: str) -> tuple[Message, ...]:
    """Turns as `{"role", "content"}`, or texts of user and assistant by turns."""
    wrong = UsageError(
        f"{where}: 'history' must be a list of turns",
        'such as {"role": "user", "content": "…"}, or texts of user and assistant by turns',
    )
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong
    turns = []
    for place, turn in enumerate(value):
        if isinstance(turn, str):
            turns.append(Message("assistant" if place % 2 else "user", turn))
            continue
        if not isinstance(turn, dict) or turn.get("role") not in ("user", "assistant"):
            raise wrong
        if not isinstance(turn.get("content"), str):
            raise wrong
        turns.append(Message(turn["role"], turn["content"]))
    return tuple(turns)


def read_text(path: Path) -> str:
    """Return the text of a file, `.gz` or not. Raises `UsageError`."""
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def read_lines(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """Yield where each line stands and what it holds. Raises `UsageError` for one that is not JSON."""
    # Not splitlines(): U+2028 and its like may stand raw inside a JSON text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = f"{path}, line {number}"
            yield where, read_json(line, where)


def read_json(text: str, where: str) -> Any:
    """Return what a JSON text holds, halves of characters as U+FFFD. Raises `UsageError`."""
    try:
        value = json.loads(text)
        return json.loads(to_json(value)) if "\\u" in text else value
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{where}: not valid JSON: {error}", FORMATS) from error
