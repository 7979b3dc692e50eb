"""A summary as a plain table for the terminal and for a pull request."""

from __future__ import annotations

from eval.metrics import LOWER_IS_BETTER
from eval.summary import Mean, Summary

_WIDTH = 20


def render(summary: Summary, title: str | None = None) -> str:
    """Return the table: mean ± standard error, over how many cases, and why others have none."""
    lines = [title] if title else []
    unanswerable = summary.cases - summary.answerable
    lines.append(
        f"{summary.cases} cases ({summary.answerable} answerable, {unanswerable} not), "
        f"{summary.abstained} abstained, {summary.errors} errors"
    )
    lines += ["", f"{'metric':<22}{'mean ± s.e.':>16}  {'n':>5}  {'unscored':>8}  {'':<{_WIDTH}}"]
    for name, found in summary.metrics.items():
        if found.mean is not None:
            label = name + (" ↓" if name in LOWER_IS_BETTER else "")
            missing = sum(found.unscored.values())
            row = f"{label:<22}{_mean(found):>16}  {found.n:>5}  {missing or '':>8}"
            row += f"  {_bar(found.mean)}"
            lines.append(row.rstrip())
    lines += _unscored(summary)
    if summary.latency_ms:
        lines.append("")
        for step, values in summary.latency_ms.items():
            shown = "  ".join(f"{name} {value:,.1f} ms" for name, value in values.items())
            lines.append(f"{step:<22}{shown}")
    tokens = [summary.usage.get(key) or 0 for key in ("prompt_tokens", "completion_tokens")]
    if any(tokens):
        cost = summary.usage.get("cost_usd")
        price = "cost unknown" if cost is None else f"${cost:.4f}"
        lines.append(f"{'tokens':<22}{tokens[0]:,.0f} in, {tokens[1]:,.0f} out, {price}")
    return "\n".join(line.rstrip() for line in lines)


def _mean(found: Mean) -> str:
    spread = "" if found.se is None else f" ± {found.se:.3f}"
    return f"{found.mean:.3f}{spread}"


def _bar(mean: float) -> str:
    return "█" * round(max(0.0, min(1.0, mean)) * _WIDTH)


def _unscored(summary: Summary) -> list[str]:
    """The metrics that no case could be scored on, by reason."""
    by_reason: dict[str, list[str]] = {}
    for name, found in summary.metrics.items():
        if found.mean is None:
            reasons = ", ".join(found.unscored) or "no cases"
            by_reason.setdefault(reasons, []).append(name)
    lines = [f"unscored: {', '.join(names)} ({reason})" for reason, names in by_reason.items()]
    return ["", *lines] if lines else []
