"""Two embedders in one index, and embedders behind an address: a loopback server that a test starts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_build import article, write

from index.beside import made, others
from index.errors import IndexMissing, Unreachable, UsageError
from index.export import model_folder
from qa.config import Settings
from qa.embedders import open_embedder
from qa.embedding import HostedEmbedder


class Vectors(BaseHTTPRequestHandler):
    """Answers as an OpenAI-compatible server of embeddings; `faults` are statuses to give first."""

    faults: list[int] = []  # noqa: RUF012 (set by each test)
    asked: list[dict[str, Any]] = []  # noqa: RUF012
    size = 8

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append(body)
        if self.faults:
            status, answer = self.faults.pop(0), {"error": {"message": "not now"}}
        else:
            rows = [
                {"object": "embedding", "index": i, "embedding": self.vector(text)}
                for i, text in enumerate(body["input"])
            ]
            usage = {"prompt_tokens": 1, "total_tokens": 1}
            status = 200
            answer = {"object": "list", "model": "m", "data": rows[::-1], "usage": usage}
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def vector(self, text: str) -> list[float]:
        found = np.ones(self.size)
        for word in text.casefold().split():
            found[sum(map(ord, word)) % self.size] += 3
        return [float(x) for x in found]

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    Vectors.faults, Vectors.asked, Vectors.size = [], [], 8
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    running = ThreadingHTTPServer(("127.0.0.1", 0), Vectors)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def hosted(base: str, **more: Any) -> HostedEmbedder:
    settings = Settings(embedder="ollama/nomic-embed-text", api_base=base, **more)
    found = open_embedder(settings)
    assert isinstance(found, HostedEmbedder)
    return found


def test_batches_retries_order_and_identity(server: str) -> None:
    embedder = hosted(server)
    texts = [f"text {n} of a long row" for n in range(130)]
    Vectors.faults = [500, 429]
    vectors = embedder.embed(texts)
    assert vectors.shape == (130, 8)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    wanted = np.array(Vectors.vector(Vectors, texts[7]))  # type: ignore[arg-type]
    assert np.allclose(vectors[7], wanted / np.linalg.norm(wanted), atol=1e-5)
    assert [len(a["input"]) for a in Vectors.asked] == [64, 64, 64, 64, 2]
    assert embedder.identity == "ollama/nomic-embed-text/hosted/8"


def test_prefixes_are_sent_and_belong_to_the_identity(
    qa: Any, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that was trained with such words gets them, and vectors with and without them never mix."""
    monkeypatch.delenv("QA_STORE")
    for subject in ("harbour", "railway"):
        write(tmp_path / "articles", f"{subject}.txt", article(subject))
    setting = f"""
        embedder = "ollama/nomic-embed-text"
        api_base = "{server}"
        [models."ollama/nomic-embed-text"]
        passage_prefix = "search_document: "
        query_prefix = "search_query: "
    """
    write(tmp_path, "qa.toml", setting)
    assert qa("index", "articles").code == 0
    passages = [t for a in Vectors.asked for t in a["input"] if t != "dimensions"]
    assert len(passages) == 2
    assert all(t.startswith("search_document: ") for t in passages)
    Vectors.asked.clear()
    assert qa("search", "who knows the railway?").code == 0
    assert [a["input"] for a in Vectors.asked] == [["search_query: who knows the railway?"]]
    found = made(tmp_path / ".qa")
    made_with = found.embedder if found else ""
    assert made_with.startswith("ollama/nomic-embed-text/hosted-")
    assert made_with.endswith("/8")
    write(tmp_path, "qa.toml", setting.replace("search_query", "query"))
    refused = qa("search", "who knows the railway?")
    assert refused.code == 3
    assert made_with in refused.err
    write(tmp_path, "qa.toml", setting.replace('"search_query: "', "7"))
    assert "query_prefix = 7 is not a fit value" in qa("search", "who?").err


