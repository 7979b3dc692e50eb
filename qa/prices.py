"""Context size and price of a model, read from the table that ships with litellm, without importing it.

Importing takes seconds; the table is one file. Left out: models that the table does not name, those of
local servers among them: nothing is said of them.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from qa.destinations import Destination

_TABLE = "model_prices_and_context_window_backup.json"


@functools.cache
def entry(model: str) -> Mapping[str, Any]:
    """What the table holds of a model, by its litellm string; empty where that is nothing."""
    provider, _, bare = model.partition("/")
    table = _table()
    found = _read(model, table) or _read(bare, table)
    return found if str(found.get("litellm_provider", provider)).startswith(provider) else {}


def prices(model: str, where: Destination) -> tuple[float, float] | None:
    """Dollars for a token read and for a token written; None where the price is unknown."""
    if where.local:
        return (0.0, 0.0) if where.provider.startswith("ollama") else None
    found = entry(model)
    read, written = found.get("input_cost_per_token"), found.get("output_cost_per_token")
    return None if read is None or written is None else (float(read), float(written))


def describe_model(name: str) -> str:
    """Return "128k context, $2.50 in / $10 out per million tokens", what is known of it, or nothing."""
    if name == "extractive":
        return "free"
    found = entry(name)
    context = found.get("max_input_tokens") or found.get("max_tokens")
    read, written = found.get("input_cost_per_token"), found.get("output_cost_per_token")
    parts = []
    if isinstance(context, int | float) and context > 0:
        parts.append(f"{_short(int(context))} context")
    if name.startswith("ollama"):
        parts.append("free")
    elif isinstance(read, int | float) and isinstance(written, int | float):
        parts.append(f"${read * 1e6:.4g} in / ${written * 1e6:.4g} out per million tokens")
    return ", ".join(parts)


@functools.cache
def _table() -> str:
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        with contextlib.suppress(OSError, ValueError):
            return (Path(folder) / _TABLE).read_text("utf-8")
    return ""


def _read(name: str, table: str) -> dict[str, Any]:
    """One model's row: to parse all four thousand would hold up who types."""
    row = re.search(re.escape(json.dumps(name)) + r"\s*:\s*(?=\{)", table)
    found = json.JSONDecoder().raw_decode(table, row.end())[0] if row else {}
    return found if isinstance(found, dict) else {}


def _short(number: int) -> str:
    return f"{number / 1e6:.3g}M" if number >= 1_000_000 else f"{round(number / 1000)}k"
