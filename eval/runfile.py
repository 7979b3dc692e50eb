"""The run file: JSONL, a line with the header and then a line per case.

It is appended to while a run goes on, so the last line may be torn; nothing else of it is forgiven.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from index.errors import UsageError
from qa.render import to_json

# What must be the same for two halves of a file to be one run; not the date, nor the libraries.
IDENTITY = (
    "format",
    "qa",
    "model",
    "settings",
    "prompts",
    "index",
    "questions",
    "depth",
    "retrieval_only",
    "judge",
    "metrics",
)


class Run(NamedTuple):
    """The header of a run and its rows, one per case."""

    header: Mapping[str, Any]
    rows: list[dict[str, Any]]


def load_run(path: Path | str, *, torn: bool = False) -> Run:
    """Read a run file; with `torn`, a case that a kill cut short is left out.

    Raises `UsageError` naming the line that is wrong.
    """
    path = Path(path)
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", "name a file that qa eval wrote"
        ) from error
    whole = [(number, line) for number, line in enumerate(lines, 1) if line.strip(b"\x00 \t\r")]
    values: list[Any] = []
    for place, (number, line) in enumerate(whole):
        last = place == len(whole) - 1
        if torn and place and last and number == len(lines):
            break  # no newline after it: even if it parses, a number in it may be cut
        try:
            values.append(json.loads(line))
        except ValueError as error:
            if torn and place and last:
                break
            what = "the last line is cut short" if last else f"line {number} is not valid JSON"
            hint = "finish the run with --resume" if last else "this file was changed after the run"
            raise UsageError(f"{path}: {what}", hint) from error
    if not values or not isinstance(values[0], dict) or not isinstance(values[0].get("run"), dict):
        raise UsageError(f"{path} is not a run file", "name a file that qa eval wrote")
    rows = values[1:]
    for place, row in enumerate(rows, 2):
        if not _is_case(row):
            raise UsageError(
                f"{path}: line {place} is not a case", "this file was changed after the run"
            )
    return Run(values[0]["run"], rows)


def _is_case(row: Any) -> bool:
    """Whether a line has what is compared: an id, numbers as scores, and passages in a list."""
    return (
        isinstance(row, dict)
        and isinstance(row.get("id"), str)
        and isinstance(row.get("scores"), dict)
        and all(v is None or isinstance(v, int | float) for v in row["scores"].values())
        and isinstance(row.get("hits", []), list)
    )


def prepare(out: Path, kept: Run) -> None:
    """Write the header and the rows that stand in one step, so that one whole file is there."""
    lines = [{"run": kept.header}, *kept.rows]
    beside = out.with_name(out.name + ".new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(to_json(line) + "\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(out)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}", "name another --out"
        ) from error


def same_run(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Raise `UsageError` unless a file with the header `old` can be gone on with as `new`."""
    written = json.loads(to_json(dict(new)))  # as it reads once it was written
    differing = [key for key in IDENTITY if old.get(key) != written.get(key)]
    if differing:
        shown = "; ".join(
            f"{key}: {_short(old.get(key))} → {_short(written.get(key))}" for key in differing
        )
        raise UsageError(f"{path} is another run ({shown})", "start anew with another --out")


def _short(value: Any) -> str:
    text = to_json(value)
    return text if len(text) <= 60 else text[:59] + "…"
