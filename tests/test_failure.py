"""Each miss gets the label of the first step at which its evidence was lost."""

import pytest

from eval.cases import Case
from eval.failure import evidence_rank
from eval.row import run_case
from eval.show import list_cases, show_case
from index.errors import QaError
from tests.fakes import FakeCorpus, FakePipeline, make_answer, make_hit

CASE = Case("1", "Who?", ("Medinsky",), ("a",), ("It was Medinsky.",))
TEXTS = {"a": "It was Medinsky. He came."}
HOLDING = make_hit("a", 1, text="It was Medinsky.")
OTHER = make_hit("x", 2, text="It rained.")


def row(answer, *, case=CASE, gold=None, texts=TEXTS, k=8, **more):
    pipeline = FakePipeline({case.question: answer}, FakeCorpus(("a",), texts), k=k)
    return run_case(case, {"a": 1} if gold is None else gold, pipeline, 50, False, **more)


def label(answer, **more):
    return row(answer, **more)["label"]


def said(text, *, hits=(HOLDING,), cites=(("a", "It was Medinsky."),), **more):
    from dataclasses import replace

    return replace(make_answer(text, cites=cites, **more), hits=tuple(hits))


SILENT = {"abstained": True, "cites": ()}


def test_the_labels_in_the_order_of_the_steps():
    assert label(said("Medinsky. [1]")) == "right"
    assert label(said("Medinsky. [1]", cites=[("x", "It rained.")])) == "citation wrong"
    assert label(said("Lavrov. [1]", cites=[("a", "He came.")])) == "wrong answer"
    assert label(said("Lavrov. [1]", cites=[("x", "He came.")])) == "given but not used"
    assert label(said("", **SILENT)) == "wrongly abstained"
    assert label(said("", hits=[OTHER, HOLDING], **SILENT), k=1) == "retrieved below the cut"
    assert label(said("", hits=[OTHER], **SILENT)) == "not retrieved"
    assert label(said("", hits=[OTHER], **SILENT), texts={"a": "Gone."}) == (
        "evidence not in the index"
    )
    assert label(said("", hits=[OTHER], **SILENT), gold={}) == "evidence not in the index"
    assert label(QaError("down")) == "error"


def test_the_right_article_but_not_the_passage_that_says_it():
    beside = make_hit("a", 1, text="He came.")
    assert evidence_rank(CASE, {"a": 1}, [beside]) is None
    assert label(said("", hits=[beside], **SILENT)) == "not retrieved"
    unquoted = Case("1", "Did he?", ("yes",), ("a",))  # no article says "yes"
    assert evidence_rank(unquoted, {"a": 1}, [OTHER, beside]) == 2


def test_what_has_no_answer():
    case = Case("2", "Why?", answerable=False)
    assert label(said("So."), case=case, gold={}) == "should have abstained"
    assert label(said("", **SILENT), case=case, gold={}) == "right"
    assert label(said("So."), case=Case("3", "How?"), gold={}) == "unscored"


@pytest.mark.parametrize(("k", "expected"), [(2, "right"), (1, "retrieved below the cut")])
def test_the_search_alone(k, expected):
    pipeline = FakePipeline(
        {"Who?": said("", hits=[OTHER, HOLDING])}, FakeCorpus(("a",), TEXTS), k=k
    )
    assert run_case(CASE, {"a": 1}, pipeline, 50, True)["label"] == expected


def test_a_case_is_shown_in_full_and_cannot_steer_the_terminal():
    evil = "Lavrov\x1b[31m. [1]"
    found = row(said(evil, cites=[("x", "He \x1b]52;c;x\x07came.")]))
    text = show_case(found)
    assert "\x1b" not in text and "\x07" not in text
    for part in ("given but not used", "Who?", "Medinsky", "[1] x", "passage 1 of 1", "contains 0"):
        assert part in text
    assert list_cases([found]).split() == ["1", "given", "but", "not", "used", "Who?"]
