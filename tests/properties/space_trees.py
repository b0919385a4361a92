"""Random small search spaces as trees: few enough architectures to list them all."""

from __future__ import annotations

from typing import Literal

from hypothesis import strategies as st

from lapt_dsl.language import tree as t

# Name, implementation, arguments and traits of the operators that random spaces draw from.
OPERATORS: tuple[tuple[str, str, dict[str, int], tuple[str, ...]], ...] = (
    ("none", "zero", {}, ("absent",)),
    ("skip", "identity", {}, ("shortcut", "cheap")),
    ("conv1", "relu_conv_bn", {"kernel": 1}, ("convolution", "cheap")),
    ("conv3", "relu_conv_bn", {"kernel": 3}, ("convolution",)),
    ("avg", "avg_pool", {"kernel": 3}, ("pooling", "cheap")),
)
WIRINGS: tuple[Literal["fixed", "one", "any", "some"], ...] = ("fixed", "fixed", "fixed", "one", "any", "some")
RAW_LIMIT = 4096  # label combinations, those that distinct sources or a budget rule out included


def name(text: str) -> t.Name:
    """An identifier node."""
    return t.Name(text=text)


def call(function: str, **arguments: int | str | t.Name) -> t.Call:
    """A call of the catalogue or of a cell."""
    return t.Call(
        name=name(function), arguments=tuple(t.Argument(key=key, value=value) for key, value in arguments.items())
    )


