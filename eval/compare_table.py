"""A comparison as a plain table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eval.metrics import LOWER_IS_BETTER
from index.safe import safe

if TYPE_CHECKING:
    from eval.compare import Comparison, Difference

_SHOWN = 12


def render(comparison: Comparison) -> str:
    """Return a row per metric, then the cases won and lost, errors and what was changed."""
    lines = [f"{comparison.cases} cases, A = {_line(comparison.a)}, B = {_line(comparison.b)}"]
    lines += [f"changed: {_line(line)}" for line in comparison.changed]
    head = f"{'metric':<20}{'A':>7}{'B':>7}{'B - A':>8}  {'95 % interval':<18}{'p (Holm)':>9}"
    lines += ["", f"{head}{'won':>5}{'lost':>5}{'tied':>6}{'detects':>9}"]
    lines += [_row(found) for found in comparison.differences.values()]
    lines.append("")
    for found in comparison.differences.values():
        if found.left_out:
            lines.append(f"{found.metric}: {found.left_out} cases scored in one run only, left out")
    for what, ids in comparison.left_out.items():
        lines.append(f"{len(ids)} cases ended in {what}, left out: {_ids(ids)}")
    for found in comparison.differences.values():
        if found.won or found.lost:
            lines.append(f"{found.metric}: won {_ids(found.won)}; lost {_ids(found.lost)}")
    lines.append("detects: the smallest difference found in 80 % of sets like this one")
    return "\n".join(line.rstrip() for line in lines)


def _row(found: Difference) -> str:
    label = found.metric + (" ↓" if found.metric in LOWER_IS_BETTER else "")
    bounds = "" if found.low is None else f"{found.low:+.3f} to {found.high:+.3f}"
    p = (
        ""
        if found.p_holm is None
        else f"{found.p_holm:.3f}" + ("*" if found.p_holm < 0.05 else " ")
    )
    reach = "–" if found.detectable is None else f"{found.detectable:.3f}"
    return (
        f"{label:<20}{found.a:>7.3f}{found.b:>7.3f}{found.difference:>+8.3f}  {bounds:<18}{p:>9}"
        f"{len(found.won):>5}{len(found.lost):>5}{found.tied:>6}{reach:>9}"
    )


def _ids(ids: Sequence[str]) -> str:
    shown = [_line(i) for i in ids[:_SHOWN]] + ["…"] * (len(ids) > _SHOWN)
    return ", ".join(shown) or "none"


def _line(text: str) -> str:
    """Ids, names and settings are other people's texts."""
    return safe(text, newlines=False)
