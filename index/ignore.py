"""`.qaignore` files: which files and folders to leave out, in the language of `.gitignore`.

As with git, a file's rules hold for its folder and below, deeper ones win, and what lies in a folder that is
left out cannot be taken back. Reading a folder's rules is all that this does with the disk.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

RULES = ".qaignore"
_MAX = 2**20


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that hold in a folder: (folder, its rules), the outermost first."""

    files: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    @classmethod
    def above(cls, root: Path, base: Path) -> Rules:
        """Return the rules between the index's folder and `root`, none if `root` itself is left out by them.

        Whoever names a folder wants it.
        """
        target = Path(os.path.abspath(root))
        if base not in target.parents:
            return cls()
        rules = cls()
        for folder in reversed([p for p in target.parents if p == base or base in p.parents]):
            rules = rules.within(str(folder))
        return cls() if rules.leave_out(str(target), True) else rules

    def within(self, folder: str) -> Rules:
        """Return the rules for a folder: these, and those of its own file.

        Raises `UsageError` when there is a file that cannot be read: guessing would index what is not meant to be.
        """
        file = os.path.join(folder, RULES)
        if not os.path.isfile(file):
            return self
        from pathspec import GitIgnoreSpec

        try:
            with open(file, encoding="utf-8-sig", errors="surrogateescape") as opened:
                lines = opened.read(_MAX).splitlines()
            spec = GitIgnoreSpec.from_lines(lines)
        except (OSError, ValueError) as error:
            raise UsageError(f"{file} cannot be read: {error}", "mend it or delete it") from error
        return Rules((*self.files, (os.path.abspath(folder), spec)))

    def leave_out(self, location: str, is_folder: bool) -> bool:
        """Whether the last rule that speaks of a file or folder leaves it out."""
        if not self.files:
            return False
        absolute = os.path.abspath(location) + ("/" if is_folder else "")
        for folder, spec in reversed(self.files):
            path = absolute[len(os.path.join(folder, "")) :].replace(os.sep, "/")
            verdict = spec.check_file(path).include
            if verdict is not None:
                return verdict
        return False
