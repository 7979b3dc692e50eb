"""Question sets: what is asked, and what a right answer and right evidence are.

Three formats are read as they are: the contract's JSONL, SQuAD 1/2 JSON, BEIR folders.
"""

from __future__ import annotations

import difflib
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from index.errors import UsageError
from qa.render import to_json
from qa.types import Message

FORMATS = "a question set is JSONL (or .gz), SQuAD JSON, or a BEIR folder with queries.jsonl and qrels/*.tsv"
_KEYS = ("id", "question", "answers", "evidence", "quotes", "answerable", "history", "tags")


@dataclass(frozen=True, slots=True)
class Case:
    """One question, and what is right: accepted short answers, evidence, gold sentences.

    Pieces of evidence are alternatives or parts; the set does not say which. `judgements` keeps
    graded relevance where the set has it (BEIR); a piece of evidence without a grade counts 1.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    answerable: bool = True
    history: tuple[Message, ...] = ()
    tags: tuple[str, ...] = ()
    judgements: Mapping[str, int] = field(default_factory=dict)

    def grade(self, evidence: str) -> int:
        """Return how relevant a piece of evidence is."""
        return self.judgements.get(evidence, 1)


class Corpus(Protocol):
    """What knows the articles that are indexed."""

    def resolve(self, evidence: str) -> frozenset[str]:
        """Return the articles that an id, a source id or (the end of) a path stands for."""


def load_cases(path: Path | str) -> list[Case]:
    """Read a question set.

    Raises `UsageError` that names the file, the line and what is wrong with it; nothing is skipped
    silently.
    """
    path = Path(path)
    if path.is_dir():
        cases = list(_beir(path, None))
    elif path.suffix == ".tsv" and path.parent.name == "qrels" and path.is_file():
        cases = list(_beir(path.parent.parent, path))
    elif not path.is_file():
        raise UsageError(f"{path}: no such question set", FORMATS)
    else:
        cases = list(_file(path))
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


def check_evidence(cases: Sequence[Case], corpus: Corpus) -> dict[str, frozenset[str]]:
    """Return the article ids behind each piece of evidence.

    Raises `UsageError` listing what is not in the index, for a score of zero would blame the search
    for it.
    """
    found: dict[str, frozenset[str]] = {}
    missing: list[str] = []
    for case in cases:
        for evidence in case.evidence:
            if evidence not in found:
                found[evidence] = corpus.resolve(evidence)
                if not found[evidence]:
                    missing.append(evidence)
    if missing:
        shown = ", ".join(missing[:10]) + (", …" if len(missing) > 10 else "")
        raise UsageError(
            f"{len(missing)} of {len(found)} pieces of evidence are not in the index: {shown}",
            "index the articles that they name: qa index PATH…",
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


# ---------------------------------------------------------------- files


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start})", "save it as UTF-8") from error
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _file(path: Path) -> Iterator[Case]:
    name = path.name.removesuffix(".gz")
    text = _read(path)
    if name.endswith((".jsonl", ".ndjson")):
        for where, record in _lines(path, text):
            yield _case(record, where)
        return
    if not name.endswith(".json"):
        raise UsageError(f"{path}: cannot tell what this is", FORMATS)
    try:
        loaded = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not valid JSON: {error}", FORMATS) from error
    if isinstance(loaded, dict) and isinstance(loaded.get("data"), list):
        yield from _squad(loaded["data"], path)
    elif isinstance(loaded, list):
        for number, record in enumerate(loaded, 1):
            yield _case(record, f"{path}, item {number}")
    else:
        raise UsageError(f"{path} is neither a list of cases nor SQuAD", FORMATS)


def _lines(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    # Not splitlines(): U+2028 and its like may stand raw inside a JSON text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = f"{path}, line {number}"
            try:
                yield where, json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                raise UsageError(f"{where}: not valid JSON: {error}", FORMATS) from error


# ---------------------------------------------------------------- the contract's cases


def _case(record: Any, where: str) -> Case:
    if not isinstance(record, dict):
        raise UsageError(
            f"{where}: a case must be an object, not {json.dumps(record)[:40]}", FORMATS
        )
    for key in record.keys() - set(_KEYS):
        near = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.75)
        if near and near[0] not in record:  # a slip; other keys are the owner's own remarks
            raise UsageError(f"{where}: unknown key {key!r}", f"did you mean {near[0]!r}?")
    given = record.get("id")
    if isinstance(given, bool) or not isinstance(given, (str, int)) or given == "":
        raise UsageError(f"{where}: 'id' must be a text that is not empty")
    question = record.get("question")
    if not isinstance(question, str) or not question.strip():
        raise UsageError(f"{where}: 'question' must be a text that is not empty")
    answers, evidence, quotes, tags = (
        _texts(record, key, where) for key in ("answers", "evidence", "quotes", "tags")
    )
    answerable = record.get("answerable")
    if answerable is None:
        answerable = bool(answers or evidence)
    if not isinstance(answerable, bool):
        raise UsageError(f"{where}: 'answerable' must be true or false")
    if answers and not answerable:
        raise UsageError(f"{where}: 'answerable' is false, yet there are 'answers'")
    history = _history(record.get("history"), where)
    return Case(str(given), question, answers, evidence, quotes, answerable, history, tags)


def _texts(record: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = record.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{where}: {key!r} must be a list of texts")
    return tuple(value)


def _history(value: Any, where: str) -> tuple[Message, ...]:
    """Turns as `{"role", "content"}`, or texts of user and assistant by turns."""
    wrong = UsageError(
        f"{where}: 'history' must be a list of turns",
        'such as {"role": "user", "content": "…"}, or texts of user and assistant by turns',
    )
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong
    turns = []
    for place, turn in enumerate(value):
        if isinstance(turn, str):
            turns.append(Message("assistant" if place % 2 else "user", turn))
            continue
        if not isinstance(turn, dict) or turn.get("role") not in ("user", "assistant"):
            raise wrong
        if not isinstance(turn.get("content"), str):
            raise wrong
        turns.append(Message(turn["role"], turn["content"]))
    return tuple(turns)


# ---------------------------------------------------------------- SQuAD and BEIR


def _squad(articles: list[Any], path: Path) -> Iterator[Case]:
    """SQuAD 1.1 and 2.0 (rajpurkar.github.io/SQuAD-explorer); XQuAD has the same shape.

    Its paragraphs carry no ids, so there is no evidence and ranking stays unscored.
    """
    number = 0
    try:
        for article in articles:
            for paragraph in article["paragraphs"]:
                for entry in paragraph["qas"]:
                    number += 1
                    impossible = bool(entry.get("is_impossible", False))
                    texts = [] if impossible else [answer["text"] for answer in entry["answers"]]
                    record = {"id": entry["id"], "question": entry["question"].strip()}
                    answers = {"answers": list(dict.fromkeys(texts)), "answerable": not impossible}
                    yield _case(record | answers, f"{path}, question {number}")
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path}: not SQuAD after question {number}: {error!r}", FORMATS
        ) from error


def _beir(folder: Path, split: Path | None) -> Iterator[Case]:
    """A BEIR folder (github.com/beir-cellar/beir/wiki); only judged queries are cases.

    Every file of `qrels/` counts unless one is named (`FOLDER/qrels/test.tsv`).
    """
    queries = next(
        (folder / n for n in ("queries.jsonl", "queries.jsonl.gz") if (folder / n).is_file()), None
    )
    splits = [split] if split else sorted((folder / "qrels").glob("*.tsv"))
    if queries is None or not splits:
        raise UsageError(f"{folder} has no queries.jsonl with qrels/*.tsv", FORMATS)
    judged: dict[str, dict[str, int]] = {}
    for file in splits:
        for number, line in enumerate(_read(file).splitlines(), 1):
            if not line.strip():
                continue
            cells = line.split("\t")
            if number == 1 and not cells[-1].strip().lstrip("-").isdigit():
                continue  # the head of the table
            try:
                query, article, grade = (
                    cells[0],
                    cells[-2],
                    int(cells[-1]),
                )  # TREC's has a fourth column
            except (IndexError, ValueError):
                wanted = "query id, article id and a whole number, with tabs between"
                raise UsageError(f"{file}, line {number}: not {wanted}") from None
            judged.setdefault(query, {})[article] = grade
    for where, record in _lines(queries, _read(queries)):
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            raise UsageError(f"{where}: a query needs '_id' and 'text'")
        grades = judged.pop(str(record.get("_id")), None)
        if grades is not None:
            evidence = tuple(article for article, grade in grades.items() if grade > 0)
            yield Case(str(record["_id"]), record["text"], evidence=evidence, judgements=grades)
    if judged:
        some = ", ".join(list(judged)[:5])
        raise UsageError(f"{queries}: {len(judged)} judged queries are missing: {some}")
