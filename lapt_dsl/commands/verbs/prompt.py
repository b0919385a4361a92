"""`lapt prompt`: what a language model would be asked, as a file to carry to any chat window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lapt_dsl.commands.options.common import complete_space_or_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.propose.prompts.document import PromptContext
    from lapt_dsl.propose.prompts.prompt import Prompt

_AFTER = """\b
Then:
  paste the file into a chat window and save the answer as reply.md
  lapt accept reply.md --prompt prompt.md"""


@click.group("prompt", epilog=_AFTER)
def command() -> None:
    """Write what a language model would be asked for, to ask any by hand.

    A prompt is made from the space: what it looks like as Python, its part of the language, the evidence, the task.
    """


def _prompt_options(function: Callable[..., int]) -> Callable[..., int]:
    """The options of all three prompts."""
    for option in (
        click.option("-o", "out", type=click.Path(), metavar="FILE", help="Write here instead of printing."),
        click.option("--grammar", type=click.Path(), metavar="FILE", help="Also write the answer's grammar (Lark)."),
        click.option("--no-digest", is_flag=True, help="Leave the counts out, list architectures only."),
        click.option(
            "--budget-tokens",
            type=click.IntRange(min=1),
            metavar="N",
            help="Keep to this many tokens (estimated from above): what says least is left out. [default: 6000]",
        ),
        click.option("--listed", type=click.IntRange(min=1), metavar="N", help="Most architectures to list."),
    ):
        function = option(function)
    return function


_space_option = click.option(
    "--space", shell_complete=complete_space_or_file, metavar="SPACE", help="The space, by name or path."
)


@command.command("learn", epilog="Example: lapt prompt learn cifar10.json --top 50 -o prompt.md")
@click.argument("table", type=click.Path(), metavar="TABLE")
@_space_option
@click.option("--task", metavar="COLUMN", help="The column to learn from. [default: the first validation column]")
@click.option("--top", type=click.IntRange(min=1), default=50, show_default=True, help="Best ones to learn from.")
@click.option("--store", type=click.Path(), metavar="FILE", help="The run that waits for the answer, if one does.")
@_prompt_options
def learn_command(table: str, space: str | None, task: str | None, top: int, store: str | None, **options: Any) -> int:
    """Ask for the principles behind the best architectures of TABLE."""
    from lapt_dsl.commands.options.archives import read_archive
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.propose.prompts.tasks import learn_prompt

    archive = read_archive(table, None if space is None else named_space(space), task)
    if not len(archive):
        raise click.UsageError(f"{table} has no architecture to learn from")
    if store is not None:
        _check_waits(store, archive.space)
    prompt = learn_prompt(archive.space, archive, top, **_choices(options))
    return _write(
        prompt,
        archive.space,
        space or archive.space.name,
        options,
        table=table,
        column=archive.task,
        top=top,
        store=store,
    )


@command.command("adapt", epilog="Example: lapt prompt adapt --store run.db -o prompt.md")
@click.option("--store", type=click.Path(), required=True, metavar="FILE", help="The run.")
@_space_option
@click.option("--keep", type=click.IntRange(min=1), metavar="R", help="Best found to show. [default: the run's]")
@_prompt_options
def adapt_command(store: str, space: str | None, keep: int | None, **options: Any) -> int:
    """Ask for principles updated by the best that a run has found."""
    return _follow("adapt", store, space, keep, options)


@command.command("explore", epilog="Example: lapt prompt explore --store run.db -o prompt.md")
@click.option("--store", type=click.Path(), required=True, metavar="FILE", help="The run.")
@_space_option
@click.option("--keep", type=click.IntRange(min=1), metavar="R", help="Best found to show. [default: the run's]")
@_prompt_options
def explore_command(store: str, space: str | None, keep: int | None, **options: Any) -> int:
    """Ask for principles with what those of a run have shut out."""
    return _follow("explore", store, space, keep, options)


def _follow(task: str, store: str, named: str | None, keep: int | None, options: dict[str, Any]) -> int:
    from dataclasses import replace

    from lapt_dsl import spaces
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.propose.prompts.document import text_digest
    from lapt_dsl.propose.prompts.tasks import adapt_prompt, explore_prompt
    from lapt_dsl.search.run.run_state import replay_state
    from lapt_dsl.search.store.run_store import RunStore

    with RunStore.open(store, read_only=True) as opened:
        name = named or opened.info().space
        if named is None and name not in spaces.names():
            raise click.UsageError(f"the run's space `{name}` is not shipped: name its file with --space")
        space = named_space(name)
        stands = replay_state(opened, space)
    if stands.search_state is None:
        raise click.UsageError(f"{store} has no principles yet: ask with `lapt prompt learn TABLE --store {store}`")
    search_state = stands.search_state if keep is None else replace(stands.search_state, keep=keep)
    made = adapt_prompt if task == "adapt" else explore_prompt
    prompt = made(space, stands.principles, search_state, **_choices(options))
    if stands.kind != task:
        click.echo(f"note: LAPT would {stands.kind} here; `lapt accept` takes no answer to {task}", err=True)
    return _write(
        prompt,
        space,
        name,
        options,
        store=store,
        evaluated=stands.step,
        keep=search_state.keep,
        principles=text_digest(stands.principles),
    )


def _check_waits(path: str, space: Space) -> None:
    """See that a run is there and may wait for an answer, and say where it waits for no first principles.

    Raises:
        LaptError: E808, there is none; E867, it is of another space, or its principles do not change.
    """
    from lapt_dsl.search.run.run_state import replay_state
    from lapt_dsl.search.store.run_store import RunStore

    with RunStore.open(path, read_only=True) as opened:
        stands = replay_state(opened, space)
    if stands.search_state is not None:
        click.echo(f"note: the run has principles; it would {stands.kind} here", err=True)


def _choices(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a prompt as those of the functions that make it."""
    from lapt_dsl.propose.prompts.tokens import BUDGET

    budget = options["budget_tokens"] or BUDGET
    return {"digest": not options["no_digest"], "budget_tokens": budget, "listed": options["listed"]}


def _write(prompt: Prompt, space: Space, named: str, options: dict[str, Any], **facts: Any) -> int:
    """Write the prompt and, if asked for, the grammar of answers."""
    from lapt_dsl.commands.views.output import write_file
    from lapt_dsl.propose.prompts.document import write_document

    document = write_document(prompt, _context(prompt, space, named, facts))
    if options["out"] is None:
        click.echo(document, nl=False)
    else:
        write_file(options["out"], document)
    if options["grammar"] is not None:
        from lapt_dsl.compiler.targets.decoder.grammar import decoder_grammar

        write_file(options["grammar"], decoder_grammar(space, extends=prompt.extends, names=prompt.names))
    left = f", {prompt.left_out} left out" if prompt.left_out else ""
    where = f" -> {options['out']}" if options["out"] is not None else ""
    click.echo(f"at most {prompt.tokens:,} tokens, {prompt.shown} architectures listed{left}{where}", err=True)
    return 0


def _context(prompt: Prompt, space: Space, named: str, facts: dict[str, Any]) -> PromptContext:
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
        **facts,
    )
