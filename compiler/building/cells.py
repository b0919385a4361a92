"""Build a cell of a space: its nodes in order, the layers that feed them, and their sources."""

from __future__ import annotations

from lapt_dsl.compiler.building.cell_draft import CellDraft, WiredLayer
from lapt_dsl.compiler.building.choices import read_choices
from lapt_dsl.compiler.building.context import MAX_NODES, BuildContext
from lapt_dsl.compiler.building.layers import build_layers
from lapt_dsl.compiler.space.model import Cell, CellNode, Implementation
from lapt_dsl.diagnostics.diagnostic import Note
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.language.tree import CellItem, ChooseItem, InputsItem, Name, NodeItem, SourceBudget


def build_cell(context: BuildContext, item: CellItem) -> Cell | None:
    """Resolve a cell.

    Args:
        context: The build; diagnostics, used operators and the next free decision are kept there.
        item: The cell as written.

    Returns:
        The cell, or None if it cannot be built; then diagnostics were added.
    """
    before = len(context.diagnostics.items)
    draft = CellDraft(item)
    preprocess = _declare_inputs(context, draft)
    nodes = [node for node in item.items if isinstance(node, NodeItem)]
    if len(draft.nodes) + len(nodes) > MAX_NODES:
        message = f"cell `{draft.name}` has {len(draft.nodes) + len(nodes)} nodes; at most {MAX_NODES} are allowed"
        context.error("E116", message, item.name.span, "split the cell")
        return None
    declared = {node.name.text: node for node in reversed(nodes)}
    for node in nodes:
        _declare_node(context, draft, node, declared)
    _check_output(context, draft, nodes)
    choices = read_choices(
        context, draft.name, [part for part in item.items if isinstance(part, ChooseItem)], len(draft.layers)
    )
    _check_numbering(context, draft)
    budget = _source_budget(context, draft)
    if _has_errors_since(context, before):
        return None
    layers = build_layers(context, draft, choices)
    if layers is None or _has_errors_since(context, before):
        return None
    _warn_unread(context, draft)
    return Cell(item.name.text, tuple(draft.nodes), layers, preprocess, budget)


def _has_errors_since(context: BuildContext, before: int) -> bool:
    return any(item.severity == "error" for item in context.diagnostics.items[before:])


def _declare_inputs(context: BuildContext, draft: CellDraft) -> Implementation | None:
    items = [part for part in draft.item.items if isinstance(part, InputsItem)]
    if not items:
        context.error("E108", f"cell `{draft.name}` has no input", draft.item.name.span, "begin it with `input x;`")
        return None
    for extra in items[1:]:
        hint = "list all inputs in one statement: `input a, b;`"
        context.error("E108", f"cell `{draft.name}` declares its inputs twice", extra.span, hint)
    for name in items[0].names:
        _enter(context, draft, CellNode(len(draft.nodes), name.text, "input"), name)
    preprocess = items[0].preprocess
    return context.implementation(preprocess, "preprocess") if preprocess is not None else None


def _enter(context: BuildContext, draft: CellDraft, node: CellNode, name: Name) -> None:
    if context.declare(draft.spans, name, "node"):
        draft.index[name.text] = node.index
        draft.nodes.append(node)


def _declare_node(context: BuildContext, draft: CellDraft, item: NodeItem, declared: dict[str, NodeItem]) -> None:
    index = len(draft.nodes)
    keys: list[int] = []
    for term in item.layers:
        options = _resolve(context, draft, term.wiring.nodes, declared)
        context.unique(term.wiring.nodes, "sources")
        if term.index in draft.layers:
            first = draft.layers[term.index].term.span
            message = f"cell `{draft.name}` has two layers numbered {term.index}"
            hint = "give every layer a number of its own, counted from 0"
            context.error("E106", message, term.span, hint, (Note("the other one is here", first),))
            continue
        draft.layers[term.index] = WiredLayer(term, index, options)
        keys.append(term.index)
    concat = _resolve(context, draft, item.concat, declared)
    context.unique(item.concat, "concatenated nodes")
    if not item.layers and not item.concat:
        hint = "add a layer: `= layer 0 (x)`"
        context.error("E108", f"nothing feeds the node `{shortened(item.name.text)}`", item.span, hint)
    node = CellNode(index, item.name.text, item.kind, tuple(keys), concat, item.distinct_sources)
    _enter(context, draft, node, item.name)


