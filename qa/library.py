"""litellm, imported once, quiet and closed: its client, and what it knows of providers.

The only module that imports it, and only inside functions. Whatever in it would call out on its own
(a price list, telemetry, tokenizers of a model hub, callbacks) is off before it is first used.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from qa.wire import GuardedClient

_loading = threading.Lock()
_client: GuardedClient | None = None


def load() -> Any:
    """Import litellm with everything off that would call out, phone home or print."""
    global _client
    with _loading:
        # Read at import: without it litellm fetches a price list from the network.
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
        os.environ.setdefault("LITELLM_LOG", "ERROR")
        os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # else it reads .env files
        import litellm

        if _client is None:
            _silence(litellm)
            _client = litellm.client_session = GuardedClient()
            _warm(litellm)
        return litellm


def handler() -> Any:
    """Return our client in the form that the routes other than the OpenAI-compatible ones take."""
    load()
    from litellm.llms.custom_httpx.http_handler import HTTPHandler

    return HTTPHandler(client=_client)


def knows(provider: str) -> bool:
    """Say whether litellm has a provider of this name."""
    return provider in {getattr(p, "value", p) for p in load().provider_list}


def missing_keys(model: str) -> list[str]:
    """Return the variables that the provider of `model` needs and the environment does not have."""
    found = load().validate_environment(model).get("missing_keys") or []
    return [str(name) for name in found]


def _silence(litellm: Any) -> None:
    import logging
    import warnings

    warnings.filterwarnings("ignore", module=r"pydantic(\..*)?")
    for logger in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.disable_hf_tokenizer_download = True
    litellm.drop_params = True
    litellm.num_retries = 0
    for hooks in ("callbacks", "success_callback", "failure_callback", "input_callback"):
        setattr(litellm, hooks, [])


def _warm(litellm: Any) -> None:
    """Import what it puts off until the first call, before a deadline runs; nothing is sent."""
    import openai.resources.chat  # noqa: F401

    said = [{"role": "user", "content": "-"}]
    for _ in litellm.completion("openai/-", said, stream=True, mock_response="-"):
        pass
