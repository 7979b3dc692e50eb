"""The fused ranking."""

import pytest

from index.fuse import fuse


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
