"""Keys and passwords, kept out of what is shown, logged and written."""

from __future__ import annotations

import os
import re

_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$", re.I)
_SECRET = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|tgp|ghp|github_pat)[-_]|AKIA|AIza)[-\w.*]{6,}"
    # "Basic income" and "bearer shares" are none: a key has a digit, a sign or a capital inside.
    r"|\bBearer\s+[-\w.+/=~*]{6,}"
    r"|\b(?:bearer|[Bb]asic)\s+(?=[-\w.+/=~*]*(?:[\d_=~*]|[a-z][A-Z]))[-\w.+/=~*]{6,}"
    r"|(?<=://)[^/@\s]+(?=@)"
    r"|(?<=[?&])(?:api[-_]?key|key|token|access_token|secret|password)=[^&#\s\"]+"
)


def mask(text: str) -> str:
    """Return `text` with keys as `***`: those of the environment, and what looks like one."""
    for name, value in os.environ.items():
        if len(value) >= 6 and _SECRET_NAME.search(name):
            text = text.replace(value, "***")
    return _SECRET.sub("***", text)
