"""Ranking metrics of one question, from ir_measures (MacAvaney et al., ECIR 2022) over pytrec_eval.

An article counts once, where its first passage stands. Averages over questions are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CUTS = (1, 2, 5, 10, 20)
NAMES = (*(f"hit@{k}" for k in CUTS), *(f"recall@{k}" for k in CUTS), "MRR@10", "nDCG@10")


def rank_articles(articles: Sequence[str], gold: Mapping[str, int]) -> dict[str, float]:
    """Return every metric of `NAMES` for articles in rank order.

    `gold` gives the grade of each relevant article, one at least above zero. Gains are linear in
    the grade, as in trec_eval.
    """
    from ir_measures import RR, R, Success, nDCG
    from ir_measures.providers import registry

    ranked = list(dict.fromkeys(articles))
    # Names of our own: the C code below takes only valid UTF-8, and breaks ties in score by name.
    names = {
        article: f"d{place}"
        for place, article in enumerate([*ranked, *(gold.keys() - set(ranked))])
    }
    run = {"q": {names[article]: float(len(ranked) - i) for i, article in enumerate(ranked)}}
    qrels = {"q": {names[article]: max(grade, 0) for article, grade in gold.items()}}
    wanted = {f"hit@{k}": Success @ k for k in CUTS} | {f"recall@{k}": R @ k for k in CUTS}
    wanted |= {"nDCG@10": nDCG @ 10, "RR": RR}
    values = {
        str(found.measure): float(found.value)
        for found in registry["pytrec_eval"].iter_calc(list(wanted.values()), qrels, run)
    }
    scores = {name: values[str(measure)] for name, measure in wanted.items()}
    first = scores.pop("RR")  # this provider knows no cut-off for it
    scores["MRR@10"] = first if first and round(1 / first) <= 10 else 0.0
    return {name: scores[name] for name in NAMES}
