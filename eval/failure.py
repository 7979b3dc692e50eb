"""Why a case failed: one label each, the earliest step at which its evidence was lost.

Whether a passage holds the evidence is told by the words of the gold sentences and accepted answers;
where a set has neither, by the article.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from eval.cases import Case
from eval.match import holds_any, overlaps, tokens
from index.split import sentences
from index.types import Hit

RIGHT = "right"
NOT_INDEXED = "evidence not in the index"
NOT_RETRIEVED = "not retrieved"
BELOW_CUT = "retrieved below the cut"
NOT_USED = "given but not used"
WRONG = "wrong answer"
WRONGLY_ABSTAINED = "wrongly abstained"
SHOULD_ABSTAIN = "should have abstained"
BADLY_CITED = "citation wrong"
ERROR = "error"
UNSCORED = "unscored"

LABELS = (
    RIGHT, NOT_INDEXED, NOT_RETRIEVED, BELOW_CUT, NOT_USED, WRONG, WRONGLY_ABSTAINED, SHOULD_ABSTAIN,
    BADLY_CITED, ERROR, UNSCORED,
)  # fmt: skip

Scores = Mapping[str, float | None]


def evidence_rank(case: Case, gold: Mapping[str, int], hits: Sequence[Hit]) -> int | None:
    """Return the place (from 1) of the first passage that holds the evidence, None where none does."""
    places = [n for n, hit in enumerate(hits, 1) if gold.get(hit.passage.source.article_id, 0) > 0]
    holding = (n for n in places if _holds(hits[n - 1].passage.text, case))
    found = next(holding, None)
    if found is not None or not places:
        return found
    # Answers in words that no article has ("yes"): the article is all that can be asked for.
    return None if case.quotes else places[0]


def _holds(text: str, case: Case) -> bool:
    if not (case.quotes or case.answers):
        return True
    if holds_any(text, case.answers):
        return True
    if not case.quotes:
        return False
    wanted = [quote for quote in case.quotes if tokens(quote)]
    said = [text[a:b] for a, b in sentences(text)]
    return holds_any(text, wanted) or any(overlaps(s, q) for s in said for q in wanted)


def label(
    case: Case,
    gold: Mapping[str, int],
    scores: Scores,
    *,
    k: int,
    rank: int | None,
    abstained: bool | None,
    text_of: Callable[[str], str],
) -> str:
    """Return one of `LABELS` for a case that did not end in an error.

    `rank` is that of `evidence_rank`, `k` how many passages the answerer saw, `abstained` None where
    only the search was run; `text_of` gives an article's stored text and is asked only for misses.
    """
    if not case.answerable:
        return UNSCORED if abstained is None else RIGHT if abstained else SHOULD_ABSTAIN
    if case.evidence and not gold:
        return NOT_INDEXED
    lost = _lost(case, gold, k, rank, text_of)
    if abstained is None:
        return (lost or RIGHT) if gold else UNSCORED
    if not abstained:
        right = is_right(scores)
        if right:
            misled = scores.get("citation_hit") == 0 or scores.get("cited_any") == 0
            return BADLY_CITED if misled else RIGHT
        if right is None:
            return UNSCORED
    if lost:
        return lost
    if abstained:
        return WRONGLY_ABSTAINED
    return NOT_USED if scores.get("citation_hit") == 0 else WRONG


def is_right(scores: Scores) -> bool | None:
    """Say whether an answer is right, None where nothing can tell.

    It is where it, or the sentence that it cites first, holds an accepted answer (as words, figure or
    date); without accepted answers, where it cites the evidence, or the judge says so.
    """
    for names in (("contains", "cited", "number", "date"), ("citation_hit",), ("judge_correct",)):
        values = [value for name in names if (value := scores.get(name)) is not None]
        if values:
            return any(value >= 0.5 for value in values)
    return None


def _lost(
    case: Case,
    gold: Mapping[str, int],
    k: int,
    rank: int | None,
    text_of: Callable[[str], str],
) -> str | None:
    """The step of the search at which the evidence was lost, if it was."""
    if not gold or (rank is not None and rank <= k):
        return None
    if rank is not None:
        return BELOW_CUT
    quotes = [quote for quote in case.quotes if tokens(quote)]
    if quotes and not any(holds_any(text_of(article), quotes) for article in gold):
        texts = [text_of(article) for article in gold]
        if not any(_holds(text, case) for text in texts):
            return NOT_INDEXED
    return NOT_RETRIEVED
