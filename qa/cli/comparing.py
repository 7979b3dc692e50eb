"""`qa compare`, and `qa eval show`: what run files say."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UsageError
from qa.slash_commands import typed_path

if TYPE_CHECKING:
    from eval.runfile import Run
    from qa.sessions import Turn
    from qa.tui.contracts import FoundCase

GATE_FAILED, GATE_OPEN = 5, 6
_SHOWN = 30
"""Misses that the chat lists."""


def run_compare(
    run_a: Path,
    run_b: Path,
    gates: tuple[str, ...],
    metrics: tuple[str, ...],
    report: Path | None,
    markdown: Path | None,
    junit: Path | None,
    as_json: bool,
) -> int:
    """Compare two runs; with gates, return 5 when one fails and 6 when one cannot be decided."""
    from eval.compare import compare
    from eval.compare_table import render
    from eval.gate import Verdict, gate, parse_gate
    from eval.metrics import shown

    a, b = _load(run_a), _load(run_b)
    names = (run_a.name, run_b.name) if run_a.name != run_b.name else (str(run_a), str(run_b))
    gated = tuple(parse_gate(spec)[0] for spec in gates)
    asked = metrics or tuple(shown(name for row in [*a.rows, *b.rows] for name in row["scores"]))
    chosen = tuple(dict.fromkeys([*asked, *gated]))
    comparison = compare(a, b, names=names, metrics=chosen)
    verdict = gate(comparison, gates) if gates else None
    if report:
        from eval.report import write

        write({names[0]: a, names[1]: b}, report, title="qa compare")
    if markdown:
        from eval.markdown import comparison_markdown, write_text

        write_text(markdown, comparison_markdown(comparison, verdict))
    if junit:
        from eval.junit import gate_junit
        from eval.markdown import write_text

        write_text(junit, gate_junit(comparison, verdict))
    if as_json:
        from qa.render import to_json

        found = comparison.to_json()
        if verdict:
            found["gate"] = verdict.to_json()
        print(to_json(found))
    else:
        print(render(comparison))
        if verdict:
            print(verdict.render())
    if verdict is None or verdict.verdict is Verdict.PASS:
        return 0
    return GATE_FAILED if verdict.verdict is Verdict.FAIL else GATE_OPEN


def run_show_case(run: Path, ids: tuple[str, ...], label: str | None, as_json: bool) -> int:
    """Print cases of a run: those named, or a line for each with its label."""
    from eval.show import list_cases, show_case

    rows = {str(row["id"]): row for row in _load(run).rows}
    chosen = _named(rows, ids, run) or list(rows.values())
    if label is not None:
        from eval.failure import LABELS

        if label not in LABELS:
            raise UsageError(f"there is no label {label!r}", f"labels: {', '.join(LABELS)}")
        chosen = [row for row in chosen if row.get("label") == label]
    if as_json:
        from qa.render import to_json

        print(to_json(chosen[0] if len(ids) == 1 else {"cases": chosen}))
    elif ids:
        print("\n\n".join(show_case(row) for row in chosen))
    else:
        print(list_cases(chosen))
    return 0


def find_case(argument: str) -> FoundCase:
    """Return what `RUN ID` names for the chat: the case and what came of it; of `RUN` alone its misses.

    Raises `UsageError`.
    """
    from eval.show import list_cases, missed, show_brief
    from qa.tui.contracts import FoundCase

    try:
        run, *ids = shlex.split(argument)
    except ValueError as error:
        raise UsageError(f"/case {argument}: {error}", "/case 'my set.run.jsonl' q7") from error
    found = _load(typed_path(run))
    if not ids:
        misses = missed(found.rows)
        shown = list_cases(misses[:_SHOWN])
        more = f"\n… and {len(misses) - _SHOWN} more" if len(misses) > _SHOWN else ""
        return FoundCase(f"{len(misses)} of {len(found.rows)} cases went wrong\n{shown}{more}")
    rows = _named({str(row["id"]): row for row in found.rows}, (" ".join(ids),), run)
    return FoundCase(show_brief(rows[0]), rows[0]["question"], _turns(rows[0].get("history", ())))


def _turns(history: Sequence[Mapping[str, str]]) -> tuple[Turn, ...]:
    """The earlier turns of a case as a conversation: each of the user's with what was said to it."""
    from qa.sessions import Turn
    from qa.types import Answer, Usage

    turns = []
    for asked, said in zip(history, [*history[1:], None], strict=True):
        if asked["role"] == "user":
            text = said["content"] if said and said["role"] == "assistant" else ""
            answer = Answer(
                asked["content"], text, None, False, None, "the set", (), (), Usage(), {}
            )
            turns.append(Turn(asked["content"], answer))
    return tuple(turns)


def _named(
    rows: Mapping[str, dict[str, Any]], ids: tuple[str, ...], run: object
) -> list[dict[str, Any]]:
    """The rows of those ids. Raises `UsageError` naming the nearest."""
    if strange := [name for name in ids if name not in rows]:
        import difflib

        near = difflib.get_close_matches(strange[0], rows, n=3, cutoff=0.3)
        raise UsageError(
            f"{run} has no case {strange[0]!r}",
            f"did you mean {', '.join(near)}?" if near else f"qa eval show {run}",
        )
    return [rows[name] for name in ids]


def _load(file: Path) -> Run:
    from eval.runfile import load_run

    if not file.is_file():
        raise UsageError(f"there is no run file {str(file)!r}", "qa eval QUESTIONS --out FILE")
    return load_run(file)
