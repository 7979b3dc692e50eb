"""A receipt says later whether each quote still stands, in whatever index."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index.types import Article, Source
from qa.receipt import verify
from tests.conftest import Said

QUESTION = "who led Russia's delegation?"


@pytest.fixture
def receipt(qa: Callable[..., Said], tmp_path: Path) -> Path:
    file = tmp_path / "receipt.json"
    assert qa("ask", QUESTION, "--receipt", file).code == 0
    return file


def test_what_it_holds(receipt: Path, qa: Callable[..., Said]) -> None:
    found = json.loads(receipt.read_text())
    quote = found["quotes"][0]
    assert found["question"] == QUESTION and "Vladimir Medinsky" in quote["quote"]
    assert len(found["articles"][quote["article_id"]]["sha256"]) == 64
    assert found["settings"]["k"] == 8 and found["index"]["passages"] > 50
    said = qa("verify", receipt)
    assert said.code == 0 and "[1] stands:" in said.out and "the index is the same" in said.out
    as_json = json.loads(qa("verify", receipt, "--json").out)
    assert as_json["stands"] and as_json["quotes"][0]["status"] == "stands"


WORDS = "Vladimir Medinsky led the delegation."
TEXT = f"The talks began on Friday. {WORDS} They were short."


class Elsewhere:
    """An index that holds one article, or none."""

    def __init__(self, text: str | None, **of_source: object) -> None:
        self.text, self.source = text, Source("a-1", "The talks", paths=("a.txt",))
        self.source = replace(self.source, **of_source)  # type: ignore[arg-type]

    def snapshot(self) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()

    def sources(self) -> list[Source]:
        return [] if self.text is None else [self.source]

    def article(self, article_id: str) -> Article:
        assert article_id == self.source.article_id and self.text is not None
        return Article(self.source, self.text, self.text)


@pytest.mark.parametrize(
    ("there", "status", "same"),
    [
        (Elsewhere(TEXT, paths=("moved/b.txt",)), "stands", True),
        (Elsewhere(TEXT + " More was said."), "stands", False),
        (Elsewhere("Updated. " + TEXT), "moved", False),
        (Elsewhere(TEXT.replace("led the", "led\nthe")), "stands", False),
        (Elsewhere(TEXT.replace("Medinsky", "Lavrov")), "article changed", False),
        (Elsewhere("New. " + TEXT, article_id="a-2", url="https://e.example/a"), "moved", False),
        (Elsewhere("Other text.", article_id="a-2", url=None), "article changed", False),
        (Elsewhere(TEXT, article_id="b", paths=("b.txt",)), "gone", False),
        (Elsewhere(None), "gone", False),
    ],
)
def test_what_became_of_the_article(there: Elsewhere, status: str, same: bool) -> None:
    start = TEXT.index(WORDS)
    receipt = {
        "quotes": [
            {"number": 1, "article_id": "a-1", "title": "The talks", "quote": WORDS,
             "start": start, "end": start + len(WORDS)}
        ],
        "articles": {
            "a-1": {"sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "title": "The talks",
                    "url": "https://e.example/a", "paths": ["a.txt"]}
        },
    }  # fmt: skip
    (found,) = verify(receipt, there)  # type: ignore[arg-type]
    assert (found.status, found.same_text) == (status, same)
    if found.start is not None:
        assert " ".join(there.text[found.start : found.end].split()) == WORDS  # type: ignore[index]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "no json", '{"receipt": 1, "question": 1}'], ids=range(5)
)
def test_what_is_no_receipt(qa: Callable[..., Said], tmp_path: Path, text: str) -> None:
    file = tmp_path / "r.json"
    file.write_text(text)
    said = qa("verify", file)
    assert said.code == 2 and "is not a receipt" in said.err
    assert qa("verify", tmp_path / "none.json").code == 2


def test_a_receipt_that_was_changed(receipt: Path, qa: Callable[..., Said]) -> None:
    receipt.write_text(receipt.read_text().replace("Vladimir Medinsky", "Sergei Lavrov"))
    said = qa("verify", receipt)
    assert said.code == 1 and "was changed after it was written" in said.out


@pytest.mark.parametrize(
    "damage",
    [{"index": []}, {"articles": {"a": 7}}, {"articles": {"a": {"paths": 7}}},
     {"articles": {"a": {"paths": [["x"]]}}}],
    ids=range(4),
)  # fmt: skip
def test_a_damaged_receipt(receipt: Path, qa: Callable[..., Said], damage: dict) -> None:
    receipt.write_text(json.dumps(json.loads(receipt.read_text()) | damage))
    said = qa("verify", receipt)
    assert said.code == 2 and "is a damaged receipt" in said.err


def test_the_prompt_is_shown_and_nothing_is_sent(qa: Callable[..., Said]) -> None:
    said = qa("ask", QUESTION, "--model", "openai/gpt-4o", "--show-prompt")
    assert said.code == 0 and said.out.startswith("Not sent. openai/gpt-4o at api.openai.com")
    assert QUESTION in said.out and "<<<PASSAGE 1 " in said.out and said.err == ""
    shown = json.loads(qa("ask", QUESTION, "--model", "ollama/x", "--show-prompt", "--json").out)
    assert [m["role"] for m in shown["messages"]] == ["system", "user"]
    assert "sends nothing" in qa("ask", QUESTION, "--show-prompt").out


def test_the_prompt_holds_the_question_as_it_would_be_read(qa: Callable[..., Said]) -> None:
    said = qa("ask", "who leed the delegation?", "--model", "ollama/x", "--show-prompt")
    assert "Question: who led the delegation?" in said.out
    early = ("--until", "1990", "--json")  # no article: then the model is not asked
    shown = qa("ask", QUESTION, "--model", "ollama/x", "--show-prompt", *early)
    assert shown.code == 1 and json.loads(shown.out)["messages"] == []
