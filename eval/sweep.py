"""A bake-off over settings: the file that names them, and the table that compares their runs.

Which of them is better by more than luck is said against the winner, case by case; a table of means
alone would crown noise.
"""

from __future__ import annotations

import difflib
import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.compare import compare
from eval.metrics import LOWER_IS_BETTER, metric_named
from eval.runfile import Run
from eval.summary import Summary
from index.errors import UsageError
from index.safe import safe

KEYS = ("model", "embedder", "passage_tokens", "dense_weight", "rerank", "k", "prompts")
_MOST = 200
_HINT = "such as [grid] with k = [4, 8], or [[run]] blocks with a name each"


@dataclass(frozen=True, slots=True)
class Sweep:
    """The settings to try by name, and the metric that decides (None: the usual one)."""

    runs: Mapping[str, Mapping[str, Any]]
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What one choice of settings came to; `beaten` says whether the winner is better by more than luck.

    `mean` with its 95 % interval is of the metric that decides, `latency_ms` the median of a case,
    `size_mb` that of the index, `cost_usd` of 1,000 cases (None where no price is known).
    """

    name: str
    settings: Mapping[str, Any]
    mean: float | None
    low: float | None
    high: float | None
    n: int
    latency_ms: float | None
    size_mb: float
    cost_usd: float | None
    errors: int
    pareto: bool = False
    winner: bool = False
    beaten: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain values."""
        return asdict(self)


