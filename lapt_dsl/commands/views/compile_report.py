"""The tables of `lapt compile`: candidates left, what principles remove, what they prefer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from lapt_dsl.commands.views.output import share

if TYPE_CHECKING:
    from lapt_dsl.compiler.analyses.remaining_candidates import RemainingCandidates
    from lapt_dsl.compiler.refined.compiled import Compiled
    from lapt_dsl.compiler.space.model import Cell


def summary(compiled: Compiled, file: str) -> Text:
    """What is left of what, in one sentence."""
    whole, left = compiled.sets.size(compiled.sets.base), compiled.refined.size
    text = Text(f"{compiled.program.name}", style="bold")
    text.append(f" ({file}) on {compiled.space.name}\n", style="not bold")
    text.append(f"{whole:,} architectures, {left:,} left", style="bold green" if left else "bold red")
    text.append(f" ({share(left, whole)})", style="not bold")
    return text


def candidates_table(compiled: Compiled) -> Table:
    """Per layer the candidates C_i and the sources S_i that are left, and what is gone (`from:x`: a source)."""
    from lapt_dsl.compiler.analyses.remaining_candidates import remaining

    everything = remaining(compiled.refined)
    rows = [(cell, left) for cell in compiled.space.cells for left in everything[cell.name]]
    table = _table("layer", "feeds", "reads", "candidates left", "removed")
    several = len(compiled.space.cells) > 1
    for cell, left in rows:
        key = f"{cell.name} {left.layer.key}" if several else str(left.layer.key)
        target = "" if left.layer.target is None else cell.nodes[left.layer.target].name
        removed = [*left.removed, *(f"from:{name}" for name in _sources(cell, left, gone=True))]
        reads = " ".join(_sources(cell, left, gone=False))
        table.add_row(key, target, reads, " ".join(left.left), _gone(" ".join(removed)))
    return table


def effects_table(compiled: Compiled) -> Table | None:
    """Per principle how many architectures it removes, alone and given the rest."""
    if not compiled.lowered:
        return None
    whole = compiled.sets.size(compiled.sets.base)
    table = _table("principle", "removes alone", "of all", "given the rest", "evidence")
    for column in table.columns[1:4]:
        column.justify = "right"
    for lowered, effect in zip(compiled.lowered, compiled.effects, strict=True):
        evidence = lowered.tree.evidence
        table.add_row(
            lowered.name,
            f"{effect.alone:,}",
            share(effect.alone, whole),
            "too large to tell" if effect.given_others is None else f"{effect.given_others:,}",
            "" if evidence is None else f"{evidence.count} of {evidence.total}",
        )
    return table


def preferences_table(compiled: Compiled) -> Table | None:
    """The soft rules, as written."""
    from lapt_dsl.language.printing.principles import statement_text

    table = _table("principle", "prefers")
    for lowered in compiled.lowered:
        for preference in lowered.preferences:
            table.add_row(lowered.name, statement_text(preference.tree))
    return table if table.row_count else None


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, no_wrap=heading in ("layer", "feeds", "principle"))
    return table


def _sources(cell: Cell, left: RemainingCandidates, *, gone: bool) -> list[str]:
    """The nodes a layer may still read, or those it no longer does."""
    return [cell.nodes[source.node].name for source in left.sources if (source.reading == "never") == gone]


def _gone(text: str) -> Text:
    return Text(text, style="dim strike")
