"""Detection of the mode: first which server it is, then which modes it really honours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from lapt_dsl.diagnostics.diagnostic import LaptError, ModelLibraryMissingError, ServerUnreachableError
from lapt_dsl.propose.exchange import Mode
from lapt_dsl.propose.model.failures import failure
from lapt_dsl.propose.model.options import OPENAI_HOST
from lapt_dsl.propose.model.probes import Probe, ProbeClient, probe


@dataclass(frozen=True, slots=True)
class DetectedMode:
    """The mode for a server, and the reason."""

    mode: Mode
    why: str


def detect(client: ProbeClient) -> DetectedMode:
    """The first mode in which the server enforces a grammar.

    Raises:
        LaptError: E841 to E844, E848 or E856, every mode would fail; E850, the budget is exhausted.
    """
    product = server_of(client)
    tried: list[str] = []
    for mode in candidates(product):
        if mode == "plain":
            break
        found = probe(client, mode)
        if found.status == "honoured":
            return DetectedMode(mode, f"{product or 'the server'} {found.why}")
        _stop_if_hopeless(found)
        tried.append(f"{mode} {found.status}")
    return DetectedMode("plain", f"{product or 'the server'} enforces no grammar ({', '.join(tried)})")


def candidates(product: str | None) -> tuple[Mode, ...]:
    """The modes to try with a server, in order."""
    if product == "OpenAI":
        return ("openai", "openai-chat", "json_schema", "plain")
    if product == "vLLM":
        return ("vllm", "json_schema", "plain")
    if product == "llama.cpp":
        return ("llamacpp", "json_schema", "plain")
    return ("llamacpp", "vllm", "openai-chat", "openai", "json_schema", "plain")


def server_of(client: ProbeClient) -> str | None:
    """The product behind a server, by its address or by paths that only it serves; None if unknown."""
    if urlsplit(client.options.base_url).hostname == OPENAI_HOST:
        return "OpenAI"
    for path, keys, product in (
        ("/props", ("default_generation_settings", "build_info", "chat_template"), "llama.cpp"),
        ("/version", ("version",), "vLLM"),
    ):
        try:
            value = json.loads(client.look(path))
        except (ValueError, RecursionError):
            continue
        except (ServerUnreachableError, ModelLibraryMissingError):
            raise
        except LaptError:
            continue
        if isinstance(value, dict) and any(key in value for key in keys):
            return product
    return None


def _stop_if_hopeless(found: Probe) -> None:
    """Raise a failure that every mode would share."""
    text = found.exchange.failure or ""
    if text[:4] in ("E841", "E842", "E843", "E844", "E848", "E856"):
        raise failure(text[:4], text[6:])
