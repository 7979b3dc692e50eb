"""What each command imports, seen from a fresh interpreter, and where heavy libraries may be imported at all."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGES = ("qa", "index", "prompts", "eval")

LIBRARIES = """
import json, runpy, sys
try:
    sys.argv[0] = "qa"
    runpy.run_module("qa", run_name="__main__")
finally:
    print(json.dumps(sorted({m.partition(".")[0] for m in sys.modules})), file=sys.stderr)
"""


def imported(*arguments: str | Path, stdin: str = "") -> set[str]:
    """The top-level modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", LIBRARIES, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode in (0, 1, 3), done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["ask", "--help"], ["config"]])
def test_nothing_heavy_for_help(arguments: list[str]) -> None:
    heavy = {
        "numpy", "onnxruntime", "chromadb", "chromadb_rust_bindings", "torch", "transformers",
        "sentence_transformers", "litellm", "textual", "trafilatura", "rich", "tantivy", "httpx",
    }  # fmt: skip
    assert not imported(*arguments) & heavy


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "who led the delegation?"],
        ["ask", "who led the delegation?"],
        ["chat"],
        ["status"],
        ["show", "northline/istanbul-round-two.txt"],
    ],
    ids=lambda a: a[0],
)
def test_questions_need_no_torch_and_no_package_of_chroma(
    sample_store: Path, arguments: list[str]
) -> None:
    heavy = {
        "chromadb", "torch", "transformers", "sentence_transformers", "litellm", "textual",
        "trafilatura", "scipy", "rich", "httpx", "onnx", "pandas", "sklearn",
    }  # fmt: skip
    found = imported(*arguments, "--store", sample_store, stdin="who led the delegation?\n")
    assert not found & heavy
    if arguments[0] in ("search", "ask", "chat"):
        assert "chromadb_rust_bindings" in found


def test_indexing_again_needs_no_torch(tmp_path: Path) -> None:
    (tmp_path / "mill.txt").write_text("The old mill at Varn burned down on Tuesday.")
    found = imported("index", tmp_path, "--store", tmp_path / ".qa")
    assert not found & {"torch", "transformers", "sentence_transformers", "litellm", "textual"}


WHERE = {
    "chromadb": {"index.dense", "index.server"},
    "chromadb_rust_bindings": {"index.dense"},
    "tantivy": {"index.lexical"},
    "torch": {"index.export", "index.bf16"},
    "openvino": {"index.encoders"},
    "transformers": {"index.export"},
    "sentence_transformers": {"index.export", "index.pretrained"},
    "onnx": set(),
    "onnxruntime": {"index.networks"},
    "litellm": {"qa.library"},
    "trafilatura": {"index.pages"},
    "pypdfium2": {"index.pdf"},
    "docx": {"index.word"},
    "scipy": {"eval.statistics"},
    "rich": {"qa.cli.indexing"},
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(file.read_text(encoding="utf-8"))


def names(node: ast.AST) -> list[str]:
    """The top-level modules that a node imports."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [(node.module or "").partition(".")[0]]
    return []


def at_start(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported: not functions, nor what is for type checkers."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def test_each_heavy_library_is_imported_in_its_module_and_inside_a_function() -> None:
    for module, tree in modules():
        for node in ast.walk(tree):
            for name in names(node):
                if name in WHERE:
                    assert module in WHERE[name], f"{module} imports {name}"
                if name == "textual":
                    assert module.startswith("qa.tui."), f"{module} imports textual"
        for node in at_start(tree):
            early = set(names(node)) & WHERE.keys()
            assert not early, f"{module} imports {early} when it is imported"


def test_the_screens_are_imported_only_to_be_shown() -> None:
    for module, tree in modules():
        if module.startswith("qa.tui"):
            continue
        for node in at_start(tree):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("qa.tui"), module
