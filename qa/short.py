"""The answer in a few words: the reader's span, brought to the form that the question asks for.

"7,000 flights over five days" is "about 7,000" to "how many flights"; "the culture minister" is "Rachida
Dati" to "which minister". Why is answered by what follows "because" and the like, or by a clause of the reader's.

A span of which the reader is certain keeps its words, but half of a range, half of a duration and a role in
place of the name beside it are made whole (`whole`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from qa import spans, weights
from qa.days import days
from qa.fit import fits
from qa.particulars import PEOPLES
from qa.question import Question
from qa.sentence import Sentence

_MEASURED = ("money", "quantity", "duration")
_LONGEST = 7
_CLAUSE = 3
"""Words at least of a reason."""

_NEAR = 60
"""Characters between the reader's span and a part of the right form that may stand for it."""

_RANGE = re.compile(r"\s*(?:and|to|or|-|–|—)\s*")
_LIST = re.compile(r",?\s*(?:and\s+)?")
_BETWEEN = re.compile(r"\b(?:between|from)\s+$", re.IGNORECASE)
_DOES = (
    "appear|arrive|be|become|begin|close|come|complete|end|expire|face|finish|fly|go|have|hold|land|launch|leave|make|"
    "meet|open|play|receive|reopen|report|retire|return|run|sail|sign|speak|stand|start|take|testify|vote"
)
"""What something may be due to do: no cause."""

