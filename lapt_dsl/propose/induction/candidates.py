"""The candidate rules of induction, as text: counts, positions, paths, pairs, sources and budgets.

General candidates use traits and positions only, so they are valid in every space with these traits. Other candidates
may use operators, layers, sources and metrics of the network. Thresholds are values of the best architectures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lapt_dsl.compiler.space.model import Architecture, Cell, Operator, Space
from lapt_dsl.propose.induction.columns import FeatureColumn, columns_of

MAX_PAIRS = 800
"""Maximum number of implications between two layers. Large spaces have more than can be evaluated."""


THRESHOLDS = 6
"""Approximate number of thresholds per network metric, spread evenly over the values of the best."""


_METRICS = {
    "params": "a parameter count",
    "flops": "a FLOP count",
    "depth": "a depth",
    "live layers": "a number of live layers",
}
"""Metrics that bounds are tried for, as they appear in sentences."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule as text, and its meaning as a sentence."""

    rule: str
    sentence: str


def candidates_of(space: Space, best: Sequence[Architecture], general: bool) -> list[Candidate]:
    """All candidate rules for a space, in a fixed order and without duplicates."""
    found: dict[str, Candidate] = {}
    for candidate in _everything(space, best, general):
        found.setdefault(candidate.rule, candidate)
    return list(found.values())


def _everything(space: Space, best: Sequence[Architecture], general: bool) -> Iterator[Candidate]:
    kinds = _kinds(space, general)
    if general:
        yield from _about_layers(kinds, _most_layers(space), "")
    else:
        for cell in space.cells:
            where = cell.name if len(space.cells) > 1 else ""
            yield from _about_layers(kinds, len(cell.operator_layers), where)
            yield from _about_sources(cell, where)
        yield from _pairs(space)
        yield from _budgets(space, best)


def _kinds(space: Space, general: bool) -> dict[str, frozenset[str]]:
    """Operator sets by name. Of equal sets only the first is kept."""
    operators = _used(space)
    named = {
        trait: frozenset(operator.name for operator in operators if trait in operator.traits)
        for trait in sorted({trait for operator in operators for trait in operator.traits})
    }
    if not general:
        named |= {operator.name: frozenset({operator.name}) for operator in operators}
    first: dict[frozenset[str], str] = {}
    for name, members in named.items():
        first.setdefault(members, name)
    return {name: members for members, name in first.items()}


def _used(space: Space) -> list[Operator]:
    """Operators that at least one layer can have, in order."""
    return list(dict.fromkeys(operator for layer in space.layers for operator in layer.operators))


def _most_layers(space: Space) -> int:
    return max(len(cell.operator_layers) for cell in space.cells)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _in(where: str, rule: str) -> str:
    return f"in {where} {{ {rule} }}" if where else rule


def _about_layers(kinds: dict[str, frozenset[str]], layers: int, where: str) -> Iterator[Candidate]:
    place = f"In {where}, " if where else ""

    def say(rule: str, sentence: str) -> Candidate:
        text = place + sentence if place else sentence[0].upper() + sentence[1:]
        return Candidate(_in(where, rule), text)

    for name in kinds:
        for position in ("early", "middle", "late"):
            yield say(f"{position} layers: only {name};", f"all {position} layers are {name}.")
            yield say(f"{position} layers: never {name};", f"no {position} layer is {name}.")
            yield say(f"{position} layers: at least 1 {name};", f"at least one {position} layer is {name}.")
        for count in range(1, layers + 1):
            yield say(f"layers: at least {count} {name};", f"at least {_count(count, 'layer')} {_be(count)} {name}.")
            if count > 1:
                yield say(
                    f"layers: at most {count - 1} {name};",
                    f"at most {_count(count - 1, 'layer')} {_be(count - 1)} {name}.",
                )
                yield say(
                    f"every path: at most {count - 1} {name};",
                    f"every path has at most {_count(count - 1, f'{name} layer')}.",
                )
            yield say(
                f"some path: at least {count} {name};",
                f"at least one path has {_count(count, f'{name} layer')} or more.",
            )
            yield say(
                f"every path: at least {count} {name};", f"every path has at least {_count(count, f'{name} layer')}."
            )
        yield say(f"layers: never {name};", f"no layer is {name}.")
        yield say(f"every path: never {name};", f"no path has a {name} layer.")
        yield say(f"some path: only {name};", f"at least one path has only {name} layers.")
    yield say("layers: same operator;", "all layers have the same operator.")
    yield say("layers: distinct operators;", "all layers have different operators.")


def _about_sources(cell: Cell, where: str) -> Iterator[Candidate]:
    """Rules about the sources of layers, for cells whose wiring is searched."""
    if all(layer.wiring == "fixed" for layer in cell.operator_layers):
        return
    for node in cell.nodes[:-1]:
        yield Candidate(
            _in(where, f"layers: reads {node.name};"), f"At least one layer of {cell.name} reads {node.name}."
        )
        yield Candidate(_in(where, f"layers: never reads {node.name};"), f"No layer of {cell.name} reads {node.name}.")
    for number, _ in enumerate(cell.stages, start=1):
        for source in range(len(cell.inputs)):
            yield Candidate(
                _in(where, f"stage {number}: reads input {source};"),
                f"Stage {number} of {cell.name} reads input {source}.",
            )
    if len(cell.stages) > 1:
        yield Candidate(
            _in(where, "each stage: reads previous stage;"), f"Every stage of {cell.name} reads the previous stage."
        )


def _pairs(space: Space) -> Iterator[Candidate]:
    """Implications between the operators of every two layers of a cell."""
    made = 0
    operators = [column for column in columns_of(space) if column.kind == "operator"]
    for one in operators:
        for other in operators:
            if one is other or one.cell != other.cell:
                continue
            for premise in range(len(one.values)):
                for conclusion in range(len(other.values)):
                    if made == MAX_PAIRS:
                        return
                    made += 1
                    yield _implication(one, premise, other, conclusion)


def _implication(one: FeatureColumn, premise: int, other: FeatureColumn, conclusion: int) -> Candidate:
    where = one.cell.name if one.several_cells else ""
    given, then = one.values[premise], other.values[conclusion]
    rule = f"if layer {one.layer.key}: only {given}; then layer {other.layer.key}: only {then};"
    sentence = f"If layer {one.layer.key} is {given}, layer {other.layer.key} is {then}."
    return Candidate(_in(where, rule), sentence)


def _budgets(space: Space, best: Sequence[Architecture]) -> Iterator[Candidate]:
    """Bounds on metrics of the network, at values of the best architectures."""
    from lapt_dsl.compiler.networks.network import measure

    if not space.networks:
        return
    measured = [measure(space, arch) for arch in best]
    for metric in _METRICS:
        values = sorted({value for each in measured if (value := each[metric]) is not None})
        for value in values[:: max(1, len(values) // THRESHOLDS)]:
            yield Candidate(
                f"network: {metric} >= {value};", f"The network has {_METRICS[metric]} of at least {value:,}."
            )
            yield Candidate(
                f"network: {metric} <= {value};", f"The network has {_METRICS[metric]} of at most {value:,}."
            )
