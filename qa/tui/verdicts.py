"""What code found of each sentence of an answer, as marks that need no colour.

Left out: finding it; that is `qa.citations`. The marks stand in the text as characters that `safe()`
takes out of everything else, so that no model can write one.
"""

from __future__ import annotations

from index.safe import safe
from qa.tui.lettering import SHOWN as MOST
from qa.tui.lettering import line
from qa.types import Answer, Judged

QUOTE, SUPPORTED, LOST, END = "\ue000", "\ue001", "\ue002", "\ue003"
MARKS = {"quote": QUOTE, "supported": SUPPORTED, "not found": LOST}
SHOWN = {QUOTE: "❞", SUPPORTED: "✓", LOST: "✗"}
WORDS = {"quote": "quoted word for word", "supported": "supported", "not found": "not found"}
_ALIKE = str.maketrans({"❞": "”", "✓": "√", "✗": "x"})


def mark(answer: Answer) -> str:
    """Return the harmless text of an answer with a mark behind each sentence that was judged."""
    pieces, at = [], 0
    for judged in answer.sentences:
        if judged.start > MOST:
            break
        if not at <= judged.start <= judged.end <= len(answer.text):
            continue  # out of step with the text: better no mark than one in the wrong place
        end = judged.start + len(answer.text[judged.start : judged.end].rstrip())
        pieces += [answer.text[at:end], ""]
        at = end
        pieces[-1] = MARKS[judged.verdict] + (_missing(judged) if judged.missing else "")
    pieces.append(answer.text[at : max(at, MOST)])
    # Even places are the model's words, odd ones ours.
    return "".join(p if n % 2 else safe(p).translate(_ALIKE) for n, p in enumerate(pieces))


def legend(answer: Answer) -> str:
    """Return how many sentences were found, in words; nothing when none was judged."""
    found = []
    for verdict, sign in MARKS.items():
        number = sum(1 for judged in answer.sentences if judged.verdict == verdict)
        if number:
            found.append(f"{SHOWN[sign]} {number} {WORDS[verdict]}")
    return " · ".join(found)


def _missing(judged: Judged) -> str:
    """Name the particulars that the cited passages do not hold, up to a closing mark."""
    names = ", ".join(line(p.text, 40) for p in judged.missing[:3])
    more = ", …" if len(judged.missing) > 3 else ""
    return f"{names}{more}{END}"
