"""What a principle file means, evaluated one architecture at a time, straight from the tree.

Slow and obvious on purpose: it shares no code with the compiler's resolving, lowering or automata, so that the two can
be held against each other. A file without `extends` is read as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, pairwise, product
from typing import TypeAlias

from lapt_dsl.compiler.space.model import Cell, Choice, Layer, Operator, Space
from lapt_dsl.language import tree as t
from tests.reference import graph
from tests.reference.costs import flops, params

Encoding: TypeAlias = tuple[int, ...]
# A selected layer with what it carries and which of its sources count (one of them on a path, all of them elsewhere).
Selected: TypeAlias = tuple[Layer, Choice, tuple[int, ...]]


# --- the base space -----------------------------------------------------------------------------------------------


def is_member(space: Space, word: Encoding) -> bool:
    """Whether `word` is an architecture of the base space: distinct sources ascend and source budgets are kept."""
    for cell in space.cells:
        chosen = graph.chosen_labels(space, cell, word)
        for node in cell.nodes:
            if node.distinct_sources:
                sources = [chosen[key].sources for key in node.layers]
                if any(not left < right for left, right in pairwise(sources)):
                    return False
        read = sum(len(label.sources) for label in chosen.values())
        if cell.source_budget is not None and read > cell.source_budget:
            return False
    return True


def members(space: Space) -> Iterator[Encoding]:
    """Every architecture of the base space in lexicographic order of its label numbers."""
    for word in product(*(range(len(layer.choices)) for layer in space.layers)):
        if is_member(space, word):
            yield word


# --- hard rules ---------------------------------------------------------------------------------------------------


def principles(file: t.PrincipleFile) -> list[t.Principle]:
    """The principles of a file."""
    return [item for item in file.items if isinstance(item, t.Principle)]


def holds(file: t.PrincipleFile | t.Principle, space: Space, word: Encoding) -> bool:
    """Whether the architecture satisfies every rule of the file (or of the one principle)."""
    if isinstance(file, t.PrincipleFile):
        return all(holds(principle, space, word) for principle in principles(file))
    return all(statement_holds(statement, space, space.cells, word) for statement in file.statements)


def statement_holds(statement: t.Statement, space: Space, cells: tuple[Cell, ...], word: Encoding) -> bool:
    """Whether a statement holds in each of `cells` it can speak of."""
    if isinstance(statement, t.Prefer):
        return True
    if isinstance(statement, t.InCells):
        named = tuple(cell for cell in space.cells if cell.name in {name.text for name in statement.cells})
        return all(statement_holds(inner, space, named, word) for inner in statement.statements)
    return all(rule_holds(statement, space, cell, word) for cell in cells if applies(statement, cell))


def rule_holds(rule: t.Rule, space: Space, cell: Cell, word: Encoding) -> bool:
    """Whether a rule holds, read as speaking of `cell`."""
    if isinstance(rule, t.LayerRule):
        groups = select(rule.selector, cell, word, reads_previous(rule.predicate))
        return all(predicate_holds(rule.predicate, space, cell, group) for group in groups)
    if isinstance(rule, t.PathRule):
        return path_rule_holds(rule, space, cell, word)
    if isinstance(rule, t.NetworkRule):
        return network_rule_holds(rule, space, word)
    if isinstance(rule, t.IfRule):
        return not rule_holds(rule.condition, space, cell, word) or rule_holds(rule.consequence, space, cell, word)
    if isinstance(rule, t.OneOf):
        return any(rule_holds(inner, space, cell, word) for inner in rule.rules)
    return statement_holds(rule, space, (cell,), word)


def path_rule_holds(rule: t.PathRule, space: Space, cell: Cell, word: Encoding) -> bool:
    """Whether all predicates hold together on some path, or on every path."""
    chosen = graph.chosen_labels(space, cell, word)
    starts = [node.index for node in cell.inputs] if rule.start is None else [place(rule.start, cell)]
    end = cell.output.index if rule.end is None else place(rule.end, cell)
    assert end is not None
    results = []
    for path in graph.paths(cell, chosen, frozenset(start for start in starts if start is not None), end):
        group: list[Selected] = [(layer, chosen[layer.key], (source,)) for layer, source in path]
        results.append(all(predicate_holds(predicate, space, cell, group) for predicate in rule.predicates))
    return any(results) if rule.quantifier == "some" else all(results)


def network_rule_holds(rule: t.NetworkRule, space: Space, word: Encoding) -> bool:
    """Whether the built network keeps the bound."""
    measures = {
        "params": params,
        "flops": flops,
        "depth": graph.network_depth,
        "live layers": graph.network_live_layers,
    }
    value, limit = measures[rule.metric](space, word), number(rule.limit)
    return value <= limit if rule.comparison == "<=" else value >= limit


def predicate_holds(predicate: t.Predicate, space: Space, cell: Cell, group: list[Selected]) -> bool:
    """Whether the selected layers together satisfy the predicate."""
    if isinstance(predicate, t.Only):
        return all(carries_one_of(predicate.operators, space, label) != predicate.negated for _, label, _ in group)
    if isinstance(predicate, t.Count):
        found = sum(carries_one_of(predicate.operators, space, label) for _, label, _ in group)
        if predicate.bound == "at least":
            return found >= predicate.count
        return found <= predicate.count if predicate.bound == "at most" else found == predicate.count
    if isinstance(predicate, t.Agree):
        choices = [label.operator.name if label.operator else label.number for _, label, _ in group]
        return all((left != right) == predicate.distinct for left, right in combinations(choices, 2))
    if reads_previous(predicate):
        group = [item for item in group if previous_stage(item[0], cell) is not None]
    inside = [
        source in {place(ref, cell, layer) for ref in predicate.places}
        for layer, _, sources in group
        for source in sources
    ]
    if predicate.quantifier == "some":
        return any(inside)
    return all(inside) if predicate.quantifier == "only" else not any(inside)


# --- soft rules ---------------------------------------------------------------------------------------------------


def log_weight(file: t.PrincipleFile | t.Principle, space: Space, word: Encoding) -> float:
    """The logarithm of the sampling weight the preferences give the architecture."""
    if isinstance(file, t.PrincipleFile):
        return sum(log_weight(principle, space, word) for principle in principles(file))
    return sum(statement_weight(statement, space, space.cells, word) for statement in file.statements)


def statement_weight(statement: t.Statement, space: Space, cells: tuple[Cell, ...], word: Encoding) -> float:
    """What one statement adds to the log weight."""
    if isinstance(statement, t.InCells):
        named = tuple(cell for cell in space.cells if cell.name in {name.text for name in statement.cells})
        return sum(statement_weight(inner, space, named, word) for inner in statement.statements)
    if not isinstance(statement, t.Prefer):
        return 0.0
    weight = 1.0 if statement.weight is None else float(number(statement.weight))
    total = 0.0
    for cell in cells:
        if not selector_applies(statement.selector, cell, False):
            continue
        for group in select(statement.selector, cell, word, False):
            for _, label, _ in group:
                total += weight * carries_one_of(statement.operators, space, label)
                if statement.over is not None:
                    total -= weight * carries_one_of(statement.over, space, label)
    return total


# --- names --------------------------------------------------------------------------------------------------------


def number(written: t.Number) -> Decimal:
    """The value of a number; k, M and G are powers of 1,000."""
    scale = {"k": 1_000, "M": 1_000_000, "G": 1_000_000_000}.get(written.text[-1])
    return Decimal(written.text) if scale is None else Decimal(written.text[:-1]) * scale


def carries_one_of(operators: t.Operators, space: Space, label: Choice) -> bool:
    """Whether the label's operator or number is in the set."""
    return any(atom_matches(atom, label.operator, label.number) for atom in operators.include) and not any(
        atom_matches(atom, label.operator, label.number) for atom in operators.exclude
    )


