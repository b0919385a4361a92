"""Which model is asked, where, and how: from options, or from the environment."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import JSON, MODES, Mode
from lapt_dsl.propose.model.failures import failure

OPENAI_HOST = "api.openai.com"
# Names in ASCII, as they are looked up (`xn--...` for others), and addresses of IPv6.
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|[0-9a-f.]*:[0-9a-f:.]*(?:%[a-z0-9]+)?", re.IGNORECASE)
MODE_OPTIONS: tuple[str, ...] = ("auto", *get_args(Mode))


@dataclass(frozen=True)
class ClientOptions:
    """How to reach a model, and how it is to decode.

    Attributes:
        base_url: Address of the server, as the OpenAI SDK takes it: it usually ends in `/v1`.
        model: The model's name as the server knows it.
        key: The key; None for a server that asks for none. It is in no repr.
        mode: How the server is held to the grammar; `auto` finds out.
        temperature: Of sampling; None is 0, and what the server prefers in the modes of OpenAI, whose reasoning models
            take no other.
        seed: Of sampling, sent where the server's interface has it.
        max_tokens: Longest reply.
        timeout: Seconds for one reply, with all retries.
        retries: How often a request is repeated after 408, 409, 429, 5xx, or a broken connection.
        max_bytes: Largest body of a server's answer that is read.
        insecure: Whether the key may travel over plain http to another machine.
    """

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)
    mode: Mode | Literal["auto"] = "auto"
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int = 4096
    timeout: float = 600.0
    retries: int = 4
    max_bytes: int = 4 * 1024 * 1024
    insecure: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work, or would give the key away. Raises LaptError (E840)."""
        if not self.model:
            raise failure("E840", "no model is named", "give --model, or set LAPT_MODEL")
        if self.mode not in MODE_OPTIONS:
            raise failure("E840", f"there is no mode `{self.mode}`", f"there are: {', '.join(MODE_OPTIONS)}")
        self._check_key()
        self._check_address()
        for name, least in (("max_tokens", 1), ("retries", 0), ("max_bytes", 1)):
            if getattr(self, name) < least:
                raise failure("E840", f"`{name}` is less than {least}", "give a larger number")
        if not 0 < self.timeout < math.inf:
            raise failure("E840", "the time-out is no positive number of seconds", "give --timeout 600")
        if self.temperature is not None and not 0 <= self.temperature < math.inf:
            raise failure("E840", "the temperature is no number from 0 up", "give --temperature 0.7")

    def parameters(self, mode: Mode) -> dict[str, JSON]:
        """The decoding parameters of a request in this mode."""
        openai = mode in ("openai", "openai-chat")
        temperature = self.temperature if self.temperature is not None or openai else 0.0
        chosen: dict[str, JSON] = {"max_tokens": self.max_tokens}
        if temperature is not None:
            chosen["temperature"] = float(temperature)
        # The Responses interface has no seed.
        if self.seed is not None and mode != "openai":
            chosen["seed"] = self.seed
        return chosen

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this machine."""
        return is_loopback(urlsplit(self.base_url).hostname or "")

    def _check_key(self) -> None:
        # A line break would end the header, and anything beyond ASCII cannot be sent in one.
        if self.key is not None and not (
            self.key.isascii() and self.key.isprintable() and self.key == self.key.strip()
        ):
            raise failure(
                "E840", "the key holds a blank at an end, a line break or another character no key has", "set it anew"
            )

    def _check_address(self) -> None:
        parts = _split(self.base_url)
        if parts is None or parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.hostname or ""):
            raise failure("E840", "the model's address is no http or https address", "give --base-url http://HOST/v1")
        if "@" in self.base_url or parts.query or parts.fragment:
            # Not shown: the key may be in it, and addresses are logged.
            raise failure(
                "E840",
                "the model's address holds a user, a password or a query",
                "give the address alone, and the key in LAPT_API_KEY",
            )
        if self.key is not None and parts.scheme == "http" and not self.is_local and not self.insecure:
            raise failure(
                "E840",
                f"the key would travel unencrypted to {parts.hostname}",
                "use https, or --insecure if you trust every machine on the way",
            )


def options_from(
    environment: Mapping[str, str] | None = None,
    *,
    base_url: str | None = None,
    model: str | None = None,
    key: str | None = None,
    say: Callable[[str], None] | None = None,
    **settings: Any,
) -> ClientOptions:
    """Options, completed from the environment.

    The address is `base_url`, LAPT_BASE_URL or OPENAI_BASE_URL, the model `model` or LAPT_MODEL, the key `key`,
    LAPT_API_KEY or OPENAI_API_KEY. OPENAI_API_KEY is taken only where the address is OpenAI's or came from
    OPENAI_BASE_URL: a key for one server is not shown to another.

    Args:
        environment: Variables; None takes the process's.
        base_url: As for ClientOptions.
        model: As for ClientOptions.
        key: As for ClientOptions.
        say: Told what a person should know, e.g. that a key was left out.
        settings: The other fields of ClientOptions; None leaves a default.

    Raises:
        LaptError: E840, something is missing or wrong.
    """
    variables = os.environ if environment is None else environment
    address = base_url or variables.get("LAPT_BASE_URL")
    theirs = not address
    address = address or variables.get("OPENAI_BASE_URL") or f"https://{OPENAI_HOST}/v1"
    name = model or variables.get("LAPT_MODEL")
    if not name:
        raise failure("E840", "no model is named", "give --model (and --base-url), or set LAPT_MODEL and LAPT_BASE_URL")
    secret = key or variables.get("LAPT_API_KEY")
    if not secret and variables.get("OPENAI_API_KEY"):
        parts = _split(address)
        if theirs or (parts is not None and parts.hostname == OPENAI_HOST):
            secret = variables["OPENAI_API_KEY"]
        elif say is not None:
            say("OPENAI_API_KEY is not sent to another server; set LAPT_API_KEY if this one needs a key")
    given = {field: value for field, value in settings.items() if value is not None}
    return ClientOptions(address, name, secret or None, **given)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def takes_grammar(mode: Mode) -> bool:
    """Whether requests in a mode carry a grammar."""
    return mode in MODES and mode not in ("json_schema", "plain")


def _split(address: str) -> SplitResult | None:
    if not (address.isascii() and address.isprintable()) or " " in address:
        return None
    try:
        parts = urlsplit(address)
        # The port is only read, and refused, when it is asked for.
        return parts if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def missing_library(name: str) -> LaptError:
    """The error for a library of the `llm` extra that is not installed."""
    return failure("E855", f"asking a language model needs {name}, which is not installed")
