"""Thresholds are kept with the index, for the parts that they were fitted with and no others."""

import shutil

import pytest

from index.calibration import Calibration, save_calibration
from index.corpus import Corpus
from index.embed import open_embedder
from index.store import Busy, writing
from qa.extractive import Extractive, identity
from qa.types import Draft
from qa.weights import largeness, threshold


@pytest.fixture
def corpus(sample_store, tmp_path):
    """A copy of the sample's index, which may be written."""
    shutil.copytree(sample_store, tmp_path / ".qa")
    corpus = Corpus(tmp_path / ".qa", lambda: open_embedder("minilm"))
    yield corpus
    corpus.close()


def made(corpus, **changed):
    values = {
        "search": corpus.retrieval(), "answerer": identity(), "threshold": 0.5, "low": 0.4, "high": 0.6,
        "answerable": 80, "unanswerable": 40, "refused": 0.9, "false_abstention": 0.1,
        "questions": "abc", "made": "2026-01-01",
    }  # fmt: skip
    return Calibration(**(values | changed))


def test_a_threshold_is_found_by_the_parts_that_it_was_fitted_with(corpus):
    assert corpus.calibration(identity()) is None
    save_calibration(corpus.store, made(corpus, threshold=0.9))
    save_calibration(corpus.store, made(corpus, threshold=0.5))
    save_calibration(corpus.store, made(corpus, search="another embedder", threshold=0.7))
    save_calibration(corpus.store, made(corpus, answerer="another answerer", threshold=0.8))
    assert corpus.calibration(identity()) == 0.5
    assert len(corpus.calibrations()) == 3
    assert corpus.calibration("a third") is None
    assert corpus.calibration(identity(), "reader") is None
    corpus.dense_weight = 0.7
    assert corpus.calibration(identity()) is None


def test_the_answerer_goes_by_it(corpus):
    question = "who led Russia's delegation?"
    hits = corpus.search(question, 8)

    def abstains(answerer):
        drafts = [d for d in answerer.answer(question, hits, ()) if isinstance(d, Draft)]
        return drafts[-1].abstained

    assert not abstains(Extractive(corpus))
    save_calibration(corpus.store, made(corpus, threshold=1.0))
    assert abstains(Extractive(corpus))
    assert not abstains(Extractive(corpus, threshold=0.0))


def test_a_single_article_is_asked_more_strictly(corpus):
    hits = corpus.search("who led Russia's delegation?", 8)
    article = hits[0].passage.source.article_id
    alone = [hit for hit in hits if hit.passage.source.article_id == article]
    assert len(alone) < len(hits)
    answerer = Extractive(corpus)
    assert answerer.threshold_for(alone) > answerer.threshold_for(hits) == answerer.threshold
    assert threshold(50_000, alone=True) == threshold(50_000) > threshold(50, alone=True)
    assert Extractive(corpus, threshold=0.3).threshold_for(alone) == 0.3
    save_calibration(corpus.store, made(corpus, threshold=0.2))
    assert answerer.threshold_for(alone) == 0.2


def test_how_large_an_index_is():
    assert [largeness(n) for n in (0, 1_000, 50_000, 10**6)] == [0, 0, 1, 1]
    assert 0.4 < largeness(7_000) < largeness(8_000) < 0.6


def test_a_busy_index_is_not_written(corpus):
    with writing(corpus.store), pytest.raises(Busy):
        save_calibration(corpus.store, made(corpus), wait=0.0)
    assert corpus.calibrations() == []
