"""Conversations written to files: Markdown, HTML or JSON, by the file's ending.

Left out: what each format looks like; that is `export_markdown.py`, `export_html.py`, `render.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from index.errors import UsageError
from qa.export_html import to_html
from qa.export_markdown import to_markdown
from qa.render import answer_json, to_json
from qa.types import Answer

Turns = Sequence[tuple[str, Answer]]


def to_json_text(turns: Turns) -> str:
    """Return the conversation as JSON: `{"turns": […]}`, each turn as `qa ask --json` prints it."""
    rows = [answer_json(answer) | {"question": question} for question, answer in turns]
    return to_json({"turns": rows}, indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Turns], str]] = {
    ".md": to_markdown,
    ".html": to_html,
    ".json": to_json_text,
}


def export(file: Path, turns: Turns) -> None:
    """Write a conversation; raises `UsageError` where the ending is unknown or nothing can be written."""
    render = FORMATS.get(file.suffix.lower())
    if render is None:
        raise UsageError(
            f"{file.name}: the ending says none of {', '.join(FORMATS)}",
            "/export talk.md, talk.html or talk.json",
        )
    write_export(file, render(turns))


def export_name() -> str:
    """Return the file that an export goes to when none is named: one that is not there yet."""
    stem, number = f"qa-chat-{date.today().isoformat()}", 1
    while Path(f"{stem}{f'-{number}' if number > 1 else ''}.md").exists():
        number += 1
    return f"{stem}{f'-{number}' if number > 1 else ''}.md"


def write_export(file: Path, text: str) -> None:
    """Write the document to a file that does not exist yet; raises `UsageError` where it cannot."""
    try:
        with file.open("x", encoding="utf-8", errors="replace") as out:
            out.write(text)
    except FileExistsError:
        raise UsageError(f"{file} exists already", "name another file: /export FILE") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "bad name"
        raise UsageError(f"{file} cannot be written: {reason}", "name another file") from error
