"""Architectures as NetworkX graphs."""

from __future__ import annotations

import networkx as nx
import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full


def topology(graph: nx.MultiDiGraph) -> str:
    """NAS-Bench-201's canonical expression of the output: a shortcut is its source, what reads zeros is zeros."""
    text: dict[str, str] = {}
    for node in nx.topological_sort(graph):
        terms = []
        for source, _, operator in graph.in_edges(node, data="operator"):
            before = text[source]
            zeros = operator == "none" or before == "#"
            terms.append("#" if zeros else before if operator == "skip" else f"({before})@{operator}")
        text[node] = "+".join(sorted(terms)) or "x"
    return text["y"]


def test_nas201_has_as_many_topologies_as_its_paper_counts() -> None:
    assert len({topology(arch.to_networkx()) for arch in full(load_space("nas201"))}) == 6466


def test_a_cell_of_several_is_named() -> None:
    arch = full(load_space("darts")).unrank(10**18)
    graph = arch.to_networkx("reduction")
    assert graph.graph["name"] == "reduction"
    assert {kind for _, kind in graph.nodes(data="kind")} == {"input", "stage", "output"}
    assert [graph.in_degree(node) for node in ("prev2", "prev1", "s1", "s2", "s3", "s4", "y")] == [0, 0, 2, 2, 2, 2, 4]
    assert {key for _, node, key in graph.edges(keys=True) if node == "y"} == {"concat"}
    for wrong in (None, "main"):
        with pytest.raises(ValueError, match="normal, reduction"):
            arch.to_networkx(wrong)


def test_number_layers_are_attributes() -> None:
    numbers = full(load_space("mobilenet")).unrank(0).to_networkx("stage1").graph["numbers"]
    assert numbers == {"depth": 2, "width": 16, "kernel": 3, "expansion": 3}
