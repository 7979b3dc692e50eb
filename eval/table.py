"""A summary as a plain table for the terminal: each metric with its 95 % interval and a bar."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from eval.failure import RIGHT
from eval.metrics import LOWER_IS_BETTER, shown
from eval.summary import Mean, Summary
from index.safe import safe

_WIDTH = 20


def render(summary: Summary, title: str | None = None, asked: Sequence[str] = ()) -> str:
    """Return the table: metrics, what became of the cases, latency, tokens and cost.

    Metrics are the headline's and those `asked` for; the run file has all.
    """
    lines = [title] if title else []
    unanswerable = summary.cases - summary.answerable
    lines.append(
        f"{summary.cases} cases ({summary.answerable} answerable, {unanswerable} not), "
        f"{summary.abstained} abstained, {summary.errors} errors"
    )
    lines += ["", f"{'metric':<22}{'mean':>6}  {'95 % interval':<15}{'n':>5}  {'unscored':>8}"]
    chosen = {*shown(summary.metrics), *asked}
    for name, found in summary.metrics.items():
        if found.mean is not None and name in chosen:
            label = name + (" ↓" if name in LOWER_IS_BETTER else "")
            missing = sum(found.unscored.values())
            row = f"{label:<22}{found.mean:>6.3f}  {_interval(found):<15}{found.n:>5}"
            lines.append(f"{row}  {missing or '':>8}  {_bar(found.mean)}")
    if summary.risk_area is not None and summary.coverage is not None:
        reached = f"over the {summary.coverage:.0%} of the cases that it answered"
        lines.append(f"{'risk–coverage area ↓':<22}{summary.risk_area:>6.3f}  {reached}")
    hidden = sum(m.mean is not None for n, m in summary.metrics.items() if n not in chosen)
    if hidden:
        lines.append(f"{hidden} more metrics: --report FILE, --json, or --metric NAME")
    lines += _unscored(summary, chosen)
    lines += _labels(summary)
    lines += _agreement(summary)
    if summary.latency_ms:
        lines.append("")
        for step, values in summary.latency_ms.items():
            times = "  ".join(f"{name} {value:,.1f} ms" for name, value in values.items())
            lines.append(f"{step:<22}{times}")
    tokens = [summary.usage.get(key) or 0 for key in ("prompt_tokens", "completion_tokens")]
    if any(tokens):
        cost = summary.usage.get("cost_usd")
        price = "cost unknown" if cost is None else f"${cost:.4f}"
        lines.append(f"{'tokens':<22}{tokens[0]:,.0f} in, {tokens[1]:,.0f} out, {price}")
    return "\n".join(line.rstrip() for line in lines)


def _interval(found: Mean) -> str:
    return "" if found.low is None else f"{found.low:.3f} – {found.high:.3f}"


def _bar(share: float) -> str:
    return "█" * round(max(0.0, min(1.0, share)) * _WIDTH)


def _labels(summary: Summary) -> list[str]:
    """What became of the cases, the right ones first."""
    if not summary.labels:
        return []
    lines = ["", f"{'what became of them':<28}{'cases':>5}"]
    for label, count in summary.labels.items():
        lines.append(f"{label:<28}{count:>5}  {_bar(count / summary.cases)}")
    if set(summary.labels) - {RIGHT}:
        lines.append("qa eval show RUN [ID] opens a case")
    return lines


def _agreement(summary: Summary) -> list[str]:
    """What the judge is worth on this set, going by `contains`."""
    found = summary.agreement
    if not found:
        return []
    line = f"judge: asked of {found['judged']} answers, no verdict on {found['no_verdict']}"
    if found["why"]:
        line += f" ({safe(found['why'], newlines=False)})"
    if found["agree"] is not None:
        kappa = "" if found["kappa"] is None else f" (kappa {found['kappa']:.2f})"
        line += f"; agrees with 'contains' on {found['agree']:.0%} of {found['compared']}{kappa}"
    return ["", line]


def _unscored(summary: Summary, chosen: Collection[str]) -> list[str]:
    """The metrics that no case could be scored on, by reason."""
    by_reason: dict[str, list[str]] = {}
    for name, found in summary.metrics.items():
        if found.mean is None and name in chosen:
            reasons = ", ".join(found.unscored) or "no cases"
            by_reason.setdefault(reasons, []).append(name)
    lines = [f"unscored: {', '.join(names)} ({reason})" for reason, names in by_reason.items()]
    return ["", *lines] if lines else []
