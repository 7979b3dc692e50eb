"""The report: one HTML file that opens offline, and in which no text of an article can run.

Every text is escaped, and the page's own policy lets only its own script run. Recall and
risk-coverage curves are left out.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from eval.compare import compare
from eval.metrics import LOWER_IS_BETTER
from eval.runfile import Run
from eval.summary import Mean, Summary, summarise
from index.errors import UsageError
from index.safe import safe
from qa.render import to_json

_BINS = 24
_STATES = ("right", "wrong", "wrongly abstained", "should have abstained", "error", "unscored")

_SCRIPT = """
const filter = document.getElementById('filter'), state = document.getElementById('state');
const cases = [...document.querySelectorAll('#cases > details')];
const texts = cases.map(c => c.textContent.toLowerCase());
function show() {
  const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  cases.forEach((c, i) => {
    const fits = words.every(w => texts[i].includes(w)) &&
      (!state.value || c.dataset.states.split('|').includes(state.value));
    c.hidden = !fits; shown += fits;
  });
  document.getElementById('count').textContent = shown + ' of ' + cases.length;
}
filter.addEventListener('input', show); state.addEventListener('change', show); show();
"""


def write(runs: Mapping[str, Run], path: Path, *, title: str = "qa eval") -> None:
    """Write the report of one run, or of several side by side, named by the keys."""
    summaries = {name: summarise(run.rows) for name, run in runs.items()}
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    template = Template((files("eval") / "report.html").read_text(encoding="utf-8"))
    page = template.substitute(
        title=_text(title),
        metrics=_metrics(summaries),
        comparison=_comparison(runs),
        latency="".join(_latency(name, run) for name, run in runs.items()),
        states="".join(f"<option>{state}</option>" for state in _STATES),
        cases="\n".join(_cases(runs)),
        identity="".join(_identity(name, run) for name, run in runs.items()),
        script=_SCRIPT,
        script_hash=digest,
    )
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", "name another --report"
        ) from error


def state(row: Mapping[str, Any]) -> str:
    """Return what became of a case, one of `_STATES`.

    Right means that the answer, or the sentence it cites first, holds an accepted answer.
    """
    if row.get("error") is not None:
        return "error"
    gold, scores = row.get("gold", {}), row["scores"]
    if not gold.get("answerable", True):
        if row.get("abstained") is None:
            return "unscored"
        return "right" if row["abstained"] else "should have abstained"
    if row.get("abstained"):
        return "wrongly abstained"
    for names in (("contains", "cited"), ("hit@5",)):  # the search, where nothing was answered
        values = [value for name in names if (value := scores.get(name)) is not None]
        if values:
            return "right" if any(values) else "wrong"
    return "unscored"


def _text(value: Any) -> str:
    return html.escape(safe(str(value)), quote=True)


def _metrics(summaries: Mapping[str, Summary]) -> str:
    head = "".join(f"<th>{_text(name)}</th>" for name in summaries)
    names = list(dict.fromkeys(name for found in summaries.values() for name in found.metrics))
    lines = [_row("cases", [f"{found.cases:,}" for found in summaries.values()])]
    lines.append(_row("errors", [f"{found.errors:,}" for found in summaries.values()]))
    for name in names:
        label = name + (" ↓" if name in LOWER_IS_BETTER else "")
        lines.append(_row(label, [_mean(found.metrics.get(name)) for found in summaries.values()]))
    return f"<table><tr><th>metric</th>{head}</tr>{''.join(lines)}</table>"


def _row(label: str, cells: Iterable[str]) -> str:
    return f"<tr><td>{_text(label)}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _mean(found: Mean | None) -> str:
    if found is None or found.mean is None:
        return (
            f"– <small>{_text(', '.join(found.unscored) if found else 'not in this run')}</small>"
        )
    spread = "" if found.se is None else f" ± {found.se:.3f}"
    return f"{found.mean:.3f}{spread} <small>n = {found.n}</small>"


def _comparison(runs: Mapping[str, Run]) -> str:
    if len(runs) != 2:
        return ""
    (name_a, a), (name_b, b) = runs.items()
    try:
        shown = compare(a, b, names=(name_a, name_b)).render()
    except UsageError as error:
        shown = f"not compared: {error.message}"
    return f"<h2>Comparison</h2><pre>{_text(shown)}</pre>"


def _latency(name: str, run: Run) -> str:
    """A histogram of the whole time of each case; the last bar holds the slowest hundredth too."""
    import numpy as np

    times = [
        float(row["timings_ms"]["total"])
        for row in run.rows
        if row.get("error") is None and (row.get("timings_ms") or {}).get("total") is not None
    ]
    if not times:
        return f"<p>{_text(name)}: no case was timed</p>"
    top = float(np.percentile(times, 99)) or 1.0
    counts, _ = np.histogram(np.clip(times, 0, top), bins=_BINS, range=(0, top))
    highest = int(counts.max())
    bars = "".join(
        f'<rect x="{40 + i * 20}" y="{110 - 100 * count / highest:.1f}" width="18" '
        f'height="{100 * count / highest:.1f}"><title>{count} cases</title></rect>'
        for i, count in enumerate(counts.tolist())
    )
    p50, p95 = np.percentile(times, [50, 95])
    caption = f"{name}: median {p50:,.1f} ms, 95th percentile {p95:,.1f} ms, {len(times)} cases"
    width = 60 + _BINS * 20
    return (
        f'<figure><figcaption>{_text(caption)}</figcaption><svg viewBox="0 0 {width} 130" '
        f'width="{width}" role="img" aria-label="{_text(caption)}">{bars}'
        f'<text x="40" y="125">0</text><text x="{width - 90}" y="125">{top:,.0f} ms</text>'
        f'<text x="0" y="20">{highest}</text></svg></figure>'
    )


def _cases(runs: Mapping[str, Run]) -> Iterable[str]:
    by_id: dict[str, dict[str, Mapping[str, Any]]] = {}
    for name, run in runs.items():
        for row in run.rows:
            by_id.setdefault(row["id"], {})[name] = row
    for case_id, rows in by_id.items():
        first = next(iter(rows.values()))
        gold = first.get("gold", {})
        states = {name: state(row) for name, row in rows.items()}
        shown = " · ".join(f'<span class="{_colour(s)}">{s}</span>' for s in states.values())
        held = [
            ("accepted", "; ".join(gold.get("answers", ())) or "–"),
            ("evidence", "; ".join(gold.get("evidence", ())) or "–"),
            ("tags", ", ".join(gold.get("tags", ())) or "–"),
        ]
        quotes = "".join(_quote(text, gold.get("answers", ())) for text in gold.get("quotes", ()))
        answers = "".join(
            f"{f'<h3>{_text(name)}</h3>' if len(runs) > 1 else ''}{_answer(row)}"
            for name, row in rows.items()
        )
        listed = "|".join(dict.fromkeys(states.values()))
        head = f"<b>{_text(case_id)}</b> {_text(first.get('question', ''))} — {shown}"
        body = _list(held) + quotes + answers
        yield f'<details data-states="{listed}"><summary>{head}</summary>{body}</details>'


def _colour(found: str) -> str:
    return "good" if found == "right" else "" if found == "unscored" else "bad"


def _answer(row: Mapping[str, Any]) -> str:
    if row.get("error") is not None:
        return _list([("error", row["error"])])
    accepted = row.get("gold", {}).get("answers", ())
    items = [("answer", row.get("answer") or "–")]
    items += [(key, row[key]) for key in ("short", "reason") if row.get(key)]
    relevant = row.get("gold", {}).get("articles", {})
    hits = dict.fromkeys(hit["article_id"] for hit in row.get("hits", ()))
    places = [f"{article} at {n}" for n, article in enumerate(hits, 1) if article in relevant]
    if relevant:
        items.append(("evidence found", "; ".join(places) or f"not among {len(hits)} articles"))
    items.append(("scores", ", ".join(_scores(row["scores"])) or "–"))
    quotes = "".join(
        _quote(c["quote"], accepted, f"[{c['number']}] {c.get('title') or ''} ({c['article_id']})")
        for c in row.get("citations", ())
    )
    return _list(items) + quotes


def _scores(scores: Mapping[str, float | None]) -> Iterable[str]:
    return (f"{name} {value:.3g}" for name, value in scores.items() if value is not None)


def _list(items: Iterable[tuple[str, Any]]) -> str:
    return f"<dl>{''.join(f'<dt>{_text(k)}</dt><dd>{_text(v)}</dd>' for k, v in items)}</dl>"


def _quote(text: str, accepted: Sequence[str], label: str = "gold") -> str:
    """A quote with the accepted answers marked; the parts are escaped one by one."""
    wanted = "|".join(
        re.escape(safe(a)) for a in sorted(accepted, key=len, reverse=True) if a.strip()
    )
    parts = re.split(f"({wanted})", safe(text), flags=re.IGNORECASE) if wanted else [safe(text)]
    marked = "".join(
        f"<mark>{html.escape(part)}</mark>" if place % 2 else html.escape(part)
        for place, part in enumerate(parts)
    )
    return f"<blockquote><small>{_text(label)}</small><br>{marked}</blockquote>"


def _identity(name: str, run: Run) -> str:
    shown = _text(to_json(run.header, indent=2))
    return f"<details><summary>{_text(name)}</summary><pre>{shown}</pre></details>"
