"""First questions, drawn from what the newest articles say.

Read from two turns of phrase of news prose, so that the articles do hold an answer: a name with what it
is beside it ("Ann Lee, the mayor of X,"), and a name that said something. Left out: any model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from index.types import Source
from qa.tui.contracts import PipelineLike
from qa.tui.lettering import line
from qa.tui.messages import SuggestionChosen

MOST, READ = 3, 24
_NAME = r"[A-Z][a-zà-ÿ'’-]+(?: (?:(?:van|de|der|von|bin|al|el|of) )?[A-Z][a-zà-ÿ'’-]+){1,3}"
_WHO = re.compile(rf"(?<![A-Z][a-z]{{2}} )\b({_NAME}), (?:the|an?) ([^.,;:\"“”]{{8,90}}),")
_SAID = re.compile(rf"\b({_NAME}) (said|told|announced|warned|promised|proposed)\b")
_PERSON = re.compile(
    r"\b(aide|minister|president|premier|director|professor|mayor|chief|head|leader|secretary|analyst|"
    r"lawyer|attorney|senator|governor|officer|founder|owner|chair\w*|commander|ambassador|coach|judge|"
    r"engineer|scientist|doctor|editor|author|writer|actor|actress|singer|player|captain|general|official|"
    r"advis\w+|spokes\w+|researcher|economist|historian|manager|executive|resident|student|teacher)\b"
)
_PLAIN = re.compile(r"[\w'’ -]+\Z")
_VERB = {"said": "say", "told": "say", "announced": "announce", "warned": "warn of",
         "promised": "promise", "proposed": "propose"}  # fmt: skip


def suggest(pipeline: PipelineLike, sources: Sequence[Source]) -> tuple[str, ...]:
    """Return a few questions on the newest articles; none where nothing fits."""
    dated = sorted((s for s in sources if s.published), key=lambda s: s.published or "")
    newest = [s.article_id for s in reversed(dated or list(sources))][: READ * 4 : 4]
    return questions_in(pipeline.article(article_id).text for article_id in newest)


def questions_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return questions that these texts answer, each about another name and no two of one text."""
    heads = [text[:6000] for text in texts]
    who = [
        [(f"Who is {m[1]}?", m[1]) for m in _WHO.finditer(h) if _PERSON.search(m[2])] for h in heads
    ]
    said = [[(f"What did {m[1]} {_VERB[m[2]]}?", m[1]) for m in _SAID.finditer(h)] for h in heads]
    found: list[str] = []
    named: set[str] = set()
    used: set[int] = set()
    for candidates, most in ((who, MOST - 1), (said, MOST), (who, MOST)):
        for number, of_text in enumerate(candidates):
            if number in used or len(found) >= most:
                continue
            for question, name in of_text:
                last = name.split()[-1]
                if last not in named and _PLAIN.match(name):
                    named.add(last)
                    used.add(number)
                    found.append(question)
                    break
    return tuple(found)


class Suggestion(Static, can_focus=True):
    """A question that can be asked by a click, or by Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "choose", "Ask it"),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, question: str) -> None:
        text = Content.assemble(("  ? ", "bold $accent"), line(question, 120))
        super().__init__(text, classes="suggestion", markup=False)
        self._question = question

    def action_choose(self) -> None:
        """Ask the question."""
        self.post_message(SuggestionChosen(self._question))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_choose()
