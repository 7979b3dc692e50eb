"""No echo: of near-copies one passage, of an article two, in what is shown or given to an answerer.

Nothing is lost: what is passed over keeps its place behind. An article that the question is about, by
its title or because it holds the first three places, may say as much as it likes; of near-copies under
one title that is the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from index.types import Hit, Trace

_OF_STORY, _OF_ARTICLE = 1, 2
_NAMED = 0.25
"""A title that lifts its article by this much is what the question is about."""


def fold(hits: Sequence[Hit], k: int) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
    """Return up to `k` hits without echoes, and the others, each in the order given; ranks run through both.

    A hit that was passed over has a trace `echo` with the rank of the one that speaks for it.
    """
    about = _about(hits)
    shown: list[Hit] = []
    behind: list[Hit] = []
    speakers: dict[str, int] = {}
    tellers: dict[str, str] = {}
    articles: Counter[str] = Counter()
    stories: Counter[str] = Counter()
    for hit in hits:
        source = hit.passage.source
        article, story = source.article_id, source.story
        if article in about:
            # A headline that is typed in names every outlet's copy of the report.
            echo = story is not None and tellers.get(story, article) != article
        else:
            echo = story is not None and stories[story] >= _OF_STORY
            echo = echo or articles[article] >= _OF_ARTICLE
        if len(shown) < k and not echo:
            rank = len(shown) + 1
            speakers.setdefault(article, rank)
            articles[article] += 1
            if story is not None:
                speakers.setdefault(story, rank)
                stories[story] += 1
                if article in about:
                    tellers.setdefault(story, article)
            shown.append(replace(hit, rank=rank))
        elif echo:
            speaker = speakers.get(story or article) or speakers.get(article)
            behind.append(replace(hit, traces=(*hit.traces, Trace("echo", speaker, None))))
        else:
            behind.append(hit)
    first = len(shown) + 1
    return tuple(shown), tuple(replace(hit, rank=rank) for rank, hit in enumerate(behind, first))


def _about(hits: Sequence[Hit]) -> frozenset[str]:
    """The articles that the question is about."""
    named = {
        hit.passage.source.article_id
        for hit in hits
        for trace in hit.traces
        if trace.retriever == "title" and (trace.score or 0.0) >= _NAMED
    }
    first = {hit.passage.source.article_id for hit in hits[: _OF_ARTICLE + 1]}
    if len(hits) > _OF_ARTICLE and len(first) == 1:
        named |= first
    return frozenset(named)
