"""Checks a draft against the sources: markers, the sentences they rest on, and quotations.

Whoever wrote the draft, a citation that leaves here is an exact slice of a stored article. Whether
the sentence says what the answer says is for `qa.judging`.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from index.errors import QaError
from index.types import Hit, Passage, Source
from qa.judging import LONGEST, Judge, Part
from qa.markers import Claim, Marked, claims, statements, without_markers
from qa.quotations import unfounded
from qa.support import Evidence, Support
from qa.types import Citation, Draft, Judged, Particular

NO_QUOTE = "(quote not found in the sources)"
NO_SOURCE = "(source could not be verified)"
STRONG, FEWEST_SHARED = 0.6, 3
SHORTEST, MOST_SENTENCES = 10, 100


@dataclass(frozen=True, slots=True)
class Checked:
    """The text with markers 1..m, their citations, remarks, dropped markers, and its judged sentences."""

    text: str
    citations: tuple[Citation, ...]
    notes: tuple[str, ...]
    dropped: int
    sentences: tuple[Judged, ...] = ()


@dataclass(slots=True)
class _Marks:
    """What is put back into the text, by place; one number for one sentence of one article."""

    at: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    citations: dict[tuple[str, int, int], Citation] = field(default_factory=dict)

    def add(self, place: int, mark: str) -> None:
        if mark not in self.at[place]:
            self.at[place].append(mark)

    def cite(self, place: int, passage: Passage, start: int, end: int, quote: str) -> None:
        key = (passage.source.article_id, start, end)
        if key not in self.citations:
            number = len(self.citations) + 1
            self.citations[key] = Citation(
                number, passage.passage_id, passage.source, quote, start, end, True
            )
        self.add(place, f"[{self.citations[key].number}]")


def check(draft: Draft, hits: Sequence[Hit], article_text: Callable[[str], str]) -> Checked:
    """Return the draft with every marker resolved, renumbered by appearance, or dropped.

    `article_text` gives the stored text of an article by its id.
    """
    read = _reader(article_text)
    text, found = without_markers(draft.text, built=bool(draft.spans))
    known = len(draft.spans) or len(hits)
    dropped = sum(not 1 <= n <= known for _, numbers in found for n in numbers)
    valid = [(at, [n for n in numbers if 1 <= n <= known]) for at, numbers in found]
    valid = [(at, numbers) for at, numbers in valid if numbers]
    marks, notes = _Marks(), list(draft.notes)

    sources = [hit.passage.text for hit in hits]
    sources += [title for hit in hits for title in _names(hit.passage.source)]
    sources += [read(span_source)[a:b] for span_source, a, b in _spans(draft, hits)]
    missing = unfounded(text, sources)
    for place in missing:
        marks.add(place, NO_QUOTE)
    if missing:
        which = "a quotation is" if len(missing) == 1 else f"{len(missing)} quotations are"
        notes.append(f"{which} in none of the sources")

    spoken = statements(text)
    claimed = claims(text, spoken, [place for place, _ in valid])
    if draft.spans:
        _cite_spans(draft, hits, valid, marks, read)
    elif valid:
        _cite_passages(text, hits, valid, claimed, marks, read, notes)
    elif text.strip() and not draft.abstained:
        _find_sources(text, spoken, hits, marks, read, notes)
    if dropped:
        which = "a citation" if dropped == 1 else f"{dropped} citations"
        notes.append(f"{which} of passages that do not exist left out")
    marked = Marked(text, marks.at)
    parts = _parts(draft, hits, valid, claimed)
    judged = _judged(text, spoken, parts, hits, marks, marked, notes)
    return Checked(marked.text, tuple(marks.citations.values()), tuple(notes), dropped, judged)


def _parts(
    draft: Draft,
    hits: Sequence[Hit],
    found: Sequence[tuple[int, list[int]]],
    claimed: Mapping[int, Claim],
) -> dict[int, list[Part]]:
    """What each sentence cites: its clauses, each with the passages that it is judged by."""
    passages = {hit.passage.passage_id: hit.passage for hit in hits}
    cited: dict[int, dict[Passage, None]] = {}
    for place, numbers in found:  # [1][2] stand at one place
        if draft.spans:
            named = [passages.get(draft.spans[n - 1].passage_id) for n in numbers]
        else:
            named = [hits[n - 1].passage for n in numbers]
        cited.setdefault(place, {}).update((p, None) for p in named if p is not None)
    parts: dict[int, list[Part]] = defaultdict(list)
    for place, together in cited.items():
        claim = claimed[place]
        parts[claim.sentence].append(Part(claim.start, claim.end, tuple(together)))
    return parts


def _judged(
    text: str,
    spoken: Sequence[tuple[int, int]],
    parts: Mapping[int, Sequence[Part]],
    hits: Sequence[Hit],
    marks: _Marks,
    marked: Marked,
    notes: list[str],
) -> tuple[Judged, ...]:
    """The findings on the sentences, with offsets in the marked text."""
    judge = Judge(text, [hit.passage for hit in hits])
    places = sorted(marks.at)
    judged = []
    for at, (start, end) in enumerate(spoken[:MOST_SENTENCES]):
        found = judge.judge(start, end, parts.get(at, ()))
        if found is None:
            continue
        here = places[bisect.bisect_left(places, start) : bisect.bisect_right(places, end)]
        shown = [int(mark[1:-1]) for p in here for mark in marks.at[p] if mark.startswith("[")]
        lost = []
        for a, b, kind in found.missing:
            a, b = marked.bare(a, b)
            lost.append(Particular(marked.text[a:b], kind, a, b))
        judged.append(
            Judged(
                marked.start(start),
                marked.end(end),
                found.verdict,
                tuple(dict.fromkeys(shown)),
                tuple(lost),
                found.evidence,
                round(found.support, 3),
            )
        )
    if len(spoken) > MOST_SENTENCES:
        notes.append(f"only the first {MOST_SENTENCES} sentences were judged")
    return tuple(judged)


def _cite_spans(
    draft: Draft,
    hits: Sequence[Hit],
    found: Sequence[tuple[int, list[int]]],
    marks: _Marks,
    read: Callable[[str], str],
) -> None:
    """The answerer quoted, and knows from where; only the store is asked."""
    passages = {hit.passage.passage_id: hit.passage for hit in hits}
    for place, numbers in found:
        for number in numbers:
            span = draft.spans[number - 1]
            passage = passages.get(span.passage_id)
            quote = _verified(passage, span.start, span.end, read) if passage else None
            if passage is None or quote is None:
                marks.add(place, NO_SOURCE)
            else:
                marks.cite(place, passage, span.start, span.end, quote)


def _cite_passages(
    text: str,
    hits: Sequence[Hit],
    found: Sequence[tuple[int, list[int]]],
    claimed: Mapping[int, Claim],
    marks: _Marks,
    read: Callable[[str], str],
    notes: list[str],
) -> None:
    """Tie each marker to the sentence of its passage that supports the words before it best."""
    support = Support([hit.passage for hit in hits])
    weak = 0
    for place, numbers in found:
        claim = text[claimed[place].start : claimed[place].end]
        for number in numbers:
            passage = hits[number - 1].passage
            evidence = support.best(claim, [passage])
            weak += evidence is None or not evidence.shared
            _cite(evidence, place, marks, read)
    if weak:
        which = "a citation shares" if weak == 1 else f"{weak} citations share"
        notes.append(f"{which} no word with the sentence that cites it")


def _find_sources(
    text: str,
    spoken: Sequence[tuple[int, int]],
    hits: Sequence[Hit],
    marks: _Marks,
    read: Callable[[str], str],
    notes: list[str],
) -> None:
    """The answer names no source: look for one that holds nearly all of a sentence."""
    passages = [hit.passage for hit in hits]
    support = Support(passages)
    long_enough = [s for s in spoken if s[1] - s[0] >= SHORTEST]
    for start, end in long_enough[:MOST_SENTENCES]:
        evidence = support.best(text[start : min(end, start + LONGEST)], passages)
        if evidence and evidence.score >= STRONG and evidence.shared >= FEWEST_SHARED:
            _cite(evidence, end, marks, read)
    notes.append(
        "the answer named no sources; those shown were found by its words"
        if marks.citations
        else "no source given"
    )


def _cite(evidence: Evidence | None, place: int, marks: _Marks, read: Callable[[str], str]) -> None:
    if evidence is None:
        return
    quote = _verified(evidence.passage, evidence.start, evidence.end, read)
    if quote is None:
        marks.add(place, NO_SOURCE)
    else:
        marks.cite(place, evidence.passage, evidence.start, evidence.end, quote)


def _verified(passage: Passage, start: int, end: int, read: Callable[[str], str]) -> str | None:
    """Return the stored slice, or None where it is not what the passage holds there."""
    stored = read(passage.source.article_id)
    if not 0 <= start < end <= len(stored):
        return None
    left, right = max(start, passage.start), min(end, passage.end)
    if left >= right:  # a span beside its passage: something is out of step
        return None
    same = stored[left:right] == passage.text[left - passage.start : right - passage.start]
    return stored[start:end] if same else None


def _spans(draft: Draft, hits: Sequence[Hit]) -> list[tuple[str, int, int]]:
    articles = {hit.passage.passage_id: hit.passage.source.article_id for hit in hits}
    return [
        (articles[s.passage_id], s.start, s.end) for s in draft.spans if s.passage_id in articles
    ]


def _names(source: Source) -> list[str]:
    """What the writer was given beside the text, and may put in quotation marks."""
    return [name for name in (source.title, source.publisher) if name]


def _reader(article_text: Callable[[str], str]) -> Callable[[str], str]:
    """Read each article once; one that is gone is an empty text, so that nothing of it verifies."""
    texts: dict[str, str] = {}

    def read(article_id: str) -> str:
        if article_id not in texts:
            try:
                texts[article_id] = article_text(article_id)
            except (LookupError, OSError, QaError):
                texts[article_id] = ""
        return texts[article_id]

    return read
