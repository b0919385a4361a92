"""The forms of statements: rules on layers, paths and the network, the rules that hold rules, and preferences."""

from __future__ import annotations

from typing import Any, get_args

from lapt_dsl.language.forms.form import Form, JsonShape
from lapt_dsl.language.tree.principles import (
    Comparison,
    IfRule,
    InCells,
    LayerRule,
    NetworkMetric,
    NetworkRule,
    OneOf,
    Operators,
    PathQuantifier,
    PathRule,
    Prefer,
)


def _path_fields(values: list[Any]) -> dict[str, object]:
    quantifier, *rest = values
    start, end = rest.pop(0) if isinstance(rest[0], tuple) else (None, None)
    return {"quantifier": quantifier, "predicates": tuple(rest), "start": start, "end": end}


def _prefer_fields(values: list[Any]) -> dict[str, object]:
    selector, operators, *rest = values
    over = rest.pop(0) if rest and isinstance(rest[0], Operators) else None
    return {"selector": selector, "operators": operators, "over": over, "weight": rest[0] if rest else None}


def _cell_fields(values: list[Any]) -> dict[str, object]:
    return {"cells": tuple(values[0]), "statements": tuple(values[1:])}


STATEMENT_FORMS = (
    Form(
        "layer_rule",
        None,
        "The predicate holds on the selected layers.",
        "layer 3: only skip, conv1x1;",
        node=LayerRule,
        spelling="{selector}: {predicate};",
    ),
    Form(
        "path_rule",
        None,
        "The predicates, joined by `and`, hold on the layers of some (or of every) live path; all of them on the same "
        "path. A layer whose operator is `absent` carries nothing, so no path runs through it. Without `from` a path "
        "starts at any input, and without `to` it ends at the output. `every path` is true where there is no path.",
        "some path from x to output: at least 2 convolution and at most 1 pooling;",
        "All predicates hold on some (or every) path from an input to the output that carries data.",
        node=PathRule,
        spelling="{quantifier} path [from {start} to {end}]: {predicates!and};",
        choices={"quantifier": get_args(PathQuantifier)},
        build=_path_fields,
        prompt="some path: at least 1 {group} and never {outer};",
        needs="several",
    ),
    Form(
        "network_rule",
        None,
        "A bound on the default network of the space, never on a single cell. `params` and `flops` "
        "(multiply-accumulates) are those of the published network, dead layers included. `depth` is the largest "
        "number of live operator layers on a path through the stacked cells. `live layers` is the number of live "
        "operator layers in all cells.",
        "network: params <= 1.3M;",
        "A bound on `params`, `flops`, `depth` or `live layers` of the whole network, by <= or >=.",
        node=NetworkRule,
        spelling="network: {metric} {comparison} {limit};",
        choices={"metric": get_args(NetworkMetric), "comparison": get_args(Comparison)},
        prompt="network: depth >= 2;",
        needs="network",
    ),
    Form(
        "simple_rule",
        "if_rule",
        "If the first rule holds, the second holds too. Evaluated per cell.",
        "if layer 3: only skip; then layer 5: only convolution;",
        node=IfRule,
        spelling="if {condition} then {consequence}",
        prompt="if layer 0: only {outer}; then layer {last}: only {group};",
        needs="several",
    ),
    Form(
        "simple_rule",
        "one_of",
        "At least one of the rules holds. Evaluated per cell.",
        "one of { layer 0: only conv3x3; layer 1: only conv3x3; }",
        node=OneOf,
        spelling="one of { {rules} }",
        build=lambda values: {"rules": tuple(values)},
        block="the `one of` block",
        prompt="one of {{ layer 0: only {inner}; layer {last}: only {inner}; }}",
        needs="layers",
    ),
    Form(
        "statement",
        "in_cells",
        "The statements apply to these cells only.",
        "in main { late layers: never pooling; }",
        node=InCells,
        spelling="in {cells} { {statements} }",
        build=_cell_fields,
        block="the `in` block",
        prompt="in {cell} {{ {in_cell} }}",
    ),
    Form(
        "rule",
        "in_cells",
        "Inside `if` and `one of`, an `in` block contains rules and no preferences.",
        "if in main { layer 0: only skip; } then in main { layer 5: only conv3x3; }",
        node=InCells,
        spelling="in {cells} { {statements} }",
        build=_cell_fields,
        block="the `in` block",
        # Two cells that are built alike are compared; elsewhere one rule may make no sense in both.
        prompt="if in {cell} {{ {in_cell} }} then in {twin} {{ {in_cell} }}",
    ),
    Form(
        "prefer",
        None,
        "Per selected layer, an operator of the first list multiplies the sampling weight by e^w, one of the list "
        "after `over` by e^-w. w is 1, or the number after `by`. Nothing is removed. Not allowed inside "
        "`if` and `one of`.",
        "late layers: prefer conv3x3 over conv1x1 by 2;",
        "The first list is drawn more often, the list after `over` less. Nothing is removed.",
        node=Prefer,
        spelling="{selector}: prefer {operators} [over {over}] [by {weight}];",
        build=_prefer_fields,
        prompt="late layers: prefer {inner} over {outer} by 2;",
    ),
)

_COUNTED = {"rule": "counted", "count": "count", "operators": "operators", "except": "exceptions"}
_LAYERS = {"cells": "cells", "layers": "selector"}
_ON_LAYERS = {"selector": "layers", "predicate": "rule"}

JSON_SHAPES = (
    JsonShape("layers", "layer_rule", True, {**_LAYERS, **_COUNTED}, _ON_LAYERS),
    JsonShape("agree", "layer_rule", True, {**_LAYERS, "rule": "agree"}, _ON_LAYERS),
    JsonShape("sources", "layer_rule", True, {**_LAYERS, "rule": "sources", "places": "places"}, _ON_LAYERS),
    JsonShape(
        "path",
        "path_rule",
        True,
        {"cells": "cells", "path": "quantifier", **_COUNTED},
        {"quantifier": "path", "predicates": "rule"},
    ),
    JsonShape(
        "numbers",
        "layer_rule",
        True,
        {"cells": "cells", "layer": "number_layer", "rule": "counted", "count": "count", "numbers": "numbers"},
        {"selector": "layer", "predicate": "rule"},
    ),
    JsonShape("network", "network_rule", True, {"metric": "metric", "comparison": "comparison", "limit": "limit"}),
    JsonShape(
        "prefer",
        "prefer",
        False,
        {
            "cells": "cells",
            "layers": "selector_or_all",
            "operators": "operators",
            "over": "exceptions",
            "weight": "weight",
        },
        {"selector": "layers"},
    ),
    JsonShape("if", "if_rule", False, {"condition": "rule", "consequence": "rule"}),
    JsonShape("one of", "one_of", False, {"rules": "rules"}),
)
"""How statements are written in a reply in JSON; the simple ones, which may be limited to cells, come first."""
