"""Answers, citations and hits as the JSON that other programs read.

The keys are a promise (see the contract in `docs/`): keys may be added at the end, never renamed.
What a person reads in the terminal is not made here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from index.types import Hit
from qa.types import Answer, Citation, Judged, Usage

# Characters that JSON may hold raw but that steer a terminal or hide text from a reader: C1
# controls, zero-width and bidirectional marks, soft hyphens, line separators, tags, private use. Escaped, the data
# stay the same.
_STEERING = re.compile(
    "[\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u08e2\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ue000-\uf8ff\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def hit_json(hit: Hit, *, text: bool = True) -> dict[str, Any]:
    """Return a hit as in `qa ask --json`; run files leave its text out."""
    passage, source = hit.passage, hit.passage.source
    found: dict[str, Any] = {
        "rank": hit.rank,
        "passage_id": passage.passage_id,
        "article_id": source.article_id,
        "source_id": source.source_id,
        "path": source.path,
        "title": source.title,
        "published": source.published,
        "score": hit.score,
    }
    if text:
        found["text"] = passage.text
    found |= {"start": passage.start, "end": passage.end}
    return found | {"story": source.story, "copies": source.copies, "outlets": source.outlets}


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return a citation as in `qa ask --json`."""
    source = citation.source
    return {
        "number": citation.number,
        "passage_id": citation.passage_id,
        "article_id": source.article_id,
        "title": source.title,
        "publisher": source.publisher,
        "published": source.published,
        "url": source.url,
        "path": source.path,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "verified": citation.verified,
    }


def judged_json(judged: Judged, text: str) -> dict[str, Any]:
    """Return what was found of a sentence of an answer; its offsets are those of the answer."""
    evidence = judged.evidence
    return {
        "text": text[judged.start : judged.end],
        "start": judged.start,
        "end": judged.end,
        "verdict": judged.verdict,
        "citations": list(judged.citations),
        "missing": [
            {"text": p.text, "kind": p.kind, "start": p.start, "end": p.end} for p in judged.missing
        ],
        "evidence": None
        if evidence is None
        else {"passage_id": evidence.passage_id, "start": evidence.start, "end": evidence.end},
        "support": round(judged.support, 3),
    }


def usage_json(usage: Usage) -> dict[str, Any]:
    """Return what a model call took; a cost that nobody knows is null, not zero."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.cost_usd,
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as `qa ask --json` prints it."""
    return {
        "question": answer.question,
        "answer": answer.text,
        "short": answer.short,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "model": answer.model,
        "citations": [citation_json(citation) for citation in answer.citations],
        "hits": [hit_json(hit) for hit in answer.hits],
        "usage": usage_json(answer.usage),
        "timings_ms": dict(answer.timings_ms),
        "notes": list(answer.notes),
        "confidence": answer.confidence,
        "sentences": [judged_json(judged, answer.text) for judged in answer.sentences],
        "nearest": [citation_json(citation) for citation in answer.nearest],
        "searched": answer.searched,
    }


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Return `value` as JSON that is always valid UTF-8.

    No lone surrogate (U+FFFD), no NaN (null), nothing raw that steers a terminal. Only what JSON
    can say is taken: mappings, sequences, texts, numbers, booleans, None.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except (TypeError, ValueError):  # a NaN, or a mapping that is no dict: seldom, and slower
        text = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, indent=indent)
    return _STEERING.sub(_escape, _SURROGATE.sub("\ufffd", text))


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1]
