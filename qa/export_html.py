"""A conversation as one HTML page: no script, nothing loaded, citations as footnotes both ways.

Everything passes `safe()` and is escaped; an address becomes a link only when it is http(s).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from index.safe import safe
from qa.types import Answer, Citation, Judged

_MARKER = re.compile(r"\[(\d{1,2})\]")
_LINK = re.compile(r"https?://[^\s\"'<>]+\Z")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>{heading}</title><style>
body {{ font: 17px/1.5 Georgia, serif; max-width: 42em; margin: 2em auto; padding: 0 1em;
  color: #22242a; background: #faf8f4 }}
h1 {{ font-size: 1.3em }} h2 {{ font-size: 1.1em; margin-top: 2.5em }}
.answer {{ white-space: pre-wrap }} .none {{ border-left: 4px double #8a5a00; padding-left: 1em }}
sup a {{ text-decoration: none; padding: 0 .15em }} .lost {{ text-decoration: underline dotted }}
ol {{ font-size: .88em }} small, .by {{ color: #666a70 }} q {{ quotes: "“" "”" }}
@media (prefers-color-scheme: dark) {{ body {{ color: #d6d4cf; background: #16181b }}
  a {{ color: #9dbbdd }} }}
</style></head><body>
<h1>{heading}</h1>
{body}
</body></html>
"""


def to_html(turns: Sequence[tuple[str, Answer]], heading: str = "qa conversation") -> str:
    """Return the conversation as an HTML document."""
    body = "\n".join(_turn(place, *turn) for place, turn in enumerate(turns, 1))
    return _PAGE.format(heading=_text(heading), body=body)


def _turn(place: int, question: str, answer: Answer) -> str:
    parts = [f"<h2>{_text(question)}</h2>"]
    shown = answer.citations
    if answer.abstained:
        shown = answer.nearest
        parts.append(
            f'<p class="none"><strong>No answer in these articles.</strong> '
            f"{_text(answer.reason or answer.text)}</p>"
        )
        if shown:
            parts.append("<p>The nearest evidence:</p>")
    else:
        if answer.short and answer.short.strip() != answer.text.strip():
            parts.append(f"<p><strong>{_text(answer.short)}</strong></p>")
        parts.append(f'<p class="answer">{_body(answer, place)}</p>')
    if shown:
        parts.append("<ol>" + "".join(_note(c, place) for c in shown) + "</ol>")
    parts += [f"<p><small>Note: {_text(note)}</small></p>" for note in answer.notes]
    parts.append(f"<p><small>Answered by {_text(answer.model)}.</small></p>")
    return f"<section>{''.join(parts)}</section>"


def _body(answer: Answer, place: int) -> str:
    """The text with its markers as links; a sentence that code did not find is underlined and said."""
    numbers = {c.number for c in answer.citations}
    judged = answer.sentences or (Judged(0, len(answer.text), "supported"),)
    pieces, at = [], 0
    for sentence in judged:
        pieces.append(_marked(answer.text[at : sentence.start], numbers, place))
        inner = _marked(answer.text[sentence.start : sentence.end], numbers, place)
        if sentence.verdict == "not found":
            title = "not found in the articles cited"
            inner = f'<span class="lost" title="{title}">{inner}</span> <small>({title})</small>'
        pieces.append(inner)
        at = sentence.end
    pieces.append(_marked(answer.text[at:], numbers, place))
    return "".join(pieces)


def _marked(text: str, numbers: set[int], place: int) -> str:
    pieces, last = [], 0
    for found in _MARKER.finditer(text):
        number = int(found.group(1))
        if number in numbers:
            pieces.append(_text(text[last : found.start()], lines=True))
            pieces.append(f'<sup><a href="#n{place}-{number}">{number}</a></sup>')
            last = found.end()
    return "".join([*pieces, _text(text[last:], lines=True)])


def _note(citation: Citation, place: int) -> str:
    source = citation.source
    title = _text(source.title or source.article_id)
    address = safe(source.url or "", newlines=False)
    if _LINK.match(address):
        title = f'<a href="{escape(address)}" rel="noopener noreferrer">{title}</a>'
    known = [source.publisher, source.published, None if source.url else source.path]
    by = " · ".join(_text(part) for part in known if part)
    lost = "" if citation.verified else " <small>(not found in the article)</small>"
    return (
        f'<li id="n{place}-{citation.number}" value="{citation.number}">'
        f'<q>{_text(citation.quote)}</q>{lost}<br>{title} <span class="by">{by}</span></li>'
    )


def _text(text: str, *, lines: bool = False) -> str:
    return escape(safe(text, newlines=lines))
