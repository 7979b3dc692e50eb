"""What a run of `qa index` did, counted; every input file is in exactly one of the counts of `files`."""

from __future__ import annotations

from dataclasses import dataclass, field


def _counts() -> dict[str, int]:
    return dict.fromkeys(("found", "indexed", "unchanged", "skipped", "failed"), 0)


@dataclass(slots=True)
class Report:
    """What a run did; `failed` and `skipped` are lists of `{path, reason}`.

    `added` to `removed` and `articles` count articles (of a dry run the former count files); `files` counts
    files, of which `found` is the sum.
    `plan` is what a dry run would do: files `new`, `changed`, `unchanged`, `gone`, in how many `seconds`,
    and by what that was reckoned.
    `failed` also names single records of files that were indexed otherwise (reason `line 7: …`).
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: list[dict[str, str]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    articles: int = 0
    passages: int = 0
    embedded: int = 0
    warnings: list[str] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=_counts)
    plan: dict[str, int | float | str] | None = None
    seconds: float = 0.0

    def leave_out(self, path: str, reason: str, *, failed: bool) -> None:
        """Count a file that is not indexed, and say why."""
        (self.failed if failed else self.skipped).append({"path": path, "reason": reason})
        self.count("failed" if failed else "skipped")

    def count(self, status: str) -> None:
        """Count a file that was found and became `status`."""
        self.files["found"] += 1
        self.files[status] += 1
