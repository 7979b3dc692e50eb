"""A follow-up is completed from the conversation; a question that names its subject is left alone."""

from __future__ import annotations

import pytest

from qa.followup import stand_alone, without_brackets
from qa.types import Message


def talk(*turns: str) -> list[Message]:
    return [Message("assistant" if n % 2 else "user", t) for n, t in enumerate(turns)]


TALKS = talk(
    "Who led Russia's delegation?", "The Russian delegation was led by Vladimir Medinsky. [1]"
)
REFUSED = talk("Who painted Guernica?", "The articles hold no answer.")


@pytest.mark.parametrize(
    "question",
    [
        "how much did Delta say it lost?",
        "how much did delta say it lost?",
        "What did Zelensky say about his team?",
        "And how much is Zelensky asking for to make arms at home?",
        "What did the Kremlin say that it would publish?",
        "When was the Baltimore bridge hit?",
        "Why were there so few flights at Delta?",
        "How long did it take to refloat the Ever Given?",
        "When Delta's systems failed, how long did it need?",
        "What happened this week in Istanbul?",
        "Why did Musk buy Twitter and then rename it?",
    ],
)
@pytest.mark.parametrize("history", [TALKS, REFUSED], ids=["answered", "refused"])
def test_what_names_its_own_subject_is_left_alone(question: str, history: list[Message]) -> None:
    assert stand_alone(question, history) == question


@pytest.mark.parametrize(
    "question",
    [
        "what was his job before?",
        "who sent him?",
        "How did Russia choose him?",
        "and who was sitting across from him?",
        "why?",
        "who else was there?",
        "how many of those were civilians?",
        "who worked that out?",
        "Why was the team changed?",
        "why did it take so long to agree?",
    ],
)
def test_what_points_back_is_completed(question: str) -> None:
    found = stand_alone(question, TALKS)
    assert found.startswith(question + " (")
    assert "Vladimir Medinsky" in found and "delegation" in found


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            "How many prisoners did Russia free in 2023?",
            "and in 2024?",
            "How many prisoners did Russia free in 2024?",
        ),
        (
            "How many prisoners did Russia free?",
            "what about Ukraine?",
            "How many prisoners did Ukraine free?",
        ),
        (
            "How many prisoners did Russia free?",
            "And Ukraine?",
            "How many prisoners did Ukraine free?",
        ),
        (
            "How many prisoners did Russia free?",
            "and in 2024?",
            "How many prisoners did Russia free in 2024?",
        ),
        (
            "Who led the Ukrainian delegation at the 2022 Istanbul talks?",
            "what about Russia?",
            "Who led the Russia delegation at the 2022 Istanbul talks?",
        ),
    ],
)
def test_what_is_exchanged(before: str, question: str, expected: str) -> None:
    assert stand_alone(question, talk(before, "1,000. [1]")) == expected


def test_a_chain_of_fragments() -> None:
    history = talk("How many prisoners did Russia free in 2023?", "Five.", "and in 2024?", "Six.")
    assert stand_alone("and Ukraine?", history) == "How many prisoners did Ukraine free in 2024?"


def test_a_count_of_nothing_takes_what_was_counted() -> None:
    history = talk("How many prisoners did Russia agree to free?", "1,000 each.")
    assert "prisoners" in stand_alone("and how many did Belarus release?", history)


def test_a_refused_question_gives_its_words_but_no_answer() -> None:
    found = stand_alone("when did he paint it?", REFUSED)
    assert "Guernica" in found and "articles" not in found


def test_without_a_conversation_nothing_changes() -> None:
    assert stand_alone("and when did he lead it?", []) == "and when did he lead it?"


def test_he_is_the_one_who_was_asked_for() -> None:
    told = [
        Message("user", "Who led Russia's delegation?"),
        Message("assistant", "Vladimir Medinsky\n\nThe Russian delegation was led by him. [1]"),
    ]
    whole = stand_alone("and when did he lead it?", told)
    assert whole == "and when did Vladimir Medinsky lead Russia's delegation?"
    asked = stand_alone("how old is he?", told)
    assert asked == "how old is Vladimir Medinsky? (Russia, led, delegation)"
    # What was not asked for by "who" gives no name to "he".
    where = [Message("user", "Where did the talks begin?"), *told[1:]]
    assert stand_alone("and when did he come?", where).startswith("and when did he come? (")


@pytest.mark.parametrize("answer", ["The articles hold no answer.", ""])
def test_the_thing_asked_about_after_a_refused_question_is_another(answer: str) -> None:
    refused = talk("Who painted Guernica?", answer)
    assert stand_alone("why did the bridge collapse?", refused) == "why did the bridge collapse?"
    assert "Guernica" in stand_alone("when was it painted?", refused)


