"""The prompt templates: text files with `$name` variables, loaded by name.

Nothing here knows what a prompt is for; it imports nothing of ours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

TURN = "=== user ==="


@dataclass(frozen=True, slots=True)
class Prompt:
    """A template and its hash; what is above the line `=== user ===` is the system's part."""

    name: str
    text: str
    sha256: str

    @property
    def variables(self) -> frozenset[str]:
        """The `$names` that the template uses."""
        return frozenset(Template(self.text).get_identifiers())

    def render(self, **values: str) -> tuple[str, str]:
        """Return the system's and the user's part with the variables filled in.

        The parts are divided before anything is filled in, and it is filled in once: a value
        that holds `$question` or the dividing line stays what it is.
        """
        system, _, user = self.text.rpartition(TURN)
        return (
            Template(system).substitute(values).strip(),
            Template(user).substitute(values).strip(),
        )


def names() -> list[str]:
    """Return the names of the prompts that are shipped."""
    return sorted(
        file.name.removesuffix(".txt")
        for file in files(__name__).iterdir()
        if file.name.endswith(".txt")
    )


def load(name: str, override_dir: str | Path | None = None) -> Prompt:
    """Return the prompt `name`, from `override_dir/NAME.txt` where that file is there.

    Raises `LookupError` on an unknown name, and `ValueError` on an override that cannot be read,
    uses a variable that the shipped one does not have, or leaves one out.
    """
    if name not in names():
        raise LookupError(f"no prompt {name!r}; there are {', '.join(names())}")
    shipped = _prompt(name, (files(__name__) / f"{name}.txt").read_text(encoding="utf-8"))
    if override_dir is None or not (file := Path(override_dir) / f"{name}.txt").is_file():
        return shipped
    try:
        own = _prompt(name, file.read_text(encoding="utf-8"))
        variables = own.variables
    except (OSError, ValueError) as error:
        raise ValueError(f"the prompt {file} cannot be read: {error}") from error
    if not Template(own.text).is_valid():
        raise ValueError(f"the prompt {file} holds a stray $; write $$ for a dollar sign")
    if unknown := sorted(variables - shipped.variables):
        raise ValueError(f"the prompt {file} uses ${unknown[0]}, which nothing fills in")
    if missing := sorted(shipped.variables - variables):
        raise ValueError(f"the prompt {file} leaves out ${missing[0]}")
    return own


def _prompt(name: str, text: str) -> Prompt:
    text = text.replace("\r\n", "\n")  # the hash is the same on every system
    return Prompt(name, text, hashlib.sha256(text.encode()).hexdigest())
