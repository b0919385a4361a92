"""Who writes principles for `lapt search`, and what the run starts from."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import click

from lapt_dsl.commands.options.proposer import HAND, INDUCTION, Writer, writer_from
from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Task
from lapt_dsl.propose.manual import NEEDED, ManualProposer
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.propose.registry import proposer_named
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.strategies.build import without_transfer

WAITS = 4
"""Exit code of a search by hand that waits for principles: neither done nor wrong."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """Who changes the principles of a search and what it starts from, as the fields of `Search` have it.

    `text` None: the proposer learns it as the run's first step. `writer`: the account of a model.
    """

    settings: Settings
    text: str | None
    proposer: Proposer | None = None
    name: str | None = None
    asked: Mapping[str, object] = field(default_factory=dict)
    writer: Writer | None = None


def proposing(
    options: Mapping[str, Any], whole: RefinedSpace, archive: Archive | None, settings: Settings, text: str | None
) -> Proposing:
    """Who writes principles, by the options of `lapt search`.

    Args:
        options: The command's arguments.
        whole: The space.
        archive: The source task's, or None.
        settings: The run's, for a proposer that costs nothing.
        text: Principles that were given, or None.

    Raises:
        LaptError: E840, E851 and E854 as for `writer_from`.
        click.UsageError: Options that contradict one another.
    """
    space, by = whole.space, options["by"]
    if text is None and archive is None:
        text = without_transfer(whole)
    if by == INDUCTION:
        inducer = proposer_named(INDUCTION, space, archive, settings.archive)
        if text is None and archive is not None:
            text = inducer.learn(archive.top(settings.archive))
        return Proposing(settings, text) if options["fixed"] else Proposing(settings, text, inducer, INDUCTION)
    if options["fixed"]:
        raise click.UsageError(f"--fixed leaves nothing for --by {by}: learn first, then give --principles and --fixed")
    # Whoever costs a call or a person's time is asked as often as in the paper.
    settings = replace(settings, interval=None)
    if by == HAND:
        if options["store"] is None:
            raise click.UsageError("--by hand needs --store: the run waits there for the answers")
        return Proposing(settings, text, ManualProposer(_how(options, settings)), HAND)
    writer = writer_from(options, space, archive, settings.archive)
    return Proposing(settings, text, writer.proposer, by, writer.asked, writer)


def waits_for_principles(error: LaptError) -> bool:
    """Whether a search stopped for a person to write principles; what to do is then said on standard error."""
    needed = next((item for item in error.diagnostics if item.code == NEEDED), None)
    if needed is not None:
        _tell(needed)
    return needed is not None


def _tell(needed: Diagnostic) -> None:
    click.echo(f"{needed.message}:\n{needed.hint}", err=True)


def _how(options: Mapping[str, Any], settings: Settings) -> Callable[[Task], str]:
    """The commands that answer a question of the run."""
    store, space = shlex.quote(options["store"]), options["space"]
    named = f" --space {shlex.quote(space)}" if space is not None else ""

    def how(task: Task) -> str:
        if task == "learn":
            column = options["source_task"]
            task_named = f" --task {shlex.quote(column)}" if column is not None else ""
            what = f"learn {shlex.quote(options['source'])}{named}{task_named} --top {settings.archive}"
        else:
            what = f"{task}{named}"
        return (
            f"  lapt prompt {what} --store {store} -o prompt.md\n"
            f"  lapt accept reply.md --prompt prompt.md --store {store}   with the answer to it in reply.md\n"
            "  and the same search with --resume"
        )

    return how
