"""Which sentences are read together, and the questions that the reader is trained on."""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchmarks.reader_made import made
from benchmarks.reader_twins import names, twin
from qa.windows import choose, window


@dataclass(frozen=True)
class Line:
    text: str
    before: str = ""


def lines(name: str, count: int, size: int = 100) -> list[Line]:
    texts = [f"{name}{n}".ljust(size, ".") for n in range(count)]
    return [Line(text, texts[n - 1] if n else "") for n, text in enumerate(texts)]


def test_a_sentence_is_read_with_its_neighbours() -> None:
    passages = [lines("a", 6), lines("b", 3)]
    runs = choose(passages, [(0, 2), (1, 0)], budget=10_000)
    assert [[s.text.rstrip(".") for s in run] for run in runs] == [["a1", "a2", "a3"], ["b0", "b1"]]
    assert window("A", runs[0]).before == passages[0][0].text


def test_what_touches_is_one_window_unless_it_gets_too_long() -> None:
    passages = [lines("a", 12)]
    order = [(0, n) for n in (1, 3, 5, 7, 9)]
    (short,) = choose([lines("a", 12, 20)], order)
    assert len(short) == 11
    runs = choose(passages, order)
    assert [len(run) for run in runs] == [8, 3]
    assert [s for run in runs for s in run] == passages[0][:11]


def test_the_budget_bounds_what_is_read_but_the_first_is_always_read() -> None:
    passages = [lines("a", 9), lines("b", 9)]
    order = [(p, n) for n in range(0, 9, 2) for p in (0, 1)]
    runs = choose(passages, order, budget=700)
    assert sum(len(s.text) for run in runs for s in run) <= 700
    assert passages[0][0] in runs[0]
    assert choose([[Line("x" * 5000)]], [(0, 0)], budget=10) == [[Line("x" * 5000)]]
    assert choose([], []) == []


def test_a_twin_differs_in_one_particular() -> None:
    pick = random.Random(3)
    question = "Who led Russia's delegation in Istanbul in May 2022?"
    assert "Istanbul" in " ".join(names(question))
    found = {twin(question, ["Ukraine", "Kyiv"], ["Ankara"], pick) for _ in range(60)} - {None}
    assert question not in found and len(found) > 5
    assert any("Kyiv" in t or "Ukraine" in t or "Ankara" in t for t in found if t)
    assert twin("what is it made of?", ["Ukraine"], ["Ankara"], pick) is None


def test_questions_are_made_of_plain_statements() -> None:
    assert list(made("Ann Lee led the team of nine to Oslo, where it lost.")) == [
        ("Who led the team of nine to Oslo?", "Ann Lee")
    ]
    assert ("Where was Ann Lee born?", "Oslo") in list(made("Ann Lee was born on a farm in Oslo."))
    assert not list(made("He led the team to Oslo."))
