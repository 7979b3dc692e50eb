"""The one tree of errors that people see: what failed, on what, and what to type next."""

from __future__ import annotations


class QaError(Exception):
    """A failure that is explained in a line; `hint` is what to type next, `exit_code` what the shell sees."""

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(QaError):
    """The command line, a setting or a question set is wrong."""


class IndexMissing(QaError):
    """There is no index, or it does not fit the settings."""

    exit_code = 3


class NothingIndexed(IndexMissing):
    """There is no index yet, or only what an interrupted first run has left."""


class Unreachable(QaError):
    """A model or a store could not be reached, or refused."""

    exit_code = 4


class UnreadableFile(QaError):
    """One input file cannot be read; the rest of the batch goes on."""

    exit_code = 3


class NothingToRead(UnreadableFile):
    """A file in which nothing is wrong, and nothing to be read: it is skipped, not failed."""
