"""Which models can be used, and the answerer for a name; providers are never asked."""

import os

import pytest
from scripted import Server

from index.errors import UsageError
from qa.config import ModelOptions, Settings
from qa.models import ModelChoice, list_models, make_answerer
from qa.types import Answerer


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch):
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL", "_proxy", "_PROXY")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")


@pytest.fixture
def server():
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


def listed(settings: Settings) -> dict[str, ModelChoice]:
    return {choice.name: choice for choice in list_models(settings)}


def built_in() -> Answerer:
    return "the built-in answerer"  # type: ignore[return-value]


def test_the_built_in_one_comes_first_and_needs_nothing():
    first, *_ = list_models(Settings())
    assert (first.name, first.place, first.available) == ("extractive", "this machine", True)


def test_keys_are_seen_but_not_shown(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "qx-0123456789")
    found = listed(Settings())
    assert found["anthropic/…"].available and found["anthropic/…"].place == "api.anthropic.com"
    assert not found["openai/…"].available
    assert found["openai/…"].note == "OPENAI_API_KEY is not set"
    assert "qx-0123456789" not in repr(found)
    assert not listed(Settings(offline=True))["anthropic/…"].available


def test_a_provider_is_listed_where_the_environment_moved_it(monkeypatch):
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:18001/v1")
    for offline in (False, True):  # this machine is no network, and needs no key
        found = listed(Settings(offline=offline))["openai/…"]
        assert (found.place, found.available) == ("127.0.0.1:18001", True)
    monkeypatch.setenv("OPENAI_API_BASE", "ftp://x")
    assert not listed(Settings())["openai/…"].available


def test_either_name_of_a_key_will_do(monkeypatch):
    monkeypatch.setenv("GOOGLE_API_KEY", "qx-0123456789")
    assert listed(Settings())["gemini/…"].available


def test_ollama_is_asked(server, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    server.pages["/api/tags"] = {"models": [{"name": "llama3.2:3b"}, {"name": "e\x1b[31mvil"}]}
    found = listed(Settings(models={"fast": ModelOptions(model="ollama/llama3.2:3b")}))
    assert found["ollama/llama3.2:3b"].available
    assert found["ollama/e␛[31mvil"].note == "served now"
    assert found["fast"].available and "alias of ollama/llama3.2:3b" in found["fast"].note
    assert [path for path, _, _ in server.requests] == ["/api/tags"]


def test_ollama_is_not_there():
    found = listed(Settings())["ollama/…"]
    assert not found.available and "ollama serve" in found.note


def test_a_configured_server_is_asked_without_a_key(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "qx-0123456789")
    server.pages["/v1/models"] = {"data": [{"id": "qwen"}]}
    found = listed(Settings(api_base=server.url + "/v1/"))
    assert found["openai/qwen"].available
    assert "qx-0123456789" not in repr(server.requests)


@pytest.mark.parametrize("page", [[], {"data": 3}, {"data": [{}]}, {"data": ["x"]}, {}])
def test_a_server_that_answers_nonsense(server, page):
    server.pages["/v1/models"] = page
    assert not listed(Settings(api_base=server.url + "/v1"))["openai/…"].available


def test_offline_asks_nobody_elsewhere(monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "http://10.255.255.1:11434")
    found = listed(Settings(offline=True, api_base="https://models.example.org/v1"))
    assert found["ollama/…"].note == "offline"


def test_answerers_by_name():
    settings = Settings(
        models={"fast": ModelOptions(model="ollama/llama3.2"), "own": ModelOptions("extractive")}
    )
    for name in ("extractive", "own"):
        assert make_answerer(name, settings, built_in) == "the built-in answerer"
    assert make_answerer("fast", settings, built_in).name == "fast"
    assert make_answerer("fast", settings, built_in).model == "ollama/llama3.2"
    assert make_answerer("anthropic/x", settings, built_in).model == "anthropic/x"
    assert make_answerer("gpt-4o", settings, built_in).model == "openai/gpt-4o"


@pytest.mark.parametrize(
    "name, hint",
    [
        ("extractve", "did you mean 'extractive'?"),
        ("fats", "did you mean 'fast'?"),
        ("olama", "did you mean ollama/…? see: qa models"),
        ("zzzz", "name the provider as well, such as ollama/llama3.2, or see: qa models"),
    ],
)
def test_an_unknown_name_is_a_usage_error(name, hint):
    settings = Settings(models={"fast": ModelOptions(model="ollama/llama3.2")})
    with pytest.raises(UsageError, match="unknown model") as caught:
        make_answerer(name, settings, built_in)
    assert caught.value.hint == hint
