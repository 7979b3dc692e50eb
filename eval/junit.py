"""Runs and gates as JUnit XML, which CI systems show as tests.

A case fails where its label says so, and is skipped where nothing could be scored. ElementTree
escapes; what XML cannot hold is replaced before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from eval.compare import Comparison
from eval.failure import ERROR, RIGHT, UNSCORED
from eval.gate import Gate, Verdict
from eval.runfile import Run
from eval.show import show_case
from index.safe import safe

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(runs: Mapping[str, Run]) -> str:
    """Return a suite for each run and a test for each case."""
    suites = ElementTree.Element("testsuites")
    for name, run in runs.items():
        labels = [row.get("label", UNSCORED) for row in run.rows]
        errors, skipped = labels.count(ERROR), labels.count(UNSCORED)
        failed = len(labels) - labels.count(RIGHT) - errors - skipped
        suite = _suite(suites, name, len(labels), failed, errors, skipped)
        for row, label in zip(run.rows, labels, strict=True):
            seconds = ((row.get("timings_ms") or {}).get("total") or 0.0) / 1000
            case = ElementTree.SubElement(
                suite,
                "testcase",
                name=_text(f"{row['id']}: {row.get('question', '')}"),
                classname=_text(name),
                time=f"{seconds:.3f}",
            )
            if label == UNSCORED:
                ElementTree.SubElement(case, "skipped")
            elif label != RIGHT:
                kind = "error" if label == ERROR else "failure"
                found = ElementTree.SubElement(case, kind, message=_text(label), type=_text(label))
                found.text = _text(show_case(row))
    return _print(suites)


def gate_junit(comparison: Comparison, gate: Gate | None) -> str:
    """Return a test for each gate; one that cannot be decided is an error, for it is no pass."""
    suites = ElementTree.Element("testsuites")
    checks = gate.checks if gate else ()
    failed = sum(check.verdict is Verdict.FAIL for check in checks)
    unsure = sum(check.verdict is Verdict.INCONCLUSIVE for check in checks)
    name = f"{comparison.b} against {comparison.a}"
    suite = _suite(suites, name, len(checks), failed, unsure, 0)
    for check in checks:
        title = f"{check.metric} may lose {check.allowed:g}"
        case = ElementTree.SubElement(suite, "testcase", name=_text(title), classname="gate")
        if check.verdict is not Verdict.PASS:
            kind = "failure" if check.verdict is Verdict.FAIL else "error"
            message = _text(f"{check.verdict.value}: {check.why}")
            ElementTree.SubElement(case, kind, message=message, type=check.verdict.value)
    return _print(suites)


def _suite(
    suites: ElementTree.Element, name: str, tests: int, failed: int, errors: int, skipped: int
) -> ElementTree.Element:
    return ElementTree.SubElement(
        suites,
        "testsuite",
        name=_text(name),
        tests=str(tests),
        failures=str(failed),
        errors=str(errors),
        skipped=str(skipped),
    )


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", safe(str(text)))


def _print(suites: ElementTree.Element) -> str:
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, "unicode")
