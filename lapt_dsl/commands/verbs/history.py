"""`lapt history`: how the principles of a recorded search changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import complete_space_or_file, json_option

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.evaluate.evaluator import Objective
    from lapt_dsl.search.run.history import RevisionChange
    from lapt_dsl.search.run.proposal_origins import ProposalOrigin
    from lapt_dsl.search.store.run_store import RunInfo

_VERBS = {"learn": "learned", "focus": "focused", "adapt": "adapted", "explore": "opened"}
_STYLES = {"+": "green", "-": "red"}


@click.command(
    "history",
    epilog="""\b
Examples:
  lapt history run.db
  lapt history run.db --json
  lapt history run.db --space my.space      a space that is not shipped
  lapt history run.db --exchanges > run.jsonl   what a model was asked and answered, for --replay""",
)
@click.argument("store", type=click.Path(), metavar="STORE")
@click.option("--space", shell_complete=complete_space_or_file, metavar="SPACE", help="The run's space, by path.")
@click.option("--exchanges", is_flag=True, help="Print what models were asked and answered, as JSON lines.")
@json_option
def command(store: str, space: str | None, exchanges: bool, as_json: bool) -> int:
    """Show the chain of principle files in a run store: what each changed, and what it leaves, exactly.

    The store may belong to a search that is still running. Every file is compared with the one before: principles
    that came, went or changed, line by line, and how many architectures it takes away and lets in. Where a language
    model was asked, every file says which one wrote it, or what became of its replies.
    """
    from lapt_dsl.commands.views.output import print_json
    from lapt_dsl.search.run.history import revision_changes
    from lapt_dsl.search.run.proposal_origins import proposal_origins, transcript_text
    from lapt_dsl.search.store.run_store import RunStore

    with RunStore.open(store, read_only=True) as opened:
        info, proposals, evaluations = opened.info(), opened.proposals(), opened.evaluations()
        talk = opened.exchanges()
    if exchanges:
        click.echo(transcript_text(talk), nl=False)
        return 0
    objective = _objective(info)
    scores = {}
    for evaluation in evaluations:
        if (score := _score(objective, evaluation.outcome)) is not None:
            scores[evaluation.step] = score
    found = revision_changes(proposals, evaluations, scores, _space(info, space))
    wrote = proposal_origins(info, proposals, talk)
    if as_json:
        print_json({"store": store, "space": info.space, "seed": info.seed, "evaluated": len(evaluations),
                    "files": [_as_json(*each, objective) for each in zip(found, wrote, strict=True)]})  # fmt: skip
    else:
        _show(found, wrote, objective, len(evaluations))
    return 0


def _objective(info: RunInfo) -> Objective:
    from lapt_dsl.evaluate.evaluator import Objective

    direction = info.settings.get("direction")
    return Objective(str(info.settings.get("metric")), "lower" if direction == "lower" else "higher")


def _score(objective: Objective, outcome: object) -> float | None:
    from lapt_dsl.evaluate.evaluator import Evaluation

    measured = isinstance(outcome, Evaluation) and objective.metric in outcome.metrics
    return objective.score(outcome) if measured and isinstance(outcome, Evaluation) else None


def _space(info: RunInfo, named: str | None) -> Space:
    from lapt_dsl.commands.options.named_spaces import named_space

    space = named_space(named or info.space)
    if space.digest != info.space_digest:
        raise click.UsageError(f"the run's space `{info.space}` is another one: name its file with --space")
    return space


def _as_json(chapter: RevisionChange, author: ProposalOrigin, objective: Objective) -> dict[str, object]:
    return {
        "name": chapter.name,
        "kind": chapter.kind,
        "by": author.proposer,
        "model": author.model,
        "mode": author.mode,
        "replies": list(author.outcomes),
        "step": chapter.step,
        "evaluated": chapter.evaluated,
        "size": str(chapter.size),
        "gone": str(chapter.gone),
        "new": str(chapter.new),
        "best": None if chapter.best is None else objective.value(chapter.best),
        "best_before": None if chapter.best_before is None else objective.value(chapter.best_before),
        "changes": [
            {"principle": change.name, "kind": change.kind, "text": change.text, "diff": list(change.diff)}
            for change in chapter.changes
        ],
    }


def _show(found: list[RevisionChange], wrote: list[ProposalOrigin], objective: Objective, evaluated: int) -> None:
    from lapt_dsl.commands.views.output import console
    from lapt_dsl.diagnostics.snippet import plain

    out = console()
    if not found:
        out.print(f"{evaluated} architectures evaluated; this search has no principles so far")
    for chapter, author in zip(found, wrote, strict=True):
        out.print(f"{chapter.name}: {_VERBS[chapter.kind]} after {chapter.step} architectures", style="bold")
        if author.outcomes:
            out.print(f"  {plain(str(author))}", soft_wrap=True)
        out.print(f"  leaves {chapter.size:,}: {chapter.gone:,} gone, {chapter.new:,} new")
        best = "" if chapter.best is None else f", best {objective.metric} {objective.value(chapter.best):.6g}"
        before = "" if chapter.best_before is None else f" (before: {objective.value(chapter.best_before):.6g})"
        out.print(f"  {chapter.evaluated} evaluated{best}{before if best else ''}")
        if not chapter.changes:
            out.print("  nothing changed")
        for change in chapter.changes:
            out.print(f"  {change.kind} {change.name}")
            for line in change.diff:
                out.print(f"    {line.rstrip()}", style=_STYLES.get(line[:1], ""), soft_wrap=True)
        out.print()
