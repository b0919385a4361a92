"""Client options: address, model, key and decoding, from arguments or from the environment."""

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
    """How to reach a model, and how it decodes.

    Attributes:
        base_url: Address of the server as in the OpenAI SDK; it usually ends in `/v1`.
        model: The model's name as the server knows it.
        key: The key; None for a server without keys. It is excluded from repr.
        mode: How the grammar constrains replies; `auto` detects it.
        temperature: Sampling temperature. None means 0, except in the modes of OpenAI: there it is not sent, since
            reasoning models accept only their default.
        seed: Sampling seed, sent if the interface supports it.
        max_tokens: Maximum length of a reply.
        timeout: Seconds for one reply, including retries.
        retries: Number of retries after 408, 409, 429, 5xx or a broken connection.
        max_bytes: Maximum size of a response body.
        insecure: Whether the key may be sent over plain http to another machine.
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
        """Reject invalid options and those that would expose the key. Raises LaptError (E840)."""
        if not self.model:
            raise failure("E840", "no model is given", "give --model, or set LAPT_MODEL")
        if self.mode not in MODE_OPTIONS:
            raise failure("E840", f"there is no mode `{self.mode}`", f"modes: {', '.join(MODE_OPTIONS)}")
        self._check_key()
        self._check_address()
        for name, least in (("max_tokens", 1), ("retries", 0), ("max_bytes", 1)):
            if getattr(self, name) < least:
                raise failure("E840", f"`{name}` must be at least {least}", "give a larger number")
        if not 0 < self.timeout < math.inf:
            raise failure("E840", "the time-out must be a positive number of seconds", "give --timeout 600")
        if self.temperature is not None and not 0 <= self.temperature < math.inf:
            raise failure("E840", "the temperature must be a number of at least 0", "give --temperature 0.7")

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
        # The key is sent in a header, which cannot hold line breaks or characters outside of ASCII.
        if self.key is not None and not (
            self.key.isascii() and self.key.isprintable() and self.key == self.key.strip()
        ):
            raise failure(
                "E840", "the key contains outer blanks, a line break or another invalid character", "set the key again"
            )

    def _check_address(self) -> None:
        parts = _split(self.base_url)
        if parts is None or parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.hostname or ""):
            raise failure(
                "E840", "the address of the model is not an http or https address", "give --base-url http://HOST/v1"
            )
        if "@" in self.base_url or parts.query or parts.fragment:
            # The address is not shown: it may contain the key, and messages are logged.
            raise failure(
                "E840",
                "the address of the model contains a user, a password or a query",
                "give only the address, and the key in LAPT_API_KEY",
            )
        if self.key is not None and parts.scheme == "http" and not self.is_local and not self.insecure:
            raise failure(
                "E840",
                f"the key would be sent unencrypted to {parts.hostname}",
                "use https, or --insecure if you trust the network",
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
    OPENAI_BASE_URL: a key for one server must not be sent to another.

    Args:
        environment: Environment variables; None takes those of the process.
        base_url: As for ClientOptions.
        model: As for ClientOptions.
        key: As for ClientOptions.
        say: Called with notices for the user, for example that a key was not used.
        settings: Other fields of ClientOptions; None keeps a default.

    Raises:
        LaptError: E840, something is missing or wrong.
    """
    variables = os.environ if environment is None else environment
    address = base_url or variables.get("LAPT_BASE_URL")
    theirs = not address
    address = address or variables.get("OPENAI_BASE_URL") or f"https://{OPENAI_HOST}/v1"
    name = model or variables.get("LAPT_MODEL")
    if not name:
        raise failure("E840", "no model is given", "give --model (and --base-url), or set LAPT_MODEL and LAPT_BASE_URL")
    secret = key or variables.get("LAPT_API_KEY")
    if not secret and variables.get("OPENAI_API_KEY"):
        parts = _split(address)
        if theirs or (parts is not None and parts.hostname == OPENAI_HOST):
            secret = variables["OPENAI_API_KEY"]
        elif say is not None:
            say("OPENAI_API_KEY is sent to OpenAI only; set LAPT_API_KEY if this server needs a key")
    given = {field: value for field, value in settings.items() if value is not None}
    return ClientOptions(address, name, secret or None, **given)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is that of this machine."""
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
        # Reading the port validates it.
        return parts if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def missing_library(name: str) -> LaptError:
    """The error for a library of the extra `llm` that is not installed."""
    return failure("E855", f"language models need {name}, which is not installed")
