"""The proposer of `lapt search`, and the principles that the run starts from."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import click

from lapt_dsl.commands.options.proposer import INDUCTION, MANUAL, ModelSession, model_session
from lapt_dsl.commands.options.search import SearchOptions
from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Task
from lapt_dsl.propose.manual import NEEDED, ManualProposer
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.propose.registry import proposer_named
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.strategies.build import without_transfer

WAITS = 4
"""Exit code of a search that waits for principles from a manual proposer: neither done nor failed."""

STORED_MANUAL = "hand"
"""The name under which run stores record a manual proposer."""


@dataclass(frozen=True, slots=True)
class ProposerSetup:
    """The proposer of a search and what the run starts from, as the fields of `Search` have it.

    `text` None: the proposer learns it as the run's first step. `session`: the model, if the proposer is one.
    """

    settings: Settings
    text: str | None
    proposer: Proposer | None = None
    name: str | None = None
    asked: Mapping[str, object] = field(default_factory=dict)
    session: ModelSession | None = None


def proposer_setup(
    options: SearchOptions,
    whole: RefinedSpace,
    archive: Archive | None,
    settings: Settings,
    text: str | None,
    *,
    fixed: bool,
) -> ProposerSetup:
    """The proposer that the options of `lapt search` name.

    Args:
        options: The command's options.
        whole: The space.
        archive: That of the source task, or None.
        settings: Those of the run, for a proposer that costs nothing.
        text: The principles given, or None.
        fixed: Whether the principles never change.

    Raises:
        LaptError: E840, E851 and E854 as for `model_session`.
        click.UsageError: Options that contradict one another.
    """
    space, name = whole.space, options.proposer
    if text is None and archive is None:
        text = without_transfer(whole)
    if name == INDUCTION:
        if fixed and text is not None:
            return ProposerSetup(settings, text)  # nothing is learned, so SciPy is not needed
        inducer = proposer_named(INDUCTION, space, archive, settings.archive)
        if text is None and archive is not None:
            text = inducer.learn(archive.top(settings.archive))
        return ProposerSetup(settings, text) if fixed else ProposerSetup(settings, text, inducer, INDUCTION)
    if fixed:
        raise click.UsageError(
            f"--proposer {name} has no effect with --fixed: learn first, then give --principles and --fixed"
        )
    # A proposer that costs money or a person's time is called only as often as in the paper.
    settings = replace(settings, interval=None)
    if name == MANUAL:
        if options.store.store is None:
            raise click.UsageError("--proposer manual requires --store: the run waits there for principles")
        return ProposerSetup(settings, text, ManualProposer(_instructions(options, settings)), STORED_MANUAL)
    session = model_session(options.llm, space, archive, settings.archive)
    return ProposerSetup(settings, text, session.proposer, name, session.settings, session)


def waits_for_principles(error: LaptError) -> bool:
    """Whether a search stopped for a person to write principles; the next commands are then printed."""
    needed = next((item for item in error.diagnostics if item.code == NEEDED), None)
    if needed is not None:
        echo(f"{needed.message}:\n{needed.hint}", err=True)
    return needed is not None


def _instructions(options: SearchOptions, settings: Settings) -> Callable[[Task], str]:
    """The commands that give the run the principles it waits for."""
    store, space = shlex.quote(options.store.store or ""), options.evaluator.space
    named = f" --space {shlex.quote(space)}" if space is not None else ""

    def instructions(task: Task) -> str:
        if task == "learn":
            column = options.source_task
            task_named = f" --task {shlex.quote(column)}" if column is not None else ""
            source = shlex.quote(options.source or "")
            what = f"learn {source}{named}{task_named} --top {settings.archive}"
        else:
            what = f"{task}{named}"
        return (
            f"  lapt prompt {what} --store {store} -o prompt.md\n"
            f"  lapt accept reply.md --prompt prompt.md --store {store}   with the reply saved as reply.md\n"
            f"  lapt search --store {store} --resume"
        )

    return instructions
