"""The command line: the one place that wires every part, and that owns the exit codes.

Nothing heavy is imported before a command needs it. stdout carries the answer or the data, stderr all
else; no escape codes go to a stream that is not a terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `qa` and exit with the contract's code."""
    try:
        code = run(arguments)
    except KeyboardInterrupt:  # so early, or so late, that `run` could not tell
        code = INTERRUPTED
    sys.exit(code)


def _open_streams() -> None:
    """Give a process that was started with a stream closed (`<&-`) an empty one: Python has none for it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def run(arguments: Sequence[str] | None = None) -> int:
    """Run `qa` and return the exit code; every failure is told in a line or two on stderr."""
    _quiet_libraries()
    _open_streams()
    import click

    from index.errors import QaError
    from qa.cli.commands import ReaderGone, cli
    from qa.plain import print_error

    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        result = cli.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="qa",
            standalone_mode=False,
        )
        code = result if isinstance(result, int) else 0
        sys.stdout.flush()
        return code
    except QaError as error:
        print_error(error.message, error.hint)
        return error.exit_code
    except click.exceptions.Abort:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except click.exceptions.UsageError as error:
        command = error.ctx.command_path if error.ctx else "qa"
        print_error(error.format_message(), f"{command} --help")
        return 2
    except click.ClickException as error:
        print_error(error.format_message())
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except (BrokenPipeError, ReaderGone):
        # The reader of our output went away (`qa … | head`): that is no fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the last line of defence: no traceback, no locals
        if os.environ.get("QA_DEBUG"):
            raise
        first = (str(error).strip().splitlines() or [""])[0]
        print_error(
            f"an unexpected fault: {type(error).__name__}: {first[:200]}",
            "QA_DEBUG=1 shows where; please report it",
        )
        return 70


def _quiet_libraries() -> None:
    """No telemetry and no look-ups, set before any library can be imported."""
    os.environ["ANONYMIZED_TELEMETRY"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # One question is too little work for a pool of threads to be started.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
