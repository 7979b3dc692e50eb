"""An index on a Chroma server: a real one, started here on loopback, and one that is not there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import run_qa
from test_build import Hashed, article, write

from index import upload
from index.build import build
from index.corpus import Corpus
from index.errors import IndexMissing, Unreachable, UsageError
from index.mirror import Mirror, place
from index.server import Server
from index.upload import push


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Chroma server that runs for these tests."""
    command = shutil.which("chroma", path=os.path.dirname(sys.executable)) or shutil.which("chroma")
    if not command:
        pytest.skip("the command `chroma` is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("chroma")
    process = subprocess.Popen(
        [command, "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def server(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """An index of its own on the server; its mirrors are in a cache of this test."""
    monkeypatch.setenv("QA_CACHE", str(tmp_path / "cache"))
    for subject in ("harbour", "railway", "orchard"):
        write(tmp_path / "articles", f"{subject}.txt", article(subject))
    return Server(f"{address}/{tmp_path.name.replace('_', '-')[:50]}")


def publish(server: Server, tmp_path: Path, embedder: Hashed | None = None) -> bool:
    folder = place(server, "writer")
    build(folder, [tmp_path / "articles"], embedder or Hashed(), graph=False)
    return push(server, folder, lambda phase, done, total: None)


def reader(server: Server) -> Corpus:
    mirror = Mirror(Server(server.shown))
    return Corpus(mirror.folder, Hashed, mirror)


def stamps(server: Server) -> set[str]:
    names = [c.name for c in server._client().list_collections(limit=1000)]
    return {n.split("-")[-2] for n in names if n.startswith(f"qa-{server.name}-")}


def test_what_is_published_is_found_by_every_reader(server: Server, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="nothing is indexed on"):
        reader(server)
    assert publish(server, tmp_path)
    assert not publish(server, tmp_path), "nothing new"
    corpus = reader(server)
    hits = corpus.search("the orchard", 3)
    assert hits[0].passage.source.title
    assert "orchard" in hits[0].passage.text
    article = corpus.article(hits[0].passage.source.article_id)
    assert article.text[hits[0].passage.start : hits[0].passage.end] == hits[0].passage.text
    assert corpus.audit() == []
    local = tmp_path / "local" / ".qa"
    build(local, [tmp_path / "articles"], Hashed())
    same = Corpus(local, Hashed)
    assert same.content_hash() == corpus.content_hash()
    scores = [[h.score for h in c.search("a harbour", 3)] for c in (same, corpus)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-4)


def test_an_open_reader_follows_and_old_generations_are_swept(
    server: Server, tmp_path: Path
) -> None:
    publish(server, tmp_path)
    corpus = reader(server)
    assert corpus.search("the bakery", 1)
    for subject in ("bakery", "lighthouse", "tannery"):
        write(tmp_path / "articles", f"{subject}.txt", article(subject))
        embedder = Hashed()
        assert publish(server, tmp_path, embedder)
        assert subject in corpus.search(f"the {subject}", 1)[0].passage.text
        assert embedder.embedded < 10, "only what is new"
    (tmp_path / "articles" / "bakery.txt").unlink()
    publish(server, tmp_path)
    assert not any("bakery" in h.passage.text for h in corpus.search("the bakery", 50))
    pointer = server.pointer()
    assert pointer is not None
    assert stamps(server) == {pointer.stamp, pointer.previous}


def test_a_connection_lost_in_the_middle_is_invisible_and_goes_on(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(server, tmp_path)
    before = server.pointer()
    write(tmp_path / "articles", "bakery.txt", article("bakery"))
    add, calls = Server.add, []

    def failing(self: Server, collection: object, **records: object) -> None:
        calls.append(records)
        if len(calls) == 2:
            raise Unreachable("the connection was lost")
        add(self, collection, **records)

    monkeypatch.setattr(Server, "add", failing)
    with pytest.raises(Unreachable):
        publish(server, tmp_path)
    assert server.pointer() == before
    assert not any("bakery" in h.passage.text for h in reader(server).search("the bakery", 50))
    embedder, sent = Hashed(), len(calls)
    publish(server, tmp_path, embedder)
    assert embedder.embedded == 0, "nothing is embedded twice"
    assert len(calls) == sent + 1, "the articles were there already"
    assert "bakery" in reader(server).search("the bakery", 1)[0].passage.text


def test_a_reader_that_loses_the_connection_fetches_no_vector_twice(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors come by the page, not by the article; a passage without one is told."""
    for n in range(60):
        write(tmp_path / "articles", f"{n}.txt", article(f"street{n}"))
    publish(server, tmp_path)
    get, fetched = Server.get, list[int]()

    def failing(self: Server, collection: object, **wanted: object) -> object:
        if wanted.get("include") == ["embeddings"]:
            fetched.append(len(wanted["ids"]))  # type: ignore[arg-type]
            if len(fetched) == 2:
                raise Unreachable("the connection was lost")
        return get(self, collection, **wanted)

    monkeypatch.setattr(Server, "get", failing)
    with pytest.raises(Unreachable, match="was lost"):
        reader(server)
    assert fetched == [50, 13], "one passage an article"
    assert "street7" in reader(server).search("the street7", 1)[0].passage.text
    assert fetched == [50, 13, 13]
    pointer = server.pointer()
    assert pointer
    passages = server.generation(pointer.stamp)[0]
    passages.delete(ids=passages.get(limit=1)["ids"])
    monkeypatch.setenv("QA_CACHE", str(tmp_path / "another"))
    with pytest.raises(Unreachable, match="lacks the vectors of some passages"):
        reader(server)


def test_of_two_that_publish_at_once_one_is_told(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(server, tmp_path)
    write(tmp_path / "articles", "bakery.txt", article("bakery"))
    other = Server(server.shown)
    passages = upload._upload_passages

    def meanwhile(*arguments: object) -> object:
        pointer = other.pointer()
        assert pointer
        moved = type(pointer)("f" * 16, *[getattr(pointer, f) for f in list(pointer.__slots__)[1:]])
        other.point(moved, pointer)
        return passages(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(upload, "_upload_passages", meanwhile)
    with pytest.raises(Unreachable, match="meanwhile"):
        publish(server, tmp_path)


def test_another_embedder_makes_every_reader_fetch_anew(server: Server, tmp_path: Path) -> None:
    """The articles stay the same ones, and none of them may keep a vector of the embedder before."""

    class Other(Hashed):
        def __init__(self) -> None:
            super().__init__("other/1")

        def embed(self, *arguments, **options):  # type: ignore[no-untyped-def]
            return super().embed(*arguments, **options)[:, ::-1].copy()

    publish(server, tmp_path)
    reader(server).close()
    folder = place(server, "writer")
    build(folder, [tmp_path / "articles"], Other(), graph=False, rebuild=True)
    assert push(server, folder, lambda phase, done, total: None)
    mirror = Mirror(Server(server.shown))
    corpus = Corpus(mirror.folder, Other, mirror)
    assert corpus.audit() == []
    assert "orchard" in corpus.search("the orchard", 1)[0].passage.text


def test_the_command_line_over_a_server(server: Server, tmp_path: Path) -> None:
    done = run_qa("index", "articles", "--store", server.shown, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f'"store": "{server.shown}"' in done.stdout
    done = run_qa("search", "who knows the orchard?", "--store", server.shown, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "orchard" in done.stdout


def test_a_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_CACHE", str(tmp_path))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be reached") as caught:
        Mirror(Server(f"http://me:secret99@127.0.0.1:{port}")).pull()
    assert "secret99" not in str(caught.value)
    assert caught.value.exit_code == 4

    class Gate(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(self.server.status)  # type: ignore[attr-defined]
            self.end_headers()
            self.wfile.write(f"not with {self.headers['x-chroma-token']}".encode())

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("CHROMA_API_KEY", "ck-very-secret")
    gate = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    threading.Thread(target=gate.serve_forever, daemon=True).start()
    for status, told in ((401, "refused the key"), (404, "does not answer as a Chroma server")):
        gate.status = status  # type: ignore[attr-defined]
        with pytest.raises(Unreachable, match=told) as caught:
            Server(f"http://127.0.0.1:{gate.server_port}").pointer()
        assert "very-secret" not in str(caught.value)
    monkeypatch.setattr(
        "index.server.is_loopback", lambda _: False
    )  # as if it were another machine
    with pytest.raises(Unreachable, match="not with None"):
        Server(f"http://127.0.0.1:{gate.server_port}").pointer()
    monkeypatch.undo()
    gate.shutdown()
    gate.server_close()
    with pytest.raises(UsageError, match="offline"):
        Server("https://chroma.example.org", offline=True)
    for wrong in ("http://", "http://host:port", "http://h/a/b", "http://h/ä", "http://h/x-"):
        with pytest.raises(UsageError, match="--store"):
            Server(wrong)
