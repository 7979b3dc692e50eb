"""The filters, notes and explanations of `qa ask` and `qa search`, as programs and people see them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Said

from qa.pipeline import OUTSIDE

Qa = Callable[..., Said]
ASKED = "who led Russia's delegation?"


def hits(said: Said) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(said.out)["hits"]
    return found


@pytest.mark.parametrize("command", ["ask", "search"])
def test_as_of_hides_what_is_later(qa: Qa, command: str) -> None:
    found = hits(qa(command, ASKED, "--as-of", "2025-05-20", "--json"))
    assert found
    assert max(hit["published"] for hit in found) <= "2025-05-20"


def test_filters_that_leave_nothing_say_so(qa: Qa) -> None:
    said = qa("ask", ASKED, "--since", "2031-01-01", "--json")
    answer = json.loads(said.out)
    assert (said.code, answer["abstained"], answer["hits"]) == (1, True, [])
    assert answer["reason"] == OUTSIDE
    assert "the filters leave no article" in answer["notes"][0]
    said = qa("search", ASKED, "--as-of", "1999-01-01")
    assert (said.code, said.out) == (1, "")
    assert "the filters leave no article" in said.err


def test_no_day_is_since_one_later_than_as_of(qa: Qa) -> None:
    said = qa("search", ASKED, "--since", "2025-06-01", "--as-of", "2025-05-01")
    assert said.code == 2
    assert "as of 2025-05-01" in said.err


def test_a_period_in_the_question_is_told(qa: Qa) -> None:
    said = qa("search", "who led Russia's delegation in May 2025?")
    assert said.code == 0
    assert "“in May 2025” was read as 2025-05-01 to 2025-05-31" in said.err


def test_a_slip_of_the_keys_is_searched_for_as_it_is_asked(qa: Qa) -> None:
    slipped = "who led Russia's delagation?"
    said = qa("search", slipped, "--json")
    found = json.loads(said.out)
    assert (found["query"], found["notes"]) == (slipped, ["“delagation” was read as “delegation”"])
    assert found["hits"] == hits(qa("search", ASKED, "--json"))
    assert "was read as “delegation”" in qa("search", slipped).err


@pytest.mark.parametrize("command", ["ask", "search"])
def test_why_not(qa: Qa, command: str) -> None:
    all_hits = hits(qa("search", ASKED, "-k", "30", "--json"))
    last = all_hits[-1]["passage_id"]
    lost = json.loads(qa(command, ASKED, "-k", "3", "--why-not", last, "--json").out)["why_not"]
    assert (lost["passage_id"], lost["lost_at"]) == (last, "cut")
    assert lost["stages"]["fusion"]["rank"] > 3
    assert f"{last}: lost at the cut" in qa(command, ASKED, "-k", "3", "--why-not", last).out
    assert qa(command, ASKED, "--why-not", "nothing#1").code == 2


def test_the_reranker_is_on_unless_it_is_asked_not_to_be(qa: Qa) -> None:
    told = json.loads(qa("search", ASKED, "--explain", "--json").out)["explain"]
    read = [t["reranker"] for t in told if t["reranker"]]  # what was passed over makes room behind
    assert len(read) >= 5 and read == [t["reranker"] for t in told[: len(read)]]
    assert all(r["name"] == "minilm" and 0 < r["score"] < 1 for r in read)
    assert [t["score"] for t in told] == sorted((t["score"] for t in told), reverse=True)
    assert "minilm 0." in qa("search", ASKED, "--explain").out
    told = json.loads(qa("search", ASKED, "--rerank", "none", "--explain", "--json").out)["explain"]
    assert [t["reranker"] for t in told] == [None] * len(told)
    assert [t["score"] for t in told] == [t["fusion"]["score"] for t in told]


def test_a_reranker_that_is_not_there(qa: Qa) -> None:
    said = qa("search", ASKED, "--rerank", "/no/such/folder")
    assert said.code == 2
    assert "--rerank minilm" in said.err
