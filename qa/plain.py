"""Answers and passages as plain text for the terminal; styled only where the terminal takes it.

Everything that comes from articles or models passes `safe()`; nothing is read as markup.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence

from index.safe import safe
from index.types import Hit, Source
from qa.types import Answer, Citation

_REASONS = {"found but does not say": "what was found does not say it"}


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
    if answer.abstained:
        reason = _REASONS.get(answer.reason or "", answer.reason or "")
        print(bold("The articles hold no answer") + f" ({safe(reason, newlines=False)}).")
        _print_nearest(answer)
    else:
        if answer.short:
            print(bold(safe(answer.short, newlines=False)))
            print()
        if streamed.strip() != answer.text.strip():
            if streamed:
                print(dim("— as checked —"))
            print(wrap(safe(answer.text)))
        if answer.citations:
            print()
        for citation in answer.citations:
            print_citation(citation)
    for note in answer.notes:
        print(f"note: {safe(note, newlines=False)}", file=sys.stderr)
    usage = answer.usage
    if usage.prompt_tokens or usage.completion_tokens:
        cost = "unknown cost" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
        print(
            f"{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens, {cost}", file=sys.stderr
        )


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
    """Offer what comes nearest, as places to read, not as an answer."""
    for hit in answer.hits[:2]:
        title = safe(hit.passage.source.title, newlines=False)
        print(f"nearest: {title} ({describe(hit.passage.source)})")


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
            found = ", ".join(
                f"{t.retriever} #{t.rank} ({t.score:.3f})"
                if t.rank and t.score is not None
                else f"{t.retriever} –"
                for t in hit.traces
            )
            print(f"   score {hit.score:.3f}: {found}")
        print(wrap(safe(hit.passage.text, newlines=False), indent="   "))
        print()


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
