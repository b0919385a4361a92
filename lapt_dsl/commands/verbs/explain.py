"""`lapt explain`: why an architecture is in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lapt_dsl.commands.options.common import json_option, max_nodes_option, space_option

if TYPE_CHECKING:
    from lapt_dsl.compiler.lowering.lowered import LoweredRule
    from lapt_dsl.compiler.refined.compiled import Compiled
    from lapt_dsl.compiler.space.model import Architecture, Choice, Layer


@click.command(
    "explain",
    epilog="""\b
Examples:
  lapt explain '|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|' examples/nas201_imagenet.lp
  lapt explain "$ARCH" my.lp --json

\b
Exit codes: 0 the architecture satisfies every principle, 1 it does not, 2 usage or I/O.""",
)
@click.argument("arch")
@click.argument("file", type=click.Path(), metavar="FILE.lp")
@space_option
@max_nodes_option
@json_option
def command(arch: str, file: str, space: str | None, max_nodes: int | None, as_json: bool) -> int:
    """Say which rules of a principle file an architecture breaks, and which member is nearest to it.

    ARCH is written in the space's notation, as `lapt sample` prints it.
    """
    from lapt_dsl.commands.options.named_spaces import compile_file
    from lapt_dsl.commands.views.output import console, print_json

    compiled = compile_file(file, space, max_nodes)
    architecture = compiled.space.parse_arch(arch)
    broken = _broken(compiled, architecture)
    nearest = compiled.refined.nearest(architecture) if broken and compiled.refined else None
    changes = [] if nearest is None else _changes(architecture, nearest)
    if as_json:
        print_json(
            {
                "architecture": str(architecture),
                "satisfies": not broken,
                "broken": [{"principle": name, **_rule(rule)} for name, rule in broken],
                "nearest": None if nearest is None else str(nearest),
                "changes": changes,
            }
        )
        return 1 if broken else 0
    out = console()
    names = list(dict.fromkeys(name for name, _ in broken))
    for lowered in compiled.lowered:
        good = lowered.name not in names
        out.print(f"{'holds ' if good else 'broken'}  {lowered.name}", style="green" if good else "bold red")
        for name, rule in broken:
            if name == lowered.name:
                out.print(f"        {_rule(rule)['place']}: {_rule(rule)['rule']}", soft_wrap=True)
    if nearest is not None:
        out.print(f"\nnearest that satisfies all: {nearest}", soft_wrap=True)
        for change in changes:
            out.print(f"  {change['cell']} {change['layer']}: {change['from']} -> {change['to']}")
    return 1 if broken else 0


def _broken(compiled: Compiled, arch: Architecture) -> list[tuple[str, LoweredRule]]:
    sets = compiled.sets
    return [
        (lowered.name, rule)
        for lowered in compiled.lowered
        for rule in lowered.rules
        if arch not in sets.refined(sets.root(rule.constraint))
    ]


def _rule(rule: LoweredRule) -> dict[str, str]:
    from lapt_dsl.language.printing.principles import statement_text

    return {"rule": statement_text(rule.tree), "place": str(rule.span)}


def _changes(here: Architecture, there: Architecture) -> list[dict[str, Any]]:
    """Per layer that differs what it is and what it would become."""
    nodes = {cell.name: [node.name for node in cell.nodes] for cell in here.space.cells}
    return [
        {
            "cell": layer.cell,
            "layer": layer.key,
            "from": _choice(layer, old, nodes[layer.cell]),
            "to": _choice(layer, new, nodes[layer.cell]),
        }
        for (layer, old), (_, new) in zip(here.choices(), there.choices(), strict=True)
        if old != new
    ]


def _choice(layer: Layer, label: Choice, nodes: list[str]) -> str:
    if label.operator is None:
        return str(label.number)
    if layer.wiring == "fixed":
        return label.operator.name
    return f"{label.operator.name}({', '.join(nodes[source] for source in label.sources)})"