def atom_matches(atom: t.OperatorAtom, operator: Operator | None, value: int | None) -> bool:
    """Whether one entry of an operator list takes in this operator or number."""
    if atom.kind == "any":
        return True
    if atom.kind == "name":
        return operator is not None and (atom.name == operator.name or atom.name in operator.traits)
    assert atom.low is not None
    high = atom.low if atom.high is None else atom.high
    return value is not None and atom.low <= value <= high


def place(ref: t.PlaceRef, cell: Cell, layer: Layer | None = None) -> int | None:
    """The index of the node a place names, or None where the cell has no such node.

    `layer` is the one that reads, which `previous stage` is relative to.
    """
    if ref.kind == "output":
        return cell.output.index
    if ref.kind == "name":
        return next((node.index for node in cell.nodes if node.name == ref.name), None)
    if ref.kind == "previous":
        return None if layer is None else previous_stage(layer, cell)
    assert ref.index is not None
    if ref.kind == "input":
        return cell.inputs[ref.index].index if ref.index < len(cell.inputs) else None
    return cell.stages[ref.index - 1].index if 1 <= ref.index <= len(cell.stages) else None


def previous_stage(layer: Layer, cell: Cell) -> int | None:
    """The stage before the one the layer feeds, if there is one."""
    stages = [stage.index for stage in cell.stages]
    at = stages.index(layer.target) if layer.target in stages else 0
    return stages[at - 1] if at else None


# --- selectors ----------------------------------------------------------------------------------------------------


