"""The lines of a printed page in the order in which people read them: one column after the other.

Only prose in columns that a producer wrote row by row is put right; tables keep their rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

GUTTER = 0.018
"""The least space between two columns, as a share of the page's width; a blank is a third of that."""

_ROWS = 5  # rows of two pieces that make a page one of columns
_PROSE = 0.22  # the share of the page's width that a line of prose in a column has


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of text on one line of one column; lengths are in points, `top` is a share of the height."""

    page: int
    text: str
    left: float
    right: float
    top: float  # from the upper edge
    height: float  # of the page
    size: float  # of the type


def in_reading_order(lines: list[Line], width: float) -> list[Line]:
    """Return the lines of a page, column by column where they came row by row.

    Pieces of a row that belong to no column (a table, a head with a date) become one line again.
    """
    rows = [(a, b) for a, b in pairwise(lines) if _beside(a, b)]
    if (
        len(rows) < _ROWS
        or min(median(a.right - a.left for a, _ in rows), median(b.right - b.left for _, b in rows))
        < _PROSE * width
    ):
        return _joined(lines)
    middle = median(b.left for _, b in rows)
    slack = 0.05 * width
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if line.left < middle - slack and line.right > middle + slack:  # over both columns
            ordered += [*left, *right, line]
            left, right = [], []
        else:
            (right if line.left > middle - slack else left).append(line)
    return [*ordered, *left, *right]


def _beside(a: Line, b: Line) -> bool:
    return abs(a.top - b.top) * a.height < 0.4 * max(a.size, 1.0) and b.left > a.right


def _joined(lines: list[Line]) -> list[Line]:
    joined: list[Line] = []
    for line in lines:
        above = joined[-1] if joined else None
        if above and _beside(above, line):
            joined[-1] = Line(
                above.page, f"{above.text} {line.text}", above.left, line.right, above.top,
                above.height, above.size,
            )  # fmt: skip
        else:
            joined.append(line)
    return joined