_BECAUSE = re.compile(
    rf"\b(?:because(?: of)?|due to(?! (?:{_DOES})\b)|owing to|thanks to|on account of|"
    r"(?=out of respect|out of fear|out of concern))\s*"
    r"((?:[^.;:!?”]|\.(?=\w)){5,160}?)"
    r"(?=,? (?:said|says|according to|but|although)\b|, while\b|, (?:[\w.]+ ){1,4}(?:said|says)\b|"
    r", (?:he|she|they|it)\b|[;:!?”]|\.(?!\w)|$)",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"^\W*compare\b|\b(?:more|less|fewer|(?!other|after|under|over|ever|whether)[a-z]+er)\b[^?]*,[^?,]+\bor\b",
    re.IGNORECASE,
)
_TIME_OF_DAY = re.compile(r"\bwhat time\b(?! of)", re.IGNORECASE)
_HOW_MANY = re.compile(r"\bhow many\b(?! per ?cent)", re.IGNORECASE)
_SHARE = re.compile(r"\W*\d[\d.,]*\s*(?:%|per ?cent)\W*")
_COUNT_BEFORE = re.compile(r"(?<![\d.,£$€¥])(\d[\d,]*)\s*[|(]\s*$")
_TO_ANOTHER = re.compile(
    r"(?<=\d)(?:\s?(?:[mk]|bn|million|billion))?,?\s+(?:and|but|while)\s+(?:(?!another|a\b|further|about)[a-z]+\s+){1,2}[£$€¥]\d.*$"
)
_OLD = re.compile(r"(?:s?[\s-]old)\b")
_BY_DAY = re.compile(
    r"\s+(?:(?:on|last|this) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today)\W*$"
)
_EITHER = re.compile(r"\s*(?:to|or|-|–|—)\s*")
_OTHERWISE = re.compile(
    r",? (?:or|i\.e\.|that is)(?: about| around| some| roughly| nearly)? (?=\W?\d).*$"
)
_NAMED = r"[A-ZÀ-ÖØ-Þİ][\w’'-]+(?:\s+(?:(?:de|la|von|van|bin|al|al-)\s+)?[A-ZÀ-ÖØ-Þİ][\w’'.-]*)+"
_NAME_AFTER = re.compile(rf"(?:\s+[a-z-]+){{0,2}},?\s+({_NAMED})")
_NAME_BEFORE = re.compile(rf"({_NAMED}),\s+(?:(?:the|an?|his|her|their)\s+)?$")
_ASIDE = re.compile(r",\s+(?:the|an?|his|her|its|their|who|whom|whose|which)\b.*$")
_FULL_STOP = re.compile(r"(?<=[a-z0-9]{2})\.$")
_WHO_IS = re.compile(
    r"^\W*(?i:who|what) (?:is|was|are|were) (?:the )?((?:[A-ZÀ-ÖØ-Þİ][\w’'.-]*)(?: [A-ZÀ-ÖØ-Þİ][\w’'.-]*){0,3})\W*$"
)
_BEHIND = r"((?:the|an?|its|his|her|their|one of|[A-Z]\w+[’']s)\s[^,.;:()“”]{3,90})"
_AHEAD_OF = (
    r"(?:^|[“”\"(,;—–] ?|\b(?:said|by|and|but|that|while) )"
    r"((?:[Tt]he|[Aa]n?|(?:[A-ZÀ-ÖØ-Þİ][\w-]+ ){0,2}[A-ZÀ-ÖØ-Þİ][\w-]+[’']s?)\s"
    r"(?![^,]*\b(?:day|night|week|month|year|morning|afternoon|evening|time|season|hours?)\b,)[^,.;:()“”]{3,80}),\s+"
    r"(?:[A-ZÀ-ÖØ-Þİ][\w’'.-]* ){0,2}"
)
"""An apposition before the name: "The former treasurer of the trust, Graham Sellick,"."""
_ROLE = re.compile(
    r"(?:\b(?:[A-Z][\w’'-]+|former|foreign|prime|interior|defen[cs]e|culture|finance|economy|health|transport|energy|"
    r"education|justice|labou?r|trade|party|deputy|chief|executive|vice|the|senior|lead|opposition)\s)*"
    r"\b(?:[Pp]resident|[Mm]inister|[Cc]hancellor|[Mm]ayor|[Gg]overnor|[Ss]enator|[Gg]eneral|[Aa]dmiral|[Cc]olonel|[Aa]ide|"
    r"[Cc]hief|[Cc]hair(?:man|woman)?|[Dd]irector|[Ss]ecretary|[Ss]pokes(?:man|woman|person)|[Ee]nvoy|[Nn]egotiator|[Ll]eader|"
    r"[Ee]xecutive|[Jj]udge|[Pp]rofessor|[Ee]ditor|[Aa]rchbishop|[Bb]ishop|[Kk]ing|[Qq]ueen|[Aa]mbassador|[Cc]ommander|"
    r"[Aa]uthor|[Ww]riter|[Aa]ctor|[Aa]ctress|[Ss]inger|[Aa]rchitect|[Ss]cientist|[Ee]ngineer|[Cc]oach|[Cc]aptain)$"
)
_LEADS = re.compile(r"^(?:by|in|on|at|of|to|that|with|from|for|as)\s+", re.IGNORECASE)


def short_of(s: Sentence, question: Question) -> str | None:
    """Return a sentence's answer in a few words, where the question asks for such and the reader is sure enough."""
    if question.yes_or_no or _COMPARES.search(question.text):
        return None  # what is asked for stands in the question
    if question.kind == "why":
        return _why(s)
    if described := _WHO_IS.match(question.asked):
        return _description(s.text, described[1])
    fit = not s.features.get("misfit", 0.0)
    certain = s.features.get("sure", 0.0) >= weights.CERTAIN and fit
    if s.features.get("sure", 0.0) < weights.SURE or (question.kind == "how" and not certain):
        return None
    asked = replace(question, kind="other") if certain else question
    found = short_answer(s.text, s.short, asked)
    start, end = whole(s.text, found, question) if found else (0, 0)
    short = _FULL_STOP.sub("", s.text[start:end].strip(" ,;:"))
    most = len(short.split()) > _LONGEST and len(short) > 0.6 * len(s.text)
    return (
        short
        if short and not most and fits(short, question, s.text[end:], s.text[:start])
        else None
    )