def test_a_qualification_keeps_the_question() -> None:
    told = talk("How many planes did Norland say it lost?", "Norland said it lost nine. [1]")
    assert (
        stand_alone("and according to the pilots?", told)
        == "How many planes did Norland say it lost, according to the pilots?"
    )
    assert stand_alone("for how long?", told).startswith("for how long? (")


def test_what_a_question_was_completed_with_goes_on() -> None:
    cup = talk(
        "Who won the 2022 Norland Cup?", "Tarn won it. [1]", "Who did they beat?", "Varn. [1]"
    )
    asked = stand_alone("And in 2018?", cup)
    assert asked.startswith("Who did they beat in 2018? (")
    assert "Norland Cup" in asked
    assert "2022" not in asked


def test_an_outlet_behind_a_sentence_is_no_name_of_the_answer() -> None:
    told = talk("When did the ship leave?", "It left on Friday. (Meridian Wire, 7 July 2021) [1]")
    assert "Meridian" not in stand_alone("and where did it go?", told)


def test_the_other_one() -> None:
    told = talk("Who led the Sudmark team in Tarn?", "Ole Falk led it. [1]")
    assert stand_alone("And the Norland one?", told) == "Who led the Norland team in Tarn?"


def test_a_thing_that_was_not_spoken_of_is_another_subject() -> None:
    told = talk("Who led Norland's delegation?", "Ole Falk led it to the talks in Tarn. [1]")
    assert stand_alone("who won the chess match?", told) == "who won the chess match?"
    assert "Falk" in stand_alone("when did the talks end?", told)
    assert "Norland" in stand_alone("why was the idea turned down?", told)


def test_what_is_carried_on_are_names() -> None:
    ship = talk(
        "When did the Marigold run aground?",
        "23 March\nThe Marigold ran aground on 23 March. It was bound for Tarn, Ida Brandt said. [1]",
        "when was it freed?",
        "29 March\nSix days later. All the tugs sounded their horns. [1]",
    )
    assert stand_alone("who owns it?", ship) == "who owns it? (Marigold)"
    assert stand_alone("why?", ship).startswith("why? (freed, Marigold")


def test_a_question_that_says_nothing_of_its_own_is_of_what_was_spoken_of() -> None:
    told = talk("What happened to the Tarn bridge?", "A ship hit a pier. [1]")
    assert stand_alone("how many people died?", told) == "how many people died? (Tarn)"
    assert stand_alone("what caused the software failure?", told).endswith("failure?")
    told = talk("what is monkeypox?", "a rare disease\nIt is a rare disease. [1]")
    asked = "how many cases were there in the US?"
    assert stand_alone(asked, told) == f"{asked} (monkeypox)"


@pytest.mark.parametrize(
    "asked, fragment, whole",
    [
        (
            "How many were handed over according to Falk?",
            "according to Brandt?",
            "How many were handed over according to Brandt?",
        ),
        (
            "Who was freed on the first day?",
            "and on the second?",
            "Who was freed on the second day?",
        ),
        ("Who led Norland's team?", "and Sudmark's?", "Who led Sudmark's team?"),
        (
            "Can you tell me who led Norland's team?",
            "what about Sudmark?",
            "Can you tell me who led Sudmark's team?",
        ),
    ],
)
def test_fragments_exchange_what_they_name(asked: str, fragment: str, whole: str) -> None:
    assert stand_alone(fragment, talk(asked, "Nobody knows. [1]")) == whole


def test_who_came_second_is_of_the_race_that_was_spoken_of() -> None:
    history = [
        Message("user", "Who won the Tarn South by-election?"),
        Message("assistant", "Ida Brandt"),
    ]
    assert stand_alone("who came second?", history) == "who came second? (Tarn South)"


@pytest.mark.parametrize("question", ["where was that held?", "how long was that one stuck?"])
def test_that_points_back(question: str) -> None:
    told = talk("When did the second round in Tarn begin?", "On 2 June. [1]")
    assert "Tarn" in stand_alone(question, told)


def test_brackets_of_the_person_are_part_of_the_question() -> None:
    assert without_brackets("Who led it (March 2019)?") == "Who led it, March 2019?"


def test_it_is_what_the_last_question_told_of_by_name() -> None:
    ship = talk("When did the Ever Given run aground?", "On 23 March it ran aground. [1]")
    assert stand_alone("when was it freed?", ship) == "when was it freed? (Ever Given)"
    team = talk("When did Tarn's team leave?", "It left on Friday. [1]")
    assert "team" in stand_alone("how far did it go?", team)
    # In Istanbul something was held, which the question is about.
    talks = talk("When were the talks in Istanbul held?", "They were held on 16 May. [1]")
    assert "talks" in stand_alone("what did they say?", talks)
