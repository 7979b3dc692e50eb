"""Holds back the beginning of an answer until it is clear that it is one.

A refusal, a web page or a model's thoughts must not flash up as an answer. What comes after the
beginning passes untouched.
"""

from __future__ import annotations

import re

REFUSAL = "NO ANSWER"
PAGES = ("<!doctype", "<html")
THOUGHTS = ("<think>", "<thinking>", "<thought>", "<reasoning>")
_END = re.compile(r"</(?:think|thinking|thought|reasoning)>\s*", re.IGNORECASE)


def without_thoughts(text: str) -> str:
    """Return what stands behind the last thoughts.

    Where a server opens them in the prompt, as DeepSeek's and Qwen's templates do, only their end is sent.
    """
    *_, last = _END.split(text)
    return last


class Opening:
    """Takes pieces of a text and gives back what may be shown of it."""

    def __init__(self) -> None:
        self._held = ""
        self._open = False

    def feed(self, piece: str) -> str:
        """Return what may be shown now."""
        if self._open:
            return piece
        self._held += piece
        head = self._held.lstrip()
        if _thinks(head):
            end = _END.search(head)
            if not end:
                return ""
            self._held = head = head[end.end() :]
        if _may_become(head):
            return ""
        self._open = True
        shown, self._held = head, ""
        return shown

    def rest(self) -> str:
        """Return what is still held at the end: a refusal, a page, a text too short to tell."""
        held, self._held = self._held.lstrip(), ""
        return "" if _thinks(held) else held

    def is_page(self, text: str) -> bool:
        """Say whether a held text is a web page."""
        return text.lower().startswith(PAGES)


def _thinks(head: str) -> bool:
    return head[:20].lower().startswith(THOUGHTS)


def _may_become(head: str) -> bool:
    """Whether the text so far is, or could still turn out to be, something not to be shown."""
    bare, lower = head.lstrip('*_`"“ ').upper().replace("_", " "), head.lower()
    starts = (*THOUGHTS, *PAGES)
    return (
        bare.startswith(REFUSAL)
        or REFUSAL.startswith(bare.upper().rstrip(".\n"))
        or any(lower.startswith(s) or s.startswith(lower) for s in starts)
    )
