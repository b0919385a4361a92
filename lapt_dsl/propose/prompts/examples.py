"""An example of every form of the principle language in the words of one space, or None where it has no such thing.

What a form means stands in the language's reference; here is only how it looks in a space that is not known yet.
"""

from __future__ import annotations

from collections.abc import Callable

from lapt_dsl.propose.prompts.words import Words

Example = Callable[[Words], str | None]


def _statement(text: str) -> Example:
    """A statement where operators can be chosen at all; the names in braces are those of `_names`."""
    needs_outside = "{outer}" in text

    def example(words: Words) -> str | None:
        if (words.layers < 2 and len(words.used) < 2) or (needs_outside and words.outside is None):
            return None
        return text.format(**_names(words)) + ";"

    return example


def _names(words: Words) -> dict[str, object]:
    last = words.layers - 1
    return {
        "group": words.group,
        "inner": words.inside.name,
        "outer": words.outside.name if words.outside is not None else "",
        "last": last,
        "some": "layer 0" if last == 0 else f"layers 0..{max(1, last // 2)}",
        "fed": words.fed.name if words.fed is not None else "",
        "read": words.read.name if words.read is not None else "",
        "stages": words.stages,
    }


def _if(condition: Callable[[Words], object], text: str) -> Example:
    made = _statement(text)
    return lambda words: made(words) if condition(words) else None


def _several(words: Words) -> bool:
    return words.layers > 1 and words.read is not None


def _reads_stages(words: Words) -> bool:
    """Whether some layer may read a stage."""
    stages = {node.index for node in words.cell.stages}
    return any(stages.intersection(layer.source_options) for layer in words.cell.operator_layers)


def _reads(predicate: str) -> Example:
    """A rule on what the last layer with a choice of sources reads."""

    def example(words: Words) -> str | None:
        layer = words.searched
        if layer is None:
            return None
        names = [words.cell.nodes[index].name for index in layer.source_options]
        return f"layer {layer.key}: {predicate} {names[0] if predicate == 'never reads' else names[-1]};"

    return example


def _number(words: Words) -> str | None:
    if words.number is None:
        return None
    return f"layer {words.number.key}: only {', '.join(map(str, words.numbers[:2]))};"


def _number_range(words: Words) -> str | None:
    if words.number is None:
        return None
    return f"layer {words.number.key}: only {words.numbers[0]}..{words.numbers[-1]};"


def _bound(words: Words) -> str | None:
    return "network: depth >= 2;" if words.space.networks else None


def _cells(words: Words) -> str | None:
    if not words.several_cells:
        return None
    return f"in {words.cell.name} {{ {_in_cell(words)} }}"


def _cells_inside(words: Words) -> str | None:
    """Two cells that are built alike are compared; elsewhere one rule may make no sense in both."""
    other = next((cell for cell in words.space.cells if cell.name != words.cell.name), None)
    if other is None or [layer.key for layer in other.layers] != [layer.key for layer in words.cell.layers]:
        return None
    return f"if in {words.cell.name} {{ {_in_cell(words)} }} then in {other.name} {{ {_in_cell(words)} }}"


def _in_cell(words: Words) -> str:
    number = next(iter(words.cell.number_layers), None)
    if words.layers < 2 and number is not None:
        return f"layer {number.key}: only {number.choices[0].number};"
    return f"late layers: at least 1 {words.group};"


def _nothing(words: Words) -> str | None:
    return None


EXAMPLES: dict[tuple[str, str | None], Example] = {
    # What a whole file consists of stands with the task; `any` and `evidence` are not for a model to claim.
    **dict.fromkeys([("header", "header_for"), ("header", "header_any")], _nothing),
    **dict.fromkeys([("item", "extends"), ("item", "drop"), ("item", "principle")], _nothing),
    **dict.fromkeys([("evidence", None), ("layer_rule", None)], _nothing),
    ("path_rule", None): _if(_several, "some path: at least 1 {group} and never {outer}"),
    ("network_rule", None): _bound,
    ("simple_rule", "if_rule"): _if(_several, "if layer 0: only {outer}; then layer {last}: only {group}"),
    ("simple_rule", "one_of"): lambda words: (
        f"one of {{ layer 0: only {words.inside.name}; layer {words.layers - 1}: only {words.inside.name}; }}"
        if words.layers > 1
        else None
    ),
    ("statement", "in_cells"): _cells,
    ("rule", "in_cells"): _cells_inside,
    ("prefer", None): _statement("late layers: prefer {inner} over {outer} by 2"),
    ("selector", "select_all"): _statement("layers: at most 1 {outer}"),
    ("selector", "select_position"): _statement("early layers: only {group}"),
    ("selector", "select_layers"): _statement("{some}: never {outer}"),
    ("selector", "select_named"): _number,
    ("selector", "select_into"): _if(lambda words: words.fed, "layers into {fed}: at least 1 {group}"),
    ("selector", "select_from"): _if(lambda words: words.read, "layers from {read}: never {outer}"),
    ("selector", "select_each_stage"): _if(lambda words: words.stages, "each stage: at least 1 {group}"),
    ("selector", "select_stages"): _if(lambda words: words.stages > 1, "stages 1..{stages}: at least 1 {group}"),
    ("predicate", "only"): _statement("layer {last}: only {outer}, {inner}"),
    ("predicate", "never"): _statement("early layers: never {outer}"),
    ("predicate", "at_least"): _statement("layers: at least 1 {inner}"),
    ("predicate", "at_most"): _if(_several, "layers: at most 2 {outer}"),
    ("predicate", "exactly"): _statement("layers: exactly 1 {outer}"),
    ("predicate", "same"): _if(_several, "layers 0..1: same operator"),
    ("predicate", "distinct"): _if(_several, "layers 0..1: distinct operators"),
    ("predicate", "reads_some"): _reads("reads"),
    ("predicate", "reads_only"): _reads("reads only"),
    ("predicate", "reads_never"): _reads("never reads"),
    ("operators", None): _statement("layers: only any except {outer}"),
    ("atom", "atom_name"): _statement("layer 0: only {outer}, {group}"),
    ("atom", "atom_any"): _statement("layer 0: only any"),
    ("atom", "atom_number"): _number,
    ("atom", "atom_range"): _number_range,
    ("place", "place_input"): _if(lambda words: words.read, "layers from input 0: at most 1 {outer}"),
    ("place", "place_stage"): _if(_reads_stages, "layers from stage 1: never {outer}"),
    ("place", "place_previous"): _if(_reads_stages, "each stage: reads previous stage"),
    ("place", "place_output"): _if(lambda words: words.cell.output.layers, "layers into output: at least 1 {group}"),
    ("place", "place_name"): _if(_several, "some path from {read} to output: at least 1 {group}"),
}
