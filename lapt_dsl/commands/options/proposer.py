"""The proposer of principles: `--proposer` and the options of a language model, shared by `learn` and `search`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import NATURAL, POSITIVE, SHARE
from lapt_dsl.commands.options.groups import AliasedChoice, Metadata, given_options, option
from lapt_dsl.commands.options.model import (
    SECONDS,
    DecodingOptions,
    ServerOptions,
    SpendingOptions,
    TranscriptOptions,
    build_client,
)
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.propose.archive import Archive
    from lapt_dsl.propose.model.client import Client
    from lapt_dsl.propose.model.proposer import ModelProposer, WriterOptions, Written

INDUCTION, LLM, MANUAL = "induction", "llm", "manual"
FORMER_NAMES = {"hand": MANUAL}
"""Former values of `--proposer`. A run store still records a manual proposer as `hand`."""

KEEP_SHARE = option(
    "--keep-share",
    type=SHARE,
    metavar="X",
    help="Minimum share of the best architectures that must satisfy the principles. [default: 0.25]",
)


def proposer_option(*choices: str) -> Metadata:
    """`--proposer` with these choices."""
    former = {name: present for name, present in FORMER_NAMES.items() if present in choices}
    return option(
        "--proposer",
        aliases=("--by",),
        type=AliasedChoice(choices, former),
        show_default=True,
        help="Proposer of the principles.",
    )


@dataclass(frozen=True, kw_only=True)
class ProposalOptions:
    """How a model is prompted for principles, and what its replies must satisfy."""

    rounds: int | None = field(
        default=None,
        metadata=option(
            "--rounds",
            type=click.IntRange(0, 20),
            metavar="N",
            help="Number of times diagnostics are sent back to the model. [default: 2]",
        ),
    )
    no_digest: bool = field(
        default=False,
        metadata=option("--no-digest", flag=True, help="List architectures only; omit the statistics from prompts."),
    )
    prompt_tokens: int | None = field(
        default=None,
        metadata=option("--prompt-tokens", type=POSITIVE, metavar="N", help="Token limit of one prompt."),
    )
    keep_share: float | None = field(default=None, metadata=KEEP_SHARE)
    fallback: str | None = field(
        default=None,
        metadata=option(
            "--fallback",
            type=click.Choice([INDUCTION]),
            help="Proposer to use where the model fails. [default: none, the run stops]",
        ),
    )

    def writer_options(self) -> WriterOptions:
        """The options of the model's proposer, with its defaults for those that are not given."""
        from lapt_dsl.propose.model.proposer import WriterOptions

        default = WriterOptions()
        return WriterOptions(
            rounds=default.rounds if self.rounds is None else self.rounds,
            digest=not self.no_digest,
            prompt_tokens=self.prompt_tokens or default.prompt_tokens,
            keep_share=default.keep_share if self.keep_share is None else self.keep_share,
        )


@dataclass(frozen=True, kw_only=True)
class ProposerServerOptions(ServerOptions):
    """The server of a verb whose `--retries` are those of workers."""

    timeout: float | None = field(
        default=None,
        metadata=option(
            "--model-timeout", type=SECONDS, metavar="S", help="Time limit of one reply in seconds. [default: 600]"
        ),
    )
    retries: int | None = field(
        default=None,
        metadata=option("--model-retries", type=NATURAL, metavar="N", help="Retries of a failed request. [default: 4]"),
    )


@dataclass(frozen=True, kw_only=True)
class LlmOptions:
    """The options of `--proposer llm`."""

    server: ProposerServerOptions = field(default_factory=ProposerServerOptions)
    decoding: DecodingOptions = field(default_factory=DecodingOptions)
    spending: SpendingOptions = field(default_factory=SpendingOptions)
    transcripts: TranscriptOptions = field(default_factory=TranscriptOptions)
    proposal: ProposalOptions = field(default_factory=ProposalOptions)

    def check(self, proposer: str) -> None:
        """Refuse options of a model for another proposer. Raises click.UsageError."""
        given = given_options(self)
        if given and proposer != LLM:
            raise click.UsageError(f"{given[0]} requires --proposer llm")


@dataclass
class ModelSession:
    """A language model that proposes principles, and the record of its proposals.

    `settings`: what its replies depend on, for the store of the run.
    """

    proposer: ModelProposer
    client: Client
    settings: dict[str, object]
    written: list[Written] = field(default_factory=list)

    def watch(self, written: Written) -> None:
        """Print how a file was obtained."""
        from lapt_dsl.diagnostics.snippet import plain

        self.written.append(written)
        replies = "1 reply" if written.replies == 1 else f"{written.replies} replies"
        why = f": {plain(written.why)}" if written.why else ""
        echo(f"{written.task}: {written.outcome} after {replies}{why}", err=True)

    def summary(self) -> str:
        """The model, its mode, and the cost of all calls."""
        spent = self.client.budget.spent
        money = f", cost {spent.money:.4g}" if spent.money else ""
        how = self.client.last.request.mode if self.client.last is not None else self.client.options.mode
        calls = "1 call" if spent.calls == 1 else f"{spent.calls} calls"
        return (
            f"{self.client.options.model}, mode {how}: {calls}, {spent.prompt_tokens:,} prompt tokens, "
            f"{spent.completion_tokens:,} reply tokens, {spent.seconds:.1f} s{money}"
        )


def model_session(options: LlmOptions, space: Space, archive: Archive | None, top: int) -> ModelSession:
    """The model that a command's options describe; its connections are closed when the command ends.

    Args:
        options: The options of the model.
        space: The space.
        archive: Every known architecture of the source task, or None.
        top: How many of the best the principles are learned from.

    Raises:
        LaptError: E840, an option is missing or wrong; E851 and E854, a transcript cannot be used.
    """
    from lapt_dsl.propose.model.proposer import ModelProposer
    from lapt_dsl.propose.model.transcripts import FileTranscript
    from lapt_dsl.propose.registry import proposer_named

    client = build_client(options.server, options.decoding, options.spending, options.transcripts)
    context = click.get_current_context()
    context.call_on_close(client.close)
    if isinstance(client.transcript, FileTranscript):
        context.call_on_close(client.transcript.close)
    chosen = options.proposal.writer_options()
    fallback = options.proposal.fallback
    proposer = ModelProposer(
        space,
        archive,
        top,
        client,
        chosen,
        fallback=None if fallback is None else proposer_named(fallback, space, archive, top),
    )
    settings: dict[str, object] = {
        "model": client.options.model,
        "mode": client.options.mode,
        "temperature": client.options.temperature,
        "model_seed": client.options.seed,
        "max_tokens": client.options.max_tokens,
        "digest": chosen.digest,
        "prompt_tokens": chosen.prompt_tokens,
        "keep_share": chosen.keep_share,
    }
    session = ModelSession(proposer, client, settings)
    proposer.watch = session.watch
    return session
