"""The options of every verb that asks a language model, and the client they make."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lapt_dsl.propose.exchange import Transcript
    from lapt_dsl.propose.model.client import Client

    Command = TypeVar("Command", bound=Callable[..., Any])

MODES = ("auto", "openai", "openai-chat", "llamacpp", "vllm", "json_schema", "plain")


def endpoint_options(command: Command) -> Command:
    """Which model, where and how: `base_url`, `model`, `key_from`, `timeout`, `retries` and `insecure`."""
    options = [
        click.option(
            "--base-url", metavar="URL", help="The server's address. [default: $LAPT_BASE_URL, else OpenAI's]"
        ),
        click.option("--model", metavar="NAME", help="The model's name there. [default: $LAPT_MODEL]"),
        click.option(
            "--key-from",
            metavar="VARIABLE",
            help="The environment variable that holds the key. [default: LAPT_API_KEY, else OPENAI_API_KEY for OpenAI]",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            metavar="S",
            help="Seconds for one reply. [default: 600]",
        ),
        click.option("--retries", type=click.IntRange(min=0), metavar="N", help="Repeat failed requests. [default: 4]"),
        click.option("--insecure", is_flag=True, help="Send the key over plain http to another machine."),
    ]
    return _with(options, command)


def decoding_options(command: Command) -> Command:
    """How the model decodes: `mode`, `temperature`, `model_seed` and `max_tokens`."""
    options = [
        click.option("--mode", type=click.Choice(MODES), help="How the server is held to the grammar. [default: auto]"),
        click.option("--temperature", type=click.FloatRange(min=0), metavar="T", help="[default: 0; OpenAI's its own]"),
        click.option("--model-seed", type=int, metavar="N", help="Seed of the model's sampling."),
        click.option("--max-tokens", type=click.IntRange(min=1), metavar="N", help="Longest reply. [default: 4096]"),
    ]
    return _with(options, command)


def budget_options(command: Command) -> Command:
    """What the model may cost: `max_calls`, `max_total_tokens`, `max_seconds`, `max_cost`, `price_in`, `price_out`."""
    price = click.FloatRange(min=0)
    options = [
        click.option("--max-calls", type=click.IntRange(min=0), metavar="N", help="Most calls to the model."),
        click.option("--max-total-tokens", type=click.IntRange(min=0), metavar="N", help="Most tokens, both ways."),
        click.option("--max-seconds", type=price, metavar="S", help="Most seconds of waiting for the model."),
        click.option("--max-cost", type=price, metavar="X", help="Most money; needs both prices."),
        click.option("--price-in", type=price, metavar="X", help="Price of a million prompt tokens."),
        click.option("--price-out", type=price, metavar="X", help="Price of a million reply tokens."),
    ]
    return _with(options, command)


def transcript_options(command: Command) -> Command:
    """Recorded exchanges: `transcript` and `replay`."""
    options = [
        click.option(
            "--transcript", type=click.Path(), metavar="FILE", help="Record every exchange here, as JSON lines."
        ),
        click.option(
            "--replay", type=click.Path(), metavar="FILE", help="Take the replies from a transcript; ask no one."
        ),
    ]
    return _with(options, command)


def client_from(
    options: dict[str, Any],
    transcript: Transcript | None = None,
    say: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Client:
    """The client that a command's options describe.

    Args:
        options: The command's options by name; those of this module that it does not have may be missing. With
            `failures`, a replay gives again also what ended a run.
        transcript: Where exchanges are recorded; None takes the file of `--transcript`, or memory.
        say: Told what a person should know; None writes to standard error.
        environment: What takes the place of options that are missing; None is the process's.

    Raises:
        LaptError: E840, something is missing or wrong; E851 and E854, a transcript cannot be used.
    """
    from lapt_dsl.propose.model.budget import ModelBudget
    from lapt_dsl.propose.model.client import Client
    from lapt_dsl.propose.model.options import options_from
    from lapt_dsl.propose.model.replay import ReplayTranscript, recorded_mode
    from lapt_dsl.propose.model.transcripts import FileTranscript

    tell = say or _say
    replay = None
    if options.get("replay"):
        replay = ReplayTranscript(options["replay"], failures=bool(options.get("failures")))
    model, address = options.get("model"), options.get("base_url")
    if replay is not None:
        before = recorded_mode(replay.exchanges())
        model = model or (before[0] if before else None)
        # No address is used, so none is asked for.
        address = address or "http://127.0.0.1/v1"
    settings = {name: options.get(name) for name in ("mode", "temperature", "max_tokens", "timeout", "retries")}
    chosen = options_from(
        environment,
        base_url=address,
        model=model,
        key=None if replay is not None else _key(options.get("key_from")),
        say=None if replay is not None else tell,
        seed=options.get("model_seed"),
        insecure=options.get("insecure"),
        **settings,
    )
    budget = ModelBudget(
        options.get("max_calls"),
        options.get("max_total_tokens"),
        options.get("max_seconds"),
        options.get("max_cost"),
        price_in=options.get("price_in"),
        price_out=options.get("price_out"),
    )
    if transcript is None and options.get("transcript"):
        written = FileTranscript(options["transcript"])
        for note in written.notes:
            tell(note)
        transcript = written
    return Client(chosen, budget, transcript, replay=replay, say=tell)


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise click.UsageError(f"--key-from: the environment has no variable {variable}, or it is empty")
    return key


def _say(words: str) -> None:
    click.echo(words, err=True)


def _with(options: Sequence[Callable[..., Any]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
