"""How a judge and the deterministic metrics agree, so that one knows what the judge is worth here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any


def agreement(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return counts of both verdicts, the share that agrees and Cohen's kappa; None without a judge.

    `why` is the reason that most of the answers without a verdict have.

    The judge's `judge_correct` is compared with `contains` where there is one. Kappa (1960) is None
    where both always say the same thing, for then chance explains all of it.
    """
    if not any(row.get("judge") for row in rows):
        return None
    pairs = [
        (row["scores"]["contains"] >= 0.5, marks["judge_correct"] >= 0.5)
        for row in rows
        if (row.get("judge") or {}).get("asked")
        and (marks := row["judge"]["marks"]).get("judge_correct") is not None
        and row["scores"].get("contains") is not None
    ]
    judged = [row for row in rows if (row.get("judge") or {}).get("asked")]
    silent = Counter(
        str(row["judge"].get("reason") or "") for row in judged if not row["judge"].get("marks")
    )
    n = len(pairs)
    found: dict[str, Any] = {
        "judged": len(judged), "no_verdict": silent.total(),
        "why": silent.most_common(1)[0][0] if silent else None, "compared": n,
    }  # fmt: skip
    if not n:
        return found | {"agree": None, "kappa": None}
    agree = sum(metric == judge for metric, judge in pairs) / n
    a, b = sum(metric for metric, _ in pairs) / n, sum(judge for _, judge in pairs) / n
    chance = a * b + (1 - a) * (1 - b)
    kappa = None if chance == 1 else (agree - chance) / (1 - chance)
    only_judge = sum(judge and not metric for metric, judge in pairs)
    only_metric = sum(metric and not judge for metric, judge in pairs)
    return found | {
        "agree": agree, "kappa": kappa, "right_for_the_judge_only": only_judge,
        "right_for_contains_only": only_metric,
    }  # fmt: skip