def load_sweep(path: Path) -> Sweep:
    """Read a sweep. Raises `UsageError` that names the file, the key and the nearest right one."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", _HINT) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", "mend the line it names") from error
    _check_keys(table, ("metric", "grid", "run"), str(path))
    metric = table.get("metric")
    if metric is not None:
        if not isinstance(metric, str):
            raise UsageError(f"{path}: metric must be a name", 'metric = "contains"')
        metric_named(metric)
    runs: dict[str, Mapping[str, Any]] = {}
    for name, settings in [
        *_grid(table.get("grid", {}), path),
        *_named(table.get("run", []), path),
    ]:
        if name in runs:
            raise UsageError(f"{path}: two runs are named {name!r}", "give each its own name")
        runs[name] = settings
    if not 1 <= len(runs) <= _MOST:
        raise UsageError(f"{path} names {len(runs)} runs (1 to {_MOST} are possible)", _HINT)
    return Sweep(runs, metric)


def _grid(grid: Any, path: Path) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(grid, dict):
        raise UsageError(f"{path}: grid must be a table", _HINT)
    if not grid:
        return []
    _check_keys(grid, KEYS, f"{path} [grid]")
    values = [value if isinstance(value, list) else [value] for value in grid.values()]
    combined = [dict(zip(grid, choice, strict=True)) for choice in itertools.product(*values)]
    varied = [key for key, choices in zip(grid, values, strict=True) if len(choices) > 1]
    return [
        (" ".join(f"{key}={settings[key]}" for key in varied or grid), settings)
        for settings in combined
    ]


def _named(blocks: Any, path: Path) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise UsageError(f"{path}: runs must be [[run]] blocks", _HINT)
    found = []
    for number, block in enumerate(blocks, 1):
        _check_keys(block, ("name", *KEYS), f"{path} [[run]] {number}")
        name = block.get("name")
        if not isinstance(name, str) or not name.strip():
            raise UsageError(f"{path} [[run]] {number} has no name", 'name = "small"')
        found.append((name.strip(), {key: value for key, value in block.items() if key != "name"}))
    return found


def _check_keys(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
            raise UsageError(f"{where}: unknown key {key!r}", hint)


def entry(
    name: str, settings: Mapping[str, Any], summary: Summary, metric: str, size: int
) -> Entry:
    """Return the line of a run; `size` is that of its index in bytes."""
    found = summary.metrics.get(metric)
    cost = summary.usage.get("cost_usd")
    times = summary.latency_ms.get("total", {})
    return Entry(
        name=name,
        settings=settings,
        mean=found.mean if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        n=found.n if found else 0,
        latency_ms=times.get("p50"),
        size_mb=size / 1e6,
        cost_usd=None if cost is None else cost / max(summary.cases, 1) * 1000,
        errors=summary.errors,
    )


def rank(entries: Sequence[Entry], runs: Mapping[str, Run], metric: str) -> list[Entry]:
    """Return the entries, best first: the winner, the Pareto front, and whom the winner beats.

    The winner has the best mean over the cases that all of them scored, for a run that ends in an error where it is
    hard would look good; of equal ones the quickest. Raises `UsageError` where nothing was scored.
    """
    from dataclasses import replace

    sign = -1 if metric in LOWER_IS_BETTER else 1
    scored = [e for e in entries if e.mean is not None]
    if not scored:
        raise UsageError(f"no run was scored by {metric}", "name another metric in the sweep file")
    inf = float("inf")
    means = _common_means([e.name for e in scored], runs, metric)
    ordered = sorted(
        entries,
        key=lambda e: (-sign * means[e.name] if e.name in means else inf, e.latency_ms or inf),
    )
    best = ordered[0]
    goals = {
        e.name: (-sign * means[e.name], e.latency_ms or inf, e.size_mb, _or(e.cost_usd, inf))
        for e in scored
    }
    ranked = []
    for e in ordered:
        beaten = None
        if e is not best and e.mean is not None:
            found = compare(runs[best.name], runs[e.name], metrics=[metric]).differences.get(metric)
            if found and found.low is not None and found.high is not None:
                beaten = found.high < 0 if sign > 0 else found.low > 0
        front = e.name in goals and not any(
            _dominates(other, goals[e.name]) for name, other in goals.items() if name != e.name
        )
        ranked.append(replace(e, winner=e is best, beaten=beaten, pareto=front))
    return ranked


def _common_means(names: Sequence[str], runs: Mapping[str, Run], metric: str) -> dict[str, float]:
    """The mean of each run over the cases that all scored; over its own where there is none of them."""
    found = [
        {r["id"]: s for r in runs[n].rows if (s := r["scores"].get(metric)) is not None}
        for n in names
    ]
    common = set.intersection(*(set(scores) for scores in found))
    chosen = [[scores[i] for i in common or scores] for scores in found]
    return {n: sum(s) / len(s) for n, s in zip(names, chosen, strict=True)}


def _or(value: float | None, other: float) -> float:
    return other if value is None else value


def _dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)


def render(entries: Sequence[Entry], metric: str) -> str:
    """Return the table, best first."""
    names = [safe(e.name, newlines=False) for e in entries]
    wide = max(8, *map(len, names))
    lines = [
        f"{'settings':<{wide}}  {metric:>10}  {'95 % interval':<15} {'median ms':>10} {'index MB':>9} "
        f"{'$ per 1,000':>11}  "
    ]
    for name, e in zip(names, entries, strict=True):
        mean = "–" if e.mean is None else f"{e.mean:.3f}"
        bounds = "" if e.low is None else f"{e.low:.3f} – {e.high:.3f}"
        time = "–" if e.latency_ms is None else f"{e.latency_ms:,.0f}"
        cost = "unknown" if e.cost_usd is None else f"{e.cost_usd:.2f}"
        notes = [
            *(["best"] if e.winner else []),
            *(["not told apart from the best"] if e.beaten is False else []),
            *(["Pareto"] if e.pareto else []),
            *([f"{e.errors} errors"] if e.errors else []),
        ]
        lines.append(
            f"{name:<{wide}}  {mean:>10}  {bounds:<15} {time:>10} {e.size_mb:>9,.1f} {cost:>11}  "
            + ", ".join(notes)
        )
    lines.append("")
    lines.append("Pareto: no other is at least as good in all of score, time, size and cost")
    return "\n".join(line.rstrip() for line in lines)


def winning_toml(winner: Entry) -> str:
    """Return the `qa.toml` of the winner."""
    import json

    lines = []
    for key, value in winner.settings.items():
        shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
        lines.append(f"{key} = {shown}")
    return "\n".join(lines)
