"""The forms of selectors: which layers a rule applies to."""

from __future__ import annotations

from typing import Any, get_args

from lapt_dsl.language.forms.form import Form
from lapt_dsl.language.tree.nodes import Name
from lapt_dsl.language.tree.principles import Position, Selector


def _named_fields(values: list[Any]) -> dict[str, object]:
    (names,) = values
    return {"names": (names,) if isinstance(names, Name) else tuple(names)}


SELECTOR_FORMS = (
    Form(
        "selector",
        "select_all",
        "Every operator layer.",
        "layers: at most 1 pooling;",
        node=Selector,
        fixed={"kind": "all"},
        spelling="layers",
        prompt="layers: at most 1 {outer};",
    ),
    Form(
        "selector",
        "select_position",
        "`early` is the first third, `late` the last third (both rounded up), `middle` the rest. If a cell has stages, "
        "these are counted, else its layers.",
        "early layers: only convolution;",
        "The first third, the last third, or (`middle`) the rest.",
        node=Selector,
        fixed={"kind": "position"},
        spelling="{position} layers",
        choices={"position": get_args(Position)},
        prompt="early layers: only {group};",
    ),
    Form(
        "selector",
        "select_layers",
        "Layers by number, with inclusive ranges.",
        "layers 0..2, 5: never none;",
        node=Selector,
        fixed={"kind": "layers"},
        spelling="layer {ranges}",
        plural="layers {ranges}",
        prompt="{some}: never {outer};",
    ),
    Form(
        "selector",
        "select_named",
        "Number layers by name. Their predicates list numbers and ranges in place of operators.",
        "layer width: only 16..24, 32;",
        node=Selector,
        fixed={"kind": "named"},
        spelling="layer {names}",
        plural="layers {names}",
        build=_named_fields,
        prompt="layer {number}: only {two_numbers};",
    ),
    Form(
        "selector",
        "select_into",
        "The layers that feed this place.",
        "layers into b: at least 1 convolution;",
        node=Selector,
        fixed={"kind": "into"},
        spelling="layers into {place}",
        prompt="layers into {fed}: at least 1 {group};",
    ),
    Form(
        "selector",
        "select_from",
        "The layers that read this place. If the wiring is searched, this depends on the architecture.",
        "layers from x: never pooling;",
        node=Selector,
        fixed={"kind": "from"},
        spelling="layers from {place}",
        prompt="layers from {read}: never {outer};",
    ),
    Form(
        "selector",
        "select_each_stage",
        "Every stage separately: the predicate holds on the layers of each stage.",
        "each stage: at least 1 separable;",
        node=Selector,
        fixed={"kind": "each_stage"},
        spelling="each stage",
        prompt="each stage: at least 1 {group};",
        needs="stages",
    ),
    Form(
        "selector",
        "select_stages",
        "The layers of these stages together.",
        "stages 3..4: never pooling;",
        node=Selector,
        fixed={"kind": "stages"},
        spelling="stage {ranges}",
        plural="stages {ranges}",
        prompt="stages 1..{last_stage}: at least 1 {group};",
    ),
)
