"""The sample corpus and its question set agree with each other.

Reads the raw files with plain tools, so that a fault in our own readers cannot hide a fault in the set.
"""

import csv
import gzip
import html
import io
import json
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path

import docx
import pypdfium2

SAMPLE = Path(str(files("eval") / "sample"))
ARTICLES = SAMPLE / "articles"
TURNS_OF_PHRASE = {"why", "how", "list"}  # tags whose accepted answers may sum a sentence up
BODIES = ("text", "body", "content", "article")
IDS = ("id", "_id", "doc_id")


def first(record: dict, names: tuple[str, ...]) -> str:
    return next(record[name] for name in names if name in record)


def records(name: str, text: str) -> list[dict]:
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if name.endswith(".csv"):
        return list(csv.DictReader(io.StringIO(text, newline="")))
    loaded = json.loads(text)
    return loaded if isinstance(loaded, list) else [loaded]


def pdf_text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    return "\n\n".join(page.get_textpage().get_text_range() for page in document).replace(
        "\r\n", "\n"
    )


def tagless(page: str) -> str:
    page = re.sub(r"(?s)<(script|style|nav|head)\b.*?</\1>", " ", page)
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(p|h1|h2|li|div)>", "\n\n", page)))


def joined(text: str) -> str:
    """Hard-wrapped lines joined, blank lines kept as paragraph breaks; list items keep their own line."""
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n".join(
        re.sub(r"\s*\n(?![-*] )\s*", " ", paragraph).strip() for paragraph in paragraphs
    )


@cache
def texts() -> dict[str, str]:
    """Every article's text under the id that the question set uses for it."""
    found: dict[str, str] = {}
    for path in sorted(ARTICLES.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(ARTICLES).as_posix()
        if name.endswith(".pdf"):
            found[name] = joined(pdf_text(path))
            continue
        if name.endswith(".docx"):
            found[name] = "\n".join(p.text for p in docx.Document(str(path)).paragraphs)
            continue
        raw = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
        text = raw.decode("utf-8")
        if name.endswith((".json", ".jsonl", ".csv")):
            for record in records(name, text):
                found[first(record, IDS)] = joined(first(record, BODIES))
        else:
            found[name] = joined(tagless(text) if name.endswith(".html") else text)
    return found


@cache
def cases() -> list[dict]:
    lines = (SAMPLE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def plain(text: str) -> str:
    return " ".join(text.split())


def test_the_corpus_has_every_format_and_is_small():
    paths = [path for path in ARTICLES.rglob("*") if path.is_file()]
    endings = {path.suffix for path in paths}
    assert {".txt", ".md", ".html", ".json", ".jsonl", ".csv", ".pdf", ".docx", ".gz"} <= endings
    assert 30 <= len(texts()) <= 40
    assert sum(path.stat().st_size for path in paths) < 300_000


def test_ids_are_unique():
    assert max(Counter(case["id"] for case in cases()).values()) == 1
    assert max(Counter(case["question"].lower() for case in cases()).values()) == 1


def test_answers_exactly_where_answerable():
    for case in cases():
        held = [bool(case[field]) for field in ("answers", "evidence", "quotes")]
        assert held == [case["answerable"]] * 3, case["id"]
        assert ("unanswerable" in case["tags"]) is not case["answerable"], case["id"]


def test_evidence_exists_and_each_piece_holds_a_quote():
    for case in cases():
        for name in case["evidence"]:
            assert name in texts(), (case["id"], name)
            assert any(plain(quote) in plain(texts()[name]) for quote in case["quotes"]), (
                case["id"],
                name,
            )


def test_quotes_are_verbatim():
    for case in cases():
        for quote in case["quotes"]:
            assert any(plain(quote) in plain(texts()[name]) for name in case["evidence"]), (
                case["id"],
                quote,
            )


def test_a_short_answer_stands_in_a_quote():
    for case in cases():
        if case["answerable"] and not TURNS_OF_PHRASE & set(case["tags"]):
            quotes = plain(" ".join(case["quotes"])).casefold()
            assert any(answer.casefold() in quotes for answer in case["answers"]), case["id"]


def test_a_question_is_no_copy_of_its_sentence():
    for case in cases():
        asked = words(case["question"])
        runs = {tuple(asked[i : i + 6]) for i in range(len(asked) - 5)}
        for quote in case["quotes"]:
            told = words(quote)
            assert not runs & {tuple(told[i : i + 6]) for i in range(len(told) - 5)}, case["id"]


def test_history_is_turns_that_end_with_an_answer():
    for case in cases():
        history = case.get("history", [])
        assert ("follow-up" in case["tags"]) is bool(history), case["id"]
        roles = [turn["role"] for turn in history]
        assert roles == ["user", "assistant"] * (len(roles) // 2), case["id"]
        assert all(turn["content"] for turn in history), case["id"]


def test_the_set_covers_what_it_promises():
    count = Counter(tag for case in cases() for tag in case["tags"])
    assert 100 <= len(cases()) <= 120
    assert count["unanswerable"] >= 28
    minima = {
        "follow-up": 8,
        "looks-answerable": 8,
        "two-article": 6,
        "dated": 8,
        "why": 6,
        "who": 10,
        "where": 6,
    }
    assert {tag: n for tag, n in minima.items() if count[tag] < n} == {}
    answerable = [case for case in cases() if case["answerable"]]
    short = [case for case in answerable if not TURNS_OF_PHRASE & set(case["tags"])]
    assert 0.6 <= len(short) / len(answerable) <= 0.8
