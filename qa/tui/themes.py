"""The chat's own themes: dark, light and high contrast.

Left out: Textual's, which stand beside them in the palette.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.theme import Theme

from index.errors import UsageError

THEMES = (
    Theme(
        name="qa-dark",
        primary="#7aa2c8",
        secondary="#8fa6a0",
        accent="#e0b064",
        warning="#d9a05b",
        error="#d77a7a",
        success="#8fb58a",
        foreground="#d6d4cf",
        background="#16181b",
        surface="#1b1e22",
        panel="#24282d",
        dark=True,
    ),
    Theme(
        name="qa-light",
        primary="#2f5d8a",
        secondary="#56706a",
        accent="#8a5a00",
        warning="#8a5a00",
        error="#a03030",
        success="#356b35",
        foreground="#22242a",
        background="#faf8f4",
        surface="#f3f0ea",
        panel="#e7e3da",
        dark=False,
    ),
    Theme(
        name="qa-contrast",
        primary="#ffffff",
        secondary="#ffffff",
        accent="#ffff00",
        warning="#ffff00",
        error="#ff8080",
        success="#80ff80",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#202020",
        dark=True,
        text_alpha=1.0,
    ),
)


def named(wanted: str, available: Iterable[str]) -> str:
    """Return the full name of a theme, ours by its short name. Raises `UsageError` with the names."""
    names = list(available)
    for name in (f"qa-{wanted.lower()}", wanted.lower()):
        if name in names:
            return name
    raise UsageError(
        f"there is no theme {wanted[:40]!r}",
        "dark, light, contrast, "
        + ", ".join(sorted(n for n in names if not n.startswith("qa-"))[:6]),
    )
