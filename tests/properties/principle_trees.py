"""Random principle files that make sense over a given space, every form of the language among them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from hypothesis import strategies as st

from lapt_dsl.compiler.space.model import Cell, CellNode, Choice, Space
from lapt_dsl.language import tree as t
from tests.reference import graph
from tests.reference.costs import flops, params
from tests.reference.evaluator import candidates, carries_one_of, previous_stage, reads_previous

SelectorKind: TypeAlias = Literal["all", "position", "layers", "named", "into", "from", "each_stage", "stages"]
Position: TypeAlias = Literal["early", "middle", "late"]
POSITIONS: tuple[Position, ...] = ("early", "late")
BOUNDS: tuple[Literal["at least", "at most", "exactly"], ...] = ("at least", "at most", "exactly")
READS: tuple[Literal["some", "only", "never"], ...] = ("some", "only", "never")
METRICS: tuple[Literal["params", "flops", "depth", "live layers"], ...] = ("params", "flops", "depth", "live layers")
COMPARISONS: tuple[Literal["<=", ">="], ...] = ("<=", "<=", ">=")
MEASURES = {"params": params, "flops": flops, "depth": graph.network_depth, "live layers": graph.network_live_layers}


def name(text: str) -> t.Name:
    """An identifier node."""
    return t.Name(text=text)


# --- operators and places -----------------------------------------------------------------------------------------


def stands_for_something(operators: t.Operators, space: Space) -> bool:
    """Whether the set holds any operator of the space; the compiler refuses one that does not."""
    return any(carries_one_of(operators, space, Choice(operator, None, ())) for operator in space.operators)


@st.composite
def operator_sets(draw: st.DrawFn, space: Space) -> t.Operators:
    """Operators and traits by name, `any`, and now and then an exception."""
    names = [operator.name for operator in space.operators] + sorted(space.traits)
    atoms = st.sampled_from(names).map(lambda text: t.OperatorAtom(kind="name", name=text))
    lists = st.lists(atoms, min_size=1, max_size=3, unique=True).map(tuple)
    shape = draw(st.sampled_from(["names"] * 6 + ["except", "any except", "any"]), label="operator set")
    everything = (t.OperatorAtom(kind="any"),)
    if shape == "any":
        return t.Operators(include=everything)
    include = draw(lists) if shape in ("names", "except") else everything
    whole = t.Operators(include=include, exclude=draw(lists) if "except" in shape else ())
    return whole if stands_for_something(whole, space) else t.Operators(include=include)


@st.composite
def number_sets(draw: st.DrawFn, numbers: tuple[int, ...]) -> t.Operators:
    """Numbers and ranges that a number layer can take."""
    picked = draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=2, unique=True), label="numbers")
    if draw(st.booleans()):
        return t.Operators(include=(t.OperatorAtom(kind="range", low=min(picked), high=max(picked)),))
    return t.Operators(include=tuple(t.OperatorAtom(kind="number", low=value, high=value) for value in picked))


@st.composite
def places(draw: st.DrawFn, cell: Cell, nodes: list[CellNode]) -> t.PlaceRef:
    """One of `nodes`, by its name or by what it is."""
    node = draw(st.sampled_from(nodes), label="place")
    if draw(st.booleans()):
        if node.kind == "output":
            return t.PlaceRef(kind="output")
        if node.kind == "input":
            return t.PlaceRef(kind="input", index=cell.inputs.index(node))
        if node.kind == "stage":
            return t.PlaceRef(kind="stage", index=cell.stages.index(node) + 1)
    return t.PlaceRef(kind="name", name=node.name)


# --- selectors and predicates -------------------------------------------------------------------------------------


@st.composite
def selectors(draw: st.DrawFn, cell: Cell) -> t.Selector:
    """Operator layers of `cell`, at least one of them."""
    steps = len(cell.stages) or len(cell.operator_layers)
    fed = [node for node in cell.nodes if node.layers]
    kinds: list[SelectorKind] = ["all", "all", "layers", "layers", "layers", "position", "position", "into", "from"]
    if cell.stages:
        kinds += ["each_stage", "each_stage", "stages"]
    kind = draw(st.sampled_from(kinds), label="selector")
    if kind == "position":
        third = -(-steps // 3)
        positions: list[Position] = ["early", "late"]
        if steps > 2 * third:
            positions.append("middle")
        return t.Selector(kind="position", position=draw(st.sampled_from(positions)))
    if kind in ("layers", "stages"):
        low, high = (0, len(cell.operator_layers) - 1) if kind == "layers" else (1, len(cell.stages))
        ends = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda pair: (min(pair), max(pair)))
        one = st.integers(low, high).map(lambda index: (index, index))
        items = draw(st.lists(one | ends, min_size=1, max_size=2), label="indices")
        return t.Selector(kind=kind, ranges=t.Ranges(items=tuple(items)))
    if kind == "into":
        return t.Selector(kind="into", place=draw(places(cell, fed)))
    if kind == "from":
        return t.Selector(kind="from", place=draw(places(cell, readable(cell))))
    return t.Selector(kind=kind)


def readable(cell: Cell) -> list[CellNode]:
    """Nodes that some layer can read."""
    read = {source for layer in cell.operator_layers for source in layer.source_options}
    return [node for node in cell.nodes if node.index in read]


@st.composite
def predicates(draw: st.DrawFn, count: int, operators: st.SearchStrategy[t.Operators]) -> t.Predicate:
    """What is said of `count` layers whose operators (or numbers) are drawn from `operators`."""
    kind = draw(st.sampled_from(["only", "only", "never", "count", "count", "agree"]), label="predicate")
    if kind in ("only", "never"):
        return t.Only(operators=draw(operators), negated=kind == "never")
    if kind == "agree":
        return t.Agree(distinct=draw(st.booleans()))
    bound = draw(st.sampled_from(BOUNDS))
    return t.Count(bound=bound, count=draw(st.integers(0, min(3, count))), operators=draw(operators))


@st.composite
def reads(draw: st.DrawFn, cell: Cell) -> t.Reads:
    """A rule on sources, the previous stage among them where the cell has stages to be before."""
    one = places(cell, readable(cell))
    if any(previous_stage(layer, cell) is not None for layer in cell.operator_layers):
        one = st.one_of(one, st.just(t.PlaceRef(kind="previous")))
    quantifier = draw(st.sampled_from(READS), label="reads")
    return t.Reads(quantifier=quantifier, places=tuple(draw(st.lists(one, min_size=1, max_size=2, unique=True))))


# --- rules --------------------------------------------------------------------------------------------------------


@st.composite
def number_selectors(draw: st.DrawFn, cell: Cell) -> tuple[t.Selector, tuple[int, ...]]:
    """One or more number layers, with the numbers that stand for something in them."""
    layers = draw(st.lists(st.sampled_from(cell.number_layers), min_size=1, unique_by=lambda layer: layer.key))
    numbers = {label.number for layer in layers for label in layer.choices if label.number is not None}
    names = tuple(name(str(layer.key)) for layer in layers)
    return t.Selector(kind="named", names=names), tuple(sorted(numbers))


@st.composite
def layer_rules(draw: st.DrawFn, space: Space, cell: Cell) -> t.LayerRule:
    """A rule on selected layers of `cell`."""
    if cell.number_layers and draw(st.integers(0, 2), label="number rule") == 0:
        selector, numbers = draw(number_selectors(cell))
        return t.LayerRule(selector=selector, predicate=draw(predicates(len(selector.names), number_sets(numbers))))
    selector = draw(selectors(cell))
    searched = any(layer.wiring != "fixed" for layer in cell.operator_layers)
    if draw(st.integers(0, 2 if searched else 9), label="on sources") == 0:
        said: t.Predicate = draw(reads(cell))
        if any(candidates(selector, cell, reads_previous(said))):
            return t.LayerRule(selector=selector, predicate=said)
    said = draw(predicates(len(cell.operator_layers), operator_sets(space)))
    return t.LayerRule(selector=selector, predicate=said)


def reachable(cell: Cell, start: int) -> list[CellNode]:
    """Nodes that a path of at least one layer can lead to from `start` under some wiring."""
    steps = {node.index: set(node.concat) for node in cell.nodes}
    found: set[int] = set()
    for node in cell.nodes:
        sources = {
            source for layer in cell.operator_layers if layer.target == node.index for source in layer.source_options
        }
        if sources & (found | {start} | passes(steps, start)) or steps[node.index] & found:
            found.add(node.index)
    return [cell.nodes[index] for index in sorted(found)]


def passes(steps: dict[int, set[int]], start: int) -> set[int]:
    """Concatenations that hold `start` as it is."""
    return {index for index, parts in steps.items() if start in parts}


@st.composite
def path_rules(draw: st.DrawFn, space: Space, cell: Cell) -> t.PathRule:
    """A rule on the live paths of `cell`, between places that its layers can connect."""
    on_layers = predicates(2, operator_sets(space))
    one: st.SearchStrategy[t.Predicate] = st.one_of(on_layers, on_layers, on_layers, reads(cell))
    said = tuple(draw(st.lists(one, min_size=1, max_size=2), label="on the path"))
    start = end = None
    if draw(st.integers(0, 2), label="ends") == 0:
        first = draw(st.sampled_from([node for node in cell.nodes if reachable(cell, node.index)]))
        start, end = draw(places(cell, [first])), draw(places(cell, reachable(cell, first.index)))
    return t.PathRule(quantifier=draw(st.sampled_from(["some", "every"])), predicates=said, start=start, end=end)


@st.composite
def network_rules(draw: st.DrawFn, space: Space) -> t.NetworkRule:
    """A bound near what some architecture measures, so that it cuts the space somewhere in its middle."""
    metric = draw(st.sampled_from(METRICS), label="metric")
    word = tuple(draw(st.integers(0, len(layer.choices) - 1)) for layer in space.layers)
    limit = MEASURES[metric](space, word) + draw(st.sampled_from([0, 0, 1]))
    text = f"{limit // 1000}.{limit % 1000:03}k" if draw(st.integers(0, 3), label="in thousands") == 0 else str(limit)
    comparison = draw(st.sampled_from(COMPARISONS))
    return t.NetworkRule(metric=metric, comparison=comparison, limit=t.Number(text=text))


@st.composite
def rules(draw: st.DrawFn, space: Space, cell: Cell, nesting: int = 2) -> t.Rule:
    """Any rule that `cell` has the layers and places for, in all its parts; other cells may lack some."""
    kinds = ["layer"] * 8 + ["path"] * 3 + ["network"] * 2
    if nesting:
        kinds += ["if", "if", "one of", "one of", "in"]
    kind = draw(st.sampled_from(kinds), label="rule")
    if kind == "path":
        return draw(path_rules(space, cell))
    if kind == "network":
        return draw(network_rules(space))
    if kind == "in":
        return draw(in_cells(space, nesting - 1, preferences=False))
    if kind == "layer":
        return draw(layer_rules(space, cell))
    inner = rules(space, cell, nesting - 1)
    if kind == "if":
        return t.IfRule(condition=draw(inner), consequence=draw(inner))
    return t.OneOf(rules=tuple(draw(st.lists(inner, min_size=1, max_size=3))))


@st.composite
def in_cells(draw: st.DrawFn, space: Space, nesting: int, preferences: bool) -> t.InCells:
    """`in CELL { }`, with preferences where they may stand."""
    named = tuple(draw(st.lists(st.sampled_from(space.cells), min_size=1, unique=True), label="in"))
    inner = st.sampled_from(named).flatmap(lambda cell: statements(space, cell, nesting, preferences))
    body = draw(st.lists(inner, min_size=1, max_size=2))
    return t.InCells(cells=tuple(name(cell.name) for cell in named), statements=tuple(body))


@st.composite
def statements(draw: st.DrawFn, space: Space, cell: Cell, nesting: int, preferences: bool) -> t.Statement:
    """A rule, or a preference where it may stand."""
    if preferences and draw(st.integers(0, 4), label="preference") == 0:
        return draw(prefers(space, cell))
    return draw(rules(space, cell, nesting))


@st.composite
def prefers(draw: st.DrawFn, space: Space, cell: Cell) -> t.Prefer:
    """A preference with a small weight of one decimal."""
    selector, operators = draw(selectors(cell)), operator_sets(space)
    if cell.number_layers and draw(st.integers(0, 2), label="number preference") == 0:
        selector, numbers = draw(number_selectors(cell))
        operators = number_sets(numbers)
    over = draw(st.none() | operators)
    weight = draw(st.none() | st.sampled_from(["0.5", "1", "2", "0.3"]).map(lambda text: t.Number(text=text)))
    return t.Prefer(selector=selector, operators=draw(operators), over=over, weight=weight)


@st.composite
def principle_files(draw: st.DrawFn, space: Space, preferences: bool = True, most: int = 3) -> t.PrincipleFile:
    """A file of one to `most` principles for `space`."""
    one = st.sampled_from(space.cells).flatmap(lambda cell: statements(space, cell, 2, preferences))
    statement = st.one_of(one, one, one, in_cells(space, 1, preferences))
    items = []
    for number in range(draw(st.integers(1, most), label="principles")):
        body = draw(st.lists(statement, min_size=1, max_size=2), label=f"principle {number}")
        description = draw(st.none() | st.just("A sentence."))
        items.append(
            t.Principle(name=name(f"p{number}"), description=description, evidence=None, statements=tuple(body))
        )
    return t.PrincipleFile(name=name("drawn"), space=name(space.name), items=tuple(items))


# --- files for any space ------------------------------------------------------------------------------------------


@st.composite
def general_files(draw: st.DrawFn, traits: list[str]) -> t.PrincipleFile:
    """A file `for any` space that has these traits: positions, paths, traits and input 0, which every space has."""
    atoms = st.sampled_from(traits).map(lambda text: t.OperatorAtom(kind="name", name=text))
    sets = st.lists(atoms, min_size=1, max_size=2, unique=True).map(lambda found: t.Operators(include=tuple(found)))
    positions = st.sampled_from(POSITIONS).map(lambda text: t.Selector(kind="position", position=text))
    chosen = positions | st.just(t.Selector(kind="all"))
    said = predicates(3, sets)
    layer_rule = st.builds(t.LayerRule, selector=chosen, predicate=said)
    quantifiers = st.sampled_from(["some", "every"])
    path_rule = st.builds(t.PathRule, quantifier=quantifiers, predicates=st.tuples(predicates(2, sets)))
    simple = st.one_of(layer_rule, layer_rule, path_rule)
    condition = st.builds(t.IfRule, condition=simple, consequence=simple)
    either = st.lists(simple, min_size=2, max_size=3).map(lambda found: t.OneOf(rules=tuple(found)))
    preference = st.builds(t.Prefer, selector=chosen, operators=sets, over=st.none() | sets)
    body = draw(st.lists(st.one_of(simple, simple, condition, either, preference), min_size=1, max_size=3))
    principle = t.Principle(name=name("general"), description=None, evidence=None, statements=tuple(body))
    return t.PrincipleFile(name=name("drawn"), space=None, items=(principle,))
