"""A model that judges answers: correct, faithful to the quotes, complete.

It is asked once for each answer that was given; abstaining is right or wrong without it. A reply that
cannot be read, or none at all, is no verdict and never a zero. What it is worth on a set says
`eval.agreement`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eval.cases import Case
from eval.match import without_markers
from index.errors import QaError
from index.safe import safe
from prompts import Prompt
from qa.faults import plain
from qa.render import usage_json
from qa.types import Answer, Usage

Complete = Callable[[str, str], tuple[str, Usage]]

_MARKS = {"yes": 1.0, "true": 1.0, "right": 1.0, "partly": 0.5, "partially": 0.5, "no": 0.0,
          "false": 0.0, "wrong": 0.0}  # fmt: skip
_LINE = re.compile(
    rf"^[\W_]*(correct|faithful|complete)(?:ness)?[\W_]*[:=][\W_]*({'|'.join(_MARKS)})\b",
    re.I | re.M,
)
_REASON = re.compile(r"^[\W_]*reason[\W_]*[:=]\s*(.+)$", re.I | re.M)


@dataclass(frozen=True)
class ModelJudge:
    """Judges through a model's whole reply to (system, user), with the prompt `judge`."""

    name: str
    prompt: Prompt
    complete: Complete

    @property
    def identity(self) -> dict[str, str]:
        """What names this judge in a run: its scores hold for the same model and prompt only."""
        return {"model": self.name, "prompt": self.prompt.sha256}

    def mark(self, case: Case, answer: Answer) -> dict[str, Any]:
        """Return `asked`, `marks` (empty where there is no verdict), `reason` and `usage`."""
        if answer.abstained:
            right = float(not case.answerable)
            marks = {"judge_correct": right}
            return {"asked": False, "marks": marks, "reason": "it abstained", "usage": None}
        system, user = self.prompt.render(
            fence=secrets.token_hex(8),
            question=safe(case.question, newlines=False),
            reference=_lines(case.answers) or "(none: the articles do not hold an answer)",
            gold=_lines(case.quotes) or "(none given)",
            answer=safe(without_markers(answer.text)),
            quotes=_lines([citation.quote for citation in answer.citations]) or "(none)",
        )
        try:
            reply, usage = self.complete(system, user)
        except QaError as error:
            reason = f"the judge failed: {error.message}"
            return {"asked": True, "marks": {}, "reason": reason, "usage": None}
        marks, reason = read_verdict(reply)
        return {"asked": True, "marks": marks, "reason": reason, "usage": usage_json(usage)}


def read_verdict(reply: str) -> tuple[dict[str, float], str]:
    """Return the marks by metric and the reason.

    No marks where one of the three is missing or said twice in two ways: half a verdict is none.
    """
    marks: dict[str, float] = {}
    for name, word in _LINE.findall(reply):
        key, value = _metric(name), _MARKS[word.lower()]
        if marks.setdefault(key, value) != value:
            return {}, "no verdict: it says two things"
    if len(marks) < 3:
        shown = plain(" ".join(reply.split()))
        return {}, f"no verdict in the reply: {shown}" if shown else "no verdict: an empty reply"
    why = _REASON.search(reply)
    return marks, plain(why[1].strip()) if why else ""


def _metric(name: str) -> str:
    return f"judge_{name.lower()}"


def _lines(texts: tuple[str, ...] | list[str]) -> str:
    return "\n".join(f"- {safe(text, newlines=False)}" for text in texts)
