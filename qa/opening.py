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


_SOURCES = (
    r"(?:the |these |your )?(?:given |provided |supplied |available )?"
    r"(?:articles?|passages?|sources?|documents?|texts?|context|excerpts?|information)(?: provided| given)?"
)
_TELL = r"(?:say|state|mention|tell|contain|provide|give|include|specify|indicate|hold|answer|name|identify|discuss)"
_DECLINES = re.compile(
    r"\W*(?:(?:i(?:['’]m| am) sorry|sorry|unfortunately)[,.]? (?:but )?)?(?:based on [^,.]{1,60}, )?"
    rf"(?:{_SOURCES} (?:do|does|did)(?: not|n['’]t)(?: \w+ly)? {_TELL}|none of {_SOURCES} {_TELL}|"
    r"i (?:cannot|can['’]t|could not|couldn['’]t|am unable to|do not|don['’]t) "
    r"(?:find|answer|determine|help|say|tell|know|have|see|assist))",
    re.IGNORECASE,
)
_DECLINES_IN = 300


def declines(text: str) -> bool:
    """Whether a whole answer that cites nothing says in a model's own words that there is none.

    Small models write "The articles do not say." where they were told to write `REFUSAL`. What goes on for
    long is an answer that leaves something open.
    """
    return bool(_DECLINES.match(text)) and len(text) <= _DECLINES_IN


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