def test_what_goes_where_is_said_and_can_be_refused(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    hosted(server).announce(46_447, 9_900_000, told.append)
    assert told[0].startswith("sending 46,447 passages (9,900,000 tokens) to 127.0.0.1:")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-000000")
    paid = Settings(embedder="openai/text-embedding-3-small", max_cost=0.01)
    with pytest.raises(UsageError, match=r"may cost more than \$0.01, about \$0\.1"):
        HostedEmbedder(paid).announce(46_447, 9_900_000, told.append)
    with pytest.raises(UsageError, match="--offline"):
        open_embedder(Settings(embedder="openai/text-embedding-3-small", offline=True))
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(Unreachable, match="OPENAI_API_KEY is not set"):
        open_embedder(Settings(embedder="openai/text-embedding-3-small"))
    assert Vectors.asked == []


def test_other_dimensions_are_not_mixed(server: str) -> None:
    settings = Settings(embedder="ollama/nomic-embed-text", api_base=server)
    embedder = HostedEmbedder(settings, "ollama/nomic-embed-text/hosted/16")
    with pytest.raises(IndexMissing, match="gives 8 dimensions now, the index has 16"):
        embedder.embed(["a question"])


def test_two_embedders_live_in_one_index(
    qa: Any, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QA_STORE")
    for subject in ("harbour", "railway"):
        write(tmp_path / "articles", f"{subject}.txt", article(subject))
    assert qa("index", "articles").code == 0
    other = ("--embedder", "ollama/nomic-embed-text", "--api-base", server)
    refused = qa("index", *other)
    assert refused.code == 3
    assert "was made with the embedder minilm/" in refused.err
    assert "qa index --beside --embedder ollama/nomic-embed-text" in refused.err
    assert Vectors.asked == []
    done = qa("index", "--beside", *other)
    assert done.code == 0, done.err
    assert "qa: sending 2 passages" in done.err
    store = tmp_path / ".qa"
    assert [m.shown.partition("/")[0] for m in (made(store), *others(store)) if m] == [
        "minilm",
        "ollama",
    ]
    monkeypatch.setenv("QA_API_BASE", server)
    for name in ("minilm", "ollama/nomic-embed-text"):
        found = qa("search", "who knows the railway?", "--embedder", name, "--json")
        assert found.code == 0, found.err
        hits = json.loads(found.out)["hits"]
        assert any(h["path"] == "articles/railway.txt" for h in hits)
    assert "beside     ollama/nomic-embed-text/hosted/8" in qa("status").out
    write(tmp_path / "articles", "bakery.txt", article("bakery"))
    again = json.loads(qa("index", "--json").out)
    assert again["added"] == 1
    assert again["beside"]["ollama/nomic-embed-text"]["added"] == 1, "none is left behind"


def test_the_identity_is_compared_before_a_model_is_loaded(
    qa: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded(*_: object) -> None:
        raise AssertionError("it was loaded")

    monkeypatch.setattr("index.transformer.SentenceTransformerEmbedder.__init__", loaded)
    done = qa("index", str(model_folder()), "--embedder", str(model_folder()))
    assert done.code == 3
    assert "was made with the embedder minilm/" in done.err


def test_passages_of_another_size_live_beside(
    qa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QA_STORE")
    for subject in ("harbour", "railway"):
        write(tmp_path / "articles", f"{subject}.txt", article(subject))
    assert qa("index", "articles").code == 0
    (tmp_path / "qa.toml").write_text("passage_tokens = 40\n")
    for command in (("search", "the railway"), ("index",)):
        refused = qa(*command)
        assert refused.code == 3
        assert "the settings name minilm, passages of 40 tokens" in refused.err
        assert "qa index --beside" in refused.err
    assert qa("index", "--beside").code == 0
    small = json.loads(qa("search", "the railway", "--json").out)["hits"]
    assert "passages of 40 tokens" in qa("status").out
    (tmp_path / "qa.toml").unlink()
    whole = json.loads(qa("search", "the railway", "--json").out)["hits"]
    assert len(small) > len(whole), "without the setting, the first"
    write(tmp_path / "articles", "bakery.txt", article("bakery"))
    again = json.loads(qa("index", "--json").out)
    assert again["beside"]["minilm, passages of 40 tokens"]["added"] == 1
