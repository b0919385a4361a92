"""An architecture's cell as a NetworkX graph, for drawing, for isomorphism and for anything else that knows graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

    from lapt_dsl.compiler.space.model import Architecture


def cell_graph(arch: Architecture, name: str | None = None) -> nx.MultiDiGraph:
    """The chosen graph of one cell.

    Args:
        arch: the architecture.
        name: which cell; it may be left out where the space has one.

    Returns:
        A graph over the names of the cell's nodes (attribute `kind`). A layer is an edge from each node it reads to the
        node it feeds, its key the layer's index and its attribute `operator` the operator's name; a node that is
        concatenated has an edge with the key `concat` and no operator. `graph.graph` holds the cell's name as `name`
        and its number layers as `numbers`. Layers with an absent operator are there, too.

    Raises:
        ValueError: the space has no such cell, or several and none is named.
    """
    import networkx as nx

    cells = [cell for cell in arch.space.cells if name in (None, cell.name)]
    if len(cells) != 1:
        raise ValueError(f"name one of the cells {', '.join(cell.name for cell in arch.space.cells)}")
    (cell,) = cells
    graph = nx.MultiDiGraph(name=cell.name, numbers={})
    for node in cell.nodes:
        graph.add_node(node.name, kind=node.kind)
        graph.add_edges_from((cell.nodes[part].name, node.name, "concat", {"operator": None}) for part in node.concat)
    for layer in cell.layers:
        label = layer.choices[arch.encoding[layer.decision]]
        if layer.target is None or label.operator is None:
            graph.graph["numbers"][layer.key] = label.number
            continue
        target = cell.nodes[layer.target].name
        for source in label.sources:
            graph.add_edge(cell.nodes[source].name, target, layer.key, operator=label.operator.name)
    return graph
