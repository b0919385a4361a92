"""Model endpoints on the command line: `--endpoint NAME=URL,model=...`, or a file of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from lapt_dsl.commands.options.model import MODES, DecodingOptions, SpendingOptions

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Also the name of a file."""

LARGEST_FILE = 1024 * 1024

SETTINGS = ("model", "mode", "key_from", "temperature", "model_seed", "max_tokens", "price_in", "price_out")
"""The settings of an endpoint besides its name and address."""


@dataclass(frozen=True, kw_only=True)
class EndpointOptions:
    """One model of a comparison; a setting that is not None overrides the option that applies to all models."""

    name: str
    url: str
    model: str
    mode: str | None = None
    key_from: str | None = None
    temperature: float | None = None
    model_seed: int | None = None
    max_tokens: int | None = None
    price_in: float | None = None
    price_out: float | None = None

    def as_json(self) -> dict[str, object]:
        """What a record keeps: neither the address nor the name of the variable with the key."""
        kept = {key: getattr(self, key) for key in SETTINGS if key != "key_from"}
        return {"name": self.name, **{key: item for key, item in kept.items() if item is not None}}

    def decoding(self, shared: DecodingOptions) -> DecodingOptions:
        """How this model decodes."""
        return DecodingOptions(
            mode=self.mode or shared.mode,
            temperature=shared.temperature if self.temperature is None else self.temperature,
            model_seed=shared.model_seed if self.model_seed is None else self.model_seed,
            max_tokens=shared.max_tokens if self.max_tokens is None else self.max_tokens,
        )

    def spending(self, shared: SpendingOptions) -> SpendingOptions:
        """The limits on this model, with its own prices."""
        return replace(
            shared,
            price_in=shared.price_in if self.price_in is None else self.price_in,
            price_out=shared.price_out if self.price_out is None else self.price_out,
        )


def parse_endpoint(text: str) -> EndpointOptions:
    """One `NAME=URL,model=...`.

    >>> endpoint = parse_endpoint("qwen=http://127.0.0.1:8080/v1,model=any,mode=llamacpp")
    >>> endpoint.url, endpoint.model, endpoint.mode
    ('http://127.0.0.1:8080/v1', 'any', 'llamacpp')

    Raises:
        click.UsageError: The text does not have this form.
    """
    first, *rest = text.split(",")
    name, equals, url = first.partition("=")
    if not equals:
        raise click.UsageError(f"--endpoint {text}: write NAME=URL,model=..., such as qwen=http://127.0.0.1:8080/v1")
    pairs = [part.partition("=") for part in rest]
    wrong = next((key for key, sign, _ in pairs if not sign), None)
    if wrong is not None:
        raise click.UsageError(f"--endpoint {name}: `{wrong}` has no value; write key=value, separated by commas")
    settings = {key.strip(): value.strip() for key, _, value in pairs}
    return endpoint_from({**settings, "name": name.strip()}, url.strip(), "--endpoint")


def read_endpoints(path: str) -> list[EndpointOptions]:
    """The endpoints of a TOML file (`[[endpoint]]`), or a JSON one (`{"endpoint": [...]}`), in its order.

    Raises:
        click.UsageError: The file cannot be read, or does not hold endpoints.
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
    return [endpoint_from(each, str(each.get("url", "")), f"--endpoints {path}") for each in listed]


def check_distinct(endpoints: Sequence[EndpointOptions], taken: Sequence[str]) -> None:
    """Refuse a name that two endpoints share, or that another method has. Raises click.UsageError."""
    seen = {name.lower() for name in taken}
    for endpoint in endpoints:
        # Names become file names, and a file system may ignore case.
        if endpoint.name.lower() in seen:
            raise click.UsageError(f"the name `{endpoint.name}` is taken: give every endpoint its own name")
        seen.add(endpoint.name.lower())


def endpoint_from(values: object, url: str, where: str) -> EndpointOptions:
    """The endpoint of a mapping with a name and settings.

    Args:
        values: The mapping.
        url: The address.
        where: Names the origin of the mapping in messages.

    Raises:
        click.UsageError: The mapping does not describe an endpoint.
    """
    if not isinstance(values, dict) or not isinstance(values.get("name"), str):
        raise click.UsageError(f"{where}: an endpoint has no name")
    settings: dict[str, object] = {str(key): item for key, item in values.items() if key not in ("name", "url")}
    name = values["name"]
    if not _NAME.fullmatch(name):
        raise click.UsageError(f"{where}: `{name}` is no name: letters, digits, `.`, `_` and `-`, at most 64")
    if not url:
        raise click.UsageError(f"{where}: {name} has no address")
    for key in settings:
        if key not in SETTINGS:
            raise click.UsageError(f"{where}: {name}: there is no setting `{key}`; there are: {', '.join(SETTINGS)}")
    given = _Settings(settings, f"{where}: {name}")
    model, mode = given.text("model"), given.text("mode")
    if model is None:
        raise click.UsageError(f"{where}: {name} has no model: add model=...")
    if mode is not None and mode not in MODES:
        raise click.UsageError(f"{where}: {name}: there is no mode `{mode}`; there are: {', '.join(MODES)}")
    return EndpointOptions(
        name=name,
        url=url,
        model=model,
        mode=mode,
        key_from=given.text("key_from"),
        temperature=given.number("temperature"),
        model_seed=given.integer("model_seed"),
        max_tokens=given.integer("max_tokens"),
        price_in=given.number("price_in"),
        price_out=given.number("price_out"),
    )


@dataclass(frozen=True, slots=True)
class _Settings:
    """Settings of one endpoint by key, read with their types; a command line has text only."""

    values: Mapping[str, object]
    where: str

    def text(self, key: str) -> str | None:
        item = self.values.get(key)
        if item is None or (isinstance(item, str | int | float) and not isinstance(item, bool)):
            return None if item is None else str(item)
        raise click.UsageError(f"{self.where}: `{key}` is not a text")

    def number(self, key: str) -> float | None:
        item = self.values.get(key)
        try:
            if item is None:
                return None
            if isinstance(item, bool) or not isinstance(item, str | int | float):
                raise ValueError
            return float(item)
        except ValueError:
            raise click.UsageError(f"{self.where}: `{key}` is not a number") from None

    def integer(self, key: str) -> int | None:
        item = self.values.get(key)
        try:
            if item is None:
                return None
            if isinstance(item, bool) or not isinstance(item, str | int):
                raise ValueError
            return int(item)
        except ValueError:
            raise click.UsageError(f"{self.where}: `{key}` is not a number") from None
