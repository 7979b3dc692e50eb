"""A question set as a text that a person can edit, and back.

JSON on one line is no text to edit, so the editor gets YAML, a block a case. Whatever keys a case has
come back with it. The set is written only when all of it can be read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.cases import Case, load_cases
from index.errors import UsageError
from qa.render import to_json

HEAD = """\
# A block is a case. Change what you like; delete a block to drop the case, copy one to add a case.
# A question in words that the article does not use is worth more than one in its own.
# answers: accepted short answers, each right by itself · quotes: sentences that say it
# evidence: ids or paths of articles · answerable: false where the articles do not say
# Take "draft" out of the tags of a case that you have looked at. Save and leave when done.

"""

_TEXTS = ("id", "question")
_LISTS = ("answers", "evidence", "quotes", "tags")


def record_of(case: Case) -> dict[str, Any]:
    """Return a case as the contract's JSON."""
    record: dict[str, Any] = {
        "id": case.id,
        "question": case.question,
        "answers": list(case.answers),
        "evidence": list(case.evidence),
        "quotes": list(case.quotes),
        "answerable": case.answerable,
        "tags": list(case.tags),
    }
    if case.history:
        record["history"] = [{"role": m.role, "content": m.content} for m in case.history]
    return record


def read_records(path: Path) -> list[dict[str, Any]]:
    """Return the cases of a JSONL file as they stand there. Raises `UsageError` for any other file."""
    if not path.name.endswith((".jsonl", ".ndjson")):
        raise UsageError(f"{path} cannot be edited: it is not JSONL", "qa eval NAME.jsonl --edit")
    load_cases(path)  # names the line that is wrong
    return [json.loads(line) for line in path.read_text("utf-8-sig").split("\n") if line.strip()]


def write_records(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write a set in one step. Raises `UsageError` where that cannot be."""
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(to_json(dict(record)) + "\n" for record in records)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "name another") from error


def to_text(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the text for the editor."""
    import yaml

    blocks = [
        yaml.safe_dump([dict(record)], allow_unicode=True, sort_keys=False, width=100)
        for record in records
    ]
    return HEAD + "\n".join(blocks)


def from_text(text: str) -> list[dict[str, Any]]:
    """Return the cases of an edited text. Raises `UsageError` naming the case that cannot be read.

    Texts stay texts: an answer `no` or `2025-05-16` is what was typed, not a truth value or a date.
    """
    import yaml

    try:
        typed = yaml.safe_load(text) or []
        plain = yaml.load(text, Loader=yaml.BaseLoader) or []
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f"line {where.line + 1}: " if where else ""
        what = getattr(error, "problem", None) or "it is not YAML"
        raise UsageError(
            f"{line}{what}", "each case is a block that begins with '- id:'"
        ) from error
    if not isinstance(plain, list) or not all(isinstance(block, dict) for block in plain):
        raise UsageError(
            "this is no list of cases", "each case is a block that begins with '- id:'"
        )
    records = []
    for block, said in zip(plain, typed, strict=True):
        record = dict(said)
        for key in _TEXTS:
            if key in block:
                record[key] = block[key]
        for key in _LISTS:
            if key in block:
                value = block[key]
                record[key] = [value] if isinstance(value, str) and value else value or []
        records.append(record)
    return records
