"""Figures and dates that say the same in other words, units and forms."""

import pytest

from eval.cases import Case
from eval.figures import dates, figures, leading_date, leading_figure
from eval.metrics import METRICS, Result, Unscored, metric_named
from index.errors import UsageError
from qa import figures as product


def value(name, answers, said, **more):
    case = Case("1", "How many?", tuple(answers), ("a",))
    found = metric_named(name)(Result(case, {"a": 1}, short=said, **more))
    return found.why if isinstance(found, Unscored) else found


@pytest.mark.parametrize(
    ("gold", "said", "same"),
    [
        ("€5.2 billion", "5,200 million euros", 1),
        ("€5.2 billion", "$5.2 billion", 0),
        ("78 minutes", "1.3 hours", 1),
        ("78 minutes", "78", 1),  # the question names the unit
        ("78", "about seventy-eight minutes", 1),
        ("forty-one aircraft", "41", 1),
        ("6,057", "6,060", 0),  # counts are right to the last digit
        ("6,057 bodies", "6057 bodies and more", 1),
        ("12 km", "7.5 miles", 1),
        ("12 km", "12 miles", 0),
        ("5 per cent", "5%", 1),
        ("$30 billion", "$30.2bn", 1),
        ("$30 billion", "$31bn", 0),
        ("two", "3", 0),
        ("-3%", "3%", 0),
    ],
)
def test_figures_are_compared_by_value_and_unit(gold, said, same):
    assert value("number", [gold], said) == same


def test_the_tolerance_is_part_of_the_name():
    assert value("number", ["6,057"], "6,100") == 0
    assert value("number@1%", ["6,057"], "6,100") == 1
    assert value("number@0.1", ["6,057"], "6,100") == 0
    with pytest.raises(UsageError, match="no metric"):
        metric_named("number@x")


@pytest.mark.parametrize(
    "gold",
    [
        "Boeing 737",
        "Vladimir Medinsky",
        "16 May 2025",
        "in May",
        "10 Downing Street",
        "Seven Sisters",
        "7-Eleven",
        "5 killed in a fire near the port",
    ],
)
def test_what_is_no_figure_is_unscored(gold):
    assert value("number", [gold], "737") == "no accepted answer is a figure"
    assert leading_figure(gold) is None


@pytest.mark.parametrize(
    ("gold", "said", "same"),
    [
        ("16 May 2025", "May 16, 2025", 1),
        ("16 May 2025", "2025-05-16", 1),
        ("16 May 2025", "on Friday, 16 May", 1),  # only a year may be left unsaid
        ("16 May 2025", "May 2025", 0),
        ("16 May 2025", "17 May 2025", 0),
        ("16 May 2025", "16 May 2024", 0),
        ("May 2025", "16 May 2025", 1),
        ("2021", "in March 2021", 1),
        ("2021", "in 2012", 0),
        ("2 June", "June 2nd", 1),
    ],
)
def test_dates_are_compared_part_by_part(gold, said, same):
    assert value("date", [gold], said) == same


def test_a_date_in_an_answer_about_something_else_is_unscored():
    assert value("date", ["the agreement that both sides signed on 16 May"], "16 May") == (
        "no accepted answer is a date"
    )
    assert leading_date("nine prisoners") is None
    assert METRICS["date"](Result(Case("1", "?", answerable=False), {})).why.startswith("the quest")


def test_figures_leave_dates_alone():
    assert [f.written for f in figures("On 16 May 2025 they swapped 1,000 men in 3 hours")] == [
        1000,
        3,
    ]
    assert len(dates("from 16 May 2025 to 2 June")) == 2


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "Profits jumped 76% to $1.13bn (£600m) from $639m in the quarter before.",
            {76, 1.13e9, 6e8, 6.39e8},
        ),
        ("The gap stays close to half a trillion dollars.", {5e11}),
        ("It cuts 90 jobs - 17% of its staff - for 1.5bn euros.", {90, 17, 1.5e9}),
        ("The G7 ordered seventy A321 jets and 4,200 seats.", {70, 4200}),
        ("Growth was a seasonally-adjusted 0.7% to 0.8%.", {0.7, 0.8}),
        ("Two million homes paid 2.50 pounds for five thousand litres.", {2e6, 2.5, 5000}),
    ],
)
def test_the_graders_reader_and_the_products_agree(text, values):
    """They share nothing, so that a fault of the one is not counted as right by the other."""
    assert {figure.written for figure in figures(text)} == values
    assert {figure.value for figure in product.figures(text)} == values
