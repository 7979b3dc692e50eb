"""The articles to look through: by date, outlet or story; search as you type; Enter opens one.

Titles are searched at once; what stands in the texts comes a moment later, from the index's own search.
Left out: reading an article; that is the article screen's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer

from index.errors import QaError
from index.types import Source
from qa.tui.contracts import CorpusLike
from qa.tui.evidence import Evidence, nearest, whole
from qa.tui.lettering import byline, line, title
from qa.tui.listing import Listing, Row
from qa.tui.stories import UNKNOWN, by_outlet, told

ORDERS = ("date", "outlet", "story")
_ALONE = "told by one article"
_FOUND = 12
_PAUSE = 0.25  # seconds without a key after which the texts are searched


class Browser(Listing[Evidence]):
    """Calls `read` with the article that was chosen and stays, so that one can go on looking."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2,ctrl+t", "order", "By date, outlet or story", id="browse-order", priority=True),
    ]
    HEADING = "Articles"
    FOOT = "Enter read · F2 by date, outlet, story · Esc back"
    PLACEHOLDER = "search titles, outlets, dates; the texts a moment later"

    @dataclass
    class Found(Message):
        """What the index holds of the words that were typed."""

        wanted: str
        evidence: tuple[Evidence, ...]

    def __init__(
        self,
        corpus: CorpusLike,
        sources: Sequence[Source],
        spawn: Callable[[Callable[[], None]], object],
        read: Callable[[Evidence], None],
    ) -> None:
        super().__init__()
        self._corpus, self._spawn, self._read = corpus, spawn, read
        self._order = ORDERS[0]
        self._keyed = [
            (source, f"{source.title} {source.publisher} {source.published}".casefold())
            for source in sorted(sources, key=lambda s: s.published or "", reverse=True)
        ]
        self._stories = {s.article_id: title(s) for s in sources if s.story == s.article_id}
        self._texts: tuple[str, tuple[Evidence, ...]] = ("", ())
        self._pause: Timer | None = None

    def rows(self, wanted: str) -> Sequence[Row]:
        """The articles whose title, outlet or date hold the words, under headings."""
        words = wanted.casefold().split()
        fit = [s for s, text in self._keyed if all(word in text for word in words)]
        rows: list[Row] = []
        if wanted and self._texts[0] == wanted and self._texts[1]:
            rows.append(Row("in the texts", available=False, heading=True))
            rows += [
                Row(title(e.source), f"{byline(e.source)} · {line(e.quote, 90)}", key=e)
                for e in self._texts[1]
            ]
        groups: dict[str, list[Source]] = {}
        for source in fit:
            groups.setdefault(self._group(source), []).append(source)
        names = list(groups)
        if self._order != "date":
            names.sort(key=lambda name: (name == _ALONE, name))
        for name in names:
            rows += self._rows_of(name, groups[name])
        return rows or [Row("no title fits; the texts are being searched", available=False)]

    def _rows_of(self, name: str, sources: Sequence[Source]) -> list[Row]:
        """A heading and its articles; those of a story by the outlets that printed it."""
        outlets = by_outlet(sources)
        story = self._order == "story" and name != _ALONE
        note = told(len(sources), len(outlets.keys() - {UNKNOWN})) if story else ""
        rows = [Row(line(name) or "unknown", note, available=False, heading=True)]
        if not story or len(outlets) < 2:
            return rows + [Row(title(s), byline(s), key=whole(s)) for s in sources]
        for outlet, articles in outlets.items():
            rows.append(Row(f"{line(outlet, 60)} · {len(articles)}", available=False))
            rows += [Row(f"  {title(s)}", byline(s), key=whole(s)) for s in articles]
        return rows

    def _group(self, source: Source) -> str:
        if self._order == "date":
            return (source.published or "no date known")[:7]
        if self._order == "outlet":
            return source.publisher or "outlet unknown"
        if source.story is None:
            return _ALONE
        return self._stories.get(source.story, source.story)

    def typed(self) -> None:
        """Search the titles now and the texts when no key comes for a moment."""
        super().typed()
        if self._pause is not None:
            self._pause.stop()
        if len(self.wanted) >= 3:
            self._pause = self.set_timer(_PAUSE, self._search)

    def _search(self) -> None:
        wanted, corpus = self.wanted, self._corpus

        def search() -> None:
            with contextlib.suppress(QaError):  # a list of titles is left
                found = nearest(corpus.search(wanted, _FOUND), _FOUND)
                self.post_message(self.Found(wanted, found))

        self._spawn(search)

    def on_browser_found(self, message: Found) -> None:
        if message.wanted == self.wanted:
            self._texts = (message.wanted, message.evidence)
            self.refill()

    def action_order(self) -> None:
        """Go on to the next order."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self.refill()
        self.say(f"by {self._order} · {self.FOOT}")

    def take(self, row: Row) -> None:
        """Open the article over the list."""
        if isinstance(row.key, Evidence):
            self._read(row.key)
