"""Answers and passages as plain text for the terminal; styled only where the terminal takes it.

Everything that comes from articles or models passes `safe()`; nothing is read as markup.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence

from index.explain import WhyNot, line
from index.safe import safe
from index.types import Hit, Source
from qa.types import Answer, Citation

_ON, _OFF = "\ue000", "\ue001"
_REASONS = {
    "outside the dates": "only articles outside the dates asked for were found",
    "found but does not say": "what was found does not say it",
}


def styled(text: str, code: str) -> str:
    """Return `text` with an SGR code around it, or as it is where colours are not wanted."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def bold(text: str) -> str:
    return styled(text, "1")


def lit(text: str) -> str:
    """The highlighting of a quoted sentence."""
    return styled(text, "1;7")


def dim(text: str) -> str:
    return styled(text, "2")


def print_answer(answer: Answer, *, streamed: str = "") -> None:
    """Print an answer with its citations, each quote highlighted; remarks go to stderr."""
    if answer.searched.strip() not in ("", answer.question.strip()):
        print(f"searched for: {safe(answer.searched, newlines=False)}", file=sys.stderr)
    if answer.abstained:
        reason = _REASONS.get(answer.reason or "", answer.reason or "")
        because = f" ({safe(reason, newlines=False)})" if reason else ""
        print(bold("The articles hold no answer") + f"{because}.")
        _print_nearest(answer)
    else:
        if answer.short:
            print(bold(safe(answer.short, newlines=False)))
            print()
        if streamed.strip() != answer.text.strip():
            if streamed:
                print(dim("— as checked —"))
            print(_underlined(answer))
        print_judged(answer)
        if answer.citations:
            print()
        for citation in answer.citations:
            print_citation(citation)
    print_notes(answer.notes)
    usage = answer.usage
    if usage.prompt_tokens or usage.completion_tokens:
        cost = "unknown cost" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
        print(
            f"{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens, {cost}", file=sys.stderr
        )


def print_judged(answer: Answer) -> None:
    """Print the sentences that their sources do not bear out, with what is missing of each."""
    doubtful = [s for s in answer.sentences if s.verdict == "not found"]
    if not doubtful:
        return
    whole = len(answer.sentences)
    print()
    print(bold(f"Not found in the sources ({len(doubtful)} of {counted(whole, 'sentence')}):"))
    for judged in doubtful:
        said = safe(answer.text[judged.start : judged.end], newlines=False)
        lost = ", ".join(f"{safe(p.text, newlines=False)} ({p.kind})" for p in judged.missing)
        print(wrap(f"✗ {said}" + (f" — {lost}" if lost else ""), indent="  "))


def _underlined(answer: Answer) -> str:
    """The answer, folded, with the particulars that no source holds underlined on a terminal."""
    pieces, last = [], 0
    for start, end in sorted({(p.start, p.end) for s in answer.sentences for p in s.missing}):
        if start < last:
            continue
        pieces += [safe(answer.text[last:start]), _ON, safe(answer.text[start:end]), _OFF]
        last = end
    # `safe` lets no character of private use through, so these two are ours.
    folded = wrap("".join([*pieces, safe(answer.text[last:])]))
    parts = re.split(f"{_ON}([^{_OFF}]*){_OFF}", folded)
    return "".join(styled(p, "4") if n % 2 else p for n, p in enumerate(parts))


def print_notes(notes: Sequence[str]) -> None:
    """Print remarks for the person, each on a line of stderr."""
    for note in notes:
        print(f"note: {safe(note, newlines=False)}", file=sys.stderr)


def print_citation(citation: Citation) -> None:
    """Print a citation's number, title, outlet, date, place and its quote, highlighted."""
    print(f"[{citation.number}] {bold(safe(citation.source.title, newlines=False))}")
    print(_dimmed(describe(citation.source), indent="    "))
    quote = wrap(f"“{safe(citation.quote, newlines=False)}”", indent="    ")
    print("\n".join("    " + lit(line.strip()) for line in quote.splitlines()))
    if not citation.verified:
        print("    (this quote was not found in the stored article)")


def describe(source: Source, id: str | None = None) -> str:
    """Return outlet, date, place and id of an article (or of the passage that is named) in a line."""
    place = source.path or source.url
    parts = [source.publisher, source.published, place, id or source.article_id]
    return " · ".join(safe(part, newlines=False) for part in parts if part)


def _dimmed(text: str, *, indent: str) -> str:
    lines = wrap(text, indent=indent).splitlines()
    return "\n".join(indent + dim(line.removeprefix(indent)) for line in lines)


def counted(number: int, noun: str) -> str:
    """Return `1 article`, `2,000 articles`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _print_nearest(answer: Answer) -> None:
    """Offer what comes nearest, as sentences to read, not as an answer."""
    if answer.nearest:
        print()
        print("What comes nearest, and does not answer it:")
    for citation in answer.nearest:
        print_citation(citation)


def print_error(message: str, hint: str | None = None) -> None:
    """Print what failed and what to do next, each on a line of stderr."""
    print(f"qa: {safe(message, newlines=False)}", file=sys.stderr)
    if hint:
        command = hint.startswith(("qa ", "pip ", "export ", "--"))
        print(f"    {'try: ' if command else ''}{safe(hint, newlines=False)}", file=sys.stderr)


def print_hits(hits: Sequence[Hit], *, explain: bool = False, query: str = "") -> None:
    """Print passages, one paragraph each, best first."""
    for hit in hits:
        source = hit.passage.source
        print(f"{hit.rank}. {bold(safe(source.title, newlines=False))}")
        print(_dimmed(describe(source, hit.passage.passage_id), indent="   "))
        if explain:
            print("   " + safe(line(hit), newlines=False))
        print(wrap(safe(hit.passage.text, newlines=False), indent="   "))
        print()


def why_not_line(lost: WhyNot) -> str:
    """Return in a line where a passage was lost."""
    place = f"lost at the {lost.lost_at}: " if lost.lost_at else ""
    return safe(f"{lost.passage_id}: {place}{lost.why}", newlines=False)


def wrap(text: str, *, indent: str = "") -> str:
    """Return text folded to the terminal's width; as it is when stdout is not a terminal."""
    if not sys.stdout.isatty():
        return textwrap.indent(text, indent)
    width = min(shutil.get_terminal_size().columns, 100)
    lines = [
        textwrap.fill(
            line,
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,  # an address or a path stays one word, to be copied
            break_on_hyphens=False,
        )
        for line in text.splitlines()
    ]
    return "\n".join(lines)
