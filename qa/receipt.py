"""A receipt of an answer: all that somebody needs who wants to check it later, and the checking.

It holds the question, the quotes with their offsets and the hashes of their articles, the index, the model
and the settings. It does not hold the articles, and it is no signature: its seal shows an accident, not a
forger.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from index.corpus import Corpus
from index.errors import UsageError
from index.types import Article, Scope, Source
from qa.render import citation_json
from qa.types import Answer

FORM = 1
Status = Literal["stands", "moved", "article changed", "gone"]
NEEDED = ("question", "answer", "index", "articles", "quotes", "seal")


@dataclass(frozen=True, slots=True)
class Checked:
    """A quote of a receipt today: `stands` at its place, `moved` within its article, or neither.

    `article changed`: the article is there, the words are not. `gone`: no article of that id, address
    or file. `same_text` says whether the article's text is what it was.
    """

    number: int
    status: Status
    same_text: bool
    article_id: str
    title: str
    quote: str
    start: int | None
    end: int | None


def write_receipt(
    file: Path,
    answer: Answer,
    corpus: Corpus,
    *,
    version: str,
    settings: Mapping[str, Any],
    scope: Scope,
    prompts: Mapping[str, str],
) -> None:
    """Write the receipt of an answer; `prompts` are the hashes of what a model was told, by name.

    Raises `UsageError` where the file cannot be written.
    """
    with corpus.snapshot():
        status = corpus.status()
        cited = dict.fromkeys(c.source.article_id for c in answer.citations)
        articles = {id_: _described(corpus.article(id_)) for id_ in cited}
        index = {
            "content": corpus.content_hash(),
            "embedder": status.embedder,
            "splitter": status.splitter,
            "articles": status.articles,
            "passages": status.passages,
        }
    body = {
        "receipt": FORM,
        "qa": version,
        "made": datetime.now().astimezone().isoformat(timespec="seconds"),
        "question": answer.question,
        "searched": answer.searched,
        "answer": answer.text,
        "short": answer.short,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "model": answer.model,
        "settings": dict(settings),
        "scope": {
            "since": scope.since, "until": scope.until, "sources": list(scope.sources), "as_of": scope.as_of,
        },
        "prompts": dict(prompts),
        "index": index,
        "articles": articles,
        "quotes": [citation_json(c) for c in answer.citations],
    }  # fmt: skip
    text = json.dumps(body | {"seal": _seal(body)}, ensure_ascii=True, indent=1)
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the receipt {file} cannot be written: {error.strerror}", "name another file"
        ) from error


def read_receipt(file: Path) -> tuple[dict[str, Any], bool]:
    """Return a receipt, and whether it is as it was written. Raises `UsageError` where it is none."""
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "qa verify FILE") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{file} is not a receipt: it is no JSON", "qa ask … --receipt FILE"
        ) from error
    if not isinstance(found, dict) or any(key not in found for key in NEEDED):
        raise UsageError(f"{file} is not a receipt", "qa ask … --receipt FILE makes one")
    if found.get("receipt") != FORM:
        raise UsageError(
            f"{file} was written by another version of qa", "use the version that it names"
        )
    quotes, articles = found["quotes"], found["articles"]
    fit = isinstance(quotes, list) and isinstance(articles, dict)
    fit = fit and isinstance(found["index"], dict) and all(map(_known, articles.values()))
    if not fit or not all(isinstance(q, dict) and _whole(q) for q in quotes):
        raise UsageError(f"{file} is a damaged receipt", "qa ask … --receipt FILE makes a new one")
    body = {key: value for key, value in found.items() if key != "seal"}
    return found, found["seal"] == _seal(body)


def verify(receipt: Mapping[str, Any], corpus: Corpus) -> list[Checked]:
    """Return how each quote of a receipt stands in an index today."""
    with corpus.snapshot():
        sources = corpus.sources()
        return [_verify(q, receipt["articles"], corpus, sources) for q in receipt["quotes"]]


def _verify(
    quote: Mapping[str, Any], articles: Mapping[str, Any], corpus: Corpus, sources: Sequence[Source]
) -> Checked:
    known = articles.get(quote["article_id"], {})
    words, start, end = quote["quote"], quote["start"], quote["end"]
    title = str(quote.get("title") or quote["article_id"])
    there = _find(quote["article_id"], known, sources)
    if there is None:
        return Checked(
            quote["number"], "gone", False, quote["article_id"], title, words, None, None
        )
    text = corpus.article(there.article_id).text
    same = _hash(text) == known.get("sha256")
    place = (start, end) if text[start:end] == words else _nearest(text, words, start)
    status: Status = "article changed"
    if place is not None:
        status = "stands" if place == (start, end) else "moved"
    at = place or (None, None)
    return Checked(quote["number"], status, same, there.article_id, there.title, words, *at)


def _find(article_id: str, known: Mapping[str, Any], sources: Sequence[Source]) -> Source | None:
    """The article by its id; a changed one, whose id may be new, by address, record or file."""
    for source in sources:
        if source.article_id == article_id:
            return source
    for key in ("url", "source_id"):
        same = [s for s in sources if known.get(key) and getattr(s, key) == known[key]]
        if len(same) == 1:
            return same[0]
    paths = set(known.get("paths") or ())
    same = [s for s in sources if paths & set(s.paths) and s.title == known.get("title")]
    same = same or [s for s in sources if paths & set(s.paths)]
    return same[0] if len(same) == 1 else None


def _nearest(text: str, words: str, start: int) -> tuple[int, int] | None:
    """Where the words stand now, whatever the white space between them; the nearest place of several."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    found = [m.span() for m in re.finditer(pattern, text)] if pattern else []
    return min(found, key=lambda span: abs(span[0] - start), default=None)


def _described(article: Article) -> dict[str, Any]:
    source = article.source
    return {
        "sha256": _hash(article.text),
        "title": source.title,
        "publisher": source.publisher,
        "published": source.published,
        "url": source.url,
        "source_id": source.source_id,
        "paths": list(source.paths),
    }


def _whole(quote: Mapping[str, Any]) -> bool:
    """Whether a quote has what is compared, in its types."""
    places = (quote.get("number"), quote.get("start"), quote.get("end"))
    texts = (quote.get("article_id"), quote.get("quote"))
    return all(type(n) is int and n >= 0 for n in places) and all(type(t) is str for t in texts)


def _known(article: Any) -> bool:
    """Whether an article's entry can be looked up by what it holds."""
    paths = article.get("paths", []) if isinstance(article, dict) else None
    return isinstance(paths, list) and all(type(path) is str for path in paths)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _seal(body: Mapping[str, Any]) -> str:
    return _hash(json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":")))
