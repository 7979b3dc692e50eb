"""`qa eval --check`, `--make` and `--edit`: making a question set, and finding what is wrong with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import IndexMissing, UsageError
from index.safe import safe
from qa.cli.wiring import open_corpus

if TYPE_CHECKING:
    from eval.check import Finding
    from index.corpus import Corpus
    from qa.cli.evaluating import Options

FAULTY = 2
_SHOWN = 20


def run_check(options: Options, effect: float) -> int:
    """Print what is wrong with each set, and what two of them share; 2 where something must be mended."""
    from eval.cases import load_cases
    from eval.check import check_leaks, check_set

    if not 0 < abs(effect) < 1:
        raise UsageError(f"--effect {effect:g} is no difference of a share", "--effect 0.05")
    corpus: Corpus | None = None
    try:
        corpus = open_corpus(options.settings())
    except IndexMissing as error:
        print(f"qa: {error.message}: evidence is not checked", file=sys.stderr)
    sets = {str(path): load_cases(path) for path in options.questions}
    found = {name: check_set(cases, corpus, effect=abs(effect)) for name, cases in sets.items()}
    leaks = check_leaks(sets)
    faults = [f for findings in [*found.values(), leaks] for f in findings if f.level == "error"]
    if options.as_json:
        from qa.render import to_json

        plain: dict[str, Any] = {
            name: {"cases": len(sets[name]), "findings": [f.to_json() for f in findings]}
            for name, findings in found.items()
        }
        print(to_json({"sets": plain, "leaks": [f.to_json() for f in leaks]}))
        return FAULTY if faults else 0
    for name, findings in found.items():
        cases = sets[name]
        able = sum(case.answerable for case in cases)
        print(safe(f"{name}: {len(cases):,} cases, {able:,} answerable", newlines=False))
        _print(findings)
    if len(sets) > 1:
        print("between the sets:")
        _print(leaks)
    return FAULTY if faults else 0


def _print(findings: list[Finding]) -> None:
    """A line for each, the errors first; of one kind only so many."""
    kinds = dict.fromkeys((f.level, f.kind) for f in sorted(findings, key=lambda f: f.level))
    for level, kind in kinds:
        alike = [f for f in findings if (f.level, f.kind) == (level, kind)]
        for finding in alike[:_SHOWN]:
            print(f"  {level:<8} {kind:<16} {safe(finding.text, newlines=False)}")
        if len(alike) > _SHOWN:
            print(f"  {level:<8} {kind:<16} … and {len(alike) - _SHOWN:,} more (see --json)")
    if not findings:
        print("  nothing found")


def run_make(options: Options, n: int | None, edit: bool) -> int:
    """Draft a set from the index and write it; with `edit`, let a person change it before it is checked."""
    from eval.editing import write_records

    if len(options.questions) != 1:
        raise UsageError("name one question set", "qa eval questions.jsonl --make 50")
    path = options.questions[0]
    if n is not None:
        if path.exists():
            raise UsageError(f"{path} exists", "name a new file, or change it with --edit")
        if path.suffix not in (".jsonl", ".ndjson"):
            raise UsageError(f"{path}: a question set is JSONL", f"name it {path.stem}.jsonl")
        records = _draft(options, n)
        write_records(path, records)
        able = sum(record["answerable"] for record in records)
        if len(records) < n:
            print(
                f"qa: the articles gave {len(records)} drafts, fewer than asked for",
                file=sys.stderr,
            )
        if not options.as_json:
            print(
                f"{path}: {able} questions and {len(records) - able} that the articles do not answer"
            )
            if not edit:
                print("they keep the words of the articles, which makes the search look good:")
                print(f"read and reword them: qa eval {path} --edit")
    if edit:
        _edit(path)
    if options.as_json:
        from eval.editing import read_records
        from qa.render import to_json

        print(to_json({"questions": str(path), "cases": read_records(path)}))
    return 0


def _draft(options: Options, n: int) -> list[dict[str, Any]]:
    """A quarter of the cases are unanswerable twins."""
    from eval.draft import draft_cases
    from eval.editing import record_of
    from eval.twin import twins

    if len(options.models) > 1:
        raise UsageError("one model drafts a set", "--model NAME once")
    corpus = open_corpus(options.settings())
    model = options.models[0] if options.models else None
    unanswerable = n // 4
    if model is None:
        # Many a draft has no particular that could be exchanged: twins are made from more than are kept.
        pool = draft_cases(corpus, 2 * n, seed=options.seed)
        cases = pool[: n - unanswerable]
    else:
        from qa.cli.drafting import draft_with_model

        pool, made = draft_with_model(options, corpus, model, n - unanswerable)
        cases = pool
        if len(made) >= unanswerable:
            return [record_of(case) for case in [*cases, *made[:unanswerable]]]
    if not cases:
        raise UsageError(
            "the articles gave no drafts", "index more articles, or write the set by hand"
        )
    return [
        record_of(case) for case in [*cases, *twins(pool, corpus, unanswerable, seed=options.seed)]
    ]


def _edit(path: Path) -> None:
    """Open the set in the editor until it can be read, or the person gives up."""
    import click

    from eval.cases import cases_of
    from eval.editing import from_text, read_records, to_text, write_records

    before = text = to_text(read_records(path))
    while True:
        edited = click.edit(text, extension=".yaml", require_save=False)
        if edited is None or edited == before:
            print("nothing changed", file=sys.stderr)
            return
        try:
            records = from_text(edited)
            cases_of(records, str(path))
            break
        except UsageError as error:
            print(f"qa: {error.message} ({error.hint})", file=sys.stderr)
            if not sys.stdin.isatty() or not click.confirm("edit again?", default=True, err=True):
                kept = path.with_name(path.stem + ".edited.yaml")
                kept.write_text(edited, encoding="utf-8")
                raise UsageError(
                    f"{path} was left as it was; what you wrote is in {kept}", "mend it there"
                ) from error
            text = edited
    write_records(path, records)
    print(f"{path}: {len(records):,} cases", file=sys.stderr)
