"""Who writes principles: `--by` and its options, shared by the verbs that learn and search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lapt_dsl.commands.options.model import budget_options, client_from, decoding_options, transcript_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.propose.archive import Archive
    from lapt_dsl.propose.model.client import Client
    from lapt_dsl.propose.model.proposer import ModelProposer, Written

    Command = TypeVar("Command", bound=Callable[..., Any])

INDUCTION, LLM, HAND = "induction", "llm", "hand"

_ENDPOINT = ("base_url", "model", "key_from", "model_timeout", "model_retries", "insecure")
_DECODING = ("mode", "temperature", "model_seed", "max_tokens")
_BUDGET = ("max_calls", "max_total_tokens", "max_seconds", "max_cost", "price_in", "price_out")
_WRITING = ("rounds", "no_digest", "prompt_tokens", "keep_share", "fallback")
NAMES = (*_ENDPOINT, *_DECODING, *_BUDGET, "transcript", "replay", *_WRITING)
"""The arguments that belong to `--by llm`."""


def by_option(*choices: str) -> Callable[[Command], Command]:
    """`--by`: who writes principles."""
    return click.option(
        "--by", type=click.Choice(choices), default=INDUCTION, show_default=True, help="Who writes principles."
    )


def writer_options(command: Command) -> Command:
    """Everything that a language model may be told, asked at and may cost."""
    options = [
        click.option("--base-url", metavar="URL", help="The model's server. [default: $LAPT_BASE_URL, else OpenAI's]"),
        click.option("--model", metavar="NAME", help="The model's name there. [default: $LAPT_MODEL]"),
        click.option(
            "--key-from",
            metavar="VARIABLE",
            help="The environment variable that holds the key. [default: LAPT_API_KEY, else OPENAI_API_KEY for OpenAI]",
        ),
        click.option(
            "--model-timeout", type=click.FloatRange(min=0, min_open=True), metavar="S", help="[default: 600]"
        ),
        click.option("--model-retries", type=click.IntRange(min=0), metavar="N", help="[default: 4]"),
        click.option("--insecure", is_flag=True, help="Send the key over plain http to another machine."),
    ]
    command = decoding_options(budget_options(transcript_options(writing_options(command))))
    for option in reversed(options):
        command = option(command)
    return command


def writing_options(command: Command) -> Command:
    """How a model is asked, and what its answers are held to."""
    writing = [
        click.option("--rounds", type=click.IntRange(0, 20), metavar="N", help="Send findings back. [default: 2]"),
        click.option("--no-digest", is_flag=True, help="Show the model architectures only, without what is counted."),
        click.option("--prompt-tokens", type=click.IntRange(min=1), metavar="N", help="Longest prompt."),
        click.option(
            "--keep-share", type=click.FloatRange(0, 1), metavar="X", help="Of the best, keep so many. [default: 0.25]"
        ),
        click.option(
            "--fallback", type=click.Choice([INDUCTION]), help="Who writes where the model cannot. [default: stop]"
        ),
    ]
    for option in reversed(writing):
        command = option(command)
    return command


def check_by(options: Mapping[str, Any]) -> None:
    """Refuse options of a model where none is asked. Raises click.UsageError."""
    if options["by"] == LLM:
        return
    given = [name for name in NAMES if options.get(name) not in (None, False)]
    if given:
        raise click.UsageError(f"--{given[0].replace('_', '-')} is for --by llm")


@dataclass
class Writer:
    """A language model that writes principles, and the account of what it wrote.

    `asked`: what its answers depend on, for the run's store.
    """

    proposer: ModelProposer
    client: Client
    asked: dict[str, object]
    written: list[Written] = field(default_factory=list)

    def watch(self, written: Written) -> None:
        """A file came about."""
        from lapt_dsl.diagnostics.snippet import plain

        self.written.append(written)
        replies = "1 reply" if written.replies == 1 else f"{written.replies} replies"
        why = f": {plain(written.why)}" if written.why else ""
        click.echo(f"{written.task}: {written.outcome} after {replies}{why}", err=True)

    def summary(self) -> str:
        """What the model was asked in all."""
        spent = self.client.budget.spent
        money = f", {spent.money:.4g} of money" if spent.money else ""
        how = self.client.last.request.mode if self.client.last is not None else self.client.options.mode
        calls = "1 call" if spent.calls == 1 else f"{spent.calls} calls"
        return (
            f"{self.client.options.model}, mode {how}: {calls}, {spent.prompt_tokens:,} tokens of prompts "
            f"and {spent.completion_tokens:,} of replies, {spent.seconds:.1f} s{money}"
        )


def writer_from(options: Mapping[str, Any], space: Space, archive: Archive | None, top: int) -> Writer:
    """The model that a command's options describe; it is let go of when the command ends.

    Args:
        options: The command's arguments.
        space: The space.
        archive: All that is known of the source task, or None.
        top: How many of its best are learned from.

    Raises:
        LaptError: E840, something is missing or wrong; E851 and E854, a transcript cannot be used.
    """
    from lapt_dsl.propose.model.proposer import ModelProposer, WriterOptions
    from lapt_dsl.propose.model.transcripts import FileTranscript
    from lapt_dsl.propose.registry import proposer_named

    client = client_from({**options, "timeout": options["model_timeout"], "retries": options["model_retries"]})
    context = click.get_current_context()
    context.call_on_close(client.close)
    if isinstance(client.transcript, FileTranscript):
        context.call_on_close(client.transcript.close)
    names = ("rounds", "prompt_tokens", "keep_share")
    given = {name: options[name] for name in names if options[name] is not None}
    chosen = WriterOptions(digest=not options["no_digest"], **given)
    fallback = options["fallback"]
    proposer = ModelProposer(
        space,
        archive,
        top,
        client,
        chosen,
        fallback=None if fallback is None else proposer_named(fallback, space, archive, top),
    )
    asked: dict[str, object] = {
        "model": client.options.model,
        "mode": client.options.mode,
        "temperature": client.options.temperature,
        "model_seed": client.options.seed,
        "max_tokens": client.options.max_tokens,
        "digest": chosen.digest,
        "prompt_tokens": chosen.prompt_tokens,
        "keep_share": chosen.keep_share,
    }
    writer = Writer(proposer, client, asked)
    proposer.watch = writer.watch
    return writer
