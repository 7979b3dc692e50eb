"""Question sets are read whole or refused with the line that is wrong."""

import gzip
import json
import os
from importlib.resources import files
from pathlib import Path

import pytest

from eval.cases import Case, check_evidence, fingerprint, load_cases
from index.errors import UsageError
from qa.types import Message
from tests.fakes import FakeCorpus

SHARED = Path(os.environ.get("QA_SHARED", Path(__file__).parents[2] / "shared"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no shared material (QA_SHARED)")


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), "utf-8")
    return path


def test_the_sample_set_is_read():
    cases = load_cases(Path(str(files("eval") / "sample" / "questions.jsonl")))
    assert len(cases) >= 80
    assert sum(not case.answerable for case in cases) >= 20
    follow_up = next(case for case in cases if case.history)
    assert [turn.role for turn in follow_up.history][:2] == ["user", "assistant"]


def test_a_case_in_full_and_one_with_next_to_nothing(tmp_path):
    full = {
        "id": 7,
        "question": "Who?",
        "answers": ["He"],
        "evidence": ["a"],
        "quotes": ["He\u2028did."],
        "answerable": True,
        "history": ["What?", "That."],
        "tags": ["who"],
        "remark": "the owner's own",
    }
    cases = load_cases(write(tmp_path / "set.jsonl", full, {"id": "8", "question": "Why?"}))
    turns = (Message("user", "What?"), Message("assistant", "That."))
    assert cases[0] == Case("7", "Who?", ("He",), ("a",), ("He\u2028did.",), True, turns, ("who",))
    assert cases[1] == Case("8", "Why?", answerable=False)


def test_answerable_is_inferred_from_evidence_too(tmp_path):
    record = {"id": "1", "question": "Who?", "evidence": ["a"]}
    assert load_cases(write(tmp_path / "set.jsonl", record))[0].answerable


def test_compressed_and_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "set.jsonl.gz"
    path.write_bytes(gzip.compress(b'\xef\xbb\xbf{"id": "1", "question": "Who?"}\r\n\r\n'))
    assert [case.id for case in load_cases(path)] == ["1"]


def test_ids_and_answers_may_be_whole_numbers(tmp_path):
    record = {"id": 1, "question": "How many?", "answers": [4200], "evidence": [7]}
    case = load_cases(write(tmp_path / "set.jsonl", record))[0]
    assert (case.id, case.answers, case.evidence) == ("1", ("4200",), ("7",))


@pytest.mark.parametrize("name", ["set.jsonl", "set.json"])
def test_half_a_character_is_replaced(tmp_path, name):
    """A run file could not hold it, and would be resumed under another id."""
    line = '{"id": "\\ud800", "question": "Wh\\udc00 was it\\u2026?"}'
    (tmp_path / name).write_text(f"[{line}]" if name.endswith("json") else line)
    case = load_cases(tmp_path / name)[0]
    assert (case.id, case.question) == ("\ufffd", "Wh\ufffd was it…?")


OK = {"id": "1", "question": "Who?"}
WRONG = [
    ({"question": "Who?"}, "'id' must be a text"),
    ({"id": "2"}, "'question' must be a text"),
    ({"id": "2", "question": " "}, "'question' must be a text"),
    ({"id": "2", "question": "Who?", "answers": "He"}, "'answers' must be a list of texts"),
    ({"id": "2", "question": "Who?", "evidence": [1.5]}, "'evidence' must be a list of texts"),
    ({"id": "2", "question": "Who?", "evidence": [True]}, "'evidence' must be a list of texts"),
    ({"id": "2", "question": "Who?", "answers": [" "]}, "'answers' must be a list of texts, none"),
    ({"id": "2", "question": "Who?", "answerable": "no"}, "'answerable' must be true or false"),
    (
        {"id": "2", "question": "Who?", "answers": ["x"], "answerable": False},
        "'answerable' is false",
    ),
    ({"id": "2", "question": "Who?", "history": "What?"}, "'history' must be a list"),
    ({"id": "2", "question": "Who?", "history": [{"role": "robot"}]}, "'history' must be a list"),
    ({"id": "2", "question": "Who?", "answer": ["He"]}, "unknown key 'answer'"),
    (["2", "Who?"], "a case must be an object"),
]