class CellDraft:
    """A cell while it is drawn: its items, and how many label combinations may still be added."""

    def __init__(self, draw: st.DrawFn, operators: list[str], room: int) -> None:
        self.draw, self.operators, self.room = draw, operators, room
        self.items: list[t.InputsItem | t.NodeItem | t.ChooseItem | t.SourceBudget] = []
        self.choices: list[t.ChooseItem] = []
        self.nodes: list[str] = []
        self.layers = 0
        self.searched = self.least_sources = 0

    def number_layer(self, key: str, numbers: tuple[int, ...]) -> None:
        """A layer that chooses a number."""
        self.room //= len(numbers)
        self.choices.append(t.ChooseItem(ranges=None, name=name(key), numbers=numbers))

    def layer(self, wiring: t.Wiring, ways: int, repeat: int | t.Name | None = None) -> t.LayerTerm:
        """A layer with as many of the drawn candidates as there is room for; `ways` counts its source choices."""
        chosen = self.draw(st.lists(st.sampled_from(self.operators), min_size=2, unique=True), label="candidates")
        chosen = chosen[: max(1, self.room // ways)]
        self.room //= ways * len(chosen)
        self.choices.append(self.choice(self.layers, chosen))
        self.layers += 1
        return t.LayerTerm(index=self.layers - 1, wiring=wiring, repeat=repeat)

    def choice(self, index: int, chosen: list[str]) -> t.ChooseItem:
        """`layer INDEX choose CHOSEN;`"""
        ranges = t.Ranges(items=((index, index),))
        return t.ChooseItem(ranges=ranges, name=None, operators=tuple(name(text) for text in chosen))

    def wiring(self) -> tuple[t.Wiring, int]:
        """What a layer may read, and in how many ways."""
        some = self.draw(st.lists(st.sampled_from(self.nodes), min_size=1, max_size=3, unique=True), label="sources")
        kind = self.draw(st.sampled_from(WIRINGS), label="wiring")
        ways = {"fixed": 1, "one": len(some), "any": 2 ** len(some), "some": 2 ** len(some) - 1}[kind]
        if kind == "fixed" or ways > self.room:
            kind, some, ways = "fixed", some[:1], 1
        self.searched += kind != "fixed"
        self.least_sources += kind != "any"
        return t.Wiring(kind=kind, nodes=tuple(name(text) for text in some)), ways

    def node(self, kind: Literal["node", "output"], text: str, repeat: int | t.Name | None) -> None:
        """A node that one or two layers feed."""
        terms = []
        for _ in range(self.draw(st.integers(1, 2), label="layers of the node")):
            wiring, ways = self.wiring()
            terms.append(self.layer(wiring, ways, repeat))
            repeat = None
        self.items.append(t.NodeItem(kind=kind, name=name(text), layers=tuple(terms)))
        self.nodes.append(text)

    def stage(self, text: str) -> None:
        """A DARTS stage: two layers with the same candidates that read different nodes, order not counted."""
        ways = len(self.nodes)
        most = max(1, int((self.room / ways**2) ** 0.5))
        chosen = self.draw(st.lists(st.sampled_from(self.operators), min_size=1, max_size=most, unique=True))
        wiring = t.Wiring(kind="one", nodes=tuple(name(node) for node in self.nodes))
        terms = []
        for _ in range(2):
            self.choices.append(self.choice(self.layers, chosen))
            terms.append(t.LayerTerm(index=self.layers, wiring=wiring))
            self.layers += 1
        self.room //= (ways * len(chosen)) ** 2
        self.least_sources += 2
        self.items.append(t.NodeItem(kind="stage", name=name(text), layers=tuple(terms), distinct_sources=True))
        self.nodes.append(text)


@st.composite
def cells(draw: st.DrawFn, text: str, operators: list[str], room: int, kernel: bool) -> t.CellItem:
    """A cell with one or two inputs whose output is a sum of layers or a concatenation of nodes."""
    draft = CellDraft(draw, operators, room)
    staged = room >= 60 and draw(st.booleans(), label="staged")
    inputs = ["p", "q"] if staged or draw(st.integers(0, 3)) == 0 else ["p"]
    preprocess = call("relu_conv_bn", kernel=1) if len(inputs) > 1 else None
    draft.items.append(t.InputsItem(names=tuple(name(node) for node in inputs), preprocess=preprocess))
    draft.nodes += inputs
    if kernel:
        draft.number_layer("size", (1, 3))
    repeat: int | t.Name | None = draw(st.sampled_from([None, None, None, 2, name("deep")]), label="repeat")
    if isinstance(repeat, t.Name):
        draft.number_layer("deep", (1, 3))
    if staged:
        stages = [f"s{number}" for number in range(1, 1 + draw(st.integers(1, 2), label="stages"))]
        for stage in stages:
            draft.stage(stage)
        if repeat is not None:
            draft.node("node", "a", repeat)
            stages.append("a")
        draft.items.append(
            t.NodeItem(kind="output", name=name("y"), layers=(), concat=tuple(name(stage) for stage in stages))
        )
    else:
        for node in ["a", "b"][: draw(st.integers(0, 2), label="inner nodes")]:
            draft.node("node", node, repeat)
            repeat = None
        draft.node("output", "y", repeat)
    draft.items += draft.choices
    if draft.searched and draw(st.booleans(), label="source budget"):
        least = max(1, draft.least_sources)
        draft.items.append(t.SourceBudget(limit=draw(st.integers(least, least + 2))))
    return t.CellItem(name=name(text), items=tuple(draft.items))


def has_preprocessing(cell: t.CellItem) -> bool:
    """Whether the cell brings its inputs to a width of its own."""
    return any(isinstance(item, t.InputsItem) and item.preprocess is not None for item in cell.items)


def adds_up_nodes(cell: t.CellItem) -> bool:
    """Whether some layer may read several nodes at once, which must then look alike."""
    terms = [term for item in cell.items if isinstance(item, t.NodeItem) for term in item.layers]
    return any(term.wiring.kind in ("any", "some") for term in terms)


@st.composite
def bodies(draw: st.DrawFn, cell: t.CellItem) -> t.NetworkLine:
    """One or two instances of a cell, which may change channels and size."""
    arguments: dict[str, int] = {}
    if has_preprocessing(cell):
        arguments["channels"] = 4
    if not adds_up_nodes(cell) and draw(st.integers(0, 2), label="reduction") == 0:
        arguments |= {"channels": 8, "stride": 2}
    return t.NetworkLine(kind="body", call=call(cell.name.text, **arguments), repeat=draw(st.integers(1, 2)))


@st.composite
def space_files(draw: st.DrawFn) -> t.SpaceFile:
    """A space of one or two cells with at most `RAW_LIMIT` label combinations and a small network around them."""
    used = draw(
        st.lists(st.sampled_from(OPERATORS), min_size=2, max_size=4, unique_by=lambda entry: entry[0]),
        label="operators",
    )
    cell_names = ["main"] if draw(st.integers(0, 2)) else ["main", "down"]
    kernel = len(cell_names) == 1 and draw(st.integers(0, 4), label="kernel") == 0
    items: list[t.OperatorItem | t.CandidatesItem | t.CellItem | t.NetworkItem | t.NotationItem] = []
    for text, implementation, arguments, traits in used:
        given: dict[str, int | str | t.Name] = dict(arguments)
        if kernel and text == "conv3":
            given["kernel"] = name("size")
        function = call(implementation, **given)
        items.append(
            t.OperatorItem(name=name(text), implementation=function, traits=tuple(name(trait) for trait in traits))
        )
    operators = [text for text, _, _, _ in used]
    kernel = kernel and "conv3" in operators
    room = RAW_LIMIT if len(cell_names) == 1 else 64
    drawn = [draw(cells(text, operators, room, kernel), label=text) for text in cell_names]
    parts = [t.NetworkLine(kind="image", call=call("image", channels=3, size=32))]
    parts.append(t.NetworkLine(kind="stem", call=call("conv_bn", kernel=3, channels=4)))
    for cell in drawn:
        parts.append(draw(bodies(cell), label="body"))
        if not any(has_preprocessing(cell) for cell in drawn):
            parts.append(t.NetworkLine(kind="body", call=call("residual_block", channels=8, stride=2)))
    parts.append(t.NetworkLine(kind="head", call=call("bn_relu_pool_linear")))
    items += [*drawn, t.NetworkItem(name=None, parts=tuple(parts))]
    return t.SpaceFile(name=name("tiny"), description=None, items=tuple(items))
