"""Settings: flag > environment (`QA_*`) > `./qa.toml` > the user's `qa/config.toml` > default.

Provider keys are not settings: they keep their usual names in the environment and are never read here.
"""

from __future__ import annotations

import difflib
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from index.errors import UsageError

PROJECT_FILE = "qa.toml"


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What `[models.NAME]` in a settings file may say of a model; times are seconds.

    `model` lets NAME be an alias. The three deadlines are ours, not the client's: a server that drips
    keep-alive comments defeats a plain timeout. The prefixes stand before every question and passage that
    is embedded; models that were trained with such words need them, and no server adds them.
    """

    model: str | None = None
    api_base: str | None = None
    temperature: float = 0.0
    max_tokens: int = 800
    context: int | None = None
    first_token_s: float = 60.0
    idle_s: float = 30.0
    total_s: float = 180.0
    query_prefix: str = ""
    passage_prefix: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; `origins` says where each that is not the default came from.

    `dense_weight` (0..1) is the share of the dense score in the fusion; a passage has at most
    `passage_tokens`, where None is what the index has.
    """

    model: str = "extractive"
    api_base: str | None = None
    embedder: str = "minilm"
    rerank: str = "minilm"
    k: int = 8
    dense_weight: float = 0.5
    passage_tokens: int | None = None
    store: str | None = None
    offline: bool = False
    max_cost: float | None = None
    prompts: str | None = None
    theme: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, ModelOptions] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    def options(self, name: str) -> ModelOptions:
        """Return the options for a model named by alias or by full string, `api_base` filled in."""
        found = self.models.get(name, ModelOptions())
        filled = ModelOptions(
            **{
                f.name: getattr(found, f.name)
                for f in fields(ModelOptions)
                if f.name not in ("model", "api_base")
            },
            model=found.model or name,
            api_base=found.api_base or self.api_base,
        )
        return filled


_NAMES = [f.name for f in fields(Settings) if f.name not in ("models", "keys", "origins")]
_WHOLE = {"k": (1, 100), "passage_tokens": (32, 8192)}
_TEXTS = ("model", "api_base", "query_prefix", "passage_prefix")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


_PLACES = ("store", "prompts")
"""Settings that are paths: in a file they are meant from its folder."""


def _from(folder: Path, place: Any) -> Any:
    """A path of a file of settings as it is meant; an address, and what begins at the root or at home, as it is."""
    text = str(place)
    if place is None or "://" in text or text.startswith("~") or Path(text).is_absolute():
        return place
    return type(place)(folder / text)


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    user_file: Path | None = None,
) -> Settings:
    """Gather the settings from every place.

    Raises `UsageError` naming the file, the key and the nearest right one where a key or a value is wrong.
    """
    env = os.environ if env is None else env
    cwd = cwd or Path.cwd()
    if user_file is None:
        import platformdirs

        user_file = platformdirs.user_config_path("qa") / "config.toml"
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    models: dict[str, ModelOptions] = {}
    keys: dict[str, str] = {}

    for file in (user_file, _project_file(cwd)):
        if file is None or not os.path.isfile(file):  # False, too, where one may not look
            continue
        table = _read(file)
        for name, options in _models(table.pop("models", {}), file).items():
            models[name] = options
        keys |= _keys(table.pop("keys", {}), file)
        for key, value in table.items():
            _check_key(key, _NAMES, str(file))
            values[key], origins[key] = _typed(key, value, str(file)), str(file)
            if key in _PLACES and file.parent.resolve() != cwd.resolve():
                values[key] = _from(file.parent, values[key])
    for key in _NAMES:
        variable = f"QA_{key.upper()}"
        if env.get(variable):  # one that is empty is as good as none
            values[key] = _typed(key, env[variable], variable)
            origins[key] = variable
    for key, value in (flags or {}).items():
        if value is not None:
            values[key] = _typed(key, value, "-k" if key == "k" else f"--{key.replace('_', '-')}")
            origins[key] = "flag"
    return Settings(**values, models=models, keys=keys, origins=origins)


def _project_file(cwd: Path) -> Path | None:
    """The nearest `qa.toml`, here or above, as the store is found."""
    for folder in (cwd, *cwd.parents):
        if os.path.isfile(folder / PROJECT_FILE):
            return folder / PROJECT_FILE
    return None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not valid TOML: {error}", "mend the line it names") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def _models(table: Any, file: Path) -> dict[str, ModelOptions]:
    if not isinstance(table, dict) or not all(isinstance(v, dict) for v in table.values()):
        raise UsageError(f"{file}: models must be tables such as [models.fast]")
    known = {f.name: f for f in fields(ModelOptions)}
    result = {}
    for name, options in table.items():
        for key, value in options.items():
            _check_key(key, list(known), f"{file} [models.{name}]")
            wanted = str if key in _TEXTS else (int, float)
            fit = isinstance(value, wanted) and not isinstance(value, bool)
            if not fit or (key not in _TEXTS and not _in_range(key, value)):
                raise UsageError(f"{file} [models.{name}]: {key} = {value!r} is not a fit value")
        result[name] = ModelOptions(**options)
    return result


def _in_range(key: str, value: float) -> bool:
    """Whether a number can be meant: tokens whole, and a deadline that leaves time."""
    if key in ("max_tokens", "context"):
        return isinstance(value, int) and value >= 1
    return 0 <= value < math.inf if key == "temperature" else value > 0


def _keys(table: Any, file: Path) -> dict[str, str]:
    """`[keys]` of the chat; whether the names are right, the chat says, which knows them."""
    if not isinstance(table, dict) or not all(isinstance(v, str) and v for v in table.values()):
        raise UsageError(f'{file}: [keys] must hold lines such as new = "ctrl+t"')
    return dict(table)


def _check_key(key: str, known: list[str], where: str) -> None:
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
        raise UsageError(f"{where}: unknown key {key!r}", hint)


def _typed(key: str, value: Any, where: str) -> Any:
    """Return `value` in the type of the setting, from TOML's types or from a string."""
    try:
        if key in _WHOLE:
            number, (low, high) = int(value), _WHOLE[key]
            if isinstance(value, (bool, float)) or not low <= number <= high:
                raise ValueError
            return number
        if key == "dense_weight":
            share = float(value)
            if isinstance(value, bool) or not 0 <= share <= 1:
                raise ValueError
            return share
        if key == "max_cost":
            cost = float(value)
            if not cost >= 0:
                raise ValueError
            return cost
        if key == "offline":
            if isinstance(value, bool):
                return value
            if str(value).lower() in _TRUE | _FALSE:
                return str(value).lower() in _TRUE
            raise ValueError
        if not isinstance(value, str) or not value.strip():
            raise ValueError
        return value.strip()
    except (TypeError, ValueError):
        wanted = {
            **{
                key: f"a whole number from {low} to {high:,}" for key, (low, high) in _WHOLE.items()
            },
            "dense_weight": "a number from 0 (words alone) to 1 (vectors alone)",
            "max_cost": "an amount in US dollars, 0 or more",
            "offline": "true or false",
        }.get(key, "a text that is not empty")
        raise UsageError(f"{where}: {key} = {value!r} is not {wanted}") from None
