"""The report: one HTML file that opens offline, and in which no text of an article can run.

Every text is escaped, and the page's own policy lets only its own script run and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from eval.charts import bars, histogram, lines, text
from eval.compare import compare
from eval.coverage import curve
from eval.failure import LABELS
from eval.metrics import LOWER_IS_BETTER, shown
from eval.report_cases import cases, label_of
from eval.runfile import Run
from eval.summary import Mean, Summary, summarise
from index.errors import UsageError
from qa.render import to_json

_DEEPEST = 20

_SCRIPT = """
const filter = document.getElementById('filter'), label = document.getElementById('label');
const changed = document.getElementById('changed');
const cases = [...document.querySelectorAll('#cases > details')];
const texts = cases.map(c => c.textContent.toLowerCase());
function show() {
  const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  cases.forEach((c, i) => {
    const fits = words.every(w => texts[i].includes(w)) &&
      (!label.value || c.dataset.labels.split('|').includes(label.value)) &&
      (!changed || !changed.checked || c.dataset.changed === '1');
    c.hidden = !fits; shown += fits;
  });
  document.getElementById('count').textContent = shown + ' of ' + cases.length;
}
for (const input of [filter, label, changed]) if (input) input.addEventListener('input', show);
show();
"""


def write(runs: Mapping[str, Run], path: Path, *, title: str = "qa eval") -> None:
    """Write the report of one run, or of several side by side, named by the keys."""
    summaries = {name: summarise(run.rows) for name, run in runs.items()}
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    template = Template((files("eval") / "report.html").read_text(encoding="utf-8"))
    found = {label_of(row) for run in runs.values() for row in run.rows}
    several = len(runs) > 1
    page = template.substitute(
        title=text(title),
        lead=_lead(runs),
        metrics=_metrics(summaries),
        comparison=_comparison(runs),
        charts=_charts(runs),
        fates=_fates(summaries),
        labels="".join(f"<option>{text(label)}</option>" for label in LABELS if label in found),
        changed='<label><input type="checkbox" id="changed"> only what differs</label>'
        if several
        else "",
        cases="\n".join(cases(runs)),
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


def _lead(runs: Mapping[str, Run]) -> str:
    """A line for each run: what it is, how many cases, when."""
    parts = []
    for place, (name, run) in enumerate(runs.items()):
        header = run.header
        passages = (
            header["index"].get("passages") if isinstance(header.get("index"), Mapping) else None
        )
        size = f", {passages:,} passages" if isinstance(passages, int) else ""
        parts.append(
            f'<p><i class="c{place}"></i><b>{text(name)}</b> <small>{len(run.rows):,} cases, model '
            f"{text(header.get('model', '?'))}{size}, {text(str(header.get('started', ''))[:10])}</small></p>"
        )
    return "".join(parts)


def _metrics(summaries: Mapping[str, Summary]) -> str:
    head = "".join(
        f'<th scope="col"><i class="c{n}"></i>{text(name)}</th>' for n, name in enumerate(summaries)
    )
    names = list(dict.fromkeys(name for found in summaries.values() for name in found.metrics))
    scored: list[str] = []
    further: list[str] = []
    unscored: list[str] = []
    headline = shown(names)
    for name in names:
        means = [found.metrics.get(name) for found in summaries.values()]
        label = name + (" ↓" if name in LOWER_IS_BETTER else "")
        known = any(mean and mean.mean is not None for mean in means)
        part = unscored if not known else scored if name in headline else further
        part.append(_row(label, [_mean(mean) for mean in means]))
    areas = [
        "–" if s.risk_area is None else f"{s.risk_area:.3f} <small>over {s.coverage:.0%}</small>"
        for s in summaries.values()
    ]
    scored.append(_row("risk–coverage area ↓", areas))
    scored.append(_row("errors", [f"{found.errors:,}" for found in summaries.values()]))
    scored += [
        _row(f"{step} ms, median · 95th", [_times(found, step) for found in summaries.values()])
        for step in dict.fromkeys(step for s in summaries.values() for step in s.latency_ms)
    ]
    scored.append(_row("tokens · cost", [_spent(found) for found in summaries.values()]))
    rest = ""
    for what, rows in (("further metrics", further), ("unscored", unscored)):
        if rows:
            rest += f"<details><summary>{what}</summary><table>{''.join(rows)}</table></details>"
    return f'<table><tr><th scope="col">metric</th>{head}</tr>{"".join(scored)}</table>{rest}'


def _row(label: str, cells: Iterable[str]) -> str:
    shown = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{text(label)}</th>{shown}</tr>'


def _mean(found: Mean | None) -> str:
    if found is None or found.mean is None:
        why = ", ".join(found.unscored) if found else "not in this run"
        return f"– <small>{text(why)}</small>"
    spread = "" if found.low is None else f" <small>{found.low:.3f} – {found.high:.3f}</small>"
    return f'<b>{found.mean:.3f}</b>{spread} <small class="n">n = {found.n:,}</small>'


def _times(found: Summary, step: str) -> str:
    values = found.latency_ms.get(step)
    return f"{values['p50']:,.1f} · {values['p95']:,.1f}" if values else "–"


def _spent(found: Summary) -> str:
    usage = found.usage
    cost = usage.get("cost_usd")
    tokens = (usage.get("prompt_tokens") or 0) + (usage.get("completion_tokens") or 0)
    return f"{tokens:,.0f} · {'unknown' if cost is None else f'${cost:.4f}'}"


def _comparison(runs: Mapping[str, Run]) -> str:
    if len(runs) != 2:
        return ""
    (name_a, a), (name_b, b) = runs.items()
    try:
        shown = compare(a, b, names=(name_a, name_b)).render()
    except UsageError as error:
        shown = f"not compared: {error.message}"
    return f"<h2>Comparison</h2><pre>{text(shown)}</pre>"


def _charts(runs: Mapping[str, Run]) -> str:
    recall = {name: _recall(run) for name, run in runs.items()}
    risk = {name: [(p.coverage, p.risk) for p in curve(run.rows)] for name, run in runs.items()}
    times = {name: _totals(run) for name, run in runs.items()}
    return (
        lines("Recall of the evidence among the first k articles", recall, "k", _DEEPEST, False)
        + lines("Risk of what is answered, by coverage", risk, "coverage", 1.0, True)
        + histogram("Latency, cases by their whole time", times, "ms")
    )


def _recall(run: Run) -> list[tuple[float, float]]:
    """Mean recall at each cut, over the cases that have evidence, as deep as hits were kept."""
    deepest = min(int(run.header.get("depth", _DEEPEST)), _DEEPEST)
    totals, counted = [0.0] * deepest, 0
    for row in run.rows:
        gold = row.get("gold", {})
        relevant = {a for a, grade in gold.get("articles", {}).items() if grade > 0}
        if row.get("error") is not None or not relevant or not gold.get("answerable", True):
            continue
        counted += 1
        ranked = list(dict.fromkeys(hit["article_id"] for hit in row.get("hits", ())))
        found = 0
        for place in range(deepest):
            found += place < len(ranked) and ranked[place] in relevant
            totals[place] += found / len(relevant)
    return [(k, total / counted) for k, total in enumerate(totals, 1)] if counted else []


def _totals(run: Run) -> Sequence[float]:
    return [
        float(row["timings_ms"]["total"])
        for row in run.rows
        if row.get("error") is None and (row.get("timings_ms") or {}).get("total") is not None
    ]


def _fates(summaries: Mapping[str, Summary]) -> str:
    found = [summary.labels for summary in summaries.values()]
    rows = {
        label: [labels.get(label, 0) for labels in found]
        for label in LABELS
        if any(label in labels for labels in found)
    }
    return bars(rows, [summary.cases for summary in summaries.values()])


def _identity(name: str, run: Run) -> str:
    shown = text(to_json(run.header, indent=2))
    return f"<details><summary>{text(name)}</summary><pre>{shown}</pre></details>"
