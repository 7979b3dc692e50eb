"""Ranking metrics of one question, from ir_measures (MacAvaney et al., ECIR 2022) over pytrec_eval.

An article counts once, where its first passage stands. Averages over questions are made elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

CUTS = (1, 2, 5, 10, 20)
NAMES = (*(f"hit@{k}" for k in CUTS), *(f"recall@{k}" for k in CUTS), "MRR@10", "nDCG@10", "MAP")
KINDS = ("hit", "recall", "precision", "MRR", "nDCG", "MAP")

_NAME = re.compile(r"(hit|recall|precision|MRR|nDCG|MAP)(?:@([1-9]\d{0,3}))?")


def parse_ranking(name: str) -> tuple[str, int | None] | None:
    """Return the kind and the cut-off of a ranking metric's name; None for other names.

    MRR, nDCG and MAP may go without a cut-off: then they go as deep as hits were kept.
    """
    match = _NAME.fullmatch(name)
    if match is None or (match[2] is None and match[1] in ("hit", "recall", "precision")):
        return None
    return match[1], int(match[2]) if match[2] else None


def rank_articles(
    articles: Sequence[str], gold: Mapping[str, int], names: Sequence[str] = NAMES
) -> dict[str, float]:
    """Return every metric of `names` for articles in rank order.

    `gold` gives the grade of each relevant article, one at least above zero. Gains are linear in
    the grade, as in trec_eval.
    """
    ranked = list(dict.fromkeys(articles))
    grades = [max(gold.get(article, 0), 0) for article in ranked]
    while grades and not grades[-1]:
        grades.pop()
    missed = sorted(gold[article] for article in gold.keys() - set(ranked) if gold[article] > 0)
    return dict(_measure(tuple(grades), tuple(missed), tuple(names)))


@lru_cache(maxsize=4096)
def _measure(
    grades: tuple[int, ...], missed: tuple[int, ...], names: tuple[str, ...]
) -> tuple[tuple[str, float], ...]:
    """Measure the grades in rank order, given those of the articles that were not found.

    Nothing else of a ranking matters. Few of these differ within a question set, and setting up the
    library takes longer than searching.
    """
    from ir_measures.providers import registry

    run = {"q": {f"d{place}": float(len(grades) - place) for place in range(len(grades))}}
    qrels = {"q": {f"d{place}": grade for place, grade in enumerate([*grades, *missed])}}
    wanted = {name: _measure_named(name) for name in names}
    values = {
        str(found.measure): float(found.value)
        for found in registry["pytrec_eval"].iter_calc(list(set(wanted.values())), qrels, run)
    }
    scores = {name: values[str(measure)] for name, measure in wanted.items()}
    for name in names:
        if name.startswith("MRR@"):  # this provider knows no cut-off for it
            first, cut = scores[name], int(name.partition("@")[2])
            scores[name] = first if first and round(1 / first) <= cut else 0.0
    return tuple((name, scores[name]) for name in names)


def _measure_named(name: str) -> object:
    from ir_measures import AP, RR, P, R, Success, nDCG

    parsed = parse_ranking(name)
    if parsed is None:
        raise ValueError(name)
    kind, cut = parsed
    if kind == "MRR":
        return RR
    made = {"hit": Success, "recall": R, "precision": P, "nDCG": nDCG, "MAP": AP}[kind]
    return made if cut is None else made @ cut
