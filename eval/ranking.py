"""Ranking metrics of one question, from ir_measures (MacAvaney et al., ECIR 2022) over pytrec_eval.

An article counts once, where its first passage stands. Averages over questions are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

CUTS = (1, 2, 5, 10, 20)
NAMES = (*(f"hit@{k}" for k in CUTS), *(f"recall@{k}" for k in CUTS), "MRR@10", "nDCG@10")


def rank_articles(articles: Sequence[str], gold: Mapping[str, int]) -> dict[str, float]:
    """Return every metric of `NAMES` for articles in rank order.

    `gold` gives the grade of each relevant article, one at least above zero. Gains are linear in
    the grade, as in trec_eval.
    """
    ranked = list(dict.fromkeys(articles))
    grades = [max(gold.get(article, 0), 0) for article in ranked]
    while grades and not grades[-1]:
        grades.pop()
    missed = sorted(gold[article] for article in gold.keys() - set(ranked) if gold[article] > 0)
    return dict(_measure(tuple(grades), tuple(missed)))


@lru_cache(maxsize=4096)
def _measure(grades: tuple[int, ...], missed: tuple[int, ...]) -> tuple[tuple[str, float], ...]:
    """Measure the grades in rank order, given those of the articles that were not found.

    Nothing else of a ranking matters. Few of these differ within a question set, and setting up the
    library takes longer than searching.
    """
    from ir_measures import RR, R, Success, nDCG
    from ir_measures.providers import registry

    run = {"q": {f"d{place}": float(len(grades) - place) for place in range(len(grades))}}
    qrels = {"q": {f"d{place}": grade for place, grade in enumerate([*grades, *missed])}}
    wanted = {f"hit@{k}": Success @ k for k in CUTS} | {f"recall@{k}": R @ k for k in CUTS}
    wanted |= {"nDCG@10": nDCG @ 10, "RR": RR}
    values = {
        str(found.measure): float(found.value)
        for found in registry["pytrec_eval"].iter_calc(list(wanted.values()), qrels, run)
    }
    scores = {name: values[str(measure)] for name, measure in wanted.items()}
    first = scores.pop("RR")  # this provider knows no cut-off for it
    scores["MRR@10"] = first if first and round(1 / first) <= 10 else 0.0
    return tuple((name, scores[name]) for name in NAMES)
