"""Every form of rule that induction considers, as text: counts, positions, paths, pairs, reads and budgets.

General candidates speak of traits and positions alone and so make sense in every space that has the traits; the others
may name operators, layers, sources and the built network's numbers. Thresholds come from the best architectures
themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lapt_dsl.compiler.space.model import Architecture, Cell, Operator, Space
from lapt_dsl.propose.induction.columns import FeatureColumn, columns_of

MAX_PAIRS = 800
"""Implications between two layers are tried in order until this many: large spaces have more than can be weighed."""


THRESHOLDS = 6
"""A bound of the network is tried at about this many of the values that the best have, evenly by rank."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule as text and what it says as a sentence."""

    rule: str
    sentence: str


def candidates_of(space: Space, best: Sequence[Architecture], general: bool) -> list[Candidate]:
    """All candidate rules for a space, in a fixed order, each once."""
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
    """Names of operator sets with the operators in each; of sets that are equal the first."""
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
    """Operators that some layer can carry, in order."""
    return list(dict.fromkeys(operator for layer in space.layers for operator in layer.operators))


def _most_layers(space: Space) -> int:
    return max(len(cell.operator_layers) for cell in space.cells)


def _in(where: str, rule: str) -> str:
    return f"in {where} {{ {rule} }}" if where else rule


def _about_layers(kinds: dict[str, frozenset[str]], layers: int, where: str) -> Iterator[Candidate]:
    place = f"In {where}, " if where else ""

    def say(rule: str, sentence: str) -> Candidate:
        text = place + sentence if place else sentence[0].upper() + sentence[1:]
        return Candidate(_in(where, rule), text)

    for name in kinds:
        for position in ("early", "middle", "late"):
            yield say(f"{position} layers: only {name};", f"{position} layers are all {name}.")
            yield say(f"{position} layers: never {name};", f"no {position} layer is {name}.")
            yield say(f"{position} layers: at least 1 {name};", f"some {position} layer is {name}.")
        for count in range(1, layers + 1):
            yield say(f"layers: at least {count} {name};", f"at least {count} of the layers are {name}.")
            if count > 1:
                yield say(f"layers: at most {count - 1} {name};", f"{count - 1} layers at most are {name}.")
                yield say(f"every path: at most {count - 1} {name};", f"no path has more than {count - 1} {name}.")
            yield say(f"some path: at least {count} {name};", f"some path stacks {count} {name} or more.")
            yield say(f"every path: at least {count} {name};", f"every path has {count} {name} or more.")
        yield say(f"layers: never {name};", f"no layer is {name}.")
        yield say(f"every path: never {name};", f"no path has a {name} on it.")
        yield say(f"some path: only {name};", f"some path is {name} all the way.")
    yield say("layers: same operator;", "all layers carry one operator.")
    yield say("layers: distinct operators;", "all layers carry different operators.")


def _about_sources(cell: Cell, where: str) -> Iterator[Candidate]:
    """Rules on what layers read; only where the wiring is searched."""
    if all(layer.wiring == "fixed" for layer in cell.operator_layers):
        return
    for node in cell.nodes[:-1]:
        yield Candidate(_in(where, f"layers: reads {node.name};"), f"Some layer of {cell.name} reads {node.name}.")
        yield Candidate(_in(where, f"layers: never reads {node.name};"), f"No layer of {cell.name} reads {node.name}.")
    for number, _ in enumerate(cell.stages, start=1):
        for source in range(len(cell.inputs)):
            yield Candidate(
                _in(where, f"stage {number}: reads input {source};"),
                f"Stage {number} of {cell.name} reads input {source}.",
            )
    if len(cell.stages) > 1:
        yield Candidate(
            _in(where, "each stage: reads previous stage;"), f"Every stage of {cell.name} reads the stage before it."
        )


def _pairs(space: Space) -> Iterator[Candidate]:
    """One choice implies, or forbids, another: between every two operator choices of a cell."""
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
    sentence = f"Where layer {one.layer.key} is {given}, layer {other.layer.key} is {then}."
    return Candidate(_in(where, rule), sentence)


def _budgets(space: Space, best: Sequence[Architecture]) -> Iterator[Candidate]:
    """Bounds on the built network at the values that the best have."""
    from lapt_dsl.compiler.networks.network import measure

    if not space.networks:
        return
    measured = [measure(space, arch) for arch in best]
    for metric in ("params", "flops", "depth", "live layers"):
        values = sorted({value for each in measured if (value := each[metric]) is not None})
        for value in values[:: max(1, len(values) // THRESHOLDS)]:
            yield Candidate(f"network: {metric} >= {value};", f"The network's {metric} are at least {value:,}.")
            yield Candidate(f"network: {metric} <= {value};", f"The network's {metric} are at most {value:,}.")
