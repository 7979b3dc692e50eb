"""The vectors of a generation as one array in a file, row by row in the order of the passages' row ids.

The graph finds what is near among all passages; what is near among those that a filter lets through, and how near
a passage is that the words have found, is worked out here. The file is mapped, not read: memory holds what is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors

FILE = "vectors.npy"
_CHUNK = 2000

Rows = NDArray[np.int64]


def write(
    folder: Path,
    rows: Rows,
    vectors: Callable[[Sequence[int]], Mapping[int, Vectors]],
    old: tuple[Path, Rows] | None = None,
) -> Vectors:
    """Write the vectors of `rows` (sorted) into a folder and return their mean, of shape (dimension,).

    `vectors` gives them by row id; what is among the rows of another folder, `old`, is copied from it.
    Raises `KeyError` for a passage without a vector.
    """
    known = np.isin(rows, old[1], assume_unique=True) if old else np.zeros(len(rows), dtype=bool)
    source = load(old[0], len(old[1])) if old else np.empty((0, 0), dtype=np.float32)
    total: NDArray[np.float64] | None = None
    # Written, not mapped: a disk that is full must be an error and no signal.
    with (folder / FILE).open("wb") as file:
        for i in range(0, len(rows), _CHUNK):
            part, there = rows[i : i + _CHUNK], known[i : i + _CHUNK]
            found = vectors(part[~there].tolist())
            new = [found[row] for row in part[~there].tolist()]
            chunk = np.empty((len(part), len(new[0]) if new else source.shape[1]), dtype=np.float32)
            if new:
                chunk[~there] = new
            if old and there.any():
                chunk[there] = source[np.searchsorted(old[1], part[there])]
            if total is None:
                total = np.zeros(chunk.shape[1])
                shape = (len(rows), chunk.shape[1])
                about = {"descr": "<f4", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, about)
            total += chunk.sum(axis=0, dtype=np.float64)
            file.write(chunk.tobytes())
    mean = np.zeros(0) if total is None else total / len(rows)
    return mean.astype(np.float32)


def load(folder: Path, count: int) -> Vectors:
    """Map the vectors of a folder, of shape (count, dimension). Raises ValueError or OSError for a bad file."""
    found: Vectors = np.asarray(np.load(folder / FILE, mmap_mode="r"))
    if found.ndim != 2 or len(found) != count or found.dtype != np.float32:
        raise ValueError(f"{folder / FILE} does not hold {count} vectors")
    return found


def near(vectors: Vectors, places: Rows, vector: Vectors, n: int) -> list[tuple[int, float]]:
    """Return (place, product) of the `n` rows among `places` that are nearest to a vector, nearest first."""
    many = 4 * len(places) > len(vectors)  # one run over all is quicker than picking so many
    products = (vectors @ vector)[places] if many else vectors[places] @ vector
    best = np.arange(len(places))
    if n < len(places):
        best = np.argpartition(-products, n - 1)[:n]
    best = best[np.lexsort((places[best], -products[best]))]
    return list(zip(places[best].tolist(), products[best].tolist(), strict=True))
