"""Question sets: read from files, checked against the index, and named by a fingerprint.

Three formats are read as they are: the contract's JSONL, SQuAD 1/2 JSON, BEIR folders; some others
through an adapter (`eval.collections`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from eval.case import FORMATS, Case, read_case, read_json, read_lines, read_text
from eval.collections import adapt, beir, squad
from index.errors import UsageError
from index.types import Article
from qa.render import to_json

__all__ = ["Case", "Corpus", "cases_of", "check_evidence", "fingerprint", "load_cases"]


class Corpus(Protocol):
    """What knows the articles that are indexed."""

    def resolve(self, evidence: str) -> frozenset[str]:
        """Return the articles that an id, a source id or (the end of) a path stands for."""

    def article(self, article_id: str) -> Article:
        """Return an article by its id."""


def cases_of(records: Iterable[Any], name: str) -> list[Case]:
    """Return the cases of records in the contract's form; `name` says in errors where they are from."""
    return _once(
        [read_case(record, f"{name}, case {n}") for n, record in enumerate(records, 1)], name
    )


def load_cases(path: Path | str) -> list[Case]:
    """Read a question set.

    Raises `UsageError` that names the file, the line and what is wrong with it; nothing is skipped
    silently.
    """
    path = Path(path)
    if path.is_dir():
        cases = list(beir(path, None))
    elif path.suffix == ".tsv" and path.parent.name == "qrels" and path.is_file():
        cases = list(beir(path.parent.parent, path))
    elif not path.is_file():
        raise UsageError(f"{path}: no such question set", FORMATS)
    else:
        cases = list(_file(path))
    return _once(cases, path)


def _once(cases: list[Case], path: Path | str) -> list[Case]:
    """The cases, if there are any and each has an id of its own."""
    if not cases:
        raise UsageError(f"{path} holds no questions", FORMATS)
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise UsageError(
                f"{path}: the id {case.id!r} occurs twice", "give every case its own id"
            )
        seen.add(case.id)
    return cases


def check_evidence(
    cases: Sequence[Case], corpus: Corpus, *, partial: bool = False
) -> dict[str, frozenset[str]]:
    """Return the article ids behind each piece of evidence.

    Raises `UsageError` listing what is not in the index, for a score of zero would blame the search
    for it; with `partial`, such a piece has no articles.
    """
    found: dict[str, frozenset[str]] = {}
    missing: list[str] = []
    for case in cases:
        for evidence in case.evidence:
            if evidence not in found:
                found[evidence] = corpus.resolve(evidence)
                if not found[evidence]:
                    missing.append(evidence)
    if missing and not partial:
        shown = ", ".join(missing[:10]) + (", …" if len(missing) > 10 else "")
        raise UsageError(
            f"{len(missing)} of {len(found)} pieces of evidence are not in the index: {shown}",
            "index the articles that they name (qa index PATH…), or run the rest with --partial",
        )
    return found


def fingerprint(cases: Iterable[Case]) -> str:
    """Return a hash of the questions and of what is right, by which runs are compared."""
    digest = hashlib.sha256()
    for case in cases:
        history = [[turn.role, turn.content] for turn in case.history]
        held = [case.id, case.question, case.answers, case.evidence, case.quotes, case.answerable]
        line = to_json([*held, history, case.tags, sorted(case.judgements.items())])
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()[:16]


def _file(path: Path) -> Iterator[Case]:
    name = path.name.removesuffix(".gz")
    text = read_text(path)
    if name.endswith((".jsonl", ".ndjson")):
        for where, record in read_lines(path, text):
            yield read_case(adapt(record), where)
        return
    if not name.endswith(".json"):
        raise UsageError(f"{path}: cannot tell what this is", FORMATS)
    loaded = read_json(text, str(path))
    if isinstance(loaded, dict) and isinstance(loaded.get("data"), list):
        yield from squad(loaded["data"], path)
    elif isinstance(loaded, list):
        for number, record in enumerate(loaded, 1):
            yield read_case(adapt(record), f"{path}, item {number}")
    else:
        raise UsageError(f"{path} is neither a list of cases nor SQuAD", FORMATS)
