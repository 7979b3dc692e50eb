"""The near-copies of a story, by the outlets that printed them.

Left out: which articles tell one story; the index says that (`index.stories`).
"""

from __future__ import annotations

from collections.abc import Sequence

from index.types import Source

UNKNOWN = "outlet unknown"


def told(copies: int, outlets: int) -> str:
    """Return "3 outlets, 11 copies", as far as it is known."""
    by = f"{outlets} outlets, " if outlets > 1 else ""
    return by + ("1 copy" if copies == 1 else f"{copies} copies")


def by_outlet(sources: Sequence[Source]) -> dict[str, list[Source]]:
    """Return the articles of each outlet, the oldest first; those who have most of them first."""
    found: dict[str, list[Source]] = {}
    for source in sorted(sources, key=lambda s: s.published or ""):
        found.setdefault(source.publisher or UNKNOWN, []).append(source)
    order = sorted(found, key=lambda outlet: (outlet == UNKNOWN, -len(found[outlet]), outlet))
    return {outlet: found[outlet] for outlet in order}
