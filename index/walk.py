"""The files under the roots that can be indexed, and why the others cannot; nothing of them is read.

A link never leads out of its root, only regular files count, and `.qaignore` files say what to leave out,
as `.gitignore` does for git.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import readers
from index.errors import UsageError
from index.ignore import RULES, Rules
from index.report import Report
from index.store import base_of

STDIN = "-"
"""Stands among the paths for records that come through a pipe (`index.incoming`), and is their name."""

_JUDGEMENTS, _QUERIES = "qrels", ("queries.jsonl", "queries.jsonl.gz")
"""What stands beside the articles of a BEIR folder. As an article each query would be its own best answer."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to be indexed: where it is, and how the catalogue names it."""

    location: Path
    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A file or whole folder that is not to be read, and why; `failed` where it should have been."""

    location: str
    reason: str
    failed: bool = False


def scan(roots: Sequence[Path], store: Path, report: Report) -> list[File]:
    """Return the files under `roots` that can be read, by name; the others go into the report.

    A folder that is left out is one entry of the report. A file that is named itself is taken though it is
    hidden or ignored. Raises `UsageError` for a root that is not there and rules that cannot be read.
    """
    base = base_of(store)
    own = os.path.realpath(store)
    found: dict[str, File] = {}
    unread: dict[str, Unread] = {}
    for root in roots:
        if str(root) == STDIN:
            found[STDIN] = File(
                Path("stdin.jsonl"), STDIN, 0, 0
            )  # where it will be is not known yet
            continue
        if not root.exists():
            raise UsageError(f"there is no file or folder {str(root)!r}", "qa index PATH…")
        entries = _below(root, own, Rules.above(root, base)) if root.is_dir() else _one(root)
        for entry in entries:
            path = name_in(base, entry.location)
            if isinstance(entry, Unread):
                unread.setdefault(path, entry)
            else:
                location, about = entry.location, entry.about
                found[path] = File(Path(location), path, about.st_size, about.st_mtime_ns)
    for path in sorted(unread.keys() - found.keys()):
        entry = unread[path]
        report.leave_out(path, entry.reason, failed=entry.failed)
    return [found[path] for path in sorted(found)]


@dataclass(frozen=True, slots=True)
class _Fit:
    location: str
    about: os.stat_result


def _one(root: Path) -> Iterator[_Fit | Unread]:
    yield _judge(os.path.basename(root), str(root), None)


def _below(root: Path, own: str, rules: Rules) -> Iterator[_Fit | Unread]:
    """Yield what is under a folder but for the index's own files, folder by folder."""
    inside = os.path.realpath(root)
    waiting = [(str(root), rules)]
    while waiting:
        folder, above = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            rules = above.within(folder)
        except OSError as error:
            yield Unread(folder, error.strerror or "cannot be read", failed=True)
            continue
        judged = any(entry.name == _JUDGEMENTS and entry.is_dir() for entry in entries)
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.name == RULES or (is_folder and os.path.realpath(entry.path) == own):
                continue
            if entry.name.startswith("."):
                yield Unread(entry.path, "hidden")
            elif rules.leave_out(entry.path, is_folder):
                yield Unread(entry.path, f"left out by {RULES}")
            elif judged and entry.name in _QUERIES:
                yield Unread(entry.path, f"questions, with {_JUDGEMENTS}/ beside them")
            elif is_folder:
                waiting.append((entry.path, rules))
            else:
                yield _judge(entry.name, entry.path, inside)


def _judge(name: str, location: str, inside: str | None) -> _Fit | Unread:
    """What a file is fit for; a link must lead to somewhere `inside`, where that is given."""
    try:
        if inside is not None and os.path.islink(location):
            target = os.path.realpath(location)  # not Path.resolve(), which raises on a loop
            if not os.path.exists(target):
                return Unread(location, "a link that leads nowhere")
            if os.path.commonpath([target, inside]) != inside:
                return Unread(location, "a link that leads out of the folder")
            if os.path.isdir(target):
                return Unread(location, "a link to a folder")
        about = os.stat(location)
    except OSError as error:
        return Unread(location, error.strerror or "cannot be read", failed=True)
    if not stat.S_ISREG(about.st_mode):
        return Unread(location, "not a regular file")
    if not readers.supported(name):
        return Unread(location, readers.unsupported(name))
    return _Fit(location, about)


def name_in(base: Path, location: str) -> str:
    """Return a file's name in the catalogue: relative to the index's folder when below it, so both can move.

    Bytes of a name that are no text are written as `\\udcff`.
    """
    absolute = os.path.abspath(location)
    prefix = os.path.join(base, "")
    name = absolute.removeprefix(prefix).replace(os.sep, "/")
    return name.encode("utf-8", "backslashreplace").decode()
