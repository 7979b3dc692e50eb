"""The contract of every command: what goes to stdout, the keys of the JSON, the exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLE, Said, run_qa

Qa = Callable[..., Said]

ANSWERED = "who led Russia's delegation?"
UNANSWERED = "What is the capital of Australia?"

ANSWER_KEYS = [
    "question", "answer", "short", "abstained", "reason", "model", "citations", "hits", "usage",
    "timings_ms",
]  # fmt: skip
CITATION_KEYS = [
    "number", "passage_id", "article_id", "title", "publisher", "published", "url", "path", "quote",
    "start", "end", "verified",
]  # fmt: skip
HIT_KEYS = [
    "rank", "passage_id", "article_id", "source_id", "path", "title", "published", "score", "text",
    "start", "end", "story", "copies", "outlets",
]  # fmt: skip


def read(said: Said) -> Any:
    """The one JSON object that stdout must be."""
    assert said.out.endswith("\n")
    assert said.out.count("\n") == 1
    return json.loads(said.out)


def check_hits(hits: list[dict[str, Any]]) -> None:
    assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    for hit in hits:
        assert list(hit) == HIT_KEYS
        assert hit["passage_id"].rpartition("#")[0] == hit["article_id"]
        assert len(hit["text"]) == hit["end"] - hit["start"]


# ---------------------------------------------------------------- ask and search


def test_an_answer_as_json(qa: Qa) -> None:
    said = qa("ask", ANSWERED, "--json")
    assert (said.code, said.err) == (0, "")
    answer = read(said)
    assert list(answer)[: len(ANSWER_KEYS)] == ANSWER_KEYS
    assert (answer["question"], answer["abstained"], answer["reason"]) == (ANSWERED, False, None)
    assert answer["model"] == "extractive"
    assert answer["citations"]
    assert "[1]" in answer["answer"]
    assert answer["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 0.0}
    assert list(answer["timings_ms"]) == ["retrieve", "answer", "total"]
    check_hits(answer["hits"])
    assert len(answer["hits"]) == 8


def test_every_citation_is_a_slice_of_what_show_prints(qa: Qa) -> None:
    for question in (
        ANSWERED,
        "When did Notre-Dame reopen?",
        "How long was the faulty update live?",
    ):
        answer = read(qa("ask", question, "--json"))
        for number, citation in enumerate(answer["citations"], 1):
            assert list(citation) == CITATION_KEYS
            assert citation["number"] == number
            assert citation["verified"] is True
            shown = read(qa("show", citation["article_id"], "--json"))
            assert (shown["start"], shown["end"]) == (0, len(shown["text"]))
            assert shown["text"][citation["start"] : citation["end"]] == citation["quote"]
            passage = read(qa("show", citation["passage_id"], "--json"))
            assert passage["start"] <= citation["start"] < citation["end"] <= passage["end"]
            assert citation["quote"] in passage["text"]
        for hit in answer["hits"]:
            shown = read(qa("show", hit["article_id"], "--json"))
            assert shown["text"][hit["start"] : hit["end"]] == hit["text"]


def test_an_abstention_as_json(qa: Qa) -> None:
    said = qa("ask", UNANSWERED, "--json")
    assert said.code == 1
    answer = read(said)
    assert list(answer)[: len(ANSWER_KEYS)] == ANSWER_KEYS
    assert answer["abstained"] is True
    assert answer["short"] is None
    assert answer["reason"]


def test_an_answer_for_people(qa: Qa) -> None:
    said = qa("ask", ANSWERED)
    assert said.code == 0
    assert "Medinsky" in said.out
    assert "[1] " in said.out
    assert "\x1b" not in said.out + said.err
    said = qa("ask", UNANSWERED)
    assert said.code == 1
    assert said.out.startswith("The articles hold no answer")


def test_the_question_from_stdin(qa: Qa) -> None:
    assert read(qa("ask", "-", "--json", stdin=f"{ANSWERED}\n"))["question"] == ANSWERED
    assert read(qa("search", "-", "--json", stdin="  truce \n"))["query"] == "truce"
    said = qa("ask", "-", stdin="\n")
    assert said.code == 2
    assert "the question is empty" in said.err


def test_search_as_json(qa: Qa) -> None:
    said = qa("search", "bodies returned", "-k", "3", "--json")
    assert (said.code, said.err) == (0, "")
    found = read(said)
    assert list(found) == ["query", "hits"]
    assert len(found["hits"]) == 3
    check_hits(found["hits"])


def test_k_is_how_many_passages_there_are(qa: Qa) -> None:
    assert len(read(qa("ask", ANSWERED, "-k", "2", "--json"))["hits"]) == 2
    assert len(read(qa("search", "truce", "-k", "100", "--json"))["hits"]) > 20


def test_explain_names_the_retrievers(qa: Qa) -> None:
    for command in ("ask", "search"):
        explained = read(qa(command, ANSWERED, "--explain", "--json"))["explain"]
        assert {"dense", "lexical"} <= explained[0]["retrievers"].keys()
        assert "dense #" in qa(command, ANSWERED, "--explain").out


@pytest.mark.parametrize("command", ["ask", "search"])
def test_dates_and_outlets_filter(qa: Qa, command: str) -> None:
    def dates(*filters: str) -> list[str]:
        found = read(qa(command, "talks in Istanbul", "-k", "100", "--json", *filters))
        return sorted(hit["published"] for hit in found["hits"])

    days = dates("--since", "2025-05-16", "--until", "2025-05-31")
    assert days
    assert days[0] >= "2025-05-16"
    assert days[-1] <= "2025-05-31"
    month = dates("--since", "2025-05", "--until", "2025-05")
    assert set(days) <= set(month)
    assert dates("--since", "1 May 2025", "--until", "31 May 2025") == month
    found = read(qa(command, "talks", "--source", "harbour ledger", "--json"))
    titles = {hit["article_id"] for hit in found["hits"]}
    outlets = {read(qa("show", title, "--json"))["publisher"] for title in titles}
    assert outlets == {"The Harbour Ledger"}


@pytest.mark.parametrize("command", ["ask", "search"])
def test_nothing_in_a_range_is_no_fault(qa: Qa, command: str) -> None:
    said = qa(command, "talks", "--until", "1950", "--json")
    assert said.code == 1
    assert read(said)["hits"] == []


# ---------------------------------------------------------------- index


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_index_as_json(qa: Qa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QA_STORE")
    write(tmp_path, "a/mill.txt", "The old mill at Varn burned down on Tuesday. Nobody was hurt.")
    write(
        tmp_path, "a/ferry.txt", "The ferry to Ost island sails again from Monday, its owner said."
    )
    write(tmp_path, "a/broken.json", "{")
    keys = ["added", "updated", "unchanged", "removed", "failed", "articles", "passages", "seconds"]

    def counts(*arguments: str) -> tuple[list[int], Any]:
        said = qa("index", "a", "--json", *arguments)
        assert said.code == 0
        report = read(said)
        assert set(keys) <= report.keys()
        return [report[key] for key in keys[:4]], report

    count, report = counts()
    assert count == [2, 0, 0, 0]
    assert (report["articles"], report["passages"]) == (2, 2)
    assert report["seconds"] > 0
    assert [list(failure) for failure in report["failed"]] == [["path", "reason"]]
    assert report["failed"][0]["path"] == "a/broken.json"
    assert (tmp_path / ".qa").is_dir()
    assert counts()[0] == [0, 0, 2, 0]
    write(tmp_path, "a/mill.txt", "The old mill at Varn burned down on Wednesday. Nobody was hurt.")
    (tmp_path / "a/ferry.txt").unlink()
    write(tmp_path, "a/well.txt", "A well was dug in the market of Varn, forty metres deep.")
    planned = read(qa("index", "--dry-run", "--json", "a"))
    plan = planned["plan"]
    assert [plan[name] for name in ("new", "changed", "unchanged", "gone")] == [1, 1, 1, 1]
    assert [planned[n] for n in ("added", "updated", "unchanged", "removed")] == [1, 1, 1, 1]
    assert plan["seconds"] > 0
    assert counts()[0] == [1, 1, 0, 1]
    assert qa("index", "a", "--strict", "-q").code == 3
    again = qa("index")
    assert again.code == 0
    assert "unchanged 2" in again.out, "without a path, those of the last time"
    assert "failed: a/broken.json" in again.err


def test_the_index_is_found_from_below(
    qa: Qa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QA_STORE")
    write(tmp_path, "a/mill.txt", "The old mill at Varn burned down on Tuesday. Nobody was hurt.")
    assert qa("index", ".").code == 0
    (tmp_path / "a" / "b").mkdir()
    monkeypatch.chdir(tmp_path / "a" / "b")
    answer = read(qa("ask", "When did the old mill burn down?", "--json"))
    assert answer["citations"][0]["path"] == "a/mill.txt"


# ---------------------------------------------------------------- status, show, models, config, doctor


def test_status_as_json(qa: Qa, sample_store: Path) -> None:
    status = read(qa("status", "--json"))
    assert status["articles"] == 36
    assert status["passages"] >= status["articles"]
    assert status["store"] == str(sample_store)
    assert status["embedder"].startswith("minilm/")
    assert sum(status["publishers"].values()) == status["articles"]
    assert status["oldest"] <= status["newest"]
    assert "36 articles" in qa("status").out


def test_show_by_id_path_and_source_id(qa: Qa) -> None:
    by_path = read(qa("show", "northline/istanbul-round-two.txt", "--json"))
    assert by_path["path"].endswith("northline/istanbul-round-two.txt")
    assert {"article_id", "title", "publisher", "published", "url", "authors", "source_id"} <= set(
        by_path
    )
    assert by_path == read(qa("show", by_path["article_id"], "--json"))
    assert by_path["passages"][0]["passage_id"] == f"{by_path['article_id']}#1"
    by_source = read(qa("show", "mw-20250607-bodies", "--json"))
    assert by_source["source_id"] == "mw-20250607-bodies"
    text = qa("show", by_path["article_id"]).out
    assert by_path["title"] in text
    assert by_path["text"].splitlines()[0] in text


def test_models_as_json(qa: Qa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-sesame-open")
    said = qa("models", "--json")
    assert said.code == 0
    assert "sesame" not in said.out
    listed = read(said)
    assert listed["in_use"] == "extractive"
    names = {model["name"]: model for model in listed["models"]}
    assert names["extractive"]["available"] is True
    assert names["anthropic/…"]["available"] is True
    assert names["ollama/…"]["available"] is False
    assert list(names["extractive"]) == ["name", "place", "available", "note"]


def test_config_says_where_each_setting_came_from_and_masks_keys(
    qa: Qa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-open-sesame-open")
    monkeypatch.setenv("QA_K", "5")
    write(tmp_path, "qa.toml", 'api_base = "http://me:sesame@127.0.0.1:9/v1"\n')
    for arguments in (["--json"], []):
        said = qa("config", *arguments)
        assert said.code == 0
        assert "sesame" not in said.out
    settings = read(qa("config", "--json"))
    assert settings["settings"]["k"] == {"value": 5, "from": "QA_K"}
    assert settings["settings"]["model"] == {"value": "extractive", "from": "default"}
    assert settings["settings"]["api_base"]["from"].endswith("qa.toml")
    assert settings["keys"] == {"OPENAI_API_KEY": "***"}


def test_doctor_as_json(qa: Qa, tmp_path: Path) -> None:
    said = qa("doctor", "--json")
    assert said.code == 0
    report = read(said)
    assert report["ok"] is True
    assert {"python", "embedder", "catalogue", "index"} <= {c["name"] for c in report["checks"]}
    assert list(report["checks"][0]) == ["name", "ok", "found", "mend"]
    said = qa("doctor", "--store", tmp_path / "none")
    assert said.code == 3
    assert "FAIL index" in said.out
    assert "mend it: qa index" in said.out


# ---------------------------------------------------------------- help, streams, chat


def test_help_and_version(qa: Qa) -> None:
    for arguments in (["--help"], ["-h"], ["ask", "--help"]):
        said = qa(*arguments)
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith("Usage: qa")
    assert qa("--version").code == 0
    bare = qa()
    assert bare.code == 2
    assert "\n  ask " in bare.err, "the help keeps its lines"


def test_a_process_keeps_to_its_streams(sample_store: Path, tmp_path: Path) -> None:
    asked = run_qa("ask", ANSWERED, "--store", sample_store, cwd=tmp_path, FORCE_COLOR="1")
    assert asked.returncode == 0
    assert asked.stderr == ""
    assert "\x1b" not in asked.stdout
    asked = run_qa("ask", UNANSWERED, "--store", sample_store, cwd=tmp_path, NO_COLOR="1")
    assert asked.returncode == 1


def test_chat_answers_the_lines_of_stdin(sample_store: Path, tmp_path: Path) -> None:
    lines = f"{ANSWERED}\n\n{UNANSWERED}\n"
    chat = run_qa("chat", "--store", sample_store, cwd=tmp_path, stdin=lines)
    assert chat.returncode == 0
    assert chat.stdout.startswith(f"> {ANSWERED}\n")
    assert f"> {UNANSWERED}\nThe articles hold no answer" in chat.stdout
    assert "\x1b" not in chat.stdout + chat.stderr
    assert chat.stderr == ""


# ---------------------------------------------------------------- eval and compare


CASES = [
    {
        "id": "1",
        "question": ANSWERED,
        "answers": ["Vladimir Medinsky", "Medinsky"],
        "evidence": [
            "bosphorus-daily/2025-05-15-delegations-arrive.md",
            "meridian-wire/2025-05-16-istanbul-first-round.txt",
        ],
    },
    {"id": "2", "question": UNANSWERED, "answerable": False},
    {"id": "3", "question": "Where did the first round take place?", "answers": ["Istanbul"]},
]


def questions(folder: Path, cases: list[dict[str, Any]]) -> Path:
    return write(folder, "q.jsonl", "".join(json.dumps(case) + "\n" for case in cases))


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_eval_writes_the_run_file_of_the_contract(qa: Qa, tmp_path: Path) -> None:
    asked = questions(tmp_path, CASES)
    said = qa("eval", asked, "--out", "a.jsonl", "--report", "a.html", "--depth", "5", "--json")
    assert said.code == 0
    found = read(said)
    assert found["run"] == "a.jsonl"
    assert "summary" in found
    header, *rows = lines(tmp_path / "a.jsonl")
    assert list(header) == ["run"]
    assert {"settings", "model", "prompts", "index", "versions", "started"} <= header["run"].keys()
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    keys = ["id", "question", "hits", "answer", "short", "abstained", "reason", "citations"]
    keys += ["scores", "unscored", "timings_ms", "usage", "error"]
    for row in rows:
        assert list(row)[: len(keys)] == keys
        assert row["error"] is None
        assert len(row["hits"]) == 5
        assert all(list(hit) == [k for k in HIT_KEYS if k != "text"] for hit in row["hits"])
        assert all(list(citation) == CITATION_KEYS for citation in row["citations"])
    assert rows[0]["scores"]["hit@5"] in (0, 1)
    assert rows[2]["scores"]["hit@5"] is None
    assert "hit@5" in rows[2]["unscored"]
    assert "<html" in (tmp_path / "a.html").read_text(encoding="utf-8")

    said = qa("eval", asked, "--out", "a.jsonl")
    assert said.code == 2
    assert "--resume" in said.err
    (tmp_path / "a.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in [header, *rows[:2]]), encoding="utf-8"
    )
    said = qa("eval", asked, "--out", "a.jsonl", "--depth", "5", "--resume")
    assert said.code == 0
    assert [row["id"] for row in lines(tmp_path / "a.jsonl")[1:]] == ["1", "2", "3"]
    assert "run file: a.jsonl" in said.out


def test_eval_of_the_search_alone(qa: Qa, tmp_path: Path) -> None:
    asked = questions(tmp_path, CASES)
    assert qa("eval", asked, "--retrieval-only", "--out", "r.jsonl").code == 0
    rows = lines(tmp_path / "r.jsonl")[1:]
    assert {row["answer"] for row in rows} == {None}
    assert len(rows[0]["hits"]) == 50
    assert rows[0]["scores"]["hit@5"] == 1


def test_compare_and_its_gates(qa: Qa, tmp_path: Path) -> None:
    cases = [{**CASES[0], "id": str(n)} for n in range(6)]
    assert qa("eval", questions(tmp_path, cases), "--retrieval-only", "--out", "a.jsonl").code == 0
    header, *rows = lines(tmp_path / "a.jsonl")
    for row in rows:
        row["scores"]["hit@5"] = 0
    worse = [header, *rows]
    write(tmp_path, "b.jsonl", "".join(json.dumps(line) + "\n" for line in worse))
    assert qa("compare", "a.jsonl", "b.jsonl").code == 0
    assert qa("compare", "a.jsonl", "a.jsonl", "--gate", "hit@5=0.02").code == 0
    said = qa("compare", "a.jsonl", "b.jsonl", "--gate", "hit@5=0.02", "--json")
    assert said.code == 5
    assert read(said)["gate"]["verdict"] == "fail"
    said = qa("compare", "a.jsonl", "b.jsonl", "--gate", "exact_match=0.02")
    assert said.code == 6
    said = qa("compare", "a.jsonl", "b.jsonl", "--gate", "hit5=0.02")
    assert said.code == 2
    assert "did you mean 'hit@5'?" in said.err


def test_squad_and_beir_are_read_as_they_are(qa: Qa, tmp_path: Path) -> None:
    qas = [{"id": "s1", "question": ANSWERED, "answers": [{"text": "Medinsky", "answer_start": 0}]}]
    qas += [{"id": "s2", "question": UNANSWERED, "answers": [], "is_impossible": True}]
    squad = {
        "version": "2.0",
        "data": [{"title": "T", "paragraphs": [{"context": "…", "qas": qas}]}],
    }
    write(tmp_path, "squad.json", json.dumps(squad))
    assert qa("eval", "squad.json", "--out", "s.jsonl").code == 0
    assert [row["id"] for row in lines(tmp_path / "s.jsonl")[1:]] == ["s1", "s2"]
    write(tmp_path, "beir/queries.jsonl", json.dumps({"_id": "q1", "text": "bodies returned"}))
    write(
        tmp_path, "beir/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\tmw-20250607-bodies\t1\n"
    )
    assert qa("eval", "beir", "--retrieval-only", "--out", "b.jsonl").code == 0
    assert lines(tmp_path / "b.jsonl")[1]["scores"]["hit@5"] == 1


def test_two_models_make_two_runs(qa: Qa, tmp_path: Path) -> None:
    write(tmp_path, "qa.toml", '[models.plain]\nmodel = "extractive"\n')
    asked = questions(tmp_path, CASES[:1])
    said = qa(
        "eval", asked, "--model", "extractive", "--model", "plain", "--out", "m.run.jsonl", "--json"
    )
    assert said.code == 0
    assert list(read(said)["models"]) == ["extractive", "plain"]
    assert {file.name for file in tmp_path.glob("m-*")} == {
        "m-extractive.run.jsonl",
        "m-plain.run.jsonl",
    }
    (tmp_path / "m-extractive.run.jsonl").unlink()
    for models in (("extractive", "plain"), ("extractive", "extractive")):  # before any is asked
        flags = [part for model in models for part in ("--model", model)]
        assert qa("eval", asked, *flags, "--out", "m.run.jsonl").code == 2
        assert not (tmp_path / "m-extractive.run.jsonl").exists()


def test_an_indexed_folder_can_be_moved(sample_store: Path, tmp_path: Path, qa: Qa) -> None:
    moved = tmp_path / "elsewhere" / ".qa"
    shutil.copytree(sample_store, moved)
    assert qa("search", "truce", "--store", moved).code == 0
    assert SAMPLE.is_dir()
