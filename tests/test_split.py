"""Sentences and passages are exact slices, nothing is lost, and no passage is longer than its budget."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from index.split import passages, sentences


def words(texts: Sequence[str]) -> list[int]:
    return [len(t.split()) for t in texts]


def texts_of(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


def test_sentence_borders() -> None:
    text = "He left at 5 p.m. Monday. The U.S. Senate voted 51-49. Mr. Smith paid $4.3 billion! “Why?” he asked."
    assert texts_of(text) == [
        "He left at 5 p.m. Monday.",
        "The U.S. Senate voted 51-49.",
        "Mr. Smith paid $4.3 billion!",
        "“Why?” he asked.",
    ]


def test_lines_are_borders() -> None:
    assert texts_of("A heading\n\n- one item\n- another") == [
        "A heading",
        "- one item",
        "- another",
    ]


def test_a_long_quotation_is_cut_at_its_stops() -> None:
    speech = (
        "“"
        + " ".join(f"We said number {n} and we meant every word of it." for n in range(12))
        + "” she said."
    )
    found = texts_of(speech)
    assert len(found) > 5
    assert "".join(found).replace(" ", "") == speech.replace(" ", "")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("aB1 .!?\n“”'Ç-—…"), max_size=400))
def test_only_white_space_lies_between_sentences(text: str) -> None:
    spans = sentences(text)
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.integers(8, 40))
def test_passages_keep_their_budget_and_lose_nothing(lengths: list[int], budget: int) -> None:
    text = "\n\n".join("W" + " word" * (n - 1) + "." for n in lengths)
    spans = passages(text, budget, words)
    assert all(len(text[a:b].split()) <= budget for a, b in spans)
    assert sum(len(text[a:b].split()) for a, b in spans) == len(text.split())
    assert spans == sorted(spans)


def test_passages_of_one_article_are_about_equally_long() -> None:
    text = " ".join(f"Sentence number {n} has exactly eight words here." for n in range(27))
    sizes = [len(text[a:b].split()) for a, b in passages(text, 100, words)]
    assert min(sizes) > 60
