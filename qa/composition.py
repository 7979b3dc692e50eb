"""Puts an answer together from ranked sentences: verbatim, each with its marker, in a fitting order.

One sentence and what bears it out; for why and how a few in reading order; for a course of events a dated
list; where sources give different values, all of them with outlet and date. Nothing is reworded, and
which of two values is right is not said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.lexical import terms
from index.split import sentences
from qa import differing, weights
from qa.days import days, written
from qa.injected import speaks_to_machine
from qa.occasions import Occasion, dated, day_of
from qa.question import FRESH, Question
from qa.sentence import Sentence, asks, is_heading, origin, overlap, past_dateline
from qa.short import short_of
from qa.types import Draft, Span

SHOWN, EXPLAINED, DATED = 3, 4, 8
"""Sentences at most: of an answer, of an explanation, of a course of events."""

_SAME, _SAME_DAY = 0.6, 0.4
"""Of the terms of two sentences, the overlap from which they say the same, of one day or of any."""

_LONGEST_CONTEXT = 500
_ABOUT = 0.7
"""Of the question's words that the best sentence and its surroundings hold, the share that another must."""

_TELLS = 6
"""Words at least of a sentence that tells what happened on its article's day."""

_COURSE = re.compile(
    r"\b(?:time ?line|chronology|sequence of events|course of events|what happened when|key dates|step by step|"
    r"what happened (?:and when|between|from|since|in what order)|how did (?:it|things|events|the \w+) unfold|"
    r"(?:and )?when did each)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"^[“\"‘(]?(?:(?:and|but|so|then|later|earlier|however|instead|opposite|beside|with|for|after|before|of|in),?\s+)?"
    r"(?:he|she|they|it|his|her|him|their|them|its|this|that|these|those|both|all of them|neither|there)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|today|yesterday|tomorrow|tonight|"
    r"(?:last|this|next|earlier this) (?:week|month|year|night|summer|autumn|winter|spring))\b"
)
_TITLES = frozenset(
    "Mr Mrs Ms Dr President Minister Chancellor Secretary General Senator Governor".split()
)
_NAME = re.compile(r"(?<!^)(?<![.!?“\"] )\b[A-ZÀ-ÖØ-Þİ][\w’'-]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the answer: its text, and the slice of an article that it is tied to."""

    text: str
    span: Span


def compose(ranked: Sequence[Sentence], question: Question) -> Draft:
    """Return the answer that the best of the ranked sentences make; there is at least one."""
    best = ranked[0]
    short = short_of(best, question)
    if _COURSE.search(question.text):
        return _draft(_course(ranked, question), None)
    if question.kind in ("why", "how"):
        found = _explanation(ranked)
        return _draft([_line(s, found) for s in found], short)
    values = differing.values(ranked, question, short)
    if len(values) > 1:
        return differing.draft(values)
    found = _chosen(ranked, question, short)
    if question.kind == "when" and not days(best.text) and (beside := _dated_beside(best)):
        found, short = (
            [*sorted((best, beside[0]), key=lambda s: s.start), *found[1 : SHOWN - 1]],
            beside[1],
        )
    if short and question.kind == "when":
        short = dated(short, best)
    if short and question.kind == "who":
        found, short = _named_in_full(found, short, ranked)
    return _draft([_line(s, found) for s in found], short)


def _named_in_full(
    found: list[Sentence], short: str, ranked: Sequence[Sentence]
) -> tuple[list[Sentence], str]:
    """The sentences to show and the name; a name is only completed by a sentence that is shown.

    What says it in full comes first, unless it answers far less well than the best one does.
    """
    name = _whole_name(short, ranked)
    article = found[0].source.article_id
    if not any(name in s.text for s in found):
        says = [s for s in ranked if s.source.article_id == article and name in s.text]
        if not says:
            return found, short
        if says[0].score < found[0].score - 2 * weights.MARGIN:
            return [found[0], says[0], *found[1 : SHOWN - 1]], name
        found = [*found[: SHOWN - 1], says[0]]
    return sorted(found, key=lambda s: name.casefold() not in s.text.casefold()), name


def _whole_name(short: str, ranked: Sequence[Sentence]) -> str:
    """The name with its first name, where the article that gives the surname alone gives that too."""
    if not re.fullmatch(r"[A-ZÀ-ÖØ-Þİ][\w’'-]+", short):
        return short
    article = ranked[0].source.article_id
    passages = {id(s.hit): s.hit.passage.text for s in ranked if s.source.article_id == article}
    # A capital before it that does not open a sentence: "aide Vladimir Medinsky".
    first = re.compile(rf"(?<=[a-z,] )([A-ZÀ-ÖØ-Þİ][a-zà-öø-ÿ]+ {re.escape(short)})\b")
    found = {name for text in passages.values() for name in first.findall(text)}
    found = {name for name in found if name.split()[0] not in _TITLES}
    return found.pop() if len(found) == 1 else short


def _draft(lines: Sequence[Line], short: str | None) -> Draft:
    text = "\n".join(f"{line.text} [{n}]" for n, line in enumerate(lines, 1))
    return Draft(text, short=short, spans=tuple(line.span for line in lines))


def _line(s: Sentence, beside: Sequence[Sentence] = ()) -> Line:
    """The sentence with what the reader needs to understand it: who "he" is, which Friday."""
    start, text = s.start, s.text
    if _POINTS_BACK.match(text) or len(text.split()) < 6:
        start = _context(s)
        if any(o.hit is s.hit and start < o.end and o.start < s.start for o in beside):
            start = s.start  # it stands in the answer already
        passage = s.hit.passage
        text = " ".join(passage.text[start - passage.start : s.end - passage.start].split())
    if _RELATIVE.search(text) and s.source.published:
        text = f"{text} ({origin(s)})"
    return Line(text, Span(s.hit.passage.passage_id, start, s.end))


def _context(s: Sentence) -> int:
    """Where to begin so that a sentence that points back is understood; its own start where nothing helps.

    At most two sentences before it, of the same paragraph's passage, until one names somebody.
    """
    passage = s.hit.passage
    at = s.start - passage.start
    earlier = [span for span in sentences(passage.text) if span[1] <= at]
    for a, b in reversed(earlier[-2:]):
        too_long = s.end - passage.start - a > _LONGEST_CONTEXT
        if too_long or speaks_to_machine(passage.text[a:b]):
            break
        if _NAME.search(passage.text[a:b]) or not _POINTS_BACK.match(passage.text[a:b]):
            return passage.start + past_dateline(passage.text, a, b)
    return s.start


def _chosen(ranked: Sequence[Sentence], question: Question, short: str | None) -> list[Sentence]:
    """The best sentence and up to two more that nearly are, unless they tell the same again.

    Those that give the same answer come first, of those the newest where time matters.
    """
    best, further = ranked[0], list[Sentence]()
    for s in ranked[1:]:
        if s.score < best.score - weights.MARGIN:
            break
        if (
            _is_about(s, best)
            and _tells(s.text)
            and not _of_another(s, best)
            and not any(_again(s, other) for other in (best, *further))
        ):
            further.append(s)
    wanted = (short or "").casefold()
    same = [bool(wanted) and wanted in s.text.casefold() for s in further]
    order = sorted(range(len(further)), key=lambda i: not same[i])
    if question.kind == "when" or FRESH.search(question.text):
        order.sort(key=lambda i: further[i].source.published or "", reverse=True)
        order.sort(key=lambda i: not same[i])
    return [best, *(further[i] for i in order[: SHOWN - 1])]


def _tells(text: str) -> bool:
    """Whether a sentence neither asks nor is a heading."""
    return not (asks(text) or is_heading(text))


def _is_about(s: Sentence, best: Sentence) -> bool:
    """Whether a sentence is of the best one's article, or its surroundings say nearly as much of the question."""
    near = s.features["context"] >= _ABOUT * best.features["context"]
    return s.source.article_id == best.source.article_id or near


def _of_another(s: Sentence, best: Sentence) -> bool:
    """Whether a sentence is of another side, round or time than the one asked about, and the best one is not."""
    return any(
        s.features.get(what, 0.0) > best.features.get(what, 0.0) for what in ("rival", "elsewhen")
    )


def _again(s: Sentence, other: Sentence) -> bool:
    """Whether a sentence tells what another told: the same words, or the same words of a story's copy."""
    copied = s.story == other.story and s.source.article_id != other.source.article_id
    return overlap(s, other) >= (_SAME / 2 if copied else _SAME)


def _explanation(ranked: Sequence[Sentence]) -> list[Sentence]:
    """Two to four sentences: the best, the one after it, and what is nearly as good; in reading order."""
    best = ranked[0]
    found = [best]
    if after := _following(best):
        # A heading that asks is left out; what follows it answers.
        found = [after] if asks(best.text) else [best, after]
    for s in ranked[1:]:
        if len(found) == EXPLAINED or s.score < best.score - weights.MARGIN:
            break
        if _is_about(s, best) and _tells(s.text) and not any(_again(s, other) for other in found):
            found.append(s)
    order = list(dict.fromkeys(s.source.article_id for s in found))
    return sorted(found, key=lambda s: (order.index(s.source.article_id), s.start))


def _following(s: Sentence) -> Sentence | None:
    """The sentence after, of the same passage, none that asks."""
    passage = s.hit.passage
    at = s.end - passage.start
    later = ((a, b) for a, b in sentences(passage.text) if a >= at)
    found = next(((a, b) for a, b in later if _tells(passage.text[a:b])), None)
    if found is None or speaks_to_machine(passage.text[slice(*found)]):
        return None
    return _at(s, found)


def _at(s: Sentence, place: tuple[int, int]) -> Sentence:
    """Another sentence of the same passage, at a place in its text."""
    passage = s.hit.passage
    text = passage.text[slice(*place)]
    start, end = passage.start + place[0], passage.start + place[1]
    return replace(
        s, start=start, end=end, text=text, before="", terms=frozenset(terms(text)), short=(0, 0)
    )


def _dated_beside(s: Sentence) -> tuple[Sentence, str] | None:
    """The sentence before or after that names a day, and the day, where the best one answers "when" without one."""
    passage = s.hit.passage
    places = sentences(passage.text)
    here = next((n for n, (a, _) in enumerate(places) if passage.start + a >= s.start), None)
    for n in (here + 1, here - 1) if here is not None else ():
        if 0 <= n < len(places):
            other = _at(s, places[n])
            named = [other.text[d.start : d.end] for d in days(other.text) if d.clock is None]
            if named and other.terms & s.terms and not speaks_to_machine(other.text):
                return other, max(named, key=len)  # "10 June" of "Monday, 10 June"
    return None


def _course(ranked: Sequence[Sentence], question: Question) -> list[Line]:
    """A dated list, oldest first: the days that the sentences name, and their articles' where these are few.

    A day that the question names is what it is about ("the January 6 hearings"), not when something happened.
    """
    about = {(day.month, day.day) for day in days(question.text)}
    rows: list[tuple[str, Sentence]] = []
    undated: list[tuple[str, Sentence]] = []
    for s in ranked:
        ends = s.text.rstrip()[-1:] == ":" or asks(s.text) or is_heading(s.text)
        if s.features.get("away") and not _is_about(s, ranked[0]):
            continue  # of another event, which the question does not name
        if ends or any(_again(s, other) for _, other in (*rows, *undated)):
            continue
        if day := day_of(s, about):
            if not any(day == other and overlap(s, told) >= _SAME_DAY for other, told in rows):
                rows.append((day, s))
        elif s.source.published and len(s.text.split()) >= _TELLS:
            undated.append((s.source.published, s))
        if len(rows) == DATED:
            break
    if len(rows) < SHOWN:  # what happened when, and not what was said about it
        rows += undated[: SHOWN - len(rows)]
    rows.sort(key=lambda row: row[0])
    return [_dated_line(day, s) for day, s in rows] or [_line(ranked[0])]


def happened(found: Iterable[Sentence], on: Occasion) -> Draft | None:
    """Return what sentences tell of a day, in their order; None where none does.

    Where an article of that day names none, its first sentence tells its news. What was only announced for the
    day is left out, unless that is all there is.
    """
    told, ahead = list[Sentence](), list[Sentence]()
    of_article = Counter[str]()
    for s in found:
        day, published = day_of(s, set()), s.source.published
        opens = (
            not s.before and published and on.is_day(published) and len(s.text.split()) >= _TELLS
        )
        if not (day and on.is_day(day)) and not (day is None and opens):
            continue
        if not _tells(s.text) or of_article[s.source.article_id] == SHOWN:
            continue
        if any(_again(s, other) for other in (*told, *ahead)):
            continue
        of_article[s.source.article_id] += 1
        (ahead if published and day and day > published else told).append(s)
    lines = (told or ahead)[:DATED]
    return _draft([_line(s, lines) for s in lines], None) if lines else None


def _dated_line(day: str, s: Sentence) -> Line:
    """A line of a course of events; "He" comes with the sentence that says who."""
    line = _line(s) if _POINTS_BACK.match(s.text) else Line(s.text, s.span)
    return replace(line, text=f"{written(day)}: {line.text}")
