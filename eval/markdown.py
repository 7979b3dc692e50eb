"""Runs and comparisons as Markdown for a pull request.

Ids, names and settings are other people's texts: what Markdown or HTML would read is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from eval.compare import Comparison, Difference
from eval.gate import Gate
from eval.metrics import LOWER_IS_BETTER, shown
from eval.runfile import Run
from eval.summary import summarise
from index.errors import UsageError
from index.safe import safe

_SHOWN = 10
_SIGNS = {"pass": "✅", "fail": "❌", "inconclusive": "❔"}


def run_markdown(name: str, run: Run) -> str:
    """Return the table of a run: each metric with its interval, then what became of the cases."""
    summary = summarise(run.rows)
    lines = [f"### {_text(name)}", "", f"{summary.cases:,} cases, {summary.errors:,} errors", ""]
    lines += ["| metric | mean | 95 % interval | n |", "|---|---:|---:|---:|"]
    headline = shown(summary.metrics)
    for metric, found in summary.metrics.items():
        if found.mean is not None and metric in headline:
            bounds = "" if found.low is None else f"{found.low:.3f} – {found.high:.3f}"
            lines.append(f"| {_metric(metric)} | {found.mean:.3f} | {bounds} | {found.n} |")
    lines += ["", "| what became of the cases | |", "|---|---:|"]
    lines += [f"| {label} | {count} |" for label, count in summary.labels.items()]
    return "\n".join(lines)


def comparison_markdown(comparison: Comparison, gate: Gate | None = None) -> str:
    """Return the verdict of the gate, the table of the differences, and the cases won and lost."""
    lines = [f"### {_text(comparison.b)} against {_text(comparison.a)}", ""]
    if gate:
        sign = _SIGNS[gate.verdict.value]
        lines += [f"**Gate: {sign} {gate.verdict.value}**", ""]
        lines += [
            f"- {_SIGNS[c.verdict.value]} {_metric(c.metric)} may lose {c.allowed:g}: {_text(c.why)}"
            for c in gate.checks
        ]
        lines.append("")
    lines += [f"- changed: `{_code(line)}`" for line in comparison.changed]
    lines += ["", f"{comparison.cases:,} cases", ""]
    lines += ["| metric | A | B | B − A | 95 % interval | p (Holm) | won | lost | detects |"]
    lines += ["|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    lines += [_row(found) for found in comparison.differences.values()]
    for what, ids in comparison.left_out.items():
        lines.append(f"\n{len(ids)} cases ended in {what}, left out: {_ids(ids)}")
    for found in comparison.differences.values():
        if found.p_holm is not None and found.p_holm < 0.05:
            name = _metric(found.metric)
            lines.append(f"\n{name}: won {_ids(found.won)}; lost {_ids(found.lost)}")
    return "\n".join(lines)


def write_text(path: Path, text: str) -> None:
    """Write a report. Raises `UsageError` where that cannot be."""
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "name another") from error


def _row(found: Difference) -> str:
    bounds = "" if found.low is None else f"{found.low:+.3f} – {found.high:+.3f}"
    p = "" if found.p_holm is None else f"{found.p_holm:.3f}"
    if found.p_holm is not None and found.p_holm < 0.05:
        p = f"**{p}**"
    reach = "–" if found.detectable is None else f"{found.detectable:.3f}"
    cells = [
        _metric(found.metric), f"{found.a:.3f}", f"{found.b:.3f}", f"{found.difference:+.3f}", bounds,
        p, str(len(found.won)), str(len(found.lost)), reach,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _metric(name: str) -> str:
    return f"`{_code(name)}`" + (" ↓" if name in LOWER_IS_BETTER else "")


def _ids(ids: Sequence[str]) -> str:
    shown = [f"`{_code(i)}`" for i in ids[:_SHOWN]] + ["…"] * (len(ids) > _SHOWN)
    return ", ".join(shown) or "none"


def _code(text: str) -> str:
    return safe(text, newlines=False).replace("`", "'").replace("|", "¦")


def _text(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#+!|<>@~])", r"\\\1", safe(text, newlines=False))
