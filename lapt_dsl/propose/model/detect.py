"""Finding out how a server holds its model to a grammar: what it says it is, and then what it really does."""

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
    """The mode for a server, and why."""

    mode: Mode
    why: str


def detect(client: ProbeClient) -> DetectedMode:
    """The mode in which a server really holds its model to a grammar, the strictest one that it honours.

    Raises:
        LaptError: E841 to E844, E848 or E856, it would go wrong in every mode; E850, the budget.
    """
    product = server_of(client)
    tried: list[str] = []
    for mode in candidates(product):
        if mode == "plain":
            break
        found = probe(client, mode)
        if found.verdict == "honoured":
            return DetectedMode(mode, f"{product or 'the server'} {found.why}")
        _stop_if_hopeless(found)
        tried.append(f"{mode} {found.verdict}")
    return DetectedMode("plain", f"{product or 'the server'} holds its model to no grammar ({', '.join(tried)})")


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
    """What a server is by its address or by what only it serves; None where that does not show."""
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
    """What went wrong with a probe, where it would go wrong in every mode."""
    text = found.exchange.failure or ""
    if text[:4] in ("E841", "E842", "E843", "E844", "E848", "E856"):
        raise failure(text[:4], text[6:])
