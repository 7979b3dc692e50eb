"""Drafts of cases written by a model, each checked by code: what is not in the passage is dropped.

That a question is well put, or that the articles do not answer its unanswerable companion, no code
can check: such cases are tagged `draft`, and a person decides.
"""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Callable, Iterator
from typing import NamedTuple

from eval.cases import Case
from eval.draft import Corpus
from eval.match import holds, normalise
from index.lexical import terms
from index.safe import safe
from index.split import sentences
from index.types import Passage
from prompts import Prompt
from qa.types import Usage

Complete = Callable[[str, str], tuple[str, Usage]]

_FIELD = re.compile(r"^\W*(question|answer|sentence|unanswered)\W*:\s*(.+)$", re.I | re.M)
_SHORTEST = 200  # characters of a passage that holds something to ask about
_LOOKED_AT = 10


class Written(NamedTuple):
    """What came of one passage: a case, the question that it does not answer, and what it took."""

    case: Case | None
    unanswered: str | None
    usage: Usage


def drafts(
    corpus: Corpus,
    passages: Callable[[str], list[Passage]],
    prompt: Prompt,
    complete: Complete,
    *,
    seed: int = 0,
) -> Iterator[Written]:
    """Yield what the model writes of one passage after another, drawn from all over the corpus.

    `passages` gives those of an article. Raises as `complete` does.
    """
    rng = random.Random(seed)
    sources = sorted(corpus.sources(), key=lambda source: source.article_id)
    for source in rng.sample(sources, len(sources)):
        long = [p for p in passages(source.article_id) if len(p.text) >= _SHORTEST]
        if not long:
            continue
        passage = rng.choice(long)
        system, user = prompt.render(
            fence=secrets.token_hex(8),
            title=safe(source.title, newlines=False),
            published=source.published or "",
            passage=safe(passage.text),
        )
        reply, usage = complete(system, user)
        yield Written(*read_draft(reply, passage), usage)


def read_draft(reply: str, passage: Passage) -> tuple[Case | None, str | None]:
    """Return the case and the unanswered question of a reply; None for what its passage does not hold."""
    said = {name.lower(): text.strip().strip('"“”') for name, text in _FIELD.findall(reply)}
    unanswered = said.get("unanswered")
    question, answer, claimed = (said.get(k, "") for k in ("question", "answer", "sentence"))
    quote = next(
        (
            passage.text[a:b]
            for a, b in sentences(passage.text)
            if normalise(claimed) and normalise(passage.text[a:b]) == normalise(claimed)
        ),
        None,
    )
    if not question or quote is None or not holds(quote, answer) or holds(question, answer):
        return None, unanswered
    return Case(
        "", safe(question, newlines=False), (answer,), (passage.source.article_id,), (quote,),
        tags=("draft", "model"),
    ), unanswered  # fmt: skip


def seems_answered(question: str, corpus: Corpus) -> bool:
    """Say whether some passage holds nearly every word of a question: then it may well be answered."""
    asked = set(terms(question))
    hits = corpus.search(question, _LOOKED_AT)
    held = (set(terms(f"{h.passage.source.title} {h.passage.text}")) for h in hits)
    return any(len(asked & words) >= 0.9 * len(asked) for words in held)
