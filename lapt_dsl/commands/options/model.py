"""The options of every verb that calls a language model, and the client they make."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import NATURAL, PATH, POSITIVE
from lapt_dsl.commands.options.groups import option
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lapt_dsl.propose.exchange import Transcript
    from lapt_dsl.propose.model.client import Client
    from lapt_dsl.propose.model.replay import ReplayTranscript

MODES = ("auto", "openai", "openai-chat", "llamacpp", "vllm", "json_schema", "plain")
UNUSED_URL = "http://127.0.0.1/v1"
"""The address of a client that sends nothing."""

SECONDS = click.FloatRange(min=0, min_open=True)
_AMOUNT = click.FloatRange(min=0)

TIMEOUT = option("--timeout", type=SECONDS, metavar="S", help="Time limit of one reply in seconds. [default: 600]")
RETRIES = option("--retries", type=NATURAL, metavar="N", help="Retries of a failed request. [default: 4]")


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """Which model is called, and where."""

    base_url: str | None = field(
        default=None,
        metadata=option(
            "--base-url", metavar="URL", help="Address of the model server. [default: $LAPT_BASE_URL, else OpenAI]"
        ),
    )
    model: str | None = field(
        default=None,
        metadata=option("--model", metavar="NAME", help="Name of the model on the server. [default: $LAPT_MODEL]"),
    )
    key_from: str | None = field(
        default=None,
        metadata=option(
            "--key-from",
            metavar="VARIABLE",
            help="Environment variable that holds the API key. [default: LAPT_API_KEY, else OPENAI_API_KEY for OpenAI]",
        ),
    )
    timeout: float | None = field(default=None, metadata=TIMEOUT)
    retries: int | None = field(default=None, metadata=RETRIES)
    insecure: bool = field(
        default=False,
        metadata=option("--insecure", flag=True, help="Allow sending the API key to another host over plain HTTP."),
    )


@dataclass(frozen=True, kw_only=True)
class DecodingOptions:
    """How the model decodes."""

    mode: str | None = field(
        default=None,
        metadata=option(
            "--mode", type=click.Choice(MODES), help="How replies are constrained to the grammar. [default: auto]"
        ),
    )
    temperature: float | None = field(
        default=None,
        metadata=option(
            "--temperature",
            type=_AMOUNT,
            metavar="T",
            help="Sampling temperature. [default: 0; for OpenAI, the server's default]",
        ),
    )
    model_seed: int | None = field(
        default=None, metadata=option("--model-seed", type=click.INT, metavar="N", help="Sampling seed of the model.")
    )
    max_tokens: int | None = field(
        default=None,
        metadata=option("--max-tokens", type=POSITIVE, metavar="N", help="Token limit of one reply. [default: 4096]"),
    )


@dataclass(frozen=True, kw_only=True)
class SpendingOptions:
    """Limits on what the model may cost; None is no limit."""

    max_calls: int | None = field(
        default=None, metadata=option("--max-calls", type=NATURAL, metavar="N", help="Limit on model calls.")
    )
    max_total_tokens: int | None = field(
        default=None,
        metadata=option(
            "--max-total-tokens", type=NATURAL, metavar="N", help="Limit on prompt and reply tokens together."
        ),
    )
    max_seconds: float | None = field(
        default=None,
        metadata=option("--max-seconds", type=_AMOUNT, metavar="S", help="Limit on total waiting time in seconds."),
    )
    max_cost: float | None = field(
        default=None,
        metadata=option(
            "--max-cost", type=_AMOUNT, metavar="X", help="Spending limit; requires --price-in and --price-out."
        ),
    )
    price_in: float | None = field(
        default=None, metadata=option("--price-in", type=_AMOUNT, metavar="X", help="Price per million prompt tokens.")
    )
    price_out: float | None = field(
        default=None, metadata=option("--price-out", type=_AMOUNT, metavar="X", help="Price per million reply tokens.")
    )


@dataclass(frozen=True, kw_only=True)
class TranscriptOptions:
    """Files of recorded exchanges."""

    transcript: str | None = field(
        default=None,
        metadata=option("--transcript", type=PATH, metavar="FILE", help="Record every exchange as JSON lines."),
    )
    replay: str | None = field(
        default=None,
        metadata=option(
            "--replay", type=PATH, metavar="FILE", help="Take replies from this transcript; call no model."
        ),
    )


def build_client(
    server: ServerOptions,
    decoding: DecodingOptions | None = None,
    spending: SpendingOptions | None = None,
    transcripts: TranscriptOptions | None = None,
    *,
    failures: bool = False,
    say: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Client:
    """The client that a command's options describe.

    Args:
        server: Which model, and where.
        decoding: How it decodes; None is the defaults.
        spending: Limits on its cost; None is no limit.
        transcripts: Where exchanges are recorded or replayed from; None records in memory.
        failures: Whether a replay also repeats the failure that ended a run.
        say: Receives notes for the user; None writes them to standard error.
        environment: Variables that replace missing options; None is the environment of the process.

    Raises:
        LaptError: E840, an option is missing or wrong; E851 and E854, a transcript cannot be used.
    """
    from lapt_dsl.propose.model.budget import ModelBudget
    from lapt_dsl.propose.model.client import Client
    from lapt_dsl.propose.model.options import options_from
    from lapt_dsl.propose.model.replay import ReplayTranscript

    decoding, spending = decoding or DecodingOptions(), spending or SpendingOptions()
    transcripts = transcripts or TranscriptOptions()
    tell = say or _say
    replay = ReplayTranscript(transcripts.replay, failures=failures) if transcripts.replay else None
    chosen = options_from(
        environment,
        # A replay uses no address, so none is asked for.
        base_url=server.base_url or (None if replay is None else UNUSED_URL),
        model=server.model or (None if replay is None else _recorded_model(replay)),
        key=None if replay is not None else _key(server.key_from),
        say=None if replay is not None else tell,
        mode=decoding.mode,
        temperature=decoding.temperature,
        seed=decoding.model_seed,
        max_tokens=decoding.max_tokens,
        timeout=server.timeout,
        retries=server.retries,
        insecure=server.insecure,
    )
    budget = ModelBudget(
        spending.max_calls,
        spending.max_total_tokens,
        spending.max_seconds,
        spending.max_cost,
        price_in=spending.price_in,
        price_out=spending.price_out,
    )
    return Client(chosen, budget, _transcript(transcripts.transcript, tell), replay=replay, say=tell)


def _recorded_model(replay: ReplayTranscript) -> str | None:
    from lapt_dsl.propose.model.replay import recorded_mode

    recorded = recorded_mode(replay.exchanges())
    return recorded[0] if recorded else None


def _transcript(path: str | None, tell: Callable[[str], None]) -> Transcript | None:
    from lapt_dsl.propose.model.transcripts import FileTranscript

    if not path:
        return None
    written = FileTranscript(path)
    for note in written.notes:
        tell(note)
    return written


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise click.UsageError(f"--key-from: the environment variable {variable} is not set, or it is empty")
    return key


def _say(words: str) -> None:
    echo(words, err=True)
