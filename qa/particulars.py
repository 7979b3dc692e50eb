"""The particulars of a sentence (names, figures, dates, amounts) and whether the evidence holds them.

Names are capitalised expressions; a figure counts as held only where the sentence around it speaks of
the same thing. Spelling variants of names are known as far as endings and a short table go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.split import sentences
from index.types import Passage
from qa.days import Day, borne_out, days
from qa.figures import Figure, agree, figures
from qa.words import COMMON, plain, words

Kind = Literal["name", "number", "money", "date", "quotation"]
Found = tuple[int, int, Kind]

_SAME = [
    set(group.split())
    for group in (
        "us usa america american americans states|uk britain british briton britons kingdom|eu european europe|"
        "un nations|france french|netherlands dutch holland|spain spanish|switzerland swiss|greece greek greeks|"
        "wales welsh|denmark danish danes|poland polish poles|sweden swedish|finland finnish|ireland irish|"
        "scotland scottish scots|thailand thai|turkey turkiye turkish turks|kiev kyiv|czechia czech|"
        "philippines filipino philippine|peru peruvian|norway norwegian|iceland icelandic|"
        "england english|belgium belgian|germany german germans|japan japanese|israel israeli israelis"
    ).split("|")
]
_ALIASES = {word: group for group in _SAME for word in group}
PEOPLES = frozenset(_ALIASES) | frozenset(
    "russian russians ukrainian ukrainians chinese indian indians".split()
)
"""Countries and their peoples, in lower case: no name of a person."""
_ENDINGS = (
    "ians", "ian", "eans", "ean", "ans", "an", "ns", "n", "ish", "ese", "iy", "yy", "ey", "y", "ia", "is", "i", "s",
    "e", "a",
)  # fmt: skip
_TITLES = frozenset(
    "mr mrs ms dr sir lord lady dame prof professor president prime minister chancellor secretary general king queen "
    "prince princess sen senator gov governor judge justice mayor chief executive the of and de la von van der al el "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december i ok".split()
)
_OPENERS = frozenset(
    "neither both last early several new military local however still even today yesterday later earlier recently "
    "most many some few each every another other two three four five six seven eight nine ten officials police "
    "people according although while during under since despite here yes no none nobody nothing only just "
    "meanwhile additionally moreover furthermore overall instead following unlike like because".split()
)
_CAPITAL = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w’'&-]*(?:\.[A-Z])*\.?")
_ACRONYM = re.compile(r"\b(?:[A-Z]\.){2,}")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence of the evidence: what it counts, and what it speaks of."""

    figures: tuple[Figure, ...]
    words: frozenset[str]