def describes(s: Sentence, question: Question) -> bool:
    """Whether a sentence says who somebody is that the question asks about, by the name as it is asked."""
    asked = _WHO_IS.match(question.asked)
    return bool(asked and asked[1] in s.text and _description(s.text, asked[1]))


def _why(s: Sentence) -> str | None:
    """The reason that a sentence gives: what follows "because" and the like, or the clause that the reader takes."""
    if given := reason(s.text):
        return s.text[slice(*given)]
    clause = _FULL_STOP.sub("", s.text[slice(*s.short)].strip(" ,;:"))
    sure = s.features.get("sure", 0.0) >= weights.REASON and not s.features.get("misfit", 0.0)
    return clause if sure and len(clause.split()) >= _CLAUSE else None


def _description(sentence: str, name: str) -> str | None:
    """What a sentence says somebody or something is, right behind the name or before it; the name alone is none.

    "Kurtz, the chief executive," and "Turkish Foreign Minister Hakan Fidan" do, for "who is Hakan Fidan?".
    """
    last = re.escape(name.split()[-1])
    if behind := re.search(
        rf"\b{last}(?:\s?\([^)]*\))?,\s+(?:who (?:is|was) )?{_BEHIND}", sentence, re.I
    ):
        return behind[1].strip()
    if behind := re.search(rf"\b{last}\s+(?:is|was)\s+{_BEHIND}", sentence, re.I):
        return behind[1].strip()
    if before := re.search(
        rf"{_AHEAD_OF}\b{last}(?: [A-Z]{{2,4}})?(?:,|\s+(?:said|says|was|is|went)\b)", sentence
    ):
        return before[1].strip()
    if at := re.search(rf"(?:[A-ZÀ-ÖØ-Þİ][\w’'.-]+ ){{0,2}}\b{last}\b", sentence):
        words = at[0].split()[:-1]
        # "Foreign Minister Hakan Fidan": of the capitals before the surname some are the role's
        for given in range(min(2, len(words)) + 1):
            said = sentence[: at.start()] + " ".join(words[: len(words) - given])
            if role := _ROLE.search(said.strip()):
                return role[0]
    return None


def short_answer(
    sentence: str, span: tuple[int, int], question: Question
) -> tuple[int, int] | None:
    """Return the `(start, end)` of the short answer in a sentence whose best span is `span`."""
    if span[0] >= span[1]:
        return None
    forms = spans.candidates(sentence, question)
    if not forms or question.kind == "other":
        return _trimmed(sentence, span)
    inside = [f for f in forms if f[0] < span[1] and span[0] < f[1]]
    if question.kind in _MEASURED:
        return _measure(sentence, span, inside or _nearest(forms, span), question)
    if question.kind == "when":
        if _TIME_OF_DAY.search(question.asked):  # of "21 February, 4.40 a.m." the time
            clocks = [f for f in inside or forms if _is_clock(sentence[slice(*f)])]
            if clocks := clocks or [f for f in forms if _is_clock(sentence[slice(*f)])]:
                return min(clocks, key=lambda f: _behind(sentence[: f[0]], question))
        found = inside or _nearest(forms, span)
        return (
            max(found, key=lambda f: _precision(sentence[slice(*f)]))
            if found
            else _trimmed(sentence, span)
        )
    if not inside and not re.search(r"[A-ZÀ-ÖØ-Þİ]", sentence[slice(*span)]):
        near = _nearest(forms, span)
        return near[0] if near else _trimmed(sentence, span)
    return _trimmed(sentence, span)


def reason(sentence: str) -> tuple[int, int] | None:
    """Return the `(start, end)` of the reason that a sentence gives in so many words."""
    found = _BECAUSE.search(sentence)
    if not found or len(found[1].split()) < 2:
        return None
    return found.span(1)


