"""What leads out of the chat: the system's clipboard, an editor, a browser.

Nothing is given to a shell, and only http(s) addresses go to a browser. Left out: finding a program that
is not installed; the caller says so.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from index.errors import UsageError

_CLIPBOARDS = (
    ("pbcopy",),
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--clipboard", "--input"),
    ("clip.exe",),
)
_TO_LINE = {"vi", "vim", "nvim", "nano", "emacs", "micro", "kak", "ne", "joe"}


def to_clipboard(text: str) -> None:
    """Hand a text to the system's clipboard where there is one; may wait, so call it in a thread."""
    for command in _CLIPBOARDS:
        needs = {"wl-copy": "WAYLAND_DISPLAY", "xclip": "DISPLAY", "xsel": "DISPLAY"}
        if os.environ.get(needs.get(command[0], "PATH")) and shutil.which(command[0]):
            try:
                subprocess.run(
                    command, input=text.encode("utf-8", "replace"), timeout=2, check=False,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
            except (OSError, subprocess.TimeoutExpired):
                continue
            return


def editor_command(file: Path, quote: str) -> list[str]:
    """Return the command that opens a file in `$VISUAL` or `$EDITOR`, at the line of a quote.

    Raises `UsageError` where no editor is named or the file is gone.
    """
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        command = shlex.split(named)
    except ValueError:
        command = []
    if not command or not shutil.which(command[0]):
        raise UsageError("no editor is set" if not named else f"there is no editor {named!r}",
                         "export EDITOR=nano")  # fmt: skip
    if not file.is_file():
        raise UsageError(f"{file} is not there any more", "/reindex brings the index up to date")
    if Path(command[0]).name in _TO_LINE and (number := _line_of(file, quote)):
        command.append(f"+{number}")
    return [*command, str(file.resolve())]


def _line_of(file: Path, quote: str) -> int:
    """The line on which a quote begins, 0 where it cannot be told."""
    words = quote.split()[:4]
    if not words or file.stat().st_size > 20_000_000:
        return 0
    text = " ".join(words)
    for number, row in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
        if text in " ".join(row.split()):
            return number
    return 0


def browse(url: str) -> None:
    """Open an address in the system's browser. Raises `UsageError` where that cannot be."""
    if not url.startswith(("http://", "https://")) or any(
        c.isspace() or not c.isprintable() for c in url
    ):
        raise UsageError("the article has no address that a browser opens", "p copies its path")
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    shown = (
        sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if not shown or not shutil.which(opener):
        raise UsageError("there is no browser here", "u copies the link")
    subprocess.Popen(
        [opener, url], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
