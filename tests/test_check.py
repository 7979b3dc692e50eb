"""A question set's faults are found before it is run."""

from dataclasses import replace

import pytest

from eval.cases import Case
from eval.check import check_leaks, check_set
from eval.statistics import cases_needed
from tests.fakes import FakeCorpus

CORPUS = FakeCorpus(
    ("a",), {"a": "Medinsky led the team. It took 78 minutes, and 41 aircraft burnt."}
)
CASE = Case("1", "Who led the Russian team at the talks?", ("Medinsky",), ("a",))


def kinds(*cases, **more):
    return [f.kind for f in check_set(cases, CORPUS, **more) if "few" not in f.kind]


def test_a_sound_set_has_nothing_but_its_size():
    assert kinds(CASE, Case("2", "What did the moon cost?", answerable=False)) == []
    assert "no unanswerable" in kinds(CASE)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"evidence": ("gone",)}, "evidence"),
        ({"evidence": ()}, "no evidence"),
        ({"answers": ("Lavrov",)}, "answer"),
        ({"quotes": ("Lavrov led the team.",)}, "quote"),
    ],
)
def test_evidence_that_does_not_hold(changed, kind):
    assert kind in kinds(replace(CASE, **changed))


def test_an_answer_that_stands_there_as_another_figure_is_found():
    assert "answer" not in kinds(replace(CASE, answers=("1.3 hours", "forty-one")))


def test_duplicates_near_duplicates_and_contradictions():
    again = replace(CASE, id="2", question="who led the Russian team at the talks")
    assert "duplicate" in kinds(CASE, again)
    near = replace(
        CASE, id="2", question="So who led the Russian team at the talks in the end of it?"
    )
    near = replace(near, question="Who led the Russian team at the peace talks?")
    far = replace(CASE, id="3", question="Who led the team of Ukraine?")
    assert "near-duplicate" not in kinds(CASE, far)
    longer = (
        "Who led the Russian team of eleven at the long talks that were held in Istanbul in May"
    )
    one, two = (
        replace(CASE, question=longer + "?"),
        replace(CASE, id="2", question=longer + " then?"),
    )
    assert "near-duplicate" in kinds(one, two)
    assert "contradiction" in kinds(CASE, replace(again, answers=("Lavrov",)))
    assert "contradiction" in kinds(CASE, Case("2", again.question, answerable=False))
    assert kinds(CASE, near).count("duplicate") == 0


def test_leaks_between_sets():
    leaks = check_leaks({"dev": [CASE], "test": [replace(CASE, id="9")], "third": []})
    assert [(leak.kind, leak.ids) for leak in leaks] == [("leak", ("1", "9"))]
    assert check_leaks({"dev": [CASE], "test": [replace(CASE, question="Why not?")]}) == []


def test_how_many_cases_an_effect_needs():
    few = [f.text for f in check_set([CASE], None, effect=0.05) if f.kind == "too few"]
    assert "621" in few[0]
    assert cases_needed(0.05, 0.2) == 621  # (1.96 + 0.84)^2 (0.2 - 0.05^2) / 0.05^2
    assert cases_needed(0.5, 0.2) == 8  # so large a difference changes half of the cases
