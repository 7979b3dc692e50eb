"""The fused ranking."""

import numpy as np
import pytest

from index.fuse import AGREEMENT, NEIGHBOURS, Fused, agreed, fuse


def test_what_both_find_comes_first() -> None:
    near = [(1, 0.9), (2, 0.6), (3, 0.3)]
    said = [(2, 8.0), (4, 6.0)]
    found = fuse(near, said, {1: 0.9, 2: 0.6, 3: 0.3, 4: 0.2}, 0.1)
    assert [f.row for f in found] == [2, 1, 4, 3]
    assert all(0 <= f.score <= 1 for f in found)
    best = found[0]
    assert [(t.retriever, t.rank, t.score) for t in best.traces] == [
        ("dense", 2, 0.6),
        ("lexical", 1, 8.0),
    ]


def test_one_retriever_may_be_silent() -> None:
    assert [f.row for f in fuse([(1, 0.5), (2, 0.4)], [], {1: 0.5, 2: 0.4}, 0.0)] == [1, 2]
    assert [f.row for f in fuse([], [(7, 2.0)], {7: 0.3}, 0.3)] == [7]
    assert fuse([], [], {}, 0.0) == []


def test_the_weight_of_the_dense_score() -> None:
    near, said, cosines = [(1, 0.9), (2, 0.6)], [(2, 8.0), (1, 2.0)], {1: 0.9, 2: 0.6}
    scores = {
        w: {f.row: f.score for f in fuse(near, said, cosines, 0.3, w)} for w in (0.0, 0.25, 1.0)
    }
    assert scores[0.0] == pytest.approx({1: 0.25, 2: 1})
    assert scores[0.25] == pytest.approx({1: 0.25 + 0.75 * 0.25, 2: 0.25 * 0.5 + 0.75})
    assert scores[1.0] == pytest.approx({1: 1, 2: 0.5})


def test_a_candidate_is_borne_out_by_those_like_it() -> None:
    rng = np.random.default_rng(3)
    # Six of one kind, of which five have high scores; six of another, of which five have low ones.
    vectors = np.repeat(np.eye(2, 16), 6, axis=0) + 0.01 * rng.random((12, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    scores = [0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.52, 0.1, 0.1, 0.1, 0.1, 0.1]
    order = sorted(range(12), key=lambda i: -scores[i])
    ranking = [Fused(i, scores[i], ()) for i in order]
    found = {f.row: f for f in agreed(ranking, vectors[order])}
    assert found[5].score == pytest.approx(0.5 + AGREEMENT * 0.4, abs=1e-3)
    assert found[5].score > found[6].score  # it was the other way round
    (told,) = found[5].traces
    assert (told.retriever, told.score) == ("alike", pytest.approx(AGREEMENT * 0.4, abs=1e-3))
    assert sorted(found) == list(range(12))


def test_few_candidates_and_those_behind_keep_their_scores() -> None:
    ranking = [Fused(i, 1 - i / 20, ()) for i in range(12)]
    vectors = np.eye(12, 16, dtype=np.float32)
    assert agreed(ranking[:NEIGHBOURS], vectors[:NEIGHBOURS]) == ranking[:NEIGHBOURS]
    assert agreed([], vectors[:0]) == []
    assert agreed(ranking, vectors[:8])[8:] == ranking[8:]
