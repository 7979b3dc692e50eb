"""A machine that edits, deletes, renames, touches, kills and asks in any order, beside a model of what must hold.

A few examples here; `QA_MACHINE=100 python -m pytest tests/test_machine.py` runs more.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from benchmarks.surviving import scene
from index.build import build
from index.corpus import Corpus
from index.embed import Vectors
from index.errors import IndexMissing

NAMES = st.sampled_from([f"{letter}.txt" for letter in "abcde"])
SUBJECTS = ("harbour", "railway", "orchard", "museum", "ferry", "bakery")


class Killed(BaseException):
    """Ends a run where a kill would."""


class Mortal(scene.Quick):
    """An embedder under which a run ends."""

    def embed(self, texts: Sequence[str], **options: object) -> Vectors:
        raise Killed


class Machine(RuleBasedStateMachine):
    """The index, and what it must hold: `wanted` in the folder, `held` in the index."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="machine-"))
        self.store, self.articles = self.place / ".qa", self.place / "articles"
        self.articles.mkdir()
        self.identity = scene.IDENTITY
        self.wanted: dict[str, str] = {}
        self.held: dict[str, str] = {}
        self.corpus: Corpus | None = None

    @initialize()
    def begin(self) -> None:
        self.write("a.txt", "harbour")
        self.run()
        self.corpus = self.opened()

    def opened(self) -> Corpus:
        return Corpus(self.store, lambda: scene.Quick(self.identity))

    def run(self, **options: bool) -> None:
        build(self.store, [self.articles], scene.Quick(self.identity), **options)  # type: ignore[arg-type]
        self.held = dict(self.wanted)

    @rule(name=NAMES, subject=st.sampled_from(SUBJECTS))
    def write(self, name: str, subject: str) -> None:
        text = scene.story(subject, 12)
        (self.articles / name).write_text(text)
        self.wanted[name] = text.strip()

    @precondition(lambda self: len(self.wanted) > 1)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.wanted)))
        (self.articles / name).unlink()
        del self.wanted[name]

    @rule(data=st.data(), to=NAMES)
    def rename(self, data: st.DataObject, to: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.wanted)))
        (self.articles / name).rename(self.articles / to)
        self.wanted[to] = self.wanted.pop(name)

    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        (self.articles / data.draw(st.sampled_from(sorted(self.wanted)))).touch()

    @rule()
    def update(self) -> None:
        self.run()

    @rule()
    def crash(self) -> None:
        """A run that ends while it embeds changes nothing; one that has nothing to embed is done."""
        try:
            build(self.store, [self.articles], Mortal(self.identity))
        except Killed:
            return
        self.held = dict(self.wanted)

    @rule()
    def change_embedder(self) -> None:
        self.identity = "minilm/other" if self.identity == scene.IDENTITY else scene.IDENTITY
        try:
            build(self.store, [self.articles], scene.Quick(self.identity))
        except IndexMissing as error:
            assert "--rebuild" in (error.hint or "")
        else:
            raise AssertionError("two embedders in one index")
        self.run(rebuild=True)
        assert self.corpus is not None
        self.corpus = self.opened()

    @rule()
    def reopen(self) -> None:
        assert self.corpus is not None
        self.corpus.close()
        self.corpus = self.opened()

    @invariant()
    def holds(self) -> None:
        if self.corpus is None:
            return
        corpus, texts = self.corpus, set(self.held.values())
        hits = corpus.search("the harbour council", 100)
        ids = [hit.passage.passage_id for hit in hits]
        assert len(set(ids)) == len(ids)
        assert {corpus.article(hit.passage.source.article_id).text.strip() for hit in hits} <= texts
        sources = corpus.sources()
        assert {corpus.article(s.article_id).text.strip() for s in sources} == texts
        assert {p.removeprefix("articles/") for s in sources for p in s.paths} == set(self.held)
        for hit in hits:
            passage = hit.passage
            text = corpus.article(passage.source.article_id).text
            assert text[passage.start : passage.end] == passage.text
        status = corpus.status()
        assert status.articles == len(texts) and status.files == len(self.held)
        assert corpus.audit() == []

    def teardown(self) -> None:
        if self.corpus:
            self.corpus.close()
        shutil.rmtree(self.place, ignore_errors=True)


Machine.TestCase.settings = settings(
    max_examples=int(os.environ.get("QA_MACHINE", "2")),
    stateful_step_count=12,
    deadline=None,
    derandomize="QA_MACHINE" not in os.environ,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestMachine = Machine.TestCase
