"""A conversation as Markdown, each citation a footnote with the sentence it rests on.

Everything passes `safe()`, and markup in articles and answers is escaped, so that the file loads no
image and hides no link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.safe import safe
from qa.types import Answer, Citation

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>!|#~])")
_MARKER = re.compile(r"\[(\d{1,2})\]")


def to_markdown(turns: Sequence[tuple[str, Answer]], heading: str = "qa conversation") -> str:
    """Return the conversation as a Markdown document."""
    parts = [f"# {_escape(heading)}"]
    notes: list[str] = []
    for place, (question, answer) in enumerate(turns, 1):
        parts.append(f"## {_escape(question)}")
        if answer.abstained:
            reason = answer.reason or answer.text
            parts.append(f"**No answer in these articles.** {_escape(reason)}".strip())
            if answer.nearest:
                marks = "".join(f"[^{place}-{c.number}]" for c in answer.nearest)
                parts.append(f"The nearest evidence: {marks}")
        else:
            if answer.short and answer.short.strip() != answer.text.strip():
                parts.append(f"**{_escape(answer.short)}**")
            parts.append(_body(answer, place))
        parts += [f"_Note: {_escape(note)}_" for note in answer.notes]
        parts.append(f"_Answered by {_escape(answer.model)}._")
        shown = answer.nearest if answer.abstained else answer.citations
        notes += [f"[^{place}-{c.number}]: {_footnote(c)}" for c in shown]
    return "\n\n".join([*parts, *notes]) + "\n"


def _body(answer: Answer, place: int) -> str:
    numbers = {c.number for c in answer.citations}
    pieces, last = [], 0
    for found in _MARKER.finditer(answer.text):
        if int(found.group(1)) in numbers:
            pieces.append(_escape(answer.text[last : found.start()], lines=True))
            pieces.append(f"[^{place}-{int(found.group(1))}]")
            last = found.end()
    pieces.append(_escape(answer.text[last:], lines=True))
    body = "".join(pieces)
    lost = [s for s in answer.sentences if s.verdict == "not found"]
    told = [_escape(answer.text[s.start : s.end]) for s in lost]
    return "\n\n".join([body, *(f"_Not found in the articles cited:_ {text}" for text in told)])


def _footnote(citation: Citation) -> str:
    source = citation.source
    known = [source.title or source.article_id, source.publisher, source.published]
    where = source.url or source.path
    text = ", ".join(_escape(part) for part in known if part)
    if where:
        text += f", `{safe(where, newlines=False).replace('`', '')}`"
    verdict = "" if citation.verified else " (not found in the article)"
    return f"“{_escape(citation.quote)}” — {text}{verdict}"


def _escape(text: str, *, lines: bool = False) -> str:
    return _SPECIAL.sub(r"\\\1", safe(text, newlines=lines))
