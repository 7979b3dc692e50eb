"""What is right of the web pages that `qa index` reads: body, title, date and authors.

    python -m benchmarks.pages FOLDER [TRUTH.json]

FOLDER holds packed pages. With TRUTH.json (`{name: {"articleBody": …}}`, pages `name.html.gz`) bodies are compared
as in Zyte's article extraction benchmark: F1 of shingles of four words, each page weighing the same. Without it,
FOLDER holds one `Outlet.json` an outlet as Fundus keeps its tests (`{version: {title, authors, publishing_date,
body}}`), with pages `Outlet_YYYY_MM_DD.html.gz` in the order of the versions' dates.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from index.clean import to_article
from index.readers import read_file
from index.record import Failure
from index.types import Article

_WORD = re.compile(r"\w+")


class Page(NamedTuple):
    """A page and the truth about it; a field that the truth does not speak of is None."""

    path: Path
    body: str
    title: str | None = None
    date: str | None = None
    authors: tuple[str, ...] | None = None


def zyte_pages(folder: Path, truth: Path) -> Iterator[Page]:
    """Yield the pages of an article extraction benchmark."""
    for name, fields in sorted(json.loads(truth.read_text()).items()):
        yield Page(folder / f"{name}.html.gz", fields["articleBody"])


def fundus_pages(folder: Path) -> Iterator[Page]:
    """Yield the pages of Fundus' parser tests."""
    for file in sorted(folder.rglob("*.json")):
        versions: list[dict[str, Any]] = sorted(
            json.loads(file.read_text()).values(), key=lambda v: str(v.get("publishing_date"))
        )
        pages = sorted(file.parent.glob(f"{file.stem}_[0-9]*.html.gz"))
        for version, page in zip(versions, pages, strict=False):
            body = version.get("body") or {}
            parts = list(body.get("summary", []))
            for section in body.get("sections", []):
                parts += section.get("headline", []) + section.get("paragraphs", [])
            yield Page(
                page,
                "\n\n".join(parts),
                version.get("title"),
                str(version.get("publishing_date") or "")[:10] or None,
                tuple(version["authors"]) if version.get("authors") else None,
            )


def overlap(truth: str, found: str) -> tuple[float, float, float]:
    """Return (true positives, false positives, false negatives) of shingles, their sum 1."""
    a, b = _shingles(truth), _shingles(found)
    shared = sum((a & b).values())
    missed, extra = sum(a.values()) - shared, sum(b.values()) - shared
    total = shared + missed + extra or 1
    return shared / total, extra / total, missed / total


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))


def _plain(text: str | None) -> str:
    return re.sub(r"\W+", "", (text or "").casefold())


def _read(page: Page) -> Article | None:
    for found in read_file(page.path):
        if not isinstance(found, Failure):
            return to_article(found, page.path.name)
    return None


def main() -> int:
    """Print the figures, and each page with a field that is not right."""
    folder = Path(sys.argv[1])
    pages = list(
        zyte_pages(folder, Path(sys.argv[2])) if len(sys.argv) > 2 else fundus_pages(folder)
    )
    sums = [0.0, 0.0, 0.0]
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for page in pages:
        article = _read(page)
        tp, fp, fn = overlap(page.body, article.text if article else "")
        sums = [a + b for a, b in zip(sums, (tp, fp, fn), strict=True)]
        source = article.source if article else None
        # The truth of one page may be shorter than its headline, or carry a mark of the window's title.
        checks = {
            "title": (page.title, source and source.title, _plain),
            "date": (page.date, source and source.published, str),
            "authors": (
                page.authors and sorted(map(_plain, page.authors)),
                source and sorted(map(_plain, source.authors)),
                str,
            ),
        }
        for field, (wanted, got, plain) in checks.items():
            if wanted is None:
                continue
            asked[field] += 1
            if got is not None and plain(wanted) == plain(got):  # type: ignore[operator]
                right[field] += 1
            else:
                print(f"{page.path.name[:44]}: {field} {got!r}, not {wanted!r}")
        f1 = 2 * tp / (2 * tp + fp + fn) if tp else 0.0
        if f1 < 0.9:
            print(f"{page.path.name[:44]}: body F1 {f1:.3f} ({fp:.0%} too much, {fn:.0%} missing)")
    tp, fp, fn = sums
    print(
        f"{len(pages)} pages: body F1 {2 * tp / (2 * tp + fp + fn):.3f}, "
        f"precision {tp / (tp + fp):.3f}, recall {tp / (tp + fn):.3f}"
    )
    for field in asked:
        print(f"{field} right in {right[field]} of {asked[field]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