def _resolve(
    context: BuildContext, draft: CellDraft, names: tuple[Name, ...], declared: dict[str, NodeItem]
) -> tuple[int, ...]:
    """The indices of nodes by name; only those declared above may be read, so that a cell has no cycle."""
    found: list[int] = []
    for name in names:
        index = draft.index.get(name.text)
        if index is not None and draft.nodes[index].kind == "output":
            hint = "read the nodes that feed the output instead"
            context.error("E104", f"the output `{shortened(name.text)}` cannot be read", name.span, hint)
        elif index is not None:
            found.append(index)
        elif name.text in declared:
            hint = f"declare `{shortened(name.text)}` before the nodes that read it; a cell has no cycle"
            message = f"the node `{shortened(name.text)}` is read before it is declared"
            context.error("E104", message, name.span, hint, (Note("declared here", declared[name.text].name.span),))
        else:
            context.unknown("E103", f"a node of cell `{draft.name}`", name, draft.index, "nodes declared so far")
    return tuple(found)


def _check_output(context: BuildContext, draft: CellDraft, nodes: list[NodeItem]) -> None:
    outputs = [node for node in nodes if node.kind == "output"]
    if not outputs:
        hint = "end it with `output y = ...;`"
        context.error("E108", f"cell `{draft.name}` has no output", draft.item.name.span, hint)
        return
    for extra in outputs[1:]:
        hint = "keep one; several nodes can be joined by `concat`"
        context.error("E108", f"cell `{draft.name}` has more than one output", extra.span, hint)
    if len(outputs) == 1 and nodes[-1] is not outputs[0]:
        hint = "move the output to the end; nothing can read it"
        message = f"the node `{shortened(nodes[-1].name.text)}` is declared after the output"
        context.error("E108", message, nodes[-1].span, hint)


def _check_numbering(context: BuildContext, draft: CellDraft) -> None:
    """Layers are numbered 0, 1, 2, ..., and those that feed a node come before those that read it."""
    for expected, index in enumerate(sorted(draft.layers)):
        if index != expected:
            message = f"there is a layer {index} but no layer {expected}"
            hint = f"number the layers of cell `{draft.name}` from 0 without a gap; the next number is {expected}"
            context.error("E106", message, draft.layers[index].term.span, hint)
            break
    # Per node the highest layer that feeds it, directly or through the parts of a concatenation. Layers are decided in
    # order, so a layer may only read nodes whose feeding layers all have lower numbers.
    highest: list[int] = []
    for node in draft.nodes:
        highest.append(max([-1, *node.layers, *(highest[part] for part in node.concat)]))
    for index, layer in sorted(draft.layers.items()):
        late = next((option for option in layer.options if highest[option] >= index), None)
        if late is not None:
            message = f"layer {index} reads `{shortened(draft.nodes[late].name)}`, which layer {highest[late]} feeds"
            hint = "number the layers so that all that feed a node come before those that read it"
            context.error("E107", message, layer.term.span, hint)


def _source_budget(context: BuildContext, draft: CellDraft) -> int | None:
    items = [part for part in draft.item.items if isinstance(part, SourceBudget)]
    if not items:
        return None
    for extra in items[1:]:
        message = f"the source budget of cell `{draft.name}` is stated twice"
        context.error("E108", message, extra.span, "keep one of the two")
    needed = sum(1 for layer in draft.layers.values() if layer.term.wiring.kind != "any")
    if needed > items[0].limit:
        message = (
            f"the layers of cell `{draft.name}` read at least {needed} sources, which {items[0].limit} cannot hold"
        )
        hint = f"allow at least {needed}, or let some layers read `any of` their sources"
        context.error("E119", message, items[0].span, hint)
    return items[0].limit


def _warn_unread(context: BuildContext, draft: CellDraft) -> None:
    read = {option for layer in draft.layers.values() for option in layer.options}
    read.update(part for node in draft.nodes for part in node.concat)
    for node in draft.nodes[:-1]:
        if node.index not in read:
            hint = "let a layer or the output read it, or remove it"
            message = f"nothing reads the node `{shortened(node.name)}` of cell `{draft.name}`"
            context.error("W151", message, draft.spans[node.name], hint)
