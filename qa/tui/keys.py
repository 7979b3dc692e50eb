"""Which keys can be given other keys in `qa.toml`. Left out: doing it; that is Textual's key map."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping

from textual.binding import Binding

# Where bindings are declared; looked into only when somebody asks for other keys.
_PLACES = (
    ("app", "ChatApp"), ("chat", "ChatScreen"), ("prompt", "Prompt"), ("source_card", "SourceCard"),
    ("citation", "CitationScreen"), ("browser", "Browser"), ("sessions_screen", "SessionsScreen"),
    ("index_screen", "IndexScreen"), ("inspector", "Inspector"), ("listing", "Listing"),
)  # fmt: skip


def bindings() -> dict[str, Binding]:
    """Return every binding that can be moved to another key, by its id."""
    found: dict[str, Binding] = {}
    for module, name in _PLACES:
        declared = getattr(importlib.import_module(f"qa.tui.{module}"), name).BINDINGS
        found |= {b.id: b for b in declared if isinstance(b, Binding) and b.id}
    return found


def complaints(keys: Mapping[str, str]) -> list[str]:
    """Return what is wrong with a table of keys: nothing, if each names a binding."""
    known = bindings()
    told = []
    for name in keys:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
            told.append(f"[keys] has no {name[:40]!r}; {hint}")
    return told
