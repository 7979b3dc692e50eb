"""Our ranking metrics beside ranx's on random rankings: `python -m benchmarks.rankings` (pip install ranx)

ranx is another implementation, and large (it compiles with numba), so it is no dependency of the tests;
those compare with ir_measures.
"""

from __future__ import annotations

import random

from eval.ranking import rank_articles

NAMES = {
    "hit@5": "hit_rate@5", "recall@10": "recall@10", "precision@5": "precision@5",
    "MRR@10": "mrr@10", "nDCG@10": "ndcg@10", "MAP": "map",
}  # fmt: skip


def main() -> None:
    """Print the largest difference of each metric over 200 rankings."""
    import ranx

    rng = random.Random(1)
    qrels, runs, ours = {}, {}, []
    docs = [f"d{i}" for i in range(30)]
    for n in range(200):
        ranked = rng.sample(docs, 20)
        gold = {d: rng.randint(1, 3) for d in rng.sample(docs, 5)}
        qrels[f"q{n:03}"] = gold
        runs[f"q{n:03}"] = {d: 1 / (place + 1) for place, d in enumerate(ranked)}
        ours.append(rank_articles(ranked, gold, tuple(NAMES)))
    found = ranx.Run(runs)
    ranx.evaluate(ranx.Qrels(qrels), found, list(NAMES.values()))
    for name, theirs in NAMES.items():
        pairs = zip(ours, sorted(found.scores[theirs].items()), strict=True)
        worst = max(abs(row[name] - value) for row, (_, value) in pairs)
        print(f"{name:<12} largest difference {worst:.1e}")


if __name__ == "__main__":
    main()
