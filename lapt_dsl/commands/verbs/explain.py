"""`lapt explain`: why an architecture is in or out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lapt_dsl.commands.options.common import JSON, PATH, CompileOptions
from lapt_dsl.commands.options.groups import argument, verb

if TYPE_CHECKING:
    from lapt_dsl.compiler.lowering.lowered import LoweredRule
    from lapt_dsl.compiler.refined.compiled import Compiled
    from lapt_dsl.compiler.space.model import Architecture, Choice, Layer


@dataclass(frozen=True, kw_only=True)
class ExplainOptions:
    """Everything that `lapt explain` takes."""

    arch: str = field(metadata=argument("ARCH"))
    file: str = field(metadata=argument("FILE.lp", type=PATH))
    compiling: CompileOptions = field(default_factory=CompileOptions)
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "explain",
    ExplainOptions,
    epilog="""\b
Examples:
  lapt explain '|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|' my.lp
  lapt explain "$ARCH" my.lp --json

\b
Exit codes: 0 the architecture satisfies every principle, 1 it does not, 2 usage error or I/O error.""",
)
def command(options: ExplainOptions) -> int:
    """List the rules of a principle file that an architecture violates, and the nearest one that satisfies all.

    ARCH is written in the notation of the space, as `lapt sample` prints it.
    """
    from lapt_dsl.commands.options.named_spaces import compile_file
    from lapt_dsl.commands.views.output import print_json

    compiled = compile_file(options.file, options.compiling.space, options.compiling.max_nodes)
    architecture = compiled.space.parse_arch(options.arch)
    broken = _broken(compiled, architecture)
    nearest = compiled.refined.nearest(architecture) if broken and compiled.refined else None
    changes = [] if nearest is None else _changes(architecture, nearest)
    if options.as_json:
        print_json(
            {
                "architecture": str(architecture),
                "satisfies": not broken,
                "broken": [{"principle": name, **_rule(rule)} for name, rule in broken],
                "nearest": None if nearest is None else str(nearest),
                "changes": changes,
            }
        )
    else:
        _show(compiled, broken, nearest, changes)
    return 1 if broken else 0


def _show(
    compiled: Compiled,
    broken: list[tuple[str, LoweredRule]],
    nearest: Architecture | None,
    changes: list[dict[str, Any]],
) -> None:
    from lapt_dsl.commands.views.output import console

    out = console()
    names = list(dict.fromkeys(name for name, _ in broken))
    for lowered in compiled.lowered:
        good = lowered.name not in names
        out.print(f"{'satisfied' if good else 'violated '}  {lowered.name}", style="green" if good else "bold red")
        for name, rule in broken:
            if name == lowered.name:
                out.print(f"           {_rule(rule)['place']}: {_rule(rule)['rule']}", soft_wrap=True)
    if nearest is not None:
        out.print(f"\nnearest architecture that satisfies all: {nearest}", soft_wrap=True)
        for change in changes:
            out.print(f"  {change['cell']} {change['layer']}: {change['from']} -> {change['to']}")


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
    """The layers that differ, each with its present and its new choice."""
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
