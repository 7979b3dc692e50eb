"""Answers as JSON in the conversations' file, and back.

Read by the types themselves: a field that this version does not know is left out, one that an older
version did not write gets its default. Left out: passages that nothing was quoted from.
"""

from __future__ import annotations

import functools
import json
import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from qa.types import Answer

T = TypeVar("T")
_HITS = 3  # uncited passages that are kept of an answer, for an abstention's nearest evidence


def pack_answer(answer: Answer) -> str:
    """Return an answer as JSON, without the passages that nothing was quoted from."""
    cited = {c.passage_id for c in (*answer.citations, *answer.nearest)}
    kept = asdict(answer)
    kept["hits"] = [
        hit
        for place, hit in enumerate(kept["hits"])
        if hit["passage"]["passage_id"] in cited or place < _HITS
    ]
    return json.dumps(kept, ensure_ascii=True)


def unpack_answer(packed: str) -> Answer:
    """Return the answer that `pack_answer` wrote; raises `ValueError` for anything else."""
    try:
        return _made(Answer, json.loads(packed))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no answer: {error}") from error


@functools.cache
def _hints(kind: type[Any]) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _made(kind: type[T], values: Mapping[str, Any]) -> T:
    hints = _hints(kind)  # type: ignore[arg-type]
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    return kind(**{k: _read(hints[k], v) for k, v in values.items() if k in known})


def _read(hint: Any, value: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is types.UnionType:  # X | None: the types here hold no other unions
        return (
            None if value is None else _read(next(i for i in inner if i is not type(None)), value)
        )
    if origin is tuple:
        return tuple(_read(inner[0], item) for item in value)
    if isinstance(hint, type) and is_dataclass(hint):
        return _made(hint, value)
    return value
