"""The array of all vectors: the same whether written anew or from the one before, and what filters find in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_build import Hashed, article, write

from index import matrix
from index.build import build
from index.catalogue import Catalogue
from index.corpus import Corpus
from index.errors import IndexMissing
from index.store import MEAN
from index.types import Scope


def unit(count: int) -> np.ndarray:
    rows = np.random.default_rng(count).standard_normal((count, 8)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)  # type: ignore[no-any-return]


def test_what_is_there_already_is_copied(tmp_path: Path) -> None:
    vectors = dict(enumerate(unit(5000)))
    asked: list[int] = []

    def of(rows):  # type: ignore[no-untyped-def]
        asked.extend(rows)
        return {row: vectors[row] for row in rows}

    one, two, clean = tmp_path / "1", tmp_path / "2", tmp_path / "3"
    for folder in (one, two, clean):
        folder.mkdir()
    before = np.array([r for r in range(4900) if r % 7], dtype=np.int64)
    matrix.write(one, before, of)
    asked.clear()
    after = np.array(sorted({*before.tolist(), 14, *range(4900, 5000)} - {1, 4899}), dtype=np.int64)
    mean = matrix.write(two, after, of, (one, before))
    assert asked == [14, *range(4900, 5000)]
    assert np.allclose(mean, matrix.write(clean, after, of))
    assert (two / matrix.FILE).read_bytes() == (clean / matrix.FILE).read_bytes()
    assert np.array_equal(matrix.load(two, len(after)), [vectors[r] for r in after.tolist()])
    with pytest.raises(ValueError, match="does not hold"):
        matrix.load(two, 3)


@pytest.mark.parametrize("share", [0.9, 0.05])
def test_the_nearest_of_some(share: float) -> None:
    vectors = unit(1000)
    places = np.flatnonzero(np.random.default_rng(2).random(1000) < share)
    asked = vectors[3]
    found = matrix.near(vectors, places, asked, 10)
    order = sorted(places.tolist(), key=lambda p: -float(vectors[p] @ asked))[:10]
    assert [place for place, _ in found] == order
    assert len(matrix.near(vectors, places[:4], asked, 10)) == 4
    assert matrix.near(vectors, places[:0], asked, 10) == []


def test_an_index_from_before_there_was_one(tmp_path: Path) -> None:
    """It is searched, and gets its array with the next change, without a new graph."""
    for subject in ("harbour", "railway", "orchard", "tannery", "lighthouse", "bakery"):
        write(tmp_path / "a", f"{subject}.txt", f"date 2031-05-06\n\n{article(subject)}")

    def index() -> Path:
        build(tmp_path / ".qa", [tmp_path / "a"], Hashed())
        catalogue = Catalogue.open_to_read(tmp_path / ".qa")
        folder = catalogue.get("folder")
        catalogue.close()
        return tmp_path / ".qa" / "generations" / str(folder)

    def best(**scope: str) -> str:
        corpus = Corpus(tmp_path / ".qa", Hashed)
        hits = corpus.search("the orchard", 1, Scope(**scope))  # type: ignore[arg-type]
        corpus.close()
        return hits[0].passage.source.paths[0]

    folder = index()
    manifest = folder / "manifest.json"
    from index import seal

    fields = seal.read(manifest)
    del fields["seals"][matrix.FILE]
    seal.write(manifest, fields)
    (folder / matrix.FILE).unlink()
    assert best() == best(since="2031-05-06") == "a/orchard.txt"
    write(tmp_path / "a", "bakery.txt", f"date 2031-05-07\n\n{article('windmill')}")
    changed = index()
    assert (changed / matrix.FILE).exists()
    assert best(until="2031-05-06") == "a/orchard.txt"
    kept = np.load(changed / MEAN)
    build(tmp_path / ".qa", [tmp_path / "a"], Hashed(), rebuild=True)
    assert np.allclose(kept, np.load(index() / MEAN))
    data = bytearray((index() / matrix.FILE).read_bytes())
    data[-1] ^= 255
    (index() / matrix.FILE).write_bytes(data)
    with pytest.raises(IndexMissing, match=r"vectors\.npy is not what was published"):
        best()
