"""`lapt accept`: take the answer of any chat window as principles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lapt_dsl.commands.options.common import complete_space_or_file

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.propose.model.validation import AcceptanceCriteria, ValidationResult
    from lapt_dsl.propose.prompts.document import PromptContext
    from lapt_dsl.search.run.run_state import RunState


@click.command(
    "accept",
    epilog="""\b
Examples:
  lapt accept reply.md --prompt prompt.md -o general.lp
  lapt accept reply.md --prompt prompt.md --store run.db
  pbpaste | lapt accept - --prompt prompt.md --fix

\b
Exit codes: 0 accepted, 1 refused with the reasons, 2 usage, I/O, the store, or a prompt that its run has gone past.""",
)
@click.argument("reply", type=click.Path(), metavar="REPLY")
@click.option(
    "--prompt", "prompt", type=click.Path(), required=True, metavar="FILE", help="The prompt that it answers."
)
@click.option(
    "--store", type=click.Path(), metavar="FILE", help="The run that goes on with it. [default: the prompt's]"
)
@click.option("-o", "out", type=click.Path(), metavar="FILE", help="Write the principles here.")
@click.option(
    "--space", shell_complete=complete_space_or_file, metavar="SPACE", help="The space. [default: the prompt's]"
)
@click.option("--table", type=click.Path(), metavar="FILE", help="What was learned from. [default: the prompt's table]")
@click.option(
    "--keep-share", type=click.FloatRange(0, 1), metavar="X", help="Of the best, keep so many. [default: 0.25]"
)
@click.option("--fix", is_flag=True, help="Mend what has one reading, as `lapt lint --fix` does, before refusing.")
def command(reply: str, prompt: str, **options: Any) -> int:
    """Lint the answer in REPLY against what its prompt was made from, and take it.

    REPLY is what a chat window answered to a file of `lapt prompt`, prose included; - reads standard input. An answer
    to `lapt prompt learn` becomes a principle file. An answer for a recorded run becomes the run's next file, with
    which `lapt search --resume` goes on. What is refused is said place by place, and nothing is recorded.
    """
    from lapt_dsl.commands.options.inputs import read_inputs
    from lapt_dsl.commands.views.output import show_findings
    from lapt_dsl.compiler.program.source_files import read_source
    from lapt_dsl.diagnostics.diagnostic import LaptError
    from lapt_dsl.propose.prompts.document import read_document

    asked = read_source(prompt)
    context, question = read_document(asked.text, prompt)
    answered = next(iter(read_inputs([reply])))
    if isinstance(answered, LaptError):
        raise answered
    space = _space(context, options["space"], prompt)
    text = _after(question, answered.text)
    store = options["store"] or context.store
    if store is None and context.task != "learn":
        raise click.UsageError("the answer belongs to a run: name it with --store")
    if store is None:
        verdict = _judged(text, answered.name, _to_learn(context, space, options), options["fix"])
        if verdict.text is not None:
            _written(verdict, options["out"])
            return 0
    else:
        verdict = _for_run(store, context, question, text, answered.name, space, prompt, options)
        if verdict.text is not None:
            return 0
    show_findings(verdict.findings, {answered.name: answered.text})
    fixable = sum(finding.fix is not None for finding in verdict.findings)
    mending = f"; {fixable} of {len(verdict.findings)} fixable with --fix" if fixable and not options["fix"] else ""
    click.echo(f"{answered.name} is refused; nothing was recorded{mending}", err=True)
    return 1


def _after(question: str, text: str) -> str:
    """A reply without the prompt, where a whole conversation was copied; places stay what they are.

    The example in a prompt is a principle file, so it could be taken for the answer.
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
        raise LaptError.of("E867", message, prompt, hint="name the space with --space, or write the prompt anew")
    return space


def _to_learn(context: PromptContext, space: Space, options: dict[str, Any]) -> AcceptanceCriteria:
    """What an answer to `lapt prompt learn` is held to."""
    from lapt_dsl.commands.options.archives import read_archive
    from lapt_dsl.propose.model.validation import KEEP_SHARE, to_learn

    table = options["table"] or context.table
    if table is None:
        raise click.UsageError("name the table that the answer was learned from: --table FILE")
    share = KEEP_SHARE if options["keep_share"] is None else options["keep_share"]
    archive = read_archive(table, space, context.column)
    return to_learn(archive.top(context.top or len(archive)), share)


