"""Checks a draft against the sources: markers, the sentences they rest on, and quotations.

Whoever wrote the draft, a citation that leaves here is an exact slice of a stored article. Whether
the sentence says what the answer says is not judged here, only which sentence comes nearest.
"""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from index.errors import QaError
from index.split import sentences
from index.types import Hit, Passage, Source
from qa.quotations import unfounded
from qa.support import Evidence, Support
from qa.types import Citation, Draft

NO_QUOTE = "(quote not found in the sources)"
NO_SOURCE = "(source could not be verified)"
STRONG, FEWEST_SHARED = 0.6, 3
LONGEST_CLAIM = 200
SHORTEST, MOST_SENTENCES = 10, 100

# Every repetition is bounded: a text made to be slow must not be.
_MARKER = re.compile(
    r"[\[【] {0,2}(?:(?:passages?|sources?|articles?) {0,2})?\^?"
    r"(\d{1,3}(?: {0,2}(?:[,;&–-]|and) {0,2}\d{1,3}){0,30})"
    r"(?:†[^\]】]{0,80})? {0,2}[\]】](?:\((?:https?://|[#/])[^()\s]{0,2000}\))?",
    re.I,
)
_WIDEST = 20  # a range such as [1-500] is no citation


@dataclass(frozen=True, slots=True)
class Checked:
    """The text with markers 1..m, their citations, remarks, and how many markers were dropped."""

    text: str
    citations: tuple[Citation, ...]
    notes: tuple[str, ...]
    dropped: int


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
    text, found = _without_markers(draft.text)
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

    if draft.spans:
        _cite_spans(draft, hits, valid, marks, read)
    elif valid:
        _cite_passages(text, hits, valid, marks, read, notes)
    elif text.strip() and not draft.abstained:
        _find_sources(text, hits, marks, read, notes)
    if dropped:
        which = "a citation" if dropped == 1 else f"{dropped} citations"
        notes.append(f"{which} of passages that do not exist left out")
    return Checked(_with_marks(text, marks), tuple(marks.citations.values()), tuple(notes), dropped)


def _without_markers(text: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """Return the text without markers and, for each place in it, the numbers that stood there."""
    pieces, found, last, length = [], [], 0, 0
    for match in _MARKER.finditer(text):
        piece = text[last : match.start()].rstrip(" \t")
        pieces.append(piece)
        length += len(piece)
        last = match.end()
        if not piece or piece[-1] == "\n":  # a line that begins with it
            while text[last : last + 1] in (" ", "\t"):
                last += 1
        found.append((length, _numbers(match[1])))
    return "".join([*pieces, text[last:]]), found


def _numbers(written: str) -> list[int]:
    numbers: list[int] = []
    for part in re.split(r"[,;&]|and", written, flags=re.I):
        ends = [int(n) for n in re.split("[–-]", part)]
        if len(ends) == 2 and 0 < ends[0] < ends[1] < ends[0] + _WIDEST:
            numbers += range(ends[0], ends[1] + 1)
        else:
            numbers += ends
    return numbers


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
    marks: _Marks,
    read: Callable[[str], str],
    notes: list[str],
) -> None:
    """Tie each marker to the sentence of its passage that supports the words before it best."""
    support = Support([hit.passage for hit in hits])
    claims = _claims(text, [place for place, _ in found])
    weak = 0
    for place, numbers in found:
        for number in numbers:
            passage = hits[number - 1].passage
            evidence = support.best(claims[place], [passage])
            weak += evidence is None or not evidence.shared
            _cite(evidence, place, marks, read)
    if weak:
        which = "a citation shares" if weak == 1 else f"{weak} citations share"
        notes.append(f"{which} no word with the sentence that cites it")


def _find_sources(
    text: str, hits: Sequence[Hit], marks: _Marks, read: Callable[[str], str], notes: list[str]
) -> None:
    """The answer names no source: look for one that holds nearly all of a sentence."""
    passages = [hit.passage for hit in hits]
    support = Support(passages)
    long_enough = [s for s in _statements(text) if s[1] - s[0] >= SHORTEST]
    for start, end in long_enough[:MOST_SENTENCES]:
        evidence = support.best(text[start:end], passages)
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


def _claims(text: str, places: Sequence[int]) -> dict[int, str]:
    """The words that each place vouches for: its sentence, or a clause of several."""
    claims = {}
    statements = _statements(text)
    starts, marked = [start for start, _ in statements], sorted(set(places))
    for at, place in enumerate(marked):
        # The sentence that began before the place, or after it where the place begins a line.
        begins = place == 0 or text[place - 1] == "\n"
        which = bisect.bisect_left(starts, place) - (not begins)
        start, end = statements[min(max(which, 0), len(statements) - 1)] if statements else (0, 0)
        before = marked[at - 1] if at and marked[at - 1] > start else None
        later = at + 1 < len(marked) and marked[at + 1] <= end
        clause = text[start if before is None else before : min(place, end)]
        split = (before is not None or later) and len(re.findall(r"\w+", clause)) >= 3
        # Short clauses of a line without an end would each have the whole of it for a claim.
        near = text[max(start, place - LONGEST_CLAIM) : min(end, place + LONGEST_CLAIM)]
        claims[place] = clause if split else near
    return claims


def _statements(text: str) -> list[tuple[int, int]]:
    """The sentences, none longer than a line."""
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        spans += [(at + a, at + b) for a, b in sentences(line)]
        at += len(line)
    return spans


def _with_marks(text: str, marks: _Marks) -> str:
    pieces, last = [], 0
    for place in sorted(marks.at):
        pieces.append(text[last:place])
        words = [mark for mark in marks.at[place] if not mark.startswith("[")]
        numbers = "".join(mark for mark in marks.at[place] if mark.startswith("["))
        put = " ".join([*words, *([numbers] if numbers else [])])
        begins = place == 0 or text[place - 1].isspace()
        pieces.append(f"{put} " if begins else f" {put}")
        last = place
    return "".join([*pieces, text[last:]]).strip()


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
