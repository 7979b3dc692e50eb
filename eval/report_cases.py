"""The cases of the report: what was asked, what is right, what each run said, and where it was lost.

Texts of articles are untrusted: each is escaped piece by piece.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eval.charts import text
from eval.failure import BADLY_CITED, RIGHT, UNSCORED
from eval.runfile import Run
from index.safe import safe

Row = Mapping[str, Any]

_HITS = 5


def label_of(row: Row) -> str:
    """Return what became of a case; a run file of an earlier version has no labels."""
    return str(row.get("label", UNSCORED))


def cases(runs: Mapping[str, Run]) -> Iterable[str]:
    """Yield a block for each case, the runs side by side in it; misses come first."""
    by_id: dict[str, dict[str, Row]] = {}
    for name, run in runs.items():
        for row in run.rows:
            by_id.setdefault(str(row["id"]), {})[name] = row
    fine = (RIGHT, UNSCORED)
    ordered = sorted(by_id.items(), key=lambda item: _all(item[1], fine))
    for case_id, rows in ordered:
        yield _case(case_id, rows, list(runs))


def _all(rows: Mapping[str, Row], labels: Sequence[str]) -> bool:
    return all(label_of(row) in labels for row in rows.values())


def _case(case_id: str, rows: Mapping[str, Row], names: Sequence[str]) -> str:
    first = next(iter(rows.values()))
    gold = first.get("gold", {})
    labels = {name: label_of(row) for name, row in rows.items()}
    changed = len(set(labels.values())) > 1
    badges = "".join(
        f'<span class="badge {_colour(label)}">{text(label)}</span>'
        for label in list(labels.values())[: None if changed else 1]
    )
    accepted = "; ".join(gold.get("answers", ())) or "–"
    if not gold.get("answerable", True):
        accepted = "the articles hold no answer: it should abstain"
    earlier = [
        ("earlier", f"{turn['role']}: {turn['content']}") for turn in first.get("history", ())
    ]
    held = [
        *earlier,
        ("accepted", accepted),
        ("evidence", "; ".join(gold.get("evidence", ())) or "–"),
    ]
    if gold.get("tags"):
        held.append(("tags", ", ".join(gold["tags"])))
    quotes = "".join(quote(q, gold.get("answers", ()), "gold") for q in gold.get("quotes", ()))
    columns = "".join(
        f'<div class="run">{_head(name, names)}{_answer(rows[name])}</div>'
        for name in names
        if name in rows
    )
    words = "|".join(dict.fromkeys(labels.values()))
    head = (
        f'<span class="ask"><b>{text(case_id)}</b> {text(first.get("question", ""))}</span>{badges}'
    )
    return (
        f'<details data-labels="{text(words)}" data-changed="{int(changed)}"><summary>{head}</summary>'
        f'<div class="gold">{fields(held)}{quotes}</div><div class="runs">{columns}</div></details>'
    )


def _head(name: str, names: Sequence[str]) -> str:
    if len(names) < 2:
        return ""
    return f'<h3><i class="c{names.index(name)}"></i>{text(name)}</h3>'


def _colour(label: str) -> str:
    return (
        "good"
        if label == RIGHT
        else ""
        if label == UNSCORED
        else "odd"
        if label == BADLY_CITED
        else "bad"
    )


def _answer(row: Row) -> str:
    if row.get("error") is not None:
        return fields([("error", row["error"])])
    accepted = row.get("gold", {}).get("answers", ())
    items: list[tuple[str, Any]] = []
    if row.get("abstained"):
        items.append(("abstained", row.get("reason") or "no reason given"))
    elif row.get("answer") is not None:
        items.append(("answer", row.get("answer") or "–"))
    if row.get("short"):
        items.append(("short", row["short"]))
    missing = [
        part["text"] for sentence in row.get("sentences", ()) for part in sentence["missing"]
    ]
    if missing:
        items.append(("not found", ", ".join(missing)))
    judge = row.get("judge") or {}
    if judge.get("asked"):
        marks = ", ".join(f"{k.removeprefix('judge_')} {v:g}" for k, v in judge["marks"].items())
        items.append(("judge", " – ".join(p for p in (marks, judge.get("reason")) if p)))
    relevant = row.get("gold", {}).get("articles", {})
    if relevant:
        rank = row.get("evidence_rank")
        found = f"passage {rank}" if rank else "in no passage"
        items.append(("found", f"{found} of {len(row.get('hits', ()))}"))
    if row.get("confidence") is not None:
        items.append(("confidence", f"{row['confidence']:.3f}"))
    quotes = "".join(
        quote(c["quote"], accepted, f"[{c['number']}] {c.get('title') or ''} ({c['article_id']})")
        for c in row.get("citations", ())
    )
    return fields(items) + quotes + _hits(row, relevant) + _scores(row)


def _hits(row: Row, relevant: Mapping[str, Any]) -> str:
    found = row.get("hits", ())[:_HITS]
    if not found:
        return ""
    lines = "".join(
        f"<li{_gold(hit['article_id'] in relevant)}>{hit['score']:.3f} {text(hit['title'])} "
        f"<small>{text(hit['passage_id'])}</small></li>"
        for hit in found
    )
    return f'<details class="more"><summary>first passages</summary><ol>{lines}</ol></details>'


def _gold(is_gold: bool) -> str:
    return ' class="isgold"' if is_gold else ""


def _scores(row: Row) -> str:
    shown = ", ".join(
        f"{name} {value:.3g}" for name, value in row["scores"].items() if value is not None
    )
    return f'<details class="more"><summary>scores</summary><p>{text(shown or "–")}</p></details>'


def fields(items: Iterable[tuple[str, Any]]) -> str:
    """Return names and values as a list, escaped."""
    return f"<dl>{''.join(f'<dt>{text(k)}</dt><dd>{text(v)}</dd>' for k, v in items)}</dl>"


def quote(said: str, accepted: Sequence[str], label: str) -> str:
    """Return a quote with the accepted answers marked; the parts are escaped one by one."""
    wanted = "|".join(
        re.escape(safe(a)) for a in sorted(accepted, key=len, reverse=True) if a.strip()
    )
    parts = re.split(f"({wanted})", safe(said), flags=re.IGNORECASE) if wanted else [safe(said)]
    marked = "".join(
        f"<mark>{html.escape(part)}</mark>" if place % 2 else html.escape(part)
        for place, part in enumerate(parts)
    )
    return f"<blockquote><small>{text(label)}</small><br>{marked}</blockquote>"
