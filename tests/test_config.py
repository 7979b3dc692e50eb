"""Where settings come from, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import UsageError
from qa.config import load_settings


def load(tmp_path: Path, toml: str = "", user: str = "", **env: str) -> object:
    (tmp_path / "qa.toml").write_text(toml)
    (tmp_path / "user.toml").write_text(user)
    return load_settings(cwd=tmp_path, env=env, user_file=tmp_path / "user.toml")


def test_flag_over_environment_over_project_over_user_over_default(tmp_path: Path) -> None:
    (tmp_path / "qa.toml").write_text('model = "project"\nk = 4\nembedder = "p"')
    (tmp_path / "user.toml").write_text('model = "user"\nk = 3\noffline = true\nembedder = "u"')
    found = load_settings(
        {"model": "flag", "k": None},
        cwd=tmp_path,
        env={"QA_MODEL": "environment", "QA_K": "7"},
        user_file=tmp_path / "user.toml",
    )
    assert (found.model, found.k, found.embedder, found.offline) == ("flag", 7, "p", True)
    assert found.origins["model"] == "flag"
    assert found.origins["k"] == "QA_K"
    assert found.origins["embedder"].endswith("qa.toml")
    assert found.max_cost is None


def test_the_project_file_is_found_from_below(tmp_path: Path) -> None:
    (tmp_path / "qa.toml").write_text("k = 5")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert load_settings(cwd=below, env={}, user_file=tmp_path / "none").k == 5


@pytest.mark.parametrize(
    ("toml", "said", "hint"),
    [
        ("modle = 'x'", "unknown key 'modle'", "did you mean 'model'?"),
        ("k = 0", "k = 0 is not a whole number", None),
        ("k = true", "k = True is not a whole number", None),
        ("passage_tokens = 8", "passage_tokens = 8 is not a whole number from 32 to 8,192", None),
        ("passage_tokens = 99.5", "passage_tokens = 99.5 is not a whole number", None),
        ("dense_weight = 1.5", "dense_weight = 1.5 is not a number from 0", None),
        ("dense_weight = nan", "dense_weight = nan is not a number from 0", None),
        ("dense_weights = 0.5", "unknown key 'dense_weights'", "did you mean 'dense_weight'?"),
        ("offline = 'perhaps'", "is not true or false", None),
        ("max_cost = -1", "is not an amount", None),
        ("model = ''", "is not a text", None),
        ("model = ", "is not valid TOML", "mend the line it names"),
        (
            "[models.fast]\ntemprature = 1",
            "unknown key 'temprature'",
            "did you mean 'temperature'?",
        ),
        ("[models.fast]\nmax_tokens = 'many'", "is not a fit value", None),
        ("[models.fast]\nmax_tokens = -5", "max_tokens = -5 is not a fit value", None),
        ("[models.fast]\ncontext = 0", "context = 0 is not a fit value", None),
        ("[models.fast]\nmax_tokens = 2.5", "max_tokens = 2.5 is not a fit value", None),
        ("[models.fast]\nidle_s = 0", "idle_s = 0 is not a fit value", None),
        ("[models.fast]\ntemperature = nan", "temperature = nan is not a fit value", None),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, toml: str, said: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as raised:
        load(tmp_path, toml)
    assert said in raised.value.message
    assert "qa.toml" in raised.value.message
    if hint:
        assert raised.value.hint == hint


def test_model_options_and_aliases(tmp_path: Path) -> None:
    found = load(
        tmp_path, '[models.fast]\nmodel = "ollama/x"\ncontext = 8192', QA_API_BASE="http://h:1/v1"
    )
    options = found.options("fast")  # type: ignore[attr-defined]
    assert (options.model, options.context, options.api_base) == ("ollama/x", 8192, "http://h:1/v1")
    assert found.options("openai/y").model == "openai/y"  # type: ignore[attr-defined]
