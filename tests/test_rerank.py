"""The shipped reranker prefers the passage that answers, and reads the part of it that matters."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.errors import UsageError
from index.types import Passage, Source
from qa import reader
from qa.late import TokenMatch
from qa.reader import open_tokenizer
from qa.rerank import LENGTH, PassageReranker, encode, likeliest

ANSWERED = [
    (
        "who led Russia's delegation?",
        "Presidential aide Vladimir Medinsky headed the Russian delegation at the talks.",
        "The Russian delegation flew home on Friday evening, and the hosts thanked all delegations.",
    ),
    (
        "When did the bridge collapse?",
        "The bridge collapsed on 26 March 2024, after a ship had struck one of its piers.",
        "Bridges collapse when their piers are struck, say engineers who study the collapse of bridges.",
    ),
    (
        "how many people were killed in the fire",
        "Fourteen people died in the blaze, and dozens were hurt.",
        "People who live beside the mill said that the fire brigade had come late.",
    ),
    (
        "Aspirin lowers the risk of stroke.",
        "Those who were given aspirin had a stroke a third less often than the others.",
        "Aspirin is made by many firms, and it is sold without a prescription.",
    ),
]
LONG = " ".join(f"The committee met on day {n} and spoke of its budget." for n in range(40))


def passage(text: str, title: str = "") -> Passage:
    return Passage("a#0", Source("a", title), 0, len(text), text)


def rarity(words: Sequence[str]) -> list[float]:
    return [float(len(word)) for word in words]


@pytest.fixture(scope="module")
def reranker() -> PassageReranker:
    return PassageReranker(rarity)


@pytest.mark.parametrize(("question", "right", "wrong"), ANSWERED)
def test_what_answers_comes_first(
    reranker: PassageReranker, question: str, right: str, wrong: str
) -> None:
    near, far, away = reranker.score(question, [passage(t) for t in (right, wrong, LONG)])
    assert 1 > near > far > away > 0


def test_passages_do_not_touch_each_other(reranker: PassageReranker) -> None:
    question, right, wrong = ANSWERED[0]
    both = reranker.score(question, [passage(right), passage(wrong)])
    assert [reranker.score(question, [passage(t)])[0] for t in (right, wrong)] == both
    assert reranker.score(question, []) == []


def test_of_a_long_passage_the_part_that_answers_is_read(reranker: PassageReranker) -> None:
    question, right, _ = ANSWERED[0]
    inside, beside = reranker.score(question, [passage(f"{LONG} {right} {LONG}"), passage(LONG)])
    assert inside > beside + 0.2


def test_questions_are_told_from_claims_and_search_words(reranker: PassageReranker) -> None:
    for question in (
        "who led it",
        "In which year?",
        "and after that?",
        "What’s new",
        "did it rain",
        "tell me who led it",
        "please tell us in which year",
    ):
        assert reranker.depth(question) == 10
    for words in (
        "grain talks istanbul",
        "Aspirin lowers the risk of stroke.",
        "a mill which burnt",
        "May 2025 talks in Istanbul",
        "tell me more of the grain talks",
    ):
        assert reranker.depth(words) == 14


@pytest.mark.parametrize(
    ("words", "right", "wrong"),
    [
        (
            "grain talks istanbul",
            "Envoys met in Istanbul to negotiate over shipments of wheat.",
            "Rain in Istanbul stopped the match, and there was talk of a second one.",
        ),
        (
            "a mill which burnt",
            "The fire at the old mill destroyed its roof.",
            "The old mill, which was built in 1790, has three floors.",
        ),
    ],
)
def test_other_words_are_met_by_what_is_near_them(
    reranker: PassageReranker, words: str, right: str, wrong: str
) -> None:
    near, far, away = reranker.score(words, [passage(t) for t in (right, wrong, LONG)])
    assert 1 > near > far > away > 0


def test_token_match_bounds(reranker: PassageReranker) -> None:
    tokens = TokenMatch(rarity)
    same, titled, other, empty = tokens.score(
        "grain from the port",
        [
            passage("Grain from the port."),
            passage("It left on Friday.", "Grain from the port"),
            passage("A poem about snow."),
            passage(""),
        ],
    )
    assert 1.001 > same > titled > other > empty == 0.0
    assert tokens.score(LONG, [passage(LONG)])[0] == pytest.approx(1.0, abs=1e-3)
    assert tokens.score("", [passage("A mill."), passage("A ferry.")]) == [0.0, 0.0]
    assert tokens.score("grain", []) == []


def test_rare_words_count_for_more() -> None:
    texts = [passage("The ferry to Varn is late."), passage("A barge is late again.")]
    for weights, first in (({"varn": 9.0}, 0), ({"barg": 9.0}, 1)):
        tokens = TokenMatch(lambda words, w=weights: [w.get(word, 0.2) for word in words])
        scores = tokens.score("Varn barge", texts)
        assert max(range(2), key=scores.__getitem__) == first


def test_no_pair_is_longer_than_the_model_reads() -> None:
    tokenizer = open_tokenizer()
    for question, title, text in (
        ("what was said?", "A title", LONG),
        (LONG, LONG, LONG),
        ("what was said?", "", "One sentence that does not end " * 100),
        ("", "", ""),
    ):
        ids, types = encode(tokenizer, question, title, text, {})
        assert len(ids) == len(types) <= LENGTH
        assert [ids[0], ids[-1]] == [tokenizer.token_to_id(t) for t in ("[CLS]", "[SEP]")]
        assert ids.index(tokenizer.token_to_id("[SEP]")) + 1 == types.count(0)


def test_the_run_of_sentences_that_says_most() -> None:
    said = [{"talks"}, {"rain"}, {"grain"}, {"talks", "grain"}]
    weights = {"talks": 1.0, "grain": 2.0}
    assert likeliest(said, [10] * 4, 10, weights) == 3
    assert likeliest(said, [10] * 4, 40, weights) == 0
    assert likeliest(said, [10] * 4, 20, {"rain": 1.0, "grain": 1.0}) == 1
    assert likeliest(said, [10, 40, 10, 10], 20, {"rain": 1.0}) == 1
    assert likeliest(said, [10] * 4, 20, {}) == 0


def test_missing_weights_are_named() -> None:
    with pytest.raises(UsageError, match=r"qa/nothing\.onnx are missing"):
        reader.open_network("nothing.onnx", "install qa again")
