"""Two questions in one are answered both."""

from __future__ import annotations

import pytest

from qa.twofold import halves, together
from qa.types import Draft, Span
from qa.unsaid import content


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When and where was Ida Brandt born?", ("When was Ida Brandt born?", "where was Ida Brandt born?")),
        ("when was Ole Falk shot and where?", ("when was Ole Falk shot?", "where was Ole Falk shot?")),
        ("who bought Kestrel Air and how much did he pay?",
         ("who bought Kestrel Air?", "how much did he pay? (Kestrel Air, bought)")),
        ("when was the Ole Falk refloated and how long was it stuck?",
         ("when was the Ole Falk refloated?", "how long was the Ole Falk stuck?")),
        ("who is Ida Brandt and what did she say about the vote?",
         ("who is Ida Brandt?", "what did Ida Brandt say about the vote?")),
        ("when was the bridge in Tarn hit and how many people did it kill?",
         ("when was the bridge in Tarn hit?", "how many people did it kill? (Tarn, bridge, hit)")),
        ("when did Tarn's team leave and how far did it go?",
         ("when did Tarn's team leave?", "how far did it go? (Tarn, team, leave)")),
        ("who was killed and how many were hurt in the Tarn crash?",
         ("who was killed? (Tarn, hurt, crash)", "how many were hurt in the Tarn crash? (killed)")),
    ],
)  # fmt: skip
def test_what_is_two(question: str, expected: tuple[str, str]) -> None:
    assert halves(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "who led Russia's delegation?",
        "how and why did the bridge fall?",
        "What did Falk and Brandt say about who would be sent?",
        "who won and who lost?",
        "did he say who won and when?",
        "",
    ],
)
def test_what_is_one(question: str) -> None:
    assert halves(question) is None


def draft(text: str, short: str | None, *spans: Span, sure: float = 0.9) -> Draft:
    return Draft(text, short=short, spans=spans, confidence=sure)


HERE, THERE, BEYOND = Span("a#1", 0, 9), Span("a#1", 10, 20), Span("b#1", 0, 9)
BOTH = ("who?", "when?")


def test_both_answers_stand_with_their_own_sources() -> None:
    first = draft("Falk did it [3]. [1]\nSo he did. [2]", "Falk", HERE, THERE)
    second = draft("So he did. [1]\nOn Monday. [2]", "Monday", THERE, BEYOND, sure=0.6)
    found = together(first, second, BOTH)
    assert found.text == "Falk did it [3]. [1]\nSo he did. [2]\nOn Monday. [3]"
    assert found.spans == (HERE, THERE, BEYOND)
    assert (found.short, found.confidence) == ("Falk · Monday", 0.6)


def test_a_half_without_an_answer_is_told() -> None:
    first, none = draft("Falk did it. [1]", "Falk", HERE), Draft("", abstained=True, reason="x")
    assert together(first, none, BOTH).notes == ("no answer was found to “when?”",)
    assert together(none, first, BOTH).text == first.text
    assert together(none, none, BOTH).abstained


def test_content_begins_with_names() -> None:
    assert content("who was hurt in the Tarn crash") == ["Tarn", "hurt", "crash"]
