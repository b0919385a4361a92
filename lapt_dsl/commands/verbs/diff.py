"""`lapt diff`: two principle files compared by what they allow, not by how they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from lapt_dsl.commands.options.common import JSON, PATH, CompileOptions
from lapt_dsl.commands.options.groups import argument, verb

if TYPE_CHECKING:
    from lapt_dsl.compiler.refined.refined_space import RefinedSpace

VERDICTS = {
    "equivalent": "they allow exactly the same architectures",
    "narrows": "the second is stricter: it allows nothing new",
    "widens": "the second is looser: it forbids nothing new",
    "disjoint": "no architecture is allowed by both",
    "overlap": "each allows something that the other forbids",
}


@dataclass(frozen=True, kw_only=True)
class DiffOptions:
    """Everything that `lapt diff` takes."""

    first: str = field(metadata=argument("A.lp", type=PATH))
    second: str = field(metadata=argument("B.lp", type=PATH))
    compiling: CompileOptions = field(default_factory=CompileOptions)
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "diff",
    DiffOptions,
    epilog="""\b
Examples:
  lapt diff old.lp new.lp
  lapt diff old.lp new.lp --space darts
  lapt diff a.lp b.lp --json

\b
Exit codes: 0 equivalent (and the same preferences), 1 different, 2 usage error or I/O error.""",
)
def command(options: DiffOptions) -> int:
    """Compare two principle files by meaning: does the second narrow, widen or change what the first allows?

    The answer is exact. If the files differ, the output shows an architecture that only one of them allows, for each
    side, and the candidates that were removed and added.
    """
    from lapt_dsl.commands.options.named_spaces import compile_file
    from lapt_dsl.commands.views.output import print_json

    first, second, compiling = options.first, options.second, options.compiling
    before = compile_file(first, compiling.space, compiling.max_nodes)
    after = compile_file(second, compiling.space, compiling.max_nodes)
    if before.space != after.space:
        spaces = f"{first} is for {before.space.name}, {second} for {after.space.name}"
        raise click.UsageError(f"{spaces}: only files for the same space can be compared")
    report = compare(before.refined, after.refined)
    if options.as_json:
        print_json({"first": first, "second": second, **report})
    else:
        _show(first, second, report)
    return 0 if report["verdict"] == "equivalent" and report["same_preferences"] else 1


def _show(first: str, second: str, report: dict[str, Any]) -> None:
    from lapt_dsl.commands.views.output import console

    out = console()
    out.print(f"{report['verdict']}: {VERDICTS[str(report['verdict'])]}", style="bold")
    width = max(len(first), len(second)) + 8
    for label, key in ((f"only in {first}", "only_first"), (f"only in {second}", "only_second")):
        size, example = int(report[key]["size"]), report[key]["example"]
        out.print(f"  {label:<{width}}  {size:,}")
        if example:
            out.print(f"    such as {example}", soft_wrap=True)
    out.print(f"  {'in both':<{width}}  {int(report['both']):,}")
    for change in report["candidates"]:
        words = [*(f"-{name}" for name in change["gone"]), *(f"+{name}" for name in change["new"])]
        out.print(f"  {change['cell']} {change['layer']}: {' '.join(words)}", soft_wrap=True)
    if not report["same_preferences"]:
        out.print("  the preferences differ")


def compare(before: RefinedSpace, after: RefinedSpace) -> dict[str, Any]:
    """The comparison as a value: verdict, exact counts, an example each way, candidates that changed."""
    only_first, only_second, both = before - after, after - before, before & after
    if not only_first and not only_second:
        verdict = "equivalent"
    elif not both:
        verdict = "disjoint"
    elif not only_second:
        verdict = "narrows"
    elif not only_first:
        verdict = "widens"
    else:
        verdict = "overlap"
    return {
        "verdict": verdict,
        "only_first": _side(only_first),
        "only_second": _side(only_second),
        "both": str(both.size),
        "candidates": _changes(before, after),
        "same_preferences": _weights(before) == _weights(after),
    }


def _side(only: RefinedSpace) -> dict[str, str | None]:
    return {"size": str(only.size), "example": str(only.unrank(0)) if only else None}


def _weights(refined: RefinedSpace) -> dict[int, tuple[float, ...]]:
    return {level: row for level, row in refined.weights.items() if any(row)}


def _changes(before: RefinedSpace, after: RefinedSpace) -> list[dict[str, Any]]:
    """Layers whose candidates or sources differ."""
    from lapt_dsl.compiler.analyses.remaining_candidates import remaining

    changes = []
    left, then = remaining(before), remaining(after)
    for cell in before.space.cells:
        for old, new in zip(left[cell.name], then[cell.name], strict=True):
            here, there = (
                [*side.left, *(f"from {cell.nodes[s.node].name}" for s in side.sources if s.reading != "never")]
                for side in (old, new)
            )
            gone = [name for name in here if name not in there]
            come = [name for name in there if name not in here]
            if gone or come:
                changes.append({"cell": cell.name, "layer": old.layer.key, "gone": gone, "new": come})
    return changes