def whole(sentence: str, span: tuple[int, int], question: Question) -> tuple[int, int]:
    """Return the span with the rest of a range or of a duration that it is a part of, or the name for a role."""
    start, end = span
    if question.kind in _MEASURED:
        return _whole_figure(sentence, span, question)
    if question.kind == "who":
        said = sentence[start:end]
        if aside := _ASIDE.search(said):
            return start, start + aside.start()
        if not any(w[:1].isupper() and w.casefold() not in PEOPLES for w in said.split()):
            if after := _NAME_AFTER.match(sentence, end):
                return after.span(1)
            if before := _NAME_BEFORE.search(sentence[:start]):
                return before.span(1)
    return span


def _whole_figure(sentence: str, span: tuple[int, int], question: Question) -> tuple[int, int]:
    start, end = span
    if otherwise := _OTHERWISE.search(
        sentence[start:end]
    ):  # 6.15 billion rupees, or some $75 million
        end = start + otherwise.start()
    forms = spans.candidates(sentence, question)
    if question.kind == "quantity" and _HOW_MANY.search(question.asked):  # "5,204 (16.7%)"
        share = _SHARE.fullmatch(sentence[start:end])
        if share and (count := _COUNT_BEFORE.search(sentence[:start])):
            return count.span(1)
    if another := _TO_ANOTHER.search(sentence[start:end]):  # "£750 and businesses £2,500"
        end = start + another.start()
    if question.kind == "duration" and (old := _OLD.match(sentence, end)):
        end = old.end()  # "41-year"
    if by_day := _BY_DAY.search(sentence[start:end]):
        end = start + by_day.start()
    for a, b in forms if question.kind != "duration" else ():
        if a < end and start < b:  # "about 7,000", "$4.3 billion and $5.2 billion"
            between = _BETWEEN.search(sentence[:a])
            start, end = min(start, between.start() if between else a), max(end, b)
    for first, second in pairwise(forms):
        if not (first[0] < end and start < second[1]):
            continue
        between = _BETWEEN.search(sentence[: first[0]])
        link = _LIST if question.kind == "duration" else _RANGE if between else _EITHER
        if link.fullmatch(sentence, first[1], second[0]):
            start = min(start, between.start() if between else first[0])
            end = max(end, second[1])
    return start, end


def _measure(
    sentence: str, span: tuple[int, int], found: list[tuple[int, int]], question: Question
) -> tuple[int, int]:
    """A figure, or a range of two."""
    if not found:
        return _trimmed(sentence, span)
    first = found[0]
    if question.kind == "duration":  # one year, six months and nine days
        for second in found[1:]:
            if not _LIST.fullmatch(sentence, first[1], second[0]):
                break
            first = (first[0], second[1])
        return first
    for second in found[1:]:
        if _RANGE.fullmatch(sentence, first[1], second[0]):
            between = _BETWEEN.search(sentence[: first[0]])
            return (between.start() if between else first[0], second[1])
    return first


def _nearest(forms: list[tuple[int, int]], span: tuple[int, int]) -> list[tuple[int, int]]:
    """The part of the right form that is next to the span, if one is near."""
    apart = {f: max(f[0] - span[1], span[0] - f[1], 0) for f in forms}
    best = min(forms, key=lambda f: apart[f])
    return [best] if apart[best] <= _NEAR or len(forms) == 1 else []


def _is_clock(text: str) -> bool:
    return any(d.clock is not None for d in days(text))


def _behind(before: str, question: Question) -> int:
    """Characters since a word of the question: polls "open at 7 a.m. and close at 10 p.m."."""
    words = "|".join(re.escape(w) for w in re.findall(r"\w{4,}", question.asked))
    found = (
        [m.end() for m in re.finditer(rf"\b(?:{words})", before, re.IGNORECASE)] if words else []
    )
    return len(before) - max(found, default=-len(before))


def _precision(text: str) -> tuple[bool, bool, int]:
    """How much a date says: a day of a month above a year above a weekday."""
    figures = bool(re.search(r"\d", text))
    return figures, bool(re.search(r"[A-Z][a-z]{2}", text)), len(text)


def _trimmed(sentence: str, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    if (lead := _LEADS.match(sentence[start:end])) is not None and lead.end() < end - start:
        start += lead.end()
    return start, end
