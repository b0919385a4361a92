"""`lapt accept`: take the reply of any chat window as principles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import OUTPUT_FILE, PATH, complete_space_or_file
from lapt_dsl.commands.options.groups import argument, option, verb
from lapt_dsl.commands.options.proposer import KEEP_SHARE
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from lapt_dsl.compiler.program.source_files import SourceFile
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.propose.model.validation import AcceptanceCriteria, ValidationResult
    from lapt_dsl.propose.prompts.document import PromptContext
    from lapt_dsl.search.run.run_state import RunState


@dataclass(frozen=True, kw_only=True)
class AcceptOptions:
    """Everything that `lapt accept` takes."""

    reply: str = field(metadata=argument("REPLY", type=PATH))
    prompt: str = field(metadata=option("--prompt", type=PATH, metavar="FILE", help="Prompt that was answered."))
    store: str | None = field(
        default=None,
        metadata=option(
            "--store", type=PATH, metavar="FILE", help="Run that needs the principles. [default: the prompt's]"
        ),
    )
    out: str | None = field(default=None, metadata=OUTPUT_FILE)
    space: str | None = field(
        default=None,
        metadata=option(
            "--space",
            complete=complete_space_or_file,
            metavar="SPACE",
            help="Search space, by name or path. [default: the prompt's]",
        ),
    )
    table: str | None = field(
        default=None,
        metadata=option(
            "--table", type=PATH, metavar="FILE", help="Table that was learned from. [default: the prompt's]"
        ),
    )
    keep_share: float | None = field(default=None, metadata=KEEP_SHARE)
    fix: bool = field(
        default=False,
        metadata=option("--fix", flag=True, help="Apply safe fixes, as `lapt lint --fix` does, before validation."),
    )

    @property
    def share(self) -> float:
        """The share of the best architectures that must satisfy the principles."""
        from lapt_dsl.propose.model.validation import KEEP_SHARE as DEFAULT

        return DEFAULT if self.keep_share is None else self.keep_share


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply, the prompt it answers, and the text of it that is validated."""

    name: str
    text: str
    prompt: str
    question: str
    context: PromptContext
    space: Space


@verb(
    "accept",
    AcceptOptions,
    epilog="""\b
Examples:
  lapt accept reply.md --prompt prompt.md -o general.lp
  lapt accept reply.md --prompt prompt.md --store run.db
  pbpaste | lapt accept - --prompt prompt.md --fix

\b
Exit codes: 0 accepted, 1 refused, with diagnostics, 2 usage error, I/O error, or an outdated prompt.""",
)
def command(options: AcceptOptions) -> int:
    """Validate the principles in REPLY against the prompt that they answer, and accept them.

    REPLY is the reply to a prompt of `lapt prompt`, with any prose around the principles; - reads standard input. A
    reply to `lapt prompt learn` becomes a principle file. A reply for a recorded run becomes the next principle file
    of the run, which `lapt search --resume` continues. If the reply is refused, every reason is printed and nothing is
    recorded.
    """
    from lapt_dsl.commands.views.output import show_diagnostics

    answered, reply = _read(options)
    store = options.store or reply.context.store
    if store is None and reply.context.task != "learn":
        raise click.UsageError("the reply is for a recorded run: name it with --store")
    if store is None:
        result = _validated(reply, _learn_criteria(reply, options), options.fix)
        if result.text is not None:
            _write(result, options.out)
            return 0
    else:
        result = _accept_for_run(store, reply, options)
        if result.text is not None:
            return 0
    show_diagnostics(result.diagnostics, {answered.name: answered.text})
    fixable = sum(diagnostic.fix is not None for diagnostic in result.diagnostics)
    hint = f"; {fixable} of {len(result.diagnostics)} fixable with --fix" if fixable and not options.fix else ""
    echo(f"{answered.name} is refused; nothing was recorded{hint}", err=True)
    return 1


def _read(options: AcceptOptions) -> tuple[SourceFile, _Reply]:
    """The file of the reply, and the reply with its prompt. Raises LaptError."""
    from lapt_dsl.commands.options.inputs import read_inputs
    from lapt_dsl.compiler.program.source_files import read_source
    from lapt_dsl.diagnostics.diagnostic import LaptError
    from lapt_dsl.propose.prompts.document import read_document

    context, question = read_document(read_source(options.prompt).text, options.prompt)
    answered = next(iter(read_inputs([options.reply])))
    if isinstance(answered, LaptError):
        raise answered
    space = _space(context, options.space, options.prompt)
    text = _without_question(question, answered.text)
    return answered, _Reply(answered.name, text, options.prompt, question, context, space)


