"""Charts as SVG text for the report: lines, a histogram, bars. No script, no font, nothing fetched.

Colours are the page's classes `c0`, `c1` (one for each run); every text is escaped.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

from index.safe import safe

Points = Sequence[tuple[float, float]]

_W, _H = 420, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 12, 12, 34
_MARKS = ((0, "middle"), (0.25, "middle"), (0.5, "middle"), (0.75, "middle"), (1, "end"))


def text(value: object) -> str:
    """Return a text that is safe in HTML and on a screen."""
    return html.escape(safe(str(value)), quote=True)


def lines(
    title: str, series: Mapping[str, Points], x_label: str, x_max: float, percent: bool
) -> str:
    """Return a chart of lines over 0..`x_max`; values are shares, 0..1. Nothing without points."""
    drawn = {name: points for name, points in series.items() if points}
    if not drawn:
        return ""
    body = [_frame(x_label, x_max, percent)]
    for place, (name, points) in enumerate(series.items()):
        if not points:
            continue
        path = " ".join(f"{_x(x, x_max):.1f},{_y(y):.1f}" for x, y in points)
        body.append(f'<polyline class="line c{place}" points="{path}"/>')
        marks = points if len(points) <= 24 else []
        body += [
            f'<circle class="dot c{place}" cx="{_x(x, x_max):.1f}" cy="{_y(y):.1f}" r="3">'
            f"<title>{text(name)}: {x_label} {_tick(x, percent)}, {y:.3f}</title></circle>"
            for x, y in marks
        ]
    return _figure(title, "".join(body), drawn, list(series))


def histogram(title: str, series: Mapping[str, Sequence[float]], unit: str, bins: int = 24) -> str:
    """Return how often each value occurs; the last bar holds what is beyond, about the 99th percentile."""
    import numpy as np

    drawn = {name: values for name, values in series.items() if values}
    if not drawn:
        return ""
    top = _round(max(float(np.percentile(values, 99)) for values in drawn.values()))
    counts = {
        name: np.histogram(np.clip(values, 0, top), bins=bins, range=(0, top))[0].tolist()
        for name, values in drawn.items()
    }
    highest = max(max(found) for found in counts.values())
    step = (_W - _LEFT - _RIGHT) / bins
    body = [
        _axis(top, f"{unit}; what is longer is in the last bar"),
        _left_axis([(0, "0"), (1, str(highest))]),
    ]
    for place, name in enumerate(series):
        wide = step / len(drawn) - 1
        at = list(drawn).index(name) if name in drawn else 0
        for bar, count in enumerate(counts.get(name, ())):
            height = (_H - _TOP - _BOTTOM) * count / highest
            x = _LEFT + bar * step + at * (wide + 1)
            low, high = top * bar / bins, top * (bar + 1) / bins
            body.append(
                f'<rect class="bar c{place}" x="{x:.1f}" y="{_H - _BOTTOM - height:.1f}" '
                f'width="{max(wide, 1):.1f}" height="{height:.1f}"><title>{text(name)}: {count} of '
                f"{low:,.0f}–{high:,.0f} {unit}</title></rect>"
            )
    return _figure(title, "".join(body), drawn, list(series))


def bars(rows: Mapping[str, Sequence[int]], totals: Sequence[int]) -> str:
    """Return a table of counts with a bar beside each, one column of bars a run."""
    lines_ = []
    for label, counts in rows.items():
        cells = "".join(
            f'<div class="meter"><i class="c{place}" style="width:{100 * n / max(total, 1):.1f}%"></i>'
            f"<b>{n:,}</b></div>"
            for place, (n, total) in enumerate(zip(counts, totals, strict=True))
        )
        lines_.append(f'<tr><th scope="row">{text(label)}</th><td>{cells}</td></tr>')
    return f'<table class="meters">{"".join(lines_)}</table>'


# ---------------------------------------------------------------- parts of a chart


def _x(value: float, most: float) -> float:
    return _LEFT + (_W - _LEFT - _RIGHT) * value / most


def _y(share: float) -> float:
    return _H - _BOTTOM - (_H - _TOP - _BOTTOM) * share


def _round(value: float) -> float:
    """The next value that a quarter of makes a tick one can read: 4, 8, 20, 40, 60, 80, 100, 200, …"""
    if value <= 4:
        return 4.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10)
    return next(power * step for step in steps if power * step >= value)


def _frame(label: str, x_max: float, percent: bool) -> str:
    ticks = [(share, f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)]
    return _left_axis(ticks) + _axis(x_max, label, percent)


def _left_axis(ticks: Sequence[tuple[float, str]]) -> str:
    return "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_W - _RIGHT}" y1="{_y(share):.1f}" y2="{_y(share):.1f}"/>'
        f'<text x="{_LEFT - 5}" y="{_y(share) + 4:.1f}" text-anchor="end">{text(label)}</text>'
        for share, label in ticks
    )


def _axis(most: float, label: str, percent: bool = False) -> str:
    marks = "".join(
        f'<text x="{_x(most * part, most):.1f}" y="{_H - _BOTTOM + 14}" text-anchor="{anchor}">'
        f"{_tick(most * part, percent)}</text>"
        for part, anchor in _MARKS
    )
    middle = (_LEFT + _W - _RIGHT) / 2
    return f'{marks}<text x="{middle}" y="{_H - 4}" text-anchor="middle">{text(label)}</text>'


def _tick(value: float, percent: bool) -> str:
    return f"{value:.0%}" if percent else f"{value:,.0f}"


def _figure(title: str, body: str, drawn: Mapping[str, object], names: Sequence[str]) -> str:
    key = ""
    if len(names) > 1:
        key = '<p class="key">' + "".join(
            f'<span><i class="c{names.index(name)}"></i>{text(name)}</span>' for name in drawn
        ) + "</p>"  # fmt: skip
    return (
        f"<figure><figcaption>{text(title)}</figcaption>{key}"
        f'<svg viewBox="0 0 {_W} {_H}" role="img" aria-label="{text(title)}">{body}</svg></figure>'
    )
