"""Other people's question sets: SQuAD, BEIR folders, and some sets over news.

SQuAD and BEIR are read as they are. Of the others each record is brought to the contract's form by a
small function, recognised by its keys; to add a set is a function and a line in `ADAPTERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.case import FORMATS, Case, read_case, read_lines, read_text
from index.errors import UsageError

Record = Mapping[str, Any]


def squad(articles: list[Any], path: Path) -> Iterator[Case]:
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
                    yield read_case(record | answers, f"{path}, question {number}")
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path}: not SQuAD after question {number}: {error!r}", FORMATS
        ) from error


def beir(folder: Path, split: Path | None) -> Iterator[Case]:
    """A BEIR folder (github.com/beir-cellar/beir/wiki); only judged queries are cases.

    Every file of `qrels/` counts unless one is named (`FOLDER/qrels/test.tsv`). A query's own `answer`, which
    question sets in this shape have (2WikiMultihopQA), is the accepted one.
    """
    queries = next(
        (folder / n for n in ("queries.jsonl", "queries.jsonl.gz") if (folder / n).is_file()), None
    )
    splits = [split] if split else sorted((folder / "qrels").glob("*.tsv"))
    if queries is None or not splits:
        raise UsageError(f"{folder} has no queries.jsonl with qrels/*.tsv", FORMATS)
    judged: dict[str, dict[str, int]] = {}
    for file in splits:
        for number, line in enumerate(read_text(file).splitlines(), 1):
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
    for where, record in read_lines(queries, read_text(queries)):
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            raise UsageError(f"{where}: a query needs '_id' and 'text'")
        grades = judged.pop(str(record.get("_id")), None)
        if grades is not None:
            answer = record.get("answer")
            yield Case(
                str(record["_id"]),
                record["text"],
                (answer,) if isinstance(answer, str) and answer.strip() else (),
                tuple(article for article, grade in grades.items() if grade > 0),
                judgements=grades,
            )
    if judged:
        some = ", ".join(list(judged)[:5])
        raise UsageError(f"{queries}: {len(judged)} judged queries are missing: {some}")


# ---------------------------------------------------------------- sets over news


def adapt(record: Any) -> Any:
    """Return a record in the contract's form; one that no adapter knows is returned as it is."""
    if isinstance(record, Mapping):
        for keys, function in ADAPTERS:
            if keys <= record.keys():
                return function(record)
    return record


def real_time_qa(record: Record) -> dict[str, Any]:
    """RealTimeQA's weekly news quizzes (Kasai et al. 2022), with the documents that hold the answer.

    `gold_docs_with_answer` are evidence (tag `gold`), else the documents in which the answer occurs as
    a string (tag `string-match`, weaker). Without either the articles need not hold the answer: such a
    case is left unanswerable (tag `no-evidence`).
    """
    gold = list(record.get("gold_docs_with_answer") or ())
    evidence = gold or list(record.get("support_docs_string_match") or ())
    kind = "gold" if gold else "string-match" if evidence else "no-evidence"
    answers = [str(answer).strip("“”‘’\"' ") for answer in record.get("answers") or ()]
    sentence = record.get("evidence")
    return {
        "id": record["_id"],
        "question": record["question"],
        "answers": answers if evidence else [],
        "evidence": evidence,
        # The sentence is the quiz's own, not the article's: no gold quote.
        "answerable": bool(evidence),
        "tags": [kind, *([str(record["source"])] if record.get("source") else [])],
        "remark": sentence,
    }


def out_of_corpus(record: Record) -> dict[str, Any]:
    """Questions on a time that the articles do not reach: the right behaviour is to abstain."""
    return {
        "id": record["_id"],
        "question": record["question"],
        "answerable": False,
        "tags": ["out-of-corpus"],
    }


def multihop_rag(record: Record) -> dict[str, Any]:
    """MultiHop-RAG (Tang and Yang 2024): evidence by address, facts as gold sentences."""
    null = record["question_type"] == "null_query"
    found = record["evidence_list"]
    return {
        "id": record["id"],
        "question": record["question"],
        "answers": [] if null else [record["answer"]],
        "evidence": [] if null else list(dict.fromkeys(e["url"] for e in found if e.get("url"))),
        "quotes": [] if null else [e["fact"] for e in found if e.get("fact")],
        "answerable": not null,
        "tags": [record["question_type"]],
    }


def clapnq(record: Record) -> dict[str, Any]:
    """CLAPNQ (Rosenthal et al. 2024): long answers, the selected sentences as gold ones."""
    outputs = [o for o in record.get("output") or () if o.get("answer")]
    sentences = [s for o in outputs for s in o.get("selected_sentences") or ()]
    return {
        "id": record["id"],
        "question": record["input"],
        "answers": [o["answer"] for o in outputs],
        "quotes": [s.strip() for s in dict.fromkeys(sentences)],
        "answerable": bool(outputs),
        "tags": ["clapnq"],
    }


ADAPTERS: list[tuple[frozenset[str], Callable[[Record], dict[str, Any]]]] = [
    (frozenset(("_id", "question", "gold_docs_with_answer")), real_time_qa),
    (frozenset(("_id", "question", "answer_string_in_bm25_top20_of_2022")), out_of_corpus),
    (frozenset(("id", "question", "question_type", "evidence_list")), multihop_rag),
    (frozenset(("id", "input", "passages", "output")), clapnq),
]
