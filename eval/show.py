"""One case of a run, in full, as plain text; and all of them, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eval.failure import RIGHT, UNSCORED
from index.safe import safe

Row = Mapping[str, Any]


def missed(rows: Iterable[Row]) -> list[Row]:
    """Return the cases that did not go right."""
    return [row for row in rows if _label(row) not in (RIGHT, UNSCORED)]


def list_cases(rows: Sequence[Row]) -> str:
    """Return a line per case: id, label, question. Misses first, by label."""
    if not rows:
        return "no cases"
    wide = max(len(_line(str(row["id"]))) for row in rows)
    broad = max(len(_label(row)) for row in rows)
    by_label = sorted(rows, key=lambda row: (_label(row) in (RIGHT, UNSCORED), _label(row)))
    return "\n".join(
        f"{_line(str(row['id'])):<{wide}}  {_label(row):<{broad}}  {_line(row.get('question', ''))}"
        for row in by_label
    )


def show_brief(row: Row) -> str:
    """Return what was asked, what would have been right, what was said, and at which step it was lost."""
    gold = row.get("gold", {})
    accepted = "; ".join(gold.get("answers", ())) or "–"
    if not gold.get("answerable", True):
        accepted = "(the articles hold no answer: it should abstain)"
    lines = [f"{_line(str(row['id']))}  {_label(row)}", ""]
    for turn in row.get("history", ()):
        lines += _field("earlier", f"{turn['role']}: {turn['content']}")
    lines += _field("question", row.get("question"))
    lines += _field("accepted", accepted)
    for quote in gold.get("quotes", ()):
        lines += _field("gold", f"“{quote}”")
    lines += _field("evidence", ", ".join(gold.get("evidence", ())) or "–")
    lines += _field("tags", ", ".join(gold.get("tags", ())))
    lines.append("")
    if row.get("error") is not None:
        return "\n".join([*lines, *_field("error", row["error"])])
    if row.get("abstained"):
        lines += _field("answer", f"abstained: {row.get('reason') or 'no reason given'}")
    else:
        lines += _field("answer", row.get("answer"))
        lines += _field("short", row.get("short"))
    for citation in row.get("citations", ()):
        mark = "" if citation.get("verified") else " (not verified)"
        where = f"[{citation['number']}] {citation['article_id']}{mark}"
        lines += _field("cites", f"{where}: “{citation['quote']}”")
    return "\n".join(lines)


def show_case(row: Row) -> str:
    """Return all that is known of a case: `show_brief`, the verdicts, where the evidence was, the scores."""
    lines = [show_brief(row)]
    if row.get("error") is not None:
        return lines[0]
    for sentence in row.get("sentences", ()):
        if sentence["verdict"] == "not found":
            said = (row.get("answer") or "")[sentence["start"] : sentence["end"]]
            missing = ", ".join(part["text"] for part in sentence["missing"])
            lines += _field("unfounded", said + (f" ({missing})" if missing else ""))
    judge = row.get("judge") or {}
    if judge.get("asked"):
        marks = ", ".join(f"{k.removeprefix('judge_')} {v:g}" for k, v in judge["marks"].items())
        lines += _field("judge", " – ".join(part for part in (marks, judge.get("reason")) if part))
    lines += ["", *_evidence(row, row.get("gold", {}))]
    scores = row.get("scores", {}).items()
    lines += _field("scores", ", ".join(f"{k} {v:.3g}" for k, v in scores if v is not None))
    if row.get("confidence") is not None:
        lines += _field("confidence", f"{row['confidence']:.3f}")
    return "\n".join(lines).rstrip()


def _evidence(row: Row, gold: Mapping[str, Any]) -> Iterable[str]:
    """Where the evidence stands among the hits, and the first few hits."""
    relevant = gold.get("articles", {})
    rank = row.get("evidence_rank")
    hits = row.get("hits", ())
    if relevant:
        found = f"passage {rank} of {len(hits)}" if rank else f"in none of {len(hits)} passages"
        yield from _field("found", found)
    for hit in hits[:5]:
        mark = "*" if hit["article_id"] in relevant else " "
        passage = hit["passage_id"]
        yield from _field(
            "hit", f"{mark}{hit['rank']:>2} {hit['score']:.3f} {passage} {hit['title']}"
        )


def _label(row: Row) -> str:
    return str(row.get("label", UNSCORED))


def _field(name: str, value: Any) -> list[str]:
    if value in (None, ""):
        return []
    first, *rest = safe(str(value)).split("\n")
    return [f"{name:<11}{first}", *(f"{'':<11}{line}" for line in rest)]


def _line(text: str) -> str:
    return safe(text, newlines=False).rstrip()