def _judged(text: str, name: str, standard: AcceptanceCriteria, fix: bool) -> ValidationResult:
    """The verdict on a reply; on what fixes make of it, where they help."""
    from lapt_dsl.propose.model.autofix import autofixed
    from lapt_dsl.propose.model.validation import validate

    verdict = validate(text, standard, name)
    if verdict.text is not None or not fix or verdict.answer is None:
        return verdict
    better, applied = autofixed(verdict, standard, name)
    if better is None or better.text is None:
        return verdict
    for item in applied:
        click.echo(f"mended {item.code}: {item.message}", err=True)
    return better


def _written(verdict: ValidationResult, out: str | None) -> None:
    from lapt_dsl.commands.views.output import write_file

    assert verdict.text is not None
    if out is None:
        click.echo(verdict.text, nl=False)
    else:
        write_file(out, verdict.text)
    where = f" -> {out}" if out is not None else ""
    click.echo(f"accepted: {verdict.numbers}{where}", err=True)


def _for_run(
    path: str,
    context: PromptContext,
    question: str,
    text: str,
    name: str,
    space: Space,
    prompt: str,
    options: dict[str, Any],
) -> ValidationResult:
    """The verdict on a reply for a run; what is accepted is recorded there."""
    from lapt_dsl.commands.views.output import write_file
    from lapt_dsl.search.run.manual_replies import record_answer
    from lapt_dsl.search.run.run_state import replay_state
    from lapt_dsl.search.store.run_store import RunStore

    with RunStore.open(path) as store:
        stands = replay_state(store, space)
        _check_place(stands, context, prompt, path)
        verdict = _judged(text, name, _standard(stands, context, space, options), options["fix"])
        if verdict.text is not None and verdict.numbers is not None:
            record_answer(store, space, stands, question, text, verdict.text, verdict.numbers.left)
            if options["out"] is not None:
                write_file(options["out"], verdict.text)
            said = f"accepted as {stands.name}: {verdict.numbers}; go on with the search's command and --resume"
            click.echo(said, err=True)
    return verdict


def _standard(stands: RunState, context: PromptContext, space: Space, options: dict[str, Any]) -> AcceptanceCriteria:
    from dataclasses import replace

    from lapt_dsl.propose.model.validation import KEEP_SHARE, to_follow

    if stands.search_state is None:
        return _to_learn(context, space, options)
    share = KEEP_SHARE if options["keep_share"] is None else options["keep_share"]
    keep = context.keep or stands.search_state.keep
    return to_follow(stands.principles, replace(stands.search_state, keep=keep), stands.kind == "explore", share)


def _check_place(stands: RunState, context: PromptContext, prompt: str, path: str) -> None:
    """Refuse an answer to another question than the run asks. Raises LaptError (E867)."""
    from lapt_dsl.diagnostics.diagnostic import LaptError
    from lapt_dsl.propose.prompts.document import text_digest

    hint = f"write the prompt anew: lapt prompt {stands.kind} ... --store {path} -o prompt.md"
    if not stands.due:
        message = f"the run in `{path}` does not wait for principles: it goes on with those it has, or has ended"
        raise LaptError.of(
            "E867", message, prompt, hint="go on with it first; with --by hand it stops where it needs more"
        )
    if context.task != stands.kind:
        message = f"the run in `{path}` needs an answer to `{stands.kind}`, and this is one to `{context.task}`"
        raise LaptError.of("E867", message, prompt, hint=hint)
    if stands.search_state is None:
        return
    same = context.extends == stands.search_state.file and context.evaluated == stands.step
    if not same or context.principles != text_digest(stands.principles):
        message = (
            f"the prompt was made where `{context.extends}` was in force after {context.evaluated} evaluations; "
            f"the run in `{path}` has come to `{stands.search_state.file}` after {stands.step}"
        )
        raise LaptError.of("E867", message, prompt, hint=hint)
