"""What comes nearest where the articles hold no answer: sentences to read, not an answer."""

from __future__ import annotations

from collections.abc import Sequence

from index.types import Hit
from qa.support import Support
from qa.types import Citation, Span

MOST = 3


def nearest(question: str, hits: Sequence[Hit], spans: Sequence[Span] = ()) -> tuple[Citation, ...]:
    """Return up to three sentences, one an article: those an answerer named, else the best of the best hits."""
    passages = {hit.passage.passage_id: hit.passage for hit in hits}
    named = {s.passage_id: (s.start, s.end) for s in reversed(spans) if s.passage_id in passages}
    order = list(
        dict.fromkeys([*(s.passage_id for s in spans if s.passage_id in named), *passages])
    )
    support = Support([passages[name] for name in order])
    found: dict[str, Citation] = {}
    for name in order:
        passage = passages[name]
        article = passage.source.article_id
        best = support.best(question, [passage])
        place = named.get(name) or (best and (best.start, best.end))
        if article in found or not place:
            continue
        start, end = place
        quote = passage.text[start - passage.start : end - passage.start]
        found[article] = Citation(
            len(found) + 1, name, passage.source, quote, start, end, len(quote) == end - start
        )
        if len(found) == MOST:
            break
    return tuple(found.values())