@pytest.mark.parametrize(("record", "what"), WRONG)
def test_what_is_wrong_is_named_with_its_line(tmp_path, record, what):
    with pytest.raises(UsageError) as caught:
        load_cases(write(tmp_path / "set.jsonl", OK, record))
    assert "set.jsonl, line 2: " in caught.value.message
    assert what in caught.value.message


def test_a_slip_in_a_key_gets_a_hint(tmp_path):
    with pytest.raises(UsageError) as caught:
        load_cases(write(tmp_path / "set.jsonl", {"id": "1", "question": "Who?", "evidnce": []}))
    assert caught.value.hint == "did you mean 'evidence'?"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("set.jsonl", b"{", "line 1: not valid JSON"),
        ("set.jsonl", b"", "holds no questions"),
        ("set.jsonl", b"\xff\xfe", "not UTF-8"),
        ("set.jsonl.gz", b"not gzip", "cannot be read"),
        ("set.json", b"[" * 100_000, "not valid JSON"),
        ("set.json", b"{}", "neither a list of cases nor SQuAD"),
        ("set.json", b'{"data": [{"title": "x"}]}', "not SQuAD"),
        ("set.xlsx", b"PK", "cannot tell what this is"),
        (
            "set.jsonl",
            b'{"id": "1", "question": "a"}\n{"id": 1, "question": "b"}',
            "'1' occurs twice",
        ),
    ],
)
def test_a_file_that_is_no_set_is_refused(tmp_path, name, content, what):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=what):
        load_cases(tmp_path / name)


def test_a_missing_file_and_a_folder_without_queries(tmp_path):
    for path in (tmp_path / "no.jsonl", tmp_path):
        with pytest.raises(UsageError) as caught:
            load_cases(path)
        assert "SQuAD" in caught.value.hint


def test_squad(tmp_path):
    answered = {"id": "a", "question": " Who? ", "answers": [{"text": "He"}, {"text": "He"}]}
    impossible = {"id": "b", "question": "Why?", "is_impossible": True, "answers": []}
    paragraph = {"context": "He did.", "qas": [answered, impossible]}
    path = tmp_path / "squad.json"
    path.write_text(
        json.dumps({"version": "v2.0", "data": [{"title": "T", "paragraphs": [paragraph]}]})
    )
    assert load_cases(path) == [Case("a", "Who?", ("He",)), Case("b", "Why?", answerable=False)]


def beir(folder: Path) -> Path:
    (folder / "qrels").mkdir()
    queries = [{"_id": n, "text": f"question {n}"} for n in (1, 2, 3)]
    queries[1]["answer"] = "four"
    write(folder / "queries.jsonl", *queries)
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t0\n1\tc\t1\n"
    )
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\n2\ta\t1\n")
    return folder


def test_beir_keeps_grades_and_drops_unjudged_queries(tmp_path):
    cases = load_cases(beir(tmp_path))
    assert [case.id for case in cases] == ["1", "2"]
    assert cases[0].evidence == ("a", "c")
    assert cases[0].judgements == {"a": 2, "b": 0, "c": 1}
    assert (cases[0].grade("a"), cases[0].grade("c")) == (2, 1)
    assert cases[0].answerable
    assert [case.answers for case in cases] == [(), ("four",)]


def test_beir_one_split(tmp_path):
    path = beir(tmp_path) / "qrels" / "dev.tsv"
    assert [case.id for case in load_cases(path)] == ["2"]


