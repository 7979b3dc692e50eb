"""Dates and outlets in the words of a question."""

from __future__ import annotations

from datetime import date

import pytest

from index.asked import read_wish

THURSDAY = date(2025, 6, 12)
OUTLETS = ("Reuters", "The Guardian", "bbc.co.uk")


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("What happened in May 2025?", "2025-05-01", "2025-05-31"),
        ("who led the delegation on May 31, 2025", "2025-05-31", "2025-05-31"),
        ("what was agreed on 3 June 2025?", "2025-06-03", "2025-06-03"),
        ("in 2024, who won?", "2024-01-01", "2024-12-31"),
        ("what has changed since March 2025?", "2025-03-01", None),
        ("who ruled before June 2025?", None, "2025-05-31"),
        ("between March 2024 and May 2024", "2024-03-01", "2024-05-31"),
        ("from March to May 2024", "2024-03-01", "2024-05-31"),
        ("where did they meet during May and June 2025?", "2025-05-01", "2025-06-30"),
        ("what happened last week?", "2025-06-02", "2025-06-12"),
        ("what was said yesterday?", "2025-06-11", "2025-06-11"),
        ("who resigned three days ago?", "2025-06-09", "2025-06-09"),
        ("in the past two weeks", "2025-05-29", "2025-06-12"),
        ("what happened last year?", "2024-01-01", "2024-12-31"),
        ("what happened in May?", "2025-05-01", "2025-05-31"),
        ("what happened in July?", "2024-07-01", "2024-07-31"),
    ],
)
def test_periods(question: str, since: str | None, until: str | None) -> None:
    asked = read_wish(question, THURSDAY, OUTLETS)
    assert (asked.since, asked.until) == (since, until)
    assert asked.words


@pytest.mark.parametrize(
    "question",
    [
        "who may lead the talks?",
        "how many died of the 1918 flu?",
        "over 2,024 people marched",
        "who won the 2020 election?",
        "what is 31 June?",
    ],
)
def test_what_is_no_period(question: str) -> None:
    asked = read_wish(question, THURSDAY, OUTLETS)
    assert (asked.since, asked.until) == (None, None)


@pytest.mark.parametrize(
    ("question", "sources"),
    [
        ("According to Reuters, who led?", ("Reuters",)),
        ("What did the Guardian report on the talks?", ("The Guardian",)),
        ("what does the BBC article say?", ("bbc.co.uk",)),
        ("Who owns Reuters?", ()),
        ("Which guardian was appointed?", ()),
    ],
)
def test_outlets(question: str, sources: tuple[str, ...]) -> None:
    assert read_wish(question, THURSDAY, OUTLETS).sources == sources


def test_the_newest() -> None:
    assert read_wish("what is the latest on the talks?", THURSDAY, ()).newest
    assert not read_wish("who came last?", THURSDAY, ())


def test_what_is_of_late() -> None:
    for question in (
        "who won this week?",
        "what is still shut?",
        "where did it snow in recent days?",
    ):
        assert read_wish(question, THURSDAY, ()).recent
    for question in ("who won last year?", "who knows?", "what happened three years ago?"):
        assert not read_wish(question, THURSDAY, ()).recent


def test_a_month_without_a_year_is_the_last_one_of_the_articles() -> None:
    found = read_wish("how many came in May?", date(2026, 11, 26), (), date(2025, 7, 1))
    assert (found.since, found.until) == ("2025-05-01", "2025-05-31")