class Held:
    """What some passages of one article, and what is printed above it, mention."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        source = passages[0].source
        self.published = _iso(source.published)
        above = [source.title, source.publisher or "", *source.authors]
        texts = [*(p.text for p in passages), *above]
        whole = _without_dots("\n".join(texts))
        self.days: list[Day] = [d for text in texts for d in days(text)]
        self.words = frozenset(w.casefold() for w in _WORD.findall(plain(whole)))
        self.roots = frozenset(r for w in self.words for r in _roots(w))
        self.initials = _initials(whole)
        self.lines = [line for text in texts for line in _lines(text)]

    def names(self, name: str) -> bool:
        """Whether every word of a name is there, in this or another form of it."""
        parts = [w.casefold() for w in _WORD.findall(plain(_without_dots(name)))]
        wanted = [w for w in parts if w not in _TITLES and len(w) > 1]
        if all(self._has(w) for w in wanted):
            return True
        # The European Union of the claim is the EU of the source, and the other way round.
        initials = "".join(w[0] for w in parts if w not in ("of", "the", "and", "for"))
        return len(initials) > 1 and initials in self.words

    def _has(self, word: str) -> bool:
        return (
            word in self.words
            or bool(_ALIASES.get(word, set()) & self.words)
            or (2 <= len(word) <= 6 and word in self.initials)
            or (len(word) > 3 and bool(_roots(word) & self.roots))
        )

    def counts(self, figure: Figure, about: frozenset[str]) -> bool:
        """Whether a sentence that speaks of the same thing holds this figure."""
        needed = min(2, len(about))
        return any(
            any(agree(figure, f) for f in line.figures) and len(about & line.words) >= needed
            for line in self.lines
        )


def particulars(sentence: str) -> tuple[list[Day], list[Figure], list[tuple[int, int]]]:
    """Return the days, the figures and the `(start, end)` of the names of a sentence."""
    dated = days(sentence)
    taken = [(d.start, d.end) for d in dated]
    counted = figures(sentence, taken)
    taken += [(f.start, f.end) for f in counted]
    return dated, counted, [n for n in _names(sentence) if not _within(n, taken)]


def missing(sentence: str, held: Sequence[Held]) -> list[Found]:
    """Return the `(start, end, kind)` of the particulars that none of the evidence holds, in order."""
    dated, counted, named = particulars(sentence)
    figures_words = {w for f in counted for w in words(sentence[f.start : f.end])}
    about = frozenset(
        w
        for w in words(sentence)
        if w not in COMMON and w not in figures_words and not w[0].isdigit()
    )
    found: list[Found] = []
    for day in dated:
        if not any(borne_out(day, h.days, h.published) for h in held) and not _as_count(
            day, sentence, about, held
        ):
            found.append((day.start, day.end, "date"))
    for figure in counted:
        if not any(h.counts(figure, about) for h in held):
            found.append((figure.start, figure.end, "money" if figure.money else "number"))
    for start, end in named:
        if not any(h.names(sentence[start:end]) for h in held):
            found.append((start, end, "name"))
    return sorted(found)


def _as_count(day: Day, sentence: str, about: frozenset[str], held: Sequence[Held]) -> bool:
    """Whether what reads like a year is a count that the evidence holds."""
    text = sentence[day.start : day.end].strip()
    if not text.isdigit():
        return False
    figure = Figure(day.start, day.end, float(text), "", False)
    return any(h.counts(figure, about) for h in held)


def _names(sentence: str) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words; the first word of a sentence only where it looks like a name."""
    runs: list[tuple[int, int]] = []
    for match in _CAPITAL.finditer(sentence):
        start, end = match.span()
        text = match[0].rstrip(".") if not _ACRONYM.fullmatch(match[0]) else match[0]
        for tail in ("’s", "'s", "’", "'", "-"):
            text = text.removesuffix(tail)
        end = start + len(text)
        if runs and sentence[runs[-1][1] : start] == " ":
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    for start, end in runs:
        text = sentence[start:end]
        opens = not re.search(
            r"[\w,;]", sentence[max(0, start - 3) : start].replace(" ", "")
        ) or bool(re.search(r"[.!?“\"‘(\[\]]\W*$", sentence[:start]))
        first, _, rest = text.partition(" ")
        if opens and first.casefold() in COMMON | _OPENERS:
            if not rest:
                continue
            start += len(first) + 1
        elif opens and not rest and _ordinary(text, sentence[end : end + 12]):
            continue
        wanted = [
            w for w in _WORD.findall(sentence[start:end]) if w.casefold() not in _TITLES | COMMON
        ]
        if wanted and max(map(len, wanted)) > 1:
            yield start, end


def _ordinary(word: str, after: str) -> bool:
    """Whether a single capitalised word at the head of a sentence may well be an everyday one."""
    if word.isupper() and len(word) > 1:
        return False
    lower = word.casefold()
    if lower in _ALIASES or lower.endswith(("ing", "ed", "ly", "tion", "ment", "ness")):
        return lower not in _ALIASES
    verb = re.match(
        r"['’]s\b| (?:was|is|has|had|said|told|will|would|did|became|won|led|\w{3,}ed)\b", after
    )
    return lower.endswith("s") or not verb


def _within(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    return any(a < span[1] and span[0] < b for a, b in taken)


def _lines(text: str) -> Iterator[_Line]:
    before: frozenset[str] = frozenset()
    for start, end in sentences(text):
        sentence = text[start:end]
        dated = [(d.start, d.end) for d in days(sentence) if d.end - d.start > 4]
        own = frozenset(w for w in words(sentence) if w not in COMMON)
        yield _Line(tuple(figures(sentence, dated)), own | before)
        before = own


def _roots(word: str) -> set[str]:
    """The word without each of the endings that make a Russian of Russia."""
    return {word} | {
        word.removesuffix(e) for e in _ENDINGS if word.endswith(e) and len(word) - len(e) > 3
    }


def _initials(text: str) -> frozenset[str]:
    """The initials of every run of capitalised words."""
    found: set[str] = set()
    run = ""
    last = 0
    for match in re.finditer(r"\b[A-Z][\w’'-]*", text):
        between = text[last : match.start()]
        run = run if re.fullmatch(r"\s+(?:(?:of|the|and|for)\s+)*", between) else ""
        run = (run + match[0][0].casefold())[-6:]
        found |= {run[n:] for n in range(len(run) - 1)}
        last = match.end()
    return frozenset(found)


def _without_dots(text: str) -> str:
    return _ACRONYM.sub(lambda m: m[0].replace(".", ""), text)


def _iso(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published) if published else None
    except ValueError:
        return None
