"""Context size and price of a model, read from the table that ships with litellm, without importing it.

Importing takes seconds; the table is one file. Left out: models that the table does not name, those of
local servers among them: nothing is said of them.
"""

from __future__ import annotations

import functools
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_TABLE = "model_prices_and_context_window_backup.json"


def describe_model(name: str) -> str:
    """Return "128k context, $2.50 in / $10 out per million tokens", what is known of it, or nothing."""
    provider, _, bare = name.partition("/")
    if name == "extractive":
        return "free"
    found = _table().get(name) or _table().get(bare) or {}
    if not str(found.get("litellm_provider", provider)).startswith(provider):
        found = {}
    context = found.get("max_input_tokens") or found.get("max_tokens")
    read, written = found.get("input_cost_per_token"), found.get("output_cost_per_token")
    parts = []
    if isinstance(context, int | float) and context > 0:
        parts.append(f"{_short(int(context))} context")
    if provider.startswith("ollama"):
        parts.append("free")
    elif isinstance(read, int | float) and isinstance(written, int | float):
        parts.append(f"${read * 1e6:.4g} in / ${written * 1e6:.4g} out per million tokens")
    return ", ".join(parts)


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        try:
            read = json.loads((Path(folder) / _TABLE).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        return {k: v for k, v in read.items() if isinstance(v, dict)}
    return {}


def _short(number: int) -> str:
    return f"{number / 1e6:.3g}M" if number >= 1_000_000 else f"{round(number / 1000)}k"
