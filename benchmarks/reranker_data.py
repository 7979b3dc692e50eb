"""Questions with passages that our own search finds for them, to train the reranker.

    python -m benchmarks.reranker_data DATA --out pairs.json

The questions are those of SQuAD 2.0 (of paragraphs that XQuAD does not have) and CLAPNQ, and others that
are made of passages: sentences with words left out, as claims, and titles with rare words, as what people
type into a search box. Who is right is not asked: the base's own scores are the labels (`train_reranker`).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.collections import KEPT, collections
from benchmarks.reader_data import read_squad
from index.build import build
from index.corpus import Corpus
from index.embed import open_embedder
from index.lexical import terms
from index.split import sentences
from index.types import Hit, Passage
from qa.reader import open_tokenizer
from qa.rerank import encode

POOL = 50
ASKED = 1200
"""Questions of SQuAD; all of CLAPNQ's are taken."""

MADE = {"asked": 200, "2wiki": 600}
"""Questions made of passages, of each index."""


def asked(data: Path) -> tuple[Path, list[str]]:
    """Return a file of SQuAD's and CLAPNQ's passages, and the questions about them."""
    squad = read_squad(data / "qa/squad2_half_dev.json", [data / "qa/xquad.en.json"])
    records = [{"title": p.title, "text": p.text} for p in squad.paragraphs]
    questions = [q.text for q in squad.questions]
    random.Random(1).shuffle(questions)
    questions = questions[:ASKED]
    for name in ("answerable", "unanswerable"):
        lines = (data / f"qa/clapnq/{name}.jsonl").read_text(encoding="utf-8").splitlines()
        for case in map(json.loads, lines):
            questions.append(case["input"])
            records += [{"title": p["title"], "text": p["text"]} for p in case["passages"]]
    target = KEPT / "asked.jsonl"
    KEPT.mkdir(exist_ok=True)
    target.write_text("".join(f"{json.dumps(r)}\n" for r in records), encoding="utf-8")
    return target, questions


def make(passages: list[Passage], corpus: Corpus, rng: random.Random) -> Iterator[str]:
    """Yield a claim or a few search words for each passage."""
    for passage in passages:
        spans = sentences(passage.text)
        if rng.random() < 0.6 and spans:
            words = passage.text[slice(*rng.choice(spans))].split()
            share = rng.uniform(0.0, 0.5)
            kept = [w for w in words if rng.random() >= share]
            yield " ".join(kept[:40])
        else:
            rare = sorted(set(terms(passage.text)), key=lambda t: -corpus.rarity([t])[0])
            some = rng.sample(rare[:12], min(len(rare), rng.randint(2, 4)))
            yield " ".join([passage.source.title, *some])


def pairs(corpus: Corpus, questions: list[str], rng: random.Random) -> Iterator[list[list[int]]]:
    """Yield, for each question, eight pairs' tokens: of the first three passages and of others behind."""
    for question in questions:
        hits = corpus.search(question, POOL)
        if len(hits) < POOL:
            continue
        near, far = rng.sample(range(3, 12), 3), rng.sample(range(12, POOL), 2)
        yield encoded(corpus, question, [hits[i] for i in (0, 1, 2, *near, *far)])


def encoded(corpus: Corpus, question: str, hits: Sequence[Hit]) -> list[list[int]]:
    """Return the tokens of each pair behind the number of those that are the question's."""
    tokenizer = open_tokenizer()
    wanted = list(dict.fromkeys(terms(question)))
    rarity = dict(zip(wanted, corpus.rarity(wanted), strict=True))
    pairs = []
    for hit in hits:
        passage = hit.passage
        ids, types = encode(tokenizer, question, passage.source.title, passage.text, rarity)
        pairs.append([sum(t == 0 for t in types), *ids])
    return pairs


def main() -> None:
    """Write one list a question: of its pairs, each how many tokens are the question's, and the tokens."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rng = random.Random(2)
    embedder = open_embedder("minilm")
    source, questions = asked(options.data)
    store = KEPT / "asked" / ".qa"
    build(store, [source], embedder)
    wiki = next(iter(collections(options.data, sets=("2wiki",)))).corpus
    groups: list[list[list[int]]] = []
    for name, corpus in (("asked", Corpus(store, lambda: embedder)), ("2wiki", wiki)):
        articles = rng.sample([s.article_id for s in corpus.sources()], MADE[name])
        passages = [rng.choice(corpus.article_passages(a)) for a in articles]
        made = list(make(passages, corpus, rng))
        groups += pairs(corpus, (questions if name == "asked" else []) + made, rng)
    rng.shuffle(groups)
    options.out.write_text(json.dumps(groups), encoding="utf-8")
    print(f"{len(groups)} questions, {sum(map(len, groups))} pairs")


if __name__ == "__main__":
    main()