def test_beir_faults_name_the_line(tmp_path):
    (beir(tmp_path) / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\n2\ta\tgood\n")
    with pytest.raises(UsageError, match=r"dev\.tsv, line 2"):
        load_cases(tmp_path)
    (tmp_path / "qrels" / "dev.tsv").write_text("9\ta\t1\n")
    with pytest.raises(UsageError, match="1 judged queries are missing: 9"):
        load_cases(tmp_path)


def test_evidence_is_resolved_or_the_set_is_refused():
    corpus = FakeCorpus(("a", "b"))
    cases = [Case("1", "Who?", evidence=("src-a", "b.txt")), Case("2", "Why?", answerable=False)]
    assert check_evidence(cases, corpus) == {"src-a": frozenset("a"), "b.txt": frozenset("b")}
    gone = [Case(str(n), "Who?", evidence=(f"gone{n:02}", "a")) for n in range(12)]
    with pytest.raises(UsageError) as caught:
        check_evidence(gone, corpus)
    assert (
        "12 of 13 pieces of evidence are not in the index: gone00, gone01" in caught.value.message
    )
    assert "gone09, …" in caught.value.message
    assert "gone10" not in caught.value.message
    assert "qa index" in caught.value.hint
    assert caught.value.exit_code == 2


def test_the_fingerprint_follows_what_is_right():
    case = Case("1", "Who?", ("He",))
    assert fingerprint([case]) == fingerprint([Case("1", "Who?", ("He",))])
    assert fingerprint([case]) != fingerprint([Case("1", "Who?", ("She",))])
    assert fingerprint([case]) != fingerprint([case, Case("2", "Why?", ("So",))])


@needs_shared
def test_real_sets_are_read():
    squad = load_cases(SHARED / "data" / "qa" / "squad2_half_dev.json")
    assert (len(squad), sum(not case.answerable for case in squad)) == (6078, 3168)
    assert len(load_cases(SHARED / "data" / "qa" / "xquad.en.json")) == 1190
    scifact = load_cases(SHARED / "data" / "retrieval" / "scifact")
    assert len(scifact) == 809
    assert len(load_cases(SHARED / "data" / "retrieval" / "time")) == 82  # of 83, the judged ones


# ---------------------------------------------------------------- other people's sets

QUIZ = {"_id": "q", "question": "Who?", "answers": ["“Squid Game”"], "source": "CNN"}
FACT = {"url": "u", "fact": "It was so.", "title": "T"}
HOPS = {"id": "h", "question": "Who?", "answer": "He", "question_type": "inference_query"}
LONG = {"id": "l", "input": "Why?", "passages": []}
OTHERS = [
    (
        QUIZ | {"gold_docs_with_answer": ["d"], "support_docs_string_match": ["d", "e"]},
        Case("q", "Who?", ("Squid Game",), ("d",), tags=("gold", "CNN")),
    ),
    (
        QUIZ | {"gold_docs_with_answer": [], "support_docs_string_match": ["e"]},
        Case("q", "Who?", ("Squid Game",), ("e",), tags=("string-match", "CNN")),
    ),
    (
        QUIZ | {"gold_docs_with_answer": []},
        Case("q", "Who?", answerable=False, tags=("no-evidence", "CNN")),
    ),
    (
        QUIZ | {"answer_string_in_bm25_top20_of_2022": True},
        Case("q", "Who?", answerable=False, tags=("out-of-corpus",)),
    ),
    (
        HOPS | {"evidence_list": [FACT, FACT]},
        Case("h", "Who?", ("He",), ("u",), ("It was so.", "It was so."), tags=("inference_query",)),
    ),
    (
        HOPS | {"question_type": "null_query", "evidence_list": []},
        Case("h", "Who?", answerable=False, tags=("null_query",)),
    ),
    (
        LONG | {"output": [{"answer": "So.", "selected_sentences": ["It is so . "]}]},
        Case("l", "Why?", ("So.",), (), ("It is so .",), tags=("clapnq",)),
    ),
    (
        LONG | {"output": [{"answer": "", "selected_sentences": []}]},
        Case("l", "Why?", answerable=False, tags=("clapnq",)),
    ),
]


@pytest.mark.parametrize(("record", "case"), OTHERS)
def test_other_peoples_sets_are_adapted(tmp_path, record, case):
    assert load_cases(write(tmp_path / "set.jsonl", record)) == [case]
    (tmp_path / "set.json").write_text(json.dumps([record]), "utf-8")
    assert load_cases(tmp_path / "set.json") == [case]
