"""The wheel holds everything, and works where there is no repository: built, installed elsewhere, run from `/`."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.slow

PACKAGES = ("qa", "index", "prompts", "eval")
NO_CODE = {".tcss", ".txt", ".html", ".onnx", ".jsonl"}


def run(*command: str | Path, cwd: Path = Path("/")) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=600,
        env={k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network by the build backend that is installed here."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds the wheel, and this one's libraries behind it."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    found = folder / "bin" / "python"
    site = Path(run(found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    run(
        sys.executable, "-m", "pip", "--python", found, "install", "--no-deps", "--no-index",
        "--quiet", "--disable-pip-version-check", wheel,
    )  # fmt: skip
    # A line in a .pth file puts a folder on the path behind the wheel's; the .pth files of that
    # folder are not read, so that an editable install of this repository stays out of sight.
    libraries = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (site / "libraries.pth").write_text("\n".join(libraries) + "\n")
    return found


def shipped() -> Iterator[str]:
    """What belongs into the wheel: every module, and what is read beside them."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*"):
            inside = file.relative_to(ROOT)
            if not file.is_file() or "__pycache__" in inside.parts:
                continue
            if file.suffix in NO_CODE | {".py"} or "sample" in inside.parts:
                yield inside.as_posix()


def test_the_wheel_holds_every_file(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = set(shipped())
    for name in (
        "qa/reader.onnx",
        "qa/reranker.onnx",
        "qa/tokens.onnx",
        "qa/tui/app.tcss",
        "prompts/answer.txt",
        "eval/report.html",
    ):
        assert name in wanted, f"{name} is not in the repository"
    assert not wanted - held
    packages = {name.partition("/")[0] for name in held}
    assert {name for name in packages if not name.endswith(".dist-info")} == set(PACKAGES)


def test_it_is_the_wheel_that_runs(python: Path) -> None:
    for package in PACKAGES:
        code = f"from importlib import import_module as i; print(i({package!r}).__file__)"
        place = Path(run(python, "-c", code).strip())
        assert place.is_relative_to(python.parents[1]), place


def test_index_and_ask_from_elsewhere(python: Path, tmp_path: Path) -> None:
    qa = python.parent / "qa"
    assert run(qa, "--version").startswith("qa ")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "talks.txt").write_text(
        "Talks in Istanbul\n\nVladimir Medinsky led Russia's delegation on Friday. The talks took two "
        "hours. A second round was to follow in June.\n"
    )
    store = tmp_path / "store"
    run(qa, "index", tmp_path / "a", "--store", store)
    assert "Medinsky" in run(qa, "ask", "who led Russia's delegation?", "--store", store)
    assert "Medinsky" in run(qa, "search", "delegation", "--store", store)


def test_every_prompt_and_the_sample_load_from_elsewhere(python: Path) -> None:
    code = """
from importlib.resources import files
from pathlib import Path
from eval.cases import load_cases
from prompts import load, names
for name in names():
    assert load(name).sha256
print(*names())
print(len(load_cases(Path(str(files("eval") / "sample" / "questions.jsonl")))))
assert (files("eval") / "report.html").read_text(encoding="utf-8")
assert (files("qa.tui") / "app.tcss").read_text(encoding="utf-8")
import qa.tui.app
"""
    prompts, cases = run(python, "-c", code).splitlines()
    assert {"answer", "rewrite", "judge"} <= set(prompts.split())
    assert int(cases) >= 80
