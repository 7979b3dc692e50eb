"""The JSON that other programs read: the contract's keys, and always valid UTF-8."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.render import answer_json, citation_json, hit_json, to_json
from qa.types import Usage
from tests.fakes import make_answer, make_citation, make_hit

HIT = ["rank", "passage_id", "article_id", "source_id", "path", "title", "published", "score"]
HIT += ["text", "start", "end", "story", "copies", "outlets"]
CITATION = ["number", "passage_id", "article_id", "title", "publisher", "published", "url", "path"]
CITATION += ["quote", "start", "end", "verified"]
ANSWER = ["question", "answer", "short", "abstained", "reason", "model", "citations", "hits"]
ANSWER += ["usage", "timings_ms"]


def test_a_hit_has_the_contracts_keys_in_order():
    assert list(hit_json(make_hit("a"))) == HIT
    assert list(hit_json(make_hit("a"), text=False)) == [key for key in HIT if key != "text"]
    assert hit_json(make_hit("a", 3))["passage_id"] == "a#3"
    assert hit_json(make_hit("a"))["source_id"] == "src-a"


def test_a_citation_has_the_contracts_keys_in_order():
    found = citation_json(make_citation("a", "So it was."))
    assert list(found) == CITATION
    assert (found["quote"], found["path"], found["verified"]) == ("So it was.", "a.txt", True)


def test_an_answer_has_the_contracts_keys_first():
    answer = make_answer(hits=["a", "b"], cites=[("a", "So it was.")], usage=Usage(1, 2, None))
    found = answer_json(answer)
    assert list(found)[: len(ANSWER)] == ANSWER
    assert [hit["rank"] for hit in found["hits"]] == [1, 2]
    assert found["usage"] == {"prompt_tokens": 1, "completion_tokens": 2, "cost_usd": None}
    assert json.loads(to_json(found))["citations"][0]["number"] == 1


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_in_json_is_null(number):
    assert to_json({"score": number, "all": (number, 1.5)}) == '{"score": null, "all": [null, 1.5]}'


def test_steering_characters_are_escaped_but_kept():
    text = "a\x9b31m\u202eb\u2028c\u200b\U000e0041é“😀"
    written = to_json(text)
    assert json.loads(written) == text
    assert "é“😀" in written
    assert not set(written) & set("\x9b\u202e\u2028\u200b\U000e0041")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_anything_is_written_as_one_line_of_valid_utf8(value):
    written = to_json(value)
    json.loads(written.encode("utf-8"), parse_constant=pytest.fail)
    assert "\n" not in written


def test_a_lone_surrogate_is_replaced():
    assert to_json({"\ud800": "x\udfff"}) == '{"\ufffd": "x\ufffd"}'
