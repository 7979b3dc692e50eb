"""The built-in embedder, and any other by its folder: one body of tests over both."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from index.embed import Embedder, open_embedder
from index.errors import UsageError
from index.export import model_folder
from qa.rerank import open_reranker

TEXTS = [
    "Russia and Ukraine agreed to exchange prisoners.",
    "The two countries will swap captured soldiers.",
    "The bridge in Baltimore fell into the river.",
    "word " * 900,
]


@pytest.fixture(scope="module", params=["minilm", "folder"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return open_embedder("minilm" if request.param == "minilm" else str(model_folder()))


def test_unit_vectors_in_the_order_of_the_texts(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_a_text_has_one_vector_whatever_batch_it_is_in(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert float(embedder.embed([text])[0] @ vector) > 0.9999


def test_tokens_are_counted_without_a_limit(embedder: Embedder) -> None:
    assert embedder.count_tokens(["two words", "word " * 900]) == [2, 900]
    assert embedder.max_tokens >= 126


def test_both_give_the_same_vectors_but_are_not_mixed() -> None:
    ours, theirs = open_embedder("minilm"), open_embedder(str(model_folder()))
    assert np.min(np.sum(ours.embed(TEXTS[:3]) * theirs.embed(TEXTS[:3]), axis=1)) > 0.99999
    assert ours.identity != theirs.identity


def test_a_model_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match="cannot be loaded"):
        open_embedder("/nowhere/at/all")


@pytest.mark.parametrize("name", ["minilmm", "MiniLM", "mini-lm"])
def test_a_name_that_is_nearly_the_built_in_one(name: str) -> None:
    with pytest.raises(UsageError, match="no embedder") as embedder:
        open_embedder(name)
    with pytest.raises(UsageError, match="no reranker") as reranker:
        open_reranker(name, lambda _: [])
    assert embedder.value.hint == reranker.value.hint == "did you mean 'minilm'?"


def test_the_built_in_one_needs_no_torch() -> None:
    code = (
        "import sys; from index.embed import open_embedder\n"
        "open_embedder('minilm').embed(['a question'], query=True)\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    open_embedder("minilm")  # exported by now
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
