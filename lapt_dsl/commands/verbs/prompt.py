"""`lapt prompt`: the prompt for a language model, as a file for any chat window."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import click

from lapt_dsl.commands.options.common import PATH, POSITIVE, SPACE
from lapt_dsl.commands.options.groups import argument, option, verb
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.propose.prompts.document import PromptContext
    from lapt_dsl.propose.prompts.prompt import Prompt
    from lapt_dsl.propose.prompts.question import PromptParts

_EPILOG = """\b
Next steps:
  send the file to a chat window and save the reply as reply.md
  lapt accept reply.md --prompt prompt.md"""


@click.group("prompt", epilog=_EPILOG)
def command() -> None:
    """Write the prompt that a language model would receive, for use in any chat window.

    A prompt consists of the space as Python code, the part of the language that applies to it, the evidence and the
    task.
    """


@dataclass(frozen=True, kw_only=True)
class PromptOptions:
    """The content of a prompt and the files it is written to, for all tasks."""

    listed: int | None = field(
        default=None,
        metadata=option("--listed", type=POSITIVE, metavar="N", help="Maximum number of architectures listed."),
    )
    budget_tokens: int | None = field(
        default=None,
        metadata=option(
            "--budget-tokens",
            type=POSITIVE,
            metavar="N",
            help="Token limit of the prompt (a conservative estimate); the least informative parts are omitted."
            " [default: 6000]",
        ),
    )
    no_digest: bool = field(
        default=False,
        metadata=option("--no-digest", flag=True, help="List architectures only; omit the statistics."),
    )
    grammar: str | None = field(
        default=None,
        metadata=option("--grammar", type=PATH, metavar="FILE", help="Also write the grammar of replies (Lark)."),
    )
    out: str | None = field(
        default=None, metadata=option("-o", type=PATH, metavar="FILE", help="Write the prompt to this file.")
    )

    def parts(self) -> PromptParts:
        """The options of the functions that make a prompt."""
        from lapt_dsl.propose.prompts.tokens import BUDGET

        return {"digest": not self.no_digest, "budget_tokens": self.budget_tokens or BUDGET, "listed": self.listed}


@dataclass(frozen=True, kw_only=True)
class LearnPromptOptions:
    """Everything that `lapt prompt learn` takes."""

    table: str = field(metadata=argument("TABLE", type=PATH))
    space: str | None = field(default=None, metadata=SPACE)
    task: str | None = field(
        default=None,
        metadata=option(
            "--task", metavar="COLUMN", help="Column to learn from. [default: the first validation column]"
        ),
    )
    top: int = field(
        default=50,
        metadata=option("--top", type=POSITIVE, show_default=True, help="Number of best architectures to learn from."),
    )
    store: str | None = field(
        default=None,
        metadata=option("--store", type=PATH, metavar="FILE", help="Run that waits for the principles, if any."),
    )
    prompt: PromptOptions = field(default_factory=PromptOptions)


@dataclass(frozen=True, kw_only=True)
class RunPromptOptions:
    """Everything that `lapt prompt adapt` and `lapt prompt explore` take."""

    store: str = field(metadata=option("--store", type=PATH, metavar="FILE", help="Run that needs principles."))
    space: str | None = field(default=None, metadata=SPACE)
    keep: int | None = field(
        default=None,
        metadata=option(
            "--keep", type=POSITIVE, metavar="R", help="Number of best architectures shown. [default: the run's]"
        ),
    )
    prompt: PromptOptions = field(default_factory=PromptOptions)


@verb("learn", LearnPromptOptions, epilog="Example: lapt prompt learn cifar10.json --top 50 -o prompt.md")
def learn_command(options: LearnPromptOptions) -> int:
    """Ask for principles learned from the best architectures of TABLE."""
    from lapt_dsl.commands.options.archives import read_archive
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.propose.prompts.tasks import learn_prompt

    table, named = options.table, options.space
    archive = read_archive(table, None if named is None else named_space(named), options.task)
    if not len(archive):
        raise click.UsageError(f"{table} has no architecture to learn from")
    if options.store is not None:
        _check_waits(options.store, archive.space)
    prompt = learn_prompt(archive.space, archive, options.top, **options.prompt.parts())
    context = replace(
        _context(prompt, archive.space, named or archive.space.name),
        table=table,
        column=archive.task,
        top=options.top,
        store=options.store,
    )
    return _write(prompt, archive.space, context, options.prompt)


@verb("adapt", RunPromptOptions, epilog="Example: lapt prompt adapt --store run.db -o prompt.md")
def adapt_command(options: RunPromptOptions) -> int:
    """Ask for principles adapted to the best architectures that a run has found."""
    return _follow("adapt", options)


@verb("explore", RunPromptOptions, epilog="Example: lapt prompt explore --store run.db -o prompt.md")
def explore_command(options: RunPromptOptions) -> int:
    """Ask for principles that allow candidates which those of a run exclude."""
    return _follow("explore", options)


for _subcommand in (learn_command, adapt_command, explore_command):
    command.add_command(_subcommand)


def _follow(task: Literal["adapt", "explore"], options: RunPromptOptions) -> int:
    """Write the prompt for the principles that a run needs next."""
    from lapt_dsl import spaces
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.propose.prompts.document import text_digest
    from lapt_dsl.propose.prompts.tasks import adapt_prompt, explore_prompt
    from lapt_dsl.search.run.run_state import replay_state
    from lapt_dsl.search.store.run_store import RunStore

    store = options.store
    with RunStore.open(store, read_only=True) as opened:
        name = options.space or opened.info().space
        if options.space is None and name not in spaces.names():
            raise click.UsageError(f"the run's space `{name}` is not shipped: name its file with --space")
        space = named_space(name)
        state = replay_state(opened, space)
    if state.search_state is None:
        raise click.UsageError(f"{store} has no principles yet: use `lapt prompt learn TABLE --store {store}`")
    search_state = state.search_state if options.keep is None else replace(state.search_state, keep=options.keep)
    write_prompt = adapt_prompt if task == "adapt" else explore_prompt
    prompt = write_prompt(space, state.principles, search_state, **options.prompt.parts())
    if state.kind != task:
        echo(f"note: the run needs `{state.kind}` next; `lapt accept` will refuse a reply to `{task}`", err=True)
    context = replace(
        _context(prompt, space, name),
        store=store,
        evaluated=state.step,
        keep=search_state.keep,
        principles=text_digest(state.principles),
    )
    return _write(prompt, space, context, options.prompt)


def _check_waits(path: str, space: Space) -> None:
    """Check that a run exists and may need principles; note where it needs no first ones.

    Raises:
        LaptError: E808, there is none; E867, it is of another space, or its principles do not change.
    """
    from lapt_dsl.search.run.run_state import replay_state
    from lapt_dsl.search.store.run_store import RunStore

    with RunStore.open(path, read_only=True) as opened:
        state = replay_state(opened, space)
    if state.search_state is not None:
        echo(f"note: the run has principles already; it needs `{state.kind}` next", err=True)


def _write(prompt: Prompt, space: Space, context: PromptContext, options: PromptOptions) -> int:
    """Write the prompt and, where it is asked for, the grammar of replies."""
    from lapt_dsl.commands.views.output import write_file, write_text
    from lapt_dsl.propose.prompts.document import write_document

    document = write_document(prompt, context)
    if options.out is None:
        write_text(document)
    else:
        write_file(options.out, document)
    if options.grammar is not None:
        from lapt_dsl.compiler.targets.decoder.grammar import decoder_grammar

        write_file(options.grammar, decoder_grammar(space, extends=prompt.extends, names=prompt.names))
    shown = "1 architecture" if prompt.shown == 1 else f"{prompt.shown} architectures"
    omitted = f", {prompt.left_out} omitted" if prompt.left_out else ""
    where = f" -> {options.out}" if options.out is not None else ""
    echo(f"at most {prompt.tokens:,} tokens, {shown} listed{omitted}{where}", err=True)
    return 0


def _context(prompt: Prompt, space: Space, named: str) -> PromptContext:
    from importlib.metadata import version

    from lapt_dsl.propose.prompts.document import PromptContext

    return PromptContext(
        prompt.task,
        space.name,
        space.digest,
        named,
        prompt.name,
        prompt.digest,
        version("lapt-dsl"),
        extends=prompt.extends,
        names=prompt.names,
    )
