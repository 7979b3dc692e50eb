"""A chat in a pty, driven and read as a person would: what the benchmarks and the walk test share.

Left out: what is measured.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from pathlib import Path

QA = [sys.executable, "-m", "qa"]
ROOT = Path(__file__).resolve().parents[1]


class Terminal:
    """A child on a terminal of `columns` by `lines`; `seen` is all that it has written."""

    def __init__(
        self, command: list[str], *, cwd: str | Path, columns: int = 80, lines: int = 24, **env: str
    ) -> None:
        self.began = time.perf_counter()
        self.seen = b""
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.chdir(cwd)
            os.environ.update(
                {"TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": str(lines), **env}
            )
            os.execvp(command[0], command)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.set_blocking(self.fd, False)

    def read(self, seconds: float = 0.0) -> bytes:
        """Return what comes within a time, at once when something is there."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        try:
            piece = os.read(self.fd, 1 << 16)
        except OSError:
            piece = b""  # the child is gone
        self.seen += piece
        return piece

    def until(self, mark: bytes, seconds: float = 30.0) -> float:
        """Read until `mark` is written (in what comes from now on); return the seconds it took."""
        start, began = len(self.seen), time.perf_counter()
        while mark not in self.seen[max(0, start - len(mark)) :]:
            self.read(0.05)
            if time.perf_counter() - began > seconds:
                tail = self.seen[-3000:].decode(errors="replace")
                raise TimeoutError(f"{mark!r} did not appear within {seconds} s; last: {tail!r}")
        return time.perf_counter() - began

    def settle(self, quiet: float = 0.3, seconds: float = 20.0) -> None:
        """Read until nothing has come for a moment."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end and self.read(quiet):
            pass

    def type(self, text: str) -> None:
        """Type."""
        os.write(self.fd, text.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the terminal."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def wait(self, seconds: float = 15.0) -> int:
        """Return the exit code of a child that ends by itself."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.read(0.05)
            pid, status = os.waitpid(self.child, os.WNOHANG)
            if pid:
                self.child = 0
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        raise TimeoutError("the chat did not end")

    def kill(self) -> None:
        """End it, as `kill -9` does."""
        if self.child:
            os.kill(self.child, 9)
            os.waitpid(self.child, 0)
            os.close(self.fd)
            self.child = 0
