"""Follow-ups made to stand alone without a model, from what was said before.

"and when did he lead it?" is searched as itself plus the names and rare words of the last question and
answer. The question that the person typed is what is shown; this text is only searched and matched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.question import names_in, read_question
from qa.types import Message

_SMALL = frozenset(
    """
    a an the of to in on at by for from with as and or but is are was were be been do does did has have had
    who whom whose what which when where why how much many long far it its he she him his her they them their
    this that these those there then say said says one of according about into than not no yes could would
    """.split()
)
_MOST = 14


def stand_alone(question: str, history: Sequence[Message]) -> str:
    """Return the question with what it leaves unsaid in brackets, or as it is when it needs nothing."""
    if not history or not read_question(question).leads_on:
        return question
    asked = next((m.content for m in reversed(history) if m.role == "user"), "")
    answered = next((m.content for m in reversed(history) if m.role == "assistant"), "")
    known = set(re.findall(r"\w+", question.casefold()))
    added: list[str] = []
    for word in (*_content(asked), *_named(answered)):
        parts = set(re.findall(r"\w+", word.casefold()))
        if parts and not parts <= known:
            added.append(word)
            known |= parts
    if not added:
        return question
    return f"{question} ({', '.join(added[:_MOST])})"


def _content(text: str) -> list[str]:
    names = names_in(text)
    taken = {w for name in names for w in re.findall(r"\w+", name.casefold())}
    rest = [
        w
        for w in re.findall(r"[\w'’-]+", text)
        if w.casefold() not in _SMALL and w.casefold() not in taken and len(w) > 2
    ]
    return [n for n in names if n.casefold() not in _SMALL] + rest


def _named(text: str) -> list[str]:
    """The names and figures of the first sentence or two of an answer."""
    head = re.sub(r"\[\d+\]", "", text)[:300]
    found = [n for n in names_in(head) if n.casefold() not in _SMALL]
    return found[:6]
