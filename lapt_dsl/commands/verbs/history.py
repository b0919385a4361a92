"""`lapt history`: how the principles of a recorded search changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import JSON, PATH, complete_space_or_file
from lapt_dsl.commands.options.groups import argument, option, verb

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.evaluate.evaluator import Objective
    from lapt_dsl.search.run.history import RevisionChange
    from lapt_dsl.search.run.proposal_origins import ProposalOrigin
    from lapt_dsl.search.store.run_store import RunInfo

_VERBS = {"learn": "learned", "focus": "narrowed", "adapt": "adapted", "explore": "widened"}
_STYLES = {"+": "green", "-": "red"}


@dataclass(frozen=True, kw_only=True)
class HistoryOptions:
    """Everything that `lapt history` takes."""

    store: str = field(metadata=argument("STORE", type=PATH))
    space: str | None = field(
        default=None,
        metadata=option(
            "--space", complete=complete_space_or_file, metavar="SPACE", help="Search space of the run, by path."
        ),
    )
    exchanges: bool = field(
        default=False,
        metadata=option("--exchanges", flag=True, help="Print the exchanges with models as JSON lines."),
    )
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "history",
    HistoryOptions,
    epilog="""\b
Examples:
  lapt history run.db
  lapt history run.db --json
  lapt history run.db --space my.space          a space that is not shipped
  lapt history run.db --exchanges > run.jsonl   exchanges with a model, for --replay""",
)
def command(options: HistoryOptions) -> int:
    """Show the revisions of the principles in a run store: what each changed, and how many architectures it allows.

    The run may still be in progress. Every revision is compared with the one before it: principles that were added,
    removed or changed, line by line, and how many architectures it removes and adds. If a language model was the
    proposer, each revision shows which model wrote it, or what happened to its replies.
    """
    from lapt_dsl.commands.views.output import print_json, write_text
    from lapt_dsl.search.run.history import revision_changes
    from lapt_dsl.search.run.proposal_origins import proposal_origins, transcript_text
    from lapt_dsl.search.store.run_store import RunStore

    with RunStore.open(options.store, read_only=True) as opened:
        info, proposals, evaluations = opened.info(), opened.proposals(), opened.evaluations()
        exchanges = opened.exchanges()
    if options.exchanges:
        write_text(transcript_text(exchanges))
        return 0
    objective = _objective(info)
    scores = {}
    for evaluation in evaluations:
        if (score := _score(objective, evaluation.outcome)) is not None:
            scores[evaluation.step] = score
    found = revision_changes(proposals, evaluations, scores, _space(info, options.space))
    wrote = proposal_origins(info, proposals, exchanges)
    if options.as_json:
        print_json({"store": options.store, "space": info.space, "seed": info.seed, "evaluated": len(evaluations),
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
        raise click.UsageError(f"the run's space `{info.space}` is a different one: name its file with --space")
    return space


def _as_json(revision: RevisionChange, origin: ProposalOrigin, objective: Objective) -> dict[str, object]:
    return {
        "name": revision.name,
        "kind": revision.kind,
        "by": origin.proposer,
        "model": origin.model,
        "mode": origin.mode,
        "replies": list(origin.outcomes),
        "step": revision.step,
        "evaluated": revision.evaluated,
        "size": str(revision.size),
        "gone": str(revision.gone),
        "new": str(revision.new),
        "best": None if revision.best is None else objective.value(revision.best),
        "best_before": None if revision.best_before is None else objective.value(revision.best_before),
        "changes": [
            {"principle": change.name, "kind": change.kind, "text": change.text, "diff": list(change.diff)}
            for change in revision.changes
        ],
    }


def _show(found: list[RevisionChange], wrote: list[ProposalOrigin], objective: Objective, evaluated: int) -> None:
    from lapt_dsl.commands.views.output import console
    from lapt_dsl.diagnostics.snippet import plain

    out = console()
    if not found:
        out.print(f"{evaluated} architectures evaluated; this search has no principles yet")
    for revision, origin in zip(found, wrote, strict=True):
        out.print(f"{revision.name}: {_VERBS[revision.kind]} after {revision.step} architectures", style="bold")
        if origin.outcomes:
            out.print(f"  {plain(str(origin))}", soft_wrap=True)
        out.print(f"  {revision.size:,} architectures: {revision.gone:,} removed, {revision.new:,} added")
        best = "" if revision.best is None else f", best {objective.metric} {objective.value(revision.best):.6g}"
        before = "" if revision.best_before is None else f" (before: {objective.value(revision.best_before):.6g})"
        out.print(f"  {revision.evaluated} evaluated{best}{before if best else ''}")
        if not revision.changes:
            out.print("  no change")
        for change in revision.changes:
            out.print(f"  {change.kind} {change.name}")
            for line in change.diff:
                out.print(f"    {line.rstrip()}", style=_STYLES.get(line[:1], ""), soft_wrap=True)
        out.print()
