"""Where a model is: the host that a question would be sent to, and the key that it would need.

The common providers stand in tables, so that saying where text goes costs no import of litellm.
What litellm alone knows (its hundred other providers) is left to it: such a host is not local.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.addresses import is_loopback
from index.errors import UsageError
from qa.config import Settings

BUILT_IN = "extractive"

# provider: (host, environment variable of the key, variables that move the host)
HOSTED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "openai": ("api.openai.com", "OPENAI_API_KEY", ("OPENAI_BASE_URL", "OPENAI_API_BASE")),
    "anthropic": (
        "api.anthropic.com",
        "ANTHROPIC_API_KEY",
        ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
    ),
    "gemini": (
        "generativelanguage.googleapis.com",
        "GEMINI_API_KEY",
        ("GEMINI_API_BASE",),
    ),
    "mistral": (
        "api.mistral.ai",
        "MISTRAL_API_KEY",
        ("MISTRAL_API_BASE", "MISTRAL_AZURE_API_BASE"),
    ),
    "groq": ("api.groq.com", "GROQ_API_KEY", ("GROQ_API_BASE",)),
    "openrouter": ("openrouter.ai", "OPENROUTER_API_KEY", ("OPENROUTER_API_BASE",)),
    "deepseek": ("api.deepseek.com", "DEEPSEEK_API_KEY", ("DEEPSEEK_API_BASE",)),
    "xai": ("api.x.ai", "XAI_API_KEY", ("XAI_API_BASE",)),
    "together_ai": ("api.together.ai", "TOGETHERAI_API_KEY", ("TOGETHERAI_API_BASE",)),
    "perplexity": ("api.perplexity.ai", "PERPLEXITYAI_API_KEY", ("PERPLEXITY_API_BASE",)),
    "fireworks_ai": ("api.fireworks.ai", "FIREWORKS_API_KEY", ("FIREWORKS_API_BASE",)),
    "cerebras": ("api.cerebras.ai", "CEREBRAS_API_KEY", ("CEREBRAS_API_BASE",)),
}

# provider: (default address, variables that move it)
SERVERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ollama": ("http://localhost:11434", ("OLLAMA_API_BASE", "OLLAMA_HOST")),
    "ollama_chat": ("http://localhost:11434", ("OLLAMA_API_BASE", "OLLAMA_HOST")),
    "lm_studio": ("http://localhost:1234/v1", ("LM_STUDIO_API_BASE",)),
    "llamafile": ("http://127.0.0.1:8080/v1", ("LLAMAFILE_API_BASE",)),
    "hosted_vllm": ("http://localhost:8000/v1", ("HOSTED_VLLM_API_BASE",)),
}

_FAMILIES = {
    "gpt-": "openai",
    "chatgpt-": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "claude-": "anthropic",
    "gemini-": "gemini",
}


@dataclass(frozen=True, slots=True)
class Destination:
    """A host as it is shown (with its port if that is unusual), and whether it is this machine.

    `base` is the address that settings or environment name, None where litellm's own default holds.
    """

    host: str
    local: bool
    provider: str = ""
    base: str | None = None
    key: str | None = None

    @property
    def hostname(self) -> str:
        """The host without its port."""
        return urlsplit(f"//{self.host}").hostname or ""


def full_name(name: str, settings: Settings) -> str:
    """Return the litellm string for an alias, a full string or a bare name of a well-known family.

    A bare name with an API base is a model of an OpenAI-compatible server. Raises `UsageError` on
    any other bare name: which models exist is not looked up.
    """
    options = settings.options(name)
    model = options.model or name
    if "/" in model:
        return model
    for family, provider in _FAMILIES.items():
        if model.startswith(family):
            return f"{provider}/{model}"
    if options.api_base:
        return f"openai/{model}"
    raise UsageError(f"unknown model {model!r}", "see which can be used: qa models")


def destination(name: str, settings: Settings) -> Destination:
    """Return where the question and the passages go when this model answers; nothing is sent."""
    if name == BUILT_IN:
        return Destination("this machine", True, BUILT_IN)
    options = settings.options(name)
    provider = full_name(name, settings).partition("/")[0]
    base = options.api_base or _moved(provider)
    key = HOSTED[provider][1] if provider in HOSTED else None
    if base is None and provider in SERVERS:
        base = SERVERS[provider][0]
    if base is None and provider in HOSTED:
        return Destination(HOSTED[provider][0], False, provider, None, key)
    if base is None:
        return Destination(f"the servers of {provider!r}", False, provider)
    base = address(base, 11434 if provider.startswith("ollama") else None)
    split = urlsplit(base)
    host = split.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(split.scheme)
    if split.port and split.port != usual:
        shown = f"{shown}:{split.port}"
    return Destination(shown, is_loopback(host), provider, base, key)


def _moved(provider: str) -> str | None:
    """The address that the environment gives for a provider."""
    variables = HOSTED[provider][2] if provider in HOSTED else SERVERS.get(provider, ("", ()))[1]
    return next((os.environ[v] for v in variables if os.environ.get(v)), None)


def address(base: str, port: int | None = None) -> str:
    """Return an API base with a scheme and, where it names none, the usual `port` of its server.

    Raises `UsageError` where it is no address.
    """
    base = base.strip()
    try:
        bare = "://" not in base
        if bare:  # OLLAMA_HOST is usually written so
            host = urlsplit(f"//{base}").hostname or ""
            base = f"{'http' if port or is_loopback(host) else 'https'}://{base}"
        split = urlsplit(base)
        if split.scheme not in ("http", "https") or not split.hostname:
            raise ValueError
        named = split.port  # raises ValueError for what is no port
        if bare and port and named is None:
            base = base.replace(split.netloc, f"{split.netloc}:{port}", 1)
        if split.hostname in ("0.0.0.0", "::"):  # what a server listens on, not where it is
            base = base.replace("0.0.0.0", "127.0.0.1", 1).replace("[::]", "127.0.0.1", 1)
        return base.rstrip("/")
    except ValueError:
        raise UsageError(
            "the API base is not an address", "write it as http://localhost:8000/v1"
        ) from None


def keys(where: Destination) -> tuple[str, ...]:
    """The variables that may hold its key; for Gemini litellm reads two."""
    if where.provider == "gemini":
        return ("GEMINI_API_KEY", "GOOGLE_API_KEY")
    return (where.key,) if where.key else ()


def has_key(where: Destination) -> bool:
    """Say whether a key for it is set."""
    return any(os.environ.get(name) for name in keys(where))
