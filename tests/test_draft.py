"""Drafts of cases from one's own articles: each with evidence, and twins that nothing answers."""

import json
import stat
import sys

import pytest

from eval.cases import load_cases
from eval.check import check_set
from eval.draft import draft_cases, drafts_of
from eval.draft_model import read_draft
from eval.editing import from_text, read_records, to_text
from eval.twin import twins
from index.errors import UsageError
from index.types import Article, Passage, Source

SOURCE = Source("a", "Title")


def made(sentence):
    article = Article(SOURCE, sentence, sentence)
    return [(d.question, d.answers[0]) for d in drafts_of(article)]


def test_a_sentence_becomes_a_question():
    assert made("Vladimir Medinsky led the Russian delegation to Istanbul again.") == [
        ("Who led the Russian delegation to Istanbul again?", "Vladimir Medinsky")
    ]
    assert made(
        "The salvage of the ship in the Suez Canal cost the owner $916 million in all."
    ) == [
        (
            "The salvage of the ship in the Suez Canal cost the owner how much money in all?",
            "$916 million",
        )
    ]
    assert made("He led the Russian delegation to Istanbul in the end.") == []  # who is he?
    assert made("It rained in the old town of Istanbul for the whole of that day.") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The company sold the northern mines in Brackwater to Norvik in 2004.",  # which one?
        "Last week the council of Brackwater paid Norvik $4 million for mills.",  # which week?
        "Despite a short rise in the jobs of Brackwater in 2003.",  # no sentence
        "Sun Grid costs the users of Brackwater $1 (53p) for an hour of storage.",  # said twice
        "New rules in Brackwater set the sum at between 250 euros and 600 euros for each.",  # a range
        "The agreement would save the states of Brackwater £3bn pounds in each of the years.",
        "The revenue of Norvik dipped a little to a new low in 2004 as sales were dampened.",
    ],
)
def test_what_would_make_no_question_is_left_alone(sentence):
    assert not [
        q
        for q, _ in made(sentence)
        if "how" in q.lower() or sentence.startswith(("The c", "L", "D"))
    ]


def test_questions_read_well():
    text = "Ms Sanders said on Friday that the appeal for Brackwater would never be sent by mail."
    article = Article(SOURCE, text + " Patricia Sanders leads it.", "")
    (draft,) = drafts_of(article)
    assert draft.question == "Who said that the appeal for Brackwater would never be sent by mail?"
    assert draft.answers == ("Ms Sanders", "Sanders", "Patricia Sanders")
    assert made("Norvik AB made a strong contribution to the profits of Brackwater.") == [
        ("Who or what made a strong contribution to the profits of Brackwater?", "Norvik AB")
    ]
    assert made("The mines of Brackwater fell silent for good in 1998, she added.") == [
        ("The mines of Brackwater fell silent for good in what year?", "1998")
    ]


def test_articles_take_turns_and_no_sentence_is_asked_twice(sample_corpus):
    cases = draft_cases(sample_corpus, 20)
    assert len({case.evidence for case in cases}) >= 15
    assert len({case.quotes for case in cases}) == 20


def test_drafts_of_a_corpus_hold_their_answers_and_twins_have_none(sample_corpus):
    cases = draft_cases(sample_corpus, 24)
    assert len(cases) == 24
    assert draft_cases(sample_corpus, 24) == cases
    assert draft_cases(sample_corpus, 24, seed=1) != cases
    errors = [f for f in check_set(cases, sample_corpus) if f.level == "error"]
    assert errors == []
    assert len({case.tags[1] for case in cases}) >= 5
    unanswered = twins(draft_cases(sample_corpus, 48), sample_corpus, 6)
    assert len(unanswered) == 6
    questions = {case.question for case in cases}
    assert all(not t.answerable and t.question not in questions for t in unanswered)


def test_what_a_model_writes_is_checked():
    text = "The talks began late. Vladimir Medinsky led the Russian delegation. It rained."
    passage = Passage("a#1", SOURCE, 0, len(text), text)
    reply = (
        "question: Who headed Moscow's team?\nanswer: Vladimir Medinsky\n"
        "sentence: Vladimir Medinsky led the Russian delegation.\nunanswered: Who paid?"
    )
    case, unanswered = read_draft(reply, passage)
    assert (case.answers, case.quotes) == (
        ("Vladimir Medinsky",),
        ("Vladimir Medinsky led the Russian delegation.",),
    )
    assert unanswered == "Who paid?"
    for wrong in (
        reply.replace("sentence: Vladimir", "sentence: Sergei"),
        reply.replace("answer: Vladimir Medinsky", "answer: Sergei Lavrov"),
        reply.replace("Who headed", "Did Vladimir Medinsky head"),
        "I cannot do that.",
    ):
        assert read_draft(wrong, passage)[0] is None


def test_an_edited_text_keeps_what_was_typed():
    records = [{"id": "1", "question": "Did it?", "answers": ["no", "2025-05-16"], "mine": 3}]
    text = to_text(records)
    assert from_text(text) == records
    typed = "- id: 7\n  question: Was it?\n  answers: [no, 2025-05-16, 41]\n  answerable: true\n"
    assert from_text(typed) == [
        {
            "id": "7",
            "question": "Was it?",
            "answers": ["no", "2025-05-16", "41"],
            "answerable": True,
        }
    ]
    with pytest.raises(UsageError, match="line 3"):
        from_text("- id: 1\n  question: [\n")
    with pytest.raises(UsageError, match="no list"):
        from_text("question: x\n")


def editor(tmp_path, code):
    """A program that edits the file it is given, as $EDITOR does."""
    script = tmp_path / "editor.py"
    script.write_text(
        f"#!{sys.executable}\nimport sys\npath = sys.argv[-1]\ntext = open(path).read()\n"
        f"open(path, 'w').write({code})\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


def test_make_edit_and_check(qa, tmp_path, monkeypatch):
    monkeypatch.setenv("EDITOR", editor(tmp_path, "text.replace('- draft', '- looked-at')"))
    said = qa("eval", "mine.jsonl", "--make", "12", "--edit")
    assert said.code == 0, said.err
    cases = load_cases(tmp_path / "mine.jsonl")
    assert len(cases) == 12
    assert sum(not case.answerable for case in cases) == 3
    assert all("looked-at" in case.tags for case in cases)
    assert "exists" in qa("eval", "mine.jsonl", "--make", "3").err
    checked = qa("eval", "mine.jsonl", "--check", "--json")
    assert checked.code == 0, checked.out
    assert "too few" in checked.out


def test_a_broken_edit_loses_nothing(qa, tmp_path, monkeypatch):
    record = {"id": "1", "question": "Who?", "answers": ["Medinsky"]}
    (tmp_path / "mine.jsonl").write_text(json.dumps(record) + "\n")
    monkeypatch.setenv("EDITOR", editor(tmp_path, "text + '- question: [ \\n'"))
    said = qa("eval", "mine.jsonl", "--edit")
    assert said.code == 2
    assert "mine.edited.yaml" in said.err
    assert read_records(tmp_path / "mine.jsonl") == [record]
    assert "- question: [" in (tmp_path / "mine.edited.yaml").read_text()


def test_a_set_over_two_files_is_checked_for_leaks(qa, tmp_path):
    for name in ("a", "b"):
        record = {"id": "1", "question": "Who led the delegation?", "answerable": False}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(record) + "\n")
    said = qa("eval", "a.jsonl", "b.jsonl", "--check")
    assert said.code == 2
    assert "leak" in said.out