def _without_question(question: str, text: str) -> str:
    """A copied conversation without the prompt; line and column numbers are preserved.

    The example in a prompt is a principle file, so it could be taken for the reply.
    """
    asked = question.strip()
    end = text.find(asked) + len(asked)
    return text if end < len(asked) else "".join("\n" if c == "\n" else " " for c in text[:end]) + text[end:]


def _space(context: PromptContext, named: str | None, prompt: str) -> Space:
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.diagnostics.diagnostic import LaptError

    space = named_space(named or context.space_file)
    if space.digest != context.space_digest:
        message = f"the prompt was made for another `{context.space}` than `{named or context.space_file}`"
        raise LaptError.of("E867", message, prompt, hint="name the space with --space, or write the prompt again")
    return space


def _learn_criteria(reply: _Reply, options: AcceptOptions) -> AcceptanceCriteria:
    """What a reply to `lapt prompt learn` must satisfy."""
    from lapt_dsl.commands.options.archives import read_archive
    from lapt_dsl.propose.model.validation import to_learn

    table = options.table or reply.context.table
    if table is None:
        raise click.UsageError("name the table that was learned from: --table FILE")
    archive = read_archive(table, reply.space, reply.context.column)
    return to_learn(archive.top(reply.context.top or len(archive)), options.share)


def _validated(reply: _Reply, criteria: AcceptanceCriteria, fix: bool) -> ValidationResult:
    """The result for a reply, or for the fixed reply where safe fixes make it acceptable."""
    from lapt_dsl.propose.model.autofix import autofixed
    from lapt_dsl.propose.model.validation import validate

    result = validate(reply.text, criteria, reply.name)
    if result.text is not None or not fix or result.answer is None:
        return result
    better, applied = autofixed(result, criteria, reply.name)
    if better is None or better.text is None:
        return result
    for item in applied:
        echo(f"fixed {item.code}: {item.message}", err=True)
    return better


def _write(result: ValidationResult, out: str | None) -> None:
    from lapt_dsl.commands.views.output import write_file, write_text

    assert result.text is not None
    if out is None:
        write_text(result.text)
    else:
        write_file(out, result.text)
    where = f" -> {out}" if out is not None else ""
    echo(f"accepted: {result.numbers}{where}", err=True)


def _accept_for_run(path: str, reply: _Reply, options: AcceptOptions) -> ValidationResult:
    """The result for a reply that a run needs; what is accepted is recorded there."""
    from lapt_dsl.commands.views.output import write_file
    from lapt_dsl.search.run.manual_replies import record_answer
    from lapt_dsl.search.run.run_state import replay_state
    from lapt_dsl.search.store.run_store import RunStore

    with RunStore.open(path) as store:
        state = replay_state(store, reply.space)
        _check_place(state, reply, path)
        result = _validated(reply, _criteria(state, reply, options), options.fix)
        if result.text is not None and result.numbers is not None:
            record_answer(store, reply.space, state, reply.question, reply.text, result.text, result.numbers.left)
            if options.out is not None:
                write_file(options.out, result.text)
            echo(f"accepted as {state.name}: {result.numbers}; repeat the search with --resume", err=True)
    return result


def _criteria(state: RunState, reply: _Reply, options: AcceptOptions) -> AcceptanceCriteria:
    from lapt_dsl.propose.model.validation import to_follow

    if state.search_state is None:
        return _learn_criteria(reply, options)
    keep = reply.context.keep or state.search_state.keep
    search_state = replace(state.search_state, keep=keep)
    return to_follow(state.principles, search_state, state.kind == "explore", options.share)


def _check_place(state: RunState, reply: _Reply, path: str) -> None:
    """Refuse a reply to another prompt than the run needs. Raises LaptError (E867)."""
    from lapt_dsl.diagnostics.diagnostic import LaptError
    from lapt_dsl.propose.prompts.document import text_digest

    context, prompt = reply.context, reply.prompt
    hint = f"write the prompt again: lapt prompt {state.kind} ... --store {path} -o prompt.md"
    if not state.due:
        message = f"the run in `{path}` does not wait for principles: it needs no new ones yet, or has ended"
        hint = "continue the run first; with --proposer manual it stops where it needs principles"
        raise LaptError.of("E867", message, prompt, hint=hint)
    if context.task != state.kind:
        message = f"the run in `{path}` needs a reply to `{state.kind}`, and this is a reply to `{context.task}`"
        raise LaptError.of("E867", message, prompt, hint=hint)
    if state.search_state is None:
        return
    same = context.extends == state.search_state.file and context.evaluated == state.step
    if not same or context.principles != text_digest(state.principles):
        message = (
            f"the prompt was made for `{context.extends}` after {context.evaluated} evaluations; "
            f"the run in `{path}` is at `{state.search_state.file}` after {state.step}"
        )
        raise LaptError.of("E867", message, prompt, hint=hint)
