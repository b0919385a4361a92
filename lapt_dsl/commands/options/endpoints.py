"""Model endpoints on the command line: `--endpoint NAME=URL,model=...`, or a file of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from lapt_dsl.commands.options.model import MODES

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Also the name of a file."""

LARGEST_FILE = 1024 * 1024

KEYS: dict[str, type] = {
    "model": str,
    "mode": str,
    "key_from": str,
    "temperature": float,
    "model_seed": int,
    "max_tokens": int,
    "price_in": float,
    "price_out": float,
}
"""What may be said of an endpoint beside its name and address, with its type."""


@dataclass(frozen=True)
class EndpointOptions:
    """A model as the command line has it: `settings` override, for this one, the options that hold for all."""

    name: str
    url: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def parse_endpoint(text: str) -> EndpointOptions:
    """One `NAME=URL,model=...`.

    >>> parse_endpoint("qwen=http://127.0.0.1:8080/v1,model=any,mode=llamacpp").settings
    {'model': 'any', 'mode': 'llamacpp'}

    Raises:
        click.UsageError: it is not written so.
    """
    first, *rest = text.split(",")
    name, equals, url = first.partition("=")
    if not equals:
        raise click.UsageError(f"--endpoint {text}: write NAME=URL,model=..., such as qwen=http://127.0.0.1:8080/v1")
    pairs = [part.partition("=") for part in rest]
    wrong = next((key for key, sign, _ in pairs if not sign), None)
    if wrong is not None:
        raise click.UsageError(f"--endpoint {name}: `{wrong}` has no value; write key=value with commas between")
    settings = {key.strip(): value.strip() for key, _, value in pairs}
    return made({**settings, "name": name.strip()}, url.strip(), "--endpoint")


def read_endpoints(path: str) -> list[EndpointOptions]:
    """The endpoints of a TOML file (`[[endpoint]]`), or a JSON one (`{"endpoint": [...]}`), in its order.

    Raises:
        click.UsageError: it cannot be read, or does not hold endpoints.
    """
    import tomllib

    try:
        content = Path(path).read_bytes()[: LARGEST_FILE + 1]
        if len(content) > LARGEST_FILE:
            raise ValueError("it is larger than 1 MiB")
        text = content.decode("utf-8")
        value = json.loads(text) if path.endswith(".json") else tomllib.loads(text)
    except OSError as error:
        raise click.UsageError(f"--endpoints: cannot read `{path}`: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"--endpoints: `{path}`: {error}") from error
    listed = value.get("endpoint") if isinstance(value, dict) else None
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        raise click.UsageError(f"--endpoints: `{path}` has no [[endpoint]]; each has a name, a url and a model")
    return [made(each, str(each.get("url", "")), f"--endpoints {path}") for each in listed]


def distinct(endpoints: Sequence[EndpointOptions], taken: Sequence[str]) -> None:
    """Refuse names that are there twice, or are those of other methods. Raises click.UsageError."""
    seen = {name.lower() for name in taken}
    for endpoint in endpoints:
        # File systems may not tell capitals apart.
        if endpoint.name.lower() in seen:
            raise click.UsageError(f"the name `{endpoint.name}` is taken: give every endpoint one of its own")
        seen.add(endpoint.name.lower())


def made(values: object, url: str, where: str) -> EndpointOptions:
    """The endpoint of a mapping with a name and settings.

    Raises:
        click.UsageError: it is none; `where` it stands is said.
    """
    if not isinstance(values, dict) or not isinstance(values.get("name"), str):
        raise click.UsageError(f"{where}: an endpoint has no name")
    settings = {str(key): item for key, item in values.items() if key not in ("name", "url")}
    name = values["name"]
    if not _NAME.fullmatch(name):
        raise click.UsageError(f"{where}: `{name}` is no name: letters, digits, `.`, `_` and `-`, at most 64")
    if not url:
        raise click.UsageError(f"{where}: {name} has no address")
    for key in settings:
        if key not in KEYS:
            raise click.UsageError(f"{where}: {name}: there is no `{key}`; there are: {', '.join(KEYS)}")
    if "model" not in settings:
        raise click.UsageError(f"{where}: {name} names no model: add model=...")
    typed = {key: _value(key, item, f"{where}: {name}") for key, item in settings.items()}
    if typed.get("mode", "auto") not in MODES:
        raise click.UsageError(f"{where}: {name}: there is no mode `{typed['mode']}`; there are: {', '.join(MODES)}")
    return EndpointOptions(name, url, typed)


def _value(key: str, item: object, where: str) -> object:
    kind = KEYS[key]
    try:
        if isinstance(item, bool) or not isinstance(item, str | int | float):
            raise ValueError
        if kind is int and isinstance(item, float):
            raise ValueError
        return kind(item)
    except ValueError:
        raise click.UsageError(f"{where}: `{key}` is not {'a number' if kind is not str else 'a text'}") from None
