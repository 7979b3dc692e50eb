"""An answer as plain text for the clipboard, its sources numbered below.

Left out: whole conversations; those are exported.
"""

from __future__ import annotations

from index.safe import safe
from qa.tui.lettering import byline, line, title
from qa.tui.turn_view import TurnView


def copy_text(view: TurnView) -> str:
    """Return question and answer and, for each citation, quote, title, outlet, date and place."""
    answer = view.answer
    parts = [safe(view.question), ""]
    if answer is not None and answer.abstained:
        parts.append(f"No answer in these articles. {safe(answer.reason or answer.text)}".strip())
    else:
        if answer is not None and answer.short and answer.short.strip() != answer.text.strip():
            parts.append(line(answer.short))
        parts.append(safe(view.text))
    if view.state == "cancelled":
        parts.append("(cancelled)")
    cited = [e for e in view.evidence if e.number] if answer is not None else []
    if cited:
        parts.append("")
    for e in cited:
        where = line(e.source.url or e.source.path or "", 500)
        known = [title(e.source), byline(e.source), where]
        parts.append(f"[{e.number}] “{safe(e.quote, newlines=False)}”")
        parts.append("    " + ", ".join(part for part in known if part))
        if not e.verified:
            parts.append("    (not found in the article)")
    return "\n".join(parts) + "\n"
