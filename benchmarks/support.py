"""How well code tells a true sentence of an answer from a false one: `python -m benchmarks.support DATA`.

Scripted answers are made from real articles: clean sentences (verbatim, shortened, with figures and dates in
other forms, with a quotation, attributed) and planted faults (a wrong number, an invented quotation, a changed
figure, date or name, two sentences merged into one quotation, another language). Printed: the share of faults
flagged, of clean sentences flagged, by kind, and the AUROC of the support on WiCE and QAGS, whose claims people
labelled. DATA is a folder with `news_qa/articles_2022.jsonl.gz` and `faithfulness/`.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from index.split import sentences
from index.types import Hit, Passage, Source
from qa.citations import check
from qa.days import days
from qa.figures import figures
from qa.particulars import particulars
from qa.types import Draft

ARTICLES, SEED = 400, 7

_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_OTHER_WORDS = {
    "said": "stated", "told": "informed", "began": "started", "big": "large", "get": "obtain", "about": "around",
    "according to": "as reported by", "people": "persons", "show": "indicate", "help": "assist", "buy": "purchase",
    "near": "close to", "children": "kids",
}  # fmt: skip
_FOREIGN = [
    "Die Behörden teilten mit, dass {0} am Abend mit mehreren Vertretern über die Lage gesprochen habe",
    "Selon les autorités, {0} aurait rencontré plusieurs responsables avant de quitter la ville",
    "Según fuentes oficiales, {0} se reunió ayer con varios dirigentes para hablar de la situación",
    "Secondo fonti ufficiali, {0} avrebbe discusso della vicenda con alcuni funzionari del governo",
    "Volgens de autoriteiten heeft {0} gisteren met verschillende bestuurders over de toestand gesproken",
]
_INVENTED = [
    "We have been preparing for this moment for a very long time",
    "Nobody told us that it would end like this",
    "There is simply no alternative to what we decided",
    "I will not comment on what was said behind closed doors",
]


class World:
    """One article with its passages, and the names of others to plant."""

    def __init__(
        self, record: dict[str, str], others: list[dict[str, str]], dice: random.Random
    ) -> None:
        self.dice = dice
        self.text = record["text"]
        self.lines = [self.text[a:b] for a, b in sentences(self.text)]
        self.names = [n for o in others for n in _names(o["text"])]
        self.articles = {r["_id"]: r["text"] for r in (record, *others)}
        self.hits: list[Hit] = []
        for r in (record, *others):
            for start, end in _chunks(r["text"])[: 4 if r is record else 2]:
                source = Source(r["_id"], r["title"], "The Example", _date(r))
                passage = Passage(f"{r['_id']}#{start}", source, start, end, r["text"][start:end])
                self.hits.append(Hit(len(self.hits) + 1, 0.5, passage))

    def cited(self, sentence: str) -> int | None:
        """The number of the passage that holds a sentence."""
        return next((h.rank for h in self.hits if sentence in h.passage.text), None)


def clean(world: World, s: str) -> Iterator[tuple[str, str]]:
    """True sentences made from a true one."""
    yield "verbatim", s
    yield "attributed", f"According to The Example, {_lower(s)}"
    if (cut := re.search(r",? (?:which|who|while|as|after|but|and|because) ", s[60:])) is not None:
        yield "shortened", s[: 60 + cut.start()].rstrip(" ,") + "."
    for f in figures(s)[:1]:
        shown = _rewritten(f.value, f.unit, f.money, s[f.start : f.end])
        if shown and not any(d.start < f.end and f.start < d.end for d in days(s)):
            yield "figure in another form", s[: f.start] + shown + s[f.end :]
    for d in days(s):
        if d.month and d.day:
            shown = f"{d.day} {_MONTHS[d.month - 1]}" + (f" {d.year}" if d.year else "")
            yield "date in another form", s[: d.start] + shown + s[d.end :]
            break
    words = s.rstrip(".").split()
    if '"' not in s and "“" not in s and len(words) > 12:
        begin = world.dice.randrange(2, len(words) - 9)
        yield "quotation", f"The article says: “{' '.join(words[begin : begin + 8])}”."
    if re.search('["“”‘]', s):
        return  # what follows would change the words of a quotation, which is a fault
    dropped = re.sub(r"\b(?:also|very|just|already|really|still|recently|\w{3,}ly)\b ", "", s)
    if dropped != s:
        yield "without its adverbs", dropped
    swapped = s
    for old, new in _OTHER_WORDS.items():
        swapped = re.sub(rf"\b{old}\b", new, swapped)
    if swapped != s:
        yield "other words", swapped


def faults(world: World, s: str, after: str) -> Iterator[tuple[str, str]]:
    """False sentences made from a true one; the wrong number is planted by the caller."""
    dice = world.dice
    dated, counted, named = particulars(s)
    for f in counted[:1]:
        if f.unit != "th":
            wrong = _rewritten(
                f.value * dice.choice([2, 3, 0.5, 10]) + 7, f.unit, f.money, s[f.start : f.end]
            )
            if wrong:
                yield "changed figure", s[: f.start] + wrong + s[f.end :]
    for d in dated:
        if d.month and d.day:
            yield (
                "changed date",
                s[: d.start] + f"{d.day % 27 + 1} {_MONTHS[(d.month + 4) % 12]}" + s[d.end :],
            )
            break
        if d.year and not d.month:
            yield "changed date", s[: d.start] + str(d.year - dice.randrange(2, 9)) + s[d.end :]
            break
    if named:
        start, end = dice.choice(named)
        known = world.text.casefold()
        new = [n for n in world.names if not any(w.casefold() in known for w in n.split())]
        if new:
            yield "changed name", s[:start] + dice.choice(new) + s[end:]
    yield "invented quotation", f"{s.rstrip('.')}, adding: “{dice.choice(_INVENTED)}.”"
    if '"' not in s + after and "“" not in s + after:
        a, b = s.rstrip(".").split(), after.rstrip(".").split()
        if len(a) > 8 and len(b) > 8:
            yield "merged quotation", f"The article says: “{' '.join([*a[:7], *b[-6:]])}”."
    if named:
        start, end = named[0]
        yield "another language", dice.choice(_FOREIGN).format(s[start:end]) + "."


def run_scripted(data: Path) -> dict[str, tuple[int, int]]:
    """Return, for each kind, how many sentences were flagged and how many there were."""
    dice = random.Random(SEED)
    with gzip.open(data / "news_qa" / "articles_2022.jsonl.gz", "rt", encoding="utf-8") as file:
        records = [r for r in map(json.loads, file) if 1500 < len(r["text"]) < 8000]
    dice.shuffle(records)
    found: dict[str, tuple[int, int]] = {}
    for n in range(ARTICLES):
        world = World(records[n], [records[-n - 1], records[-n - 2]], dice)
        lines = [
            (a, b) for a, b in zip(world.lines, world.lines[1:], strict=False)
            if 60 < len(a) < 400 and a.endswith(".") and world.cited(a)
        ]  # fmt: skip
        if not lines:
            continue
        s, after = dice.choice(lines)
        own = world.cited(s)
        cases = [(f"clean: {kind}", text, [own]) for kind, text in clean(world, s)]
        if far := [line for line, _ in lines if world.cited(line) != own]:
            t = dice.choice(far)
            cases.append(
                ("clean: two passages", f"{s.rstrip('.')}, and {t}", [own, world.cited(t)])
            )
        cases += [(f"fault: {kind}", text, [own]) for kind, text in faults(world, s, after)]
        beside = [h.rank for h in world.hits if s not in h.passage.text]
        cases.append(("fault: wrong number", s, [dice.choice(beside)]))
        cases.append(("fault: number of nothing", s, [99]))
        for kind, text, numbers in cases:
            flagged = is_flagged(world, text + " " + "".join(f"[{n}]" for n in numbers))
            hit, total = found.get(kind, (0, 0))
            found[kind] = (hit + flagged, total + 1)
            if "--show" in sys.argv and flagged != kind.startswith("fault"):
                print(f"{kind}: {text}\n")
    return found


def is_flagged(world: World, text: str) -> bool:
    """Whether the checks say that something is wrong with an answer of one sentence."""
    result = check(Draft(text), world.hits, world.articles.__getitem__)
    return bool(result.dropped) or any(j.verdict == "not found" for j in result.sentences)


def run_labelled(rows: Iterator[tuple[str, str, str, bool]]) -> tuple[float, float, int]:
    """Return the AUROC of the support, the accuracy of the verdict, and how many claims there were."""
    scored = []
    for title, text, claim, label in rows:
        source = Source("a", title)
        passage = Passage("a#0", source, 0, len(text), text)
        result = check(Draft(f"{claim.rstrip()} [1]"), [Hit(1, 0.5, passage)], lambda _, t=text: t)
        if result.sentences:
            score = min(j.support - 0.3 * len(j.missing) for j in result.sentences)
            verdict = all(j.verdict != "not found" for j in result.sentences)
            scored.append((score, verdict, label))
    right = sum(verdict == label for _, verdict, label in scored) / len(scored)
    return auroc([(s, label) for s, _, label in scored]), right, len(scored)


def wice(data: Path, against: Callable[[str], bool]) -> Iterator[tuple[str, str, str, bool]]:
    """Claims of Wikipedia and the page that they cite; `against` picks the labels to compare with."""
    with gzip.open(
        data / "faithfulness" / "wice_claim_dev.jsonl.gz", "rt", encoding="utf-8"
    ) as file:
        for row in map(json.loads, file):
            if row["label"] == "supported" or against(row["label"]):
                title = row["evidence"][0].partition("TITLE:")[2].strip()
                yield title, "\n".join(row["evidence"]), row["claim"], row["label"] == "supported"


def qags(data: Path) -> Iterator[tuple[str, str, str, bool]]:
    """Sentences of machine summaries and the votes of three people."""
    for line in (data / "faithfulness" / "mturk_cnndm.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        for s in row["summary_sentences"]:
            votes = [r["response"] == "yes" for r in s["responses"]]
            yield "", row["article"], s["sentence"], sum(votes) * 2 > len(votes)


def auroc(scored: list[tuple[float, bool]]) -> float:
    """Return the chance that a true one scores above a false one, a tie counting half."""
    yes = [s for s, label in scored if label]
    no = [s for s, label in scored if not label]
    return sum((a > b) + (a == b) / 2 for a in yes for b in no) / (len(yes) * len(no))


def main(data: Path) -> None:
    """Print the table."""
    found = run_scripted(data)
    for what in ("clean", "fault"):
        rows = {k: v for k, v in sorted(found.items()) if k.startswith(what)}
        for kind, (hit, total) in rows.items():
            print(f"{kind:32} {hit / total:6.1%} of {total} flagged")
        flagged, total = (sum(v[i] for v in rows.values()) for i in (0, 1))
        print(f"{f'all {what} sentences':32} {flagged / total:6.1%} of {total} flagged\n")
    rows = {
        "WiCE, supported against the rest": wice(data, lambda label: True),
        "WiCE, supported against not": wice(data, lambda label: label == "not_supported"),
        "QAGS (CNN/DM)": qags(data),
    }
    for name, claims in rows.items():
        area, right, n = run_labelled(claims)
        print(f"{name:34} AUROC {area:.3f}, verdict right {right:.1%}, of {n}")


def _chunks(text: str) -> list[tuple[int, int]]:
    """Passages of about 900 characters, of whole sentences."""
    spans = sentences(text)
    chunks, start, end = [], None, 0
    for a, b in spans:
        if start is not None and b - start > 900:
            chunks.append((start, end))
            start = None
        start = a if start is None else start
        end = b
    return [*chunks, (start, end)] if start is not None else chunks


def _names(text: str) -> list[str]:
    return [text[a:b] for a, b in particulars(text[:1500])[2] if " " in text[a:b] and b - a < 30]


def _date(record: dict[str, str]) -> str | None:
    found = days(str(record.get("publish_date") or "").replace("/", "-")[:30])
    d = next((d for d in found if d.year and d.month and d.day), None)
    return f"{d.year:04}-{d.month:02}-{d.day:02}" if d else None


def _lower(s: str) -> str:
    first = s.split()[0]
    return (
        s[0].lower() + s[1:]
        if first in ("The", "A", "An", "In", "It", "He", "She", "They", "But")
        else s
    )


def _rewritten(value: float, unit: str, money: bool, shown: str) -> str | None:
    """A figure in another form than the one shown."""
    number = f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:g}"
    for scale, name, short in ((1e9, "billion", "bn"), (1e6, "million", "m")):
        if value >= scale:
            number = (
                f"{value / scale:g} {name}" if short not in shown else f"{value / scale:g}{short}"
            )
            break
    names = {"USD": "dollars", "EUR": "euros", "GBP": "pounds"}
    if money:
        return f"{number} {names[unit]}" if unit in names else None
    if unit == "%":
        return f"{number} per cent"
    if not unit:
        return (
            number if number.replace(",", "") != shown or "," in number else number.replace(",", "")
        )
    longer = {
        "h": "hours",
        "d": "days",
        "y": "years",
        "km": "kilometres",
        "mi": "miles",
        "mo": "months",
        "min": "minutes",
    }
    return f"{number} {longer[unit]}" if unit in longer and "-" not in shown else None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
