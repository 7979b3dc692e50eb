"""Models of sentence-transformers by folder or by name, loaded without a look at the hub where that can be."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from index.errors import UsageError


def refuse_misspelt(name: str, what: str, known: Sequence[str]) -> None:
    """Raise `UsageError` for a name that is nearly one of those that need no download, and no folder."""
    near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.75)
    if near and not Path(name).is_dir():
        raise UsageError(f"there is no {what} {name!r}", f"did you mean {near[0]!r}?")


def load(
    kind: Literal["SentenceTransformer", "CrossEncoder"], name: str, what: str, hint: str
) -> Any:
    """Return the model; it is looked up at the hub only when it is not on this machine.

    Raises `UsageError`, which calls it a `what` and ends with `hint`, when it cannot be loaded.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import logging

    import sentence_transformers

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it tells of every retry
    model = getattr(sentence_transformers, kind)
    try:
        try:  # what is on this machine is not looked up elsewhere
            return model(name, device="cpu", local_files_only=True)
        except Exception:
            if Path(name).is_dir() or os.environ.get("HF_HUB_OFFLINE"):
                raise
            print(
                f"qa: {name!r} is not on this machine: asking huggingface.co for it",
                file=sys.stderr,
            )
            return model(name, device="cpu")
    except Exception as error:  # whatever the hub, the file system or the model's own code raises
        lines = str(error).strip().splitlines()
        raise UsageError(
            f"the {what} {name!r} cannot be loaded: {(lines or [type(error).__name__])[0][:160]}",
            hint,
        ) from error
