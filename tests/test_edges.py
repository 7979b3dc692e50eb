"""What programs and people do at the edges: odd dates, closed streams, settings found above, keys in addresses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from eval.runfile import load_run
from index.build import build
from index.corpus import Corpus
from index.dates import parse_date
from index.errors import UsageError
from index.forecast import _try
from index.types import Hit, Passage, Source
from index.walk import scan
from qa.citations import check
from qa.cli.wiring import announce, make_scope
from qa.config import load_settings
from qa.destinations import address
from qa.extractive import _sentences
from qa.figures import figures
from qa.secrets import mask
from qa.sentence import initials
from qa.sessions import Sessions
from qa.types import Draft, Span
from qa.wire import GuardedClient
from tests.test_build import Hashed


@pytest.mark.parametrize("text", ["May 2025", "2025/05", "05/2025", "2025-05", "2025-5"])
def test_a_month_is_its_first_or_last_day(text: str) -> None:
    scope = make_scope(text, text, ())
    assert (scope.since, scope.until) == ("2025-05-01", "2025-05-31")


@pytest.mark.parametrize("text", ["5", "monday", "12:30", "2025-13", "2025-00", "May", "soon"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(UsageError, match="not a date"):
        make_scope(text, None, ())


def test_dots_mean_that_the_day_comes_first() -> None:
    assert parse_date("05.03.2024") == "2024-03-05"
    assert parse_date("25.03.2024") == "2024-03-25"
    assert parse_date("05/03/2024") == "2024-05-03"


def test_dots_mean_so_in_options_too() -> None:
    assert make_scope("05.03.2024", "31 May 2024", ()).since == "2024-03-05"


def test_an_article_is_named_by_any_path_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text("Ole Falk led the talks in Tarn on Monday.")
    build(tmp_path / ".qa", [folder], Hashed())
    corpus = Corpus(tmp_path / ".qa", Hashed)
    monkeypatch.chdir(folder)
    (found,) = corpus.resolve("articles/a.txt")
    for path in ("a.txt", "./a.txt", "../articles/a.txt", str(folder / "a.txt")):
        assert corpus.resolve(path) == {found}
    assert not corpus.resolve("../a.txt")


def test_an_article_is_named_by_its_address(tmp_path: Path) -> None:
    fields = {"text": "Ole Falk led the talks in Tarn.", "url": "https://ferry.example/a"}
    (tmp_path / "a.jsonl").write_text(json.dumps(fields))
    build(tmp_path / ".qa", [tmp_path / "a.jsonl"], Hashed())
    assert len(Corpus(tmp_path / ".qa", Hashed).resolve("https://ferry.example/a")) == 1


def test_a_folder_whose_name_ends_as_an_archive_is_marked(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "wow!"
    folder.mkdir(parents=True)
    file = folder / "a.txt"
    file.write_text("Ole Falk led the talks in Tarn on Monday.")
    build(tmp_path / ".qa", [tmp_path / "a"], Hashed())
    file.write_text("Ida Brandt led the talks in Tarn on Monday.")
    report = build(tmp_path / ".qa", [tmp_path / "a"], Hashed())
    assert (report.articles, report.updated + report.added) == (1, 1)
    (tmp_path / "a" / "b.txt").write_text("The ferry was late again on Tuesday.")
    file.unlink()
    assert build(tmp_path / ".qa", [tmp_path / "a"], Hashed()).removed == 1


def test_a_key_in_an_address_is_masked() -> None:
    assert "abc12345" not in mask("http://h:1/v1?api_key=abc12345&x=1")


def test_a_store_in_a_file_above_is_meant_from_there(tmp_path: Path) -> None:
    (tmp_path / "qa.toml").write_text('store = "idx"\n')
    (tmp_path / "sub").mkdir()
    nowhere = tmp_path / "none.toml"
    below = load_settings(cwd=tmp_path / "sub", env={}, user_file=nowhere)
    assert below.store == str(tmp_path / "idx")
    assert load_settings(cwd=tmp_path, env={}, user_file=nowhere).store == "idx"
    (tmp_path / "qa.toml").write_text('store = "http://localhost:8000"\n')
    below = load_settings(cwd=tmp_path / "sub", env={}, user_file=nowhere)
    assert below.store == "http://localhost:8000"


def test_an_index_is_not_kept_among_its_articles(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The mill of Varn burned down on Friday. Nobody was hurt.")
    with pytest.raises(UsageError, match="folder of the articles"):
        build(tmp_path, [tmp_path], Hashed())
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_trial_sends_nothing(tmp_path: Path) -> None:
    class Elsewhere(Hashed):
        is_elsewhere = True

        def embed(self, *_: Any, **__: Any) -> Any:
            raise AssertionError("texts left this process")

    (tmp_path / "a.txt").write_text("The mill of Varn burned down on Friday. Nobody was hurt.")
    report = SimpleNamespace(skipped=[], failed=[])
    files = scan([tmp_path], tmp_path / ".qa", report)  # type: ignore[arg-type]
    assert _try(files, Elsewhere())["rate"] > 0


def test_either_name_of_a_key_is_announced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    settings = load_settings({"model": "gemini/gemini-2.0-flash"}, env={})
    announce(settings, 8, set())
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("GOOGLE_API_KEY", "not-a-real-one")
    announce(settings, 8, set())
    assert "sending the question" in capsys.readouterr().err


def test_a_closed_stream_is_an_empty_one() -> None:
    ran = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m qa ask - --json <&-"], capture_output=True, text=True
    )
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert "the question is empty" in (ran.stderr + json.dumps(ran.stdout))


@pytest.mark.parametrize(
    "row",
    [
        {"id": None, "scores": {}},
        {"id": [1], "scores": {}},
        {"id": "a", "scores": {"recall@5": "high"}},
        {"id": "a", "scores": {}, "hits": None},
        {"id": "a"},
    ],
)
def test_a_line_that_is_no_case(tmp_path: Path, row: dict[str, Any]) -> None:
    file = tmp_path / "a.run.jsonl"
    file.write_text(json.dumps({"run": {}}) + "\n" + json.dumps(row) + "\n")
    with pytest.raises(UsageError, match="line 2 is not a case"):
        load_run(file)


def test_numbers_in_brackets_of_a_quoted_text_are_no_citations() -> None:
    text = "The mayor[1] opened it in 2004 at a cost of 12 million.[12][13]"
    source = Source("a", "A bridge", "Wire", "2031-05-06")
    hit = Hit(1, 0.9, Passage("a#1", source, 0, len(text), text))
    span = Span("a#1", 0, len(text))
    draft = Draft(f"{text} [1]\n{text} [2]", spans=(span, span))
    checked = check(draft, [hit], lambda _: text)
    assert (checked.dropped, checked.notes) == (0, ())
    assert {s.verdict for s in checked.sentences} == {"quote"}
    assert checked.text.startswith(f"{text} [1]")


def test_no_name_of_this_machine_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:9")
    with GuardedClient() as client:
        for host in ("127.0.1.1", "localhost", "[::1]"):
            assert client._transport_for_url(httpx.URL(f"http://{host}:11434/")) is client._direct
        assert client._transport_for_url(httpx.URL("http://example.org/")) is not client._direct


def test_what_is_no_port_is_told() -> None:
    for base in ("http://localhost:80000/v1", "http://localhost:8000O/v1"):
        with pytest.raises(UsageError, match="not an address"):
            address(base)


def test_a_conversation_that_was_deleted_is_not_in_the_file(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "s.sqlite3")
    sessions.save("X", 1, "Who stole the marzipan?", None, "Somebody unheardof did.")
    sessions.save("Y", 1, "Who is Ida Brandt?", None, "A farrier.")
    sessions.save("Y", 2, "Where does she live?", None, "In Tarn.")
    assert [s.session_id for s in sessions.search("brandt tarn")] == ["Y"]  # of two turns
    sessions.delete("X")
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"marzipan" not in content and b"unheardof" not in content
    assert b"farrier" in content


def test_a_figure_beyond_all_counting() -> None:
    assert [f.value for f in figures("between 5 and " + "9" * 400)] == [5]


def test_a_name_is_known_by_its_initials() -> None:
    text = "The Competition and Markets Authority met the World Trade Organization’s Ngozi in Lyon."
    assert initials(text).split() == ["CMA", "WTO"]
    assert initials("He met Ida Brandt in New York. The ferry sank.") == ""
    found = Hit(1, 1.0, Passage("a#0", Source("a", "Ruling due"), 0, len(text), text), 0.5)
    assert all("cma" in s.known and "cma" in s.context for s in _sentences(found))


def test_a_pipe_may_begin_a_new_conversation(sample_store: Path) -> None:
    asked = "Who led Russia's delegation in May 2025?\n/new\nand when did he lead it?\n/model x\n"
    found = subprocess.run(
        [sys.executable, "-m", "qa", "chat", "--store", str(sample_store)],
        input=asked.encode() + b"caf\xe9?\n",
        capture_output=True,
    )
    said = found.stdout.decode()
    assert "A new conversation." in said and "Medinsky lead" not in said
    assert "> /model x" in said and "> caf" in said and found.returncode == 2
    assert b"/model is not obeyed from a pipe" in found.stderr
