"""Abstention thresholds that were fitted on this index: one for each pair of search and answerer.

They live in the catalogue, so that they go where the index goes. Nothing is fitted here
(`eval/calibrate.py` does), and nothing is deleted when a part changes: its identity is in the key, so
the threshold of other parts is not found, and is found again when they return.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.catalogue import Catalogue
from index.store import writing

KEY = "calibrations"


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold and where it came from.

    Below `threshold` (a confidence, 0..1) the answerer abstains; `low` and `high` bound it in 95 % of
    resampled question sets. `refused` is the share of the unanswerable questions, `false_abstention`
    that of the answerable ones that the threshold refuses.
    """

    search: str
    answerer: str
    threshold: float
    low: float
    high: float
    answerable: int
    unanswerable: int
    refused: float
    false_abstention: float
    questions: str
    made: str

    def to_json(self) -> dict[str, Any]:
        """Return the calibration as plain values."""
        return asdict(self)


def load_calibrations(catalogue: Catalogue) -> list[Calibration]:
    """Return the calibrations that the catalogue holds; one of another layout is left out."""
    found = []
    for entry in json.loads(catalogue.get(KEY) or "[]"):
        try:
            found.append(Calibration(**entry))
        except TypeError:  # written by another version
            continue
    return found


def save_calibration(store: Path, calibration: Calibration, *, wait: float = 10.0) -> None:
    """Keep a calibration with the index in one transaction, in place of that of the same parts.

    Raises `Busy` where an indexer holds the lock for longer than `wait` seconds.
    """
    same = (calibration.search, calibration.answerer)
    with writing(store, wait), closing(Catalogue.open_to_write(store)) as catalogue:
        kept = [c for c in load_calibrations(catalogue) if (c.search, c.answerer) != same]
        entries: list[Mapping[str, Any]] = [c.to_json() for c in [*kept, calibration]]
        with catalogue.db:
            catalogue.put(KEY, json.dumps(entries))