def select(selector: t.Selector, cell: Cell, word: Encoding, after_a_stage: bool) -> list[list[Selected]]:
    """The groups of layers the selector speaks of, each group judged by itself."""
    selected = [
        [(layer, layer.choices[word[layer.decision]], layer.choices[word[layer.decision]].sources) for layer in group]
        for group in candidates(selector, cell, after_a_stage)
    ]
    if selector.kind == "from":
        assert selector.place is not None
        at = place(selector.place, cell)
        return [[item for item in group if at in item[2]] for group in selected]
    return selected


def candidates(selector: t.Selector, cell: Cell, after_a_stage: bool) -> list[list[Layer]]:
    """The layers a selector may speak of, before it is known what they read; `each stage` makes a group of each.

    With `after_a_stage` only layers that feed a stage with a stage before it; a group without any is left out.
    """
    if selector.kind == "each_stage":
        groups = [[layer for layer in cell.operator_layers if layer.target == stage.index] for stage in cell.stages]
    else:
        groups = [[layer for layer in cell.layers if is_selected(selector, cell, layer)]]
    if after_a_stage:
        groups = [[layer for layer in group if previous_stage(layer, cell) is not None] for group in groups]
    return [group for group in groups if group]


def is_selected(selector: t.Selector, cell: Cell, layer: Layer) -> bool:
    """Whether one layer is among those a selector other than `each stage` may speak of."""
    if selector.kind == "named" or layer.is_number:
        return selector.kind == "named" and layer.key in {name.text for name in selector.names}
    if selector.kind == "into":
        assert selector.place is not None
        return layer.target == place(selector.place, cell)
    if selector.kind == "from":
        assert selector.place is not None
        return place(selector.place, cell) in layer.source_options
    if selector.kind == "position":
        return layer in position(selector, cell)
    if selector.ranges is not None:
        stages = [stage.index for stage in cell.stages]
        stage = 1 + stages.index(layer.target) if layer.target in stages else None
        number = layer.key if selector.kind == "layers" else stage
        return isinstance(number, int) and any(low <= number <= high for low, high in selector.ranges.items)
    return True


def position(selector: t.Selector, cell: Cell) -> list[Layer]:
    """The layers of the first third, the last third or between, counted in stages where the cell has stages."""
    layers = list(cell.operator_layers)
    steps: list[list[Layer]] = [[layer] for layer in layers]
    if cell.stages:
        steps = [[layer for layer in layers if layer.target == stage.index] for stage in cell.stages]
    third = -(-len(steps) // 3)
    part = {"early": steps[:third], "late": steps[-third:], "middle": steps[third : len(steps) - third]}
    assert selector.position is not None
    return [layer for step in part[selector.position] for layer in step]


# --- which cells a rule can speak of ------------------------------------------------------------------------------


def reads_previous(predicate: t.Predicate) -> bool:
    """Whether the predicate names the previous stage."""
    return isinstance(predicate, t.Reads) and any(ref.kind == "previous" for ref in predicate.places)


def selector_applies(selector: t.Selector, cell: Cell, after_a_stage: bool) -> bool:
    """Whether the cell has every layer, stage and place the selector names, and layers for it to select."""
    if selector.place is not None and place(selector.place, cell) is None:
        return False
    if any(cell.layer(name.text) is None for name in selector.names):
        return False
    if selector.ranges is not None:
        first, last = (0, len(cell.operator_layers) - 1) if selector.kind == "layers" else (1, len(cell.stages))
        if any(low < first or high > last for low, high in selector.ranges.items):
            return False
    return any(candidates(selector, cell, after_a_stage))


def predicate_applies(predicate: t.Predicate, cell: Cell) -> bool:
    """Whether the cell has every place the predicate names; it has a previous stage where it has two stages."""
    if not isinstance(predicate, t.Reads):
        return True
    return all(
        len(cell.stages) > 1 if ref.kind == "previous" else place(ref, cell) is not None for ref in predicate.places
    )


def applies(rule: t.Rule, cell: Cell) -> bool:
    """Whether the cell has the layers and places the rule and all its parts speak of."""
    if isinstance(rule, t.LayerRule):
        return selector_applies(rule.selector, cell, reads_previous(rule.predicate)) and predicate_applies(
            rule.predicate, cell
        )
    if isinstance(rule, t.PathRule):
        ends = [ref for ref in (rule.start, rule.end) if ref is not None]
        return all(place(ref, cell) is not None for ref in ends) and all(
            predicate_applies(predicate, cell) for predicate in rule.predicates
        )
    if isinstance(rule, t.IfRule):
        return applies(rule.condition, cell) and applies(rule.consequence, cell)
    if isinstance(rule, t.OneOf):
        return all(applies(inner, cell) for inner in rule.rules)
    return True
