"""The networks of a space: the image, the stem, the stacked cells and blocks, and the head."""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.compiler import catalogue
from lapt_dsl.compiler.building.context import (
    MAX_BUILT_CHOICES,
    MAX_INSTANCES,
    MAX_NETWORKS,
    MAX_NUMBER,
    BuildContext,
)
from lapt_dsl.compiler.space.model import Cell, Network, NetworkPart, NumberRef, Value
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.language import tree

DEFAULT_NETWORK = "default"
"""The name of a network that is declared without a name."""

_CELL_ARGUMENTS = ("channels", "stride")
_IMAGE_ARGUMENTS = ("channels", "size")
_MAX_STRIDE = 32
_PLACE_OF = {"image": 0, "stem": 1, "body": 2, "head": 3}


def build_networks(
    context: BuildContext, items: list[tree.NetworkItem], names: Sequence[str], cells: list[Cell]
) -> list[Network]:
    """Resolve the networks.

    Args:
        context: The build.
        items: The networks as written; the first is the default one.
        names: All declared cells, including those that could not be built.
        cells: The cells that could be built.

    Returns:
        The networks that could be built.
    """
    taken: dict[str, Span] = {}
    networks: list[Network] = []
    if len(items) > MAX_NETWORKS:
        message = f"the space declares {len(items)} networks; at most {MAX_NETWORKS} are allowed"
        context.error("E116", message, items[MAX_NETWORKS].span, "declare fewer networks")
        items = items[:MAX_NETWORKS]
    for item in items[1:]:
        if item.name is None and items[0].name is not None:
            hint = "move it up, or give it a name"
            context.error("E111", "the default network must come first", item.span, hint)
    choices = {cell.name: sum(len(layer.choices) for layer in cell.layers) for cell in cells}
    built = 0
    for item in items:
        built += sum(part.repeat * choices.get(part.call.name.text, 0) for part in item.parts)
        if built > MAX_BUILT_CHOICES:
            message = f"the cells that the networks stack up to here have {built} choices together"
            context.error("E116", message, item.span, f"at most {MAX_BUILT_CHOICES} are allowed; stack fewer cells")
            break
        name = item.name if item.name is not None else tree.Name(text=DEFAULT_NETWORK, span=item.span)
        if context.declare(taken, name, "network"):
            networks.append(_build_network(context, item, name.text, names, cells))
    return networks


def _build_network(
    context: BuildContext, item: tree.NetworkItem, name: str, names: Sequence[str], cells: list[Cell]
) -> Network:
    known = {cell.name: cell for cell in cells}
    image: dict[str, int] = {"channels": 3, "size": 32}
    parts: list[NetworkPart] = []
    _check_order(context, item)
    for part in item.parts:
        if part.kind == "image":
            image.update(_image(context, part))
        elif part.call.name.text in names:
            resolved = _cell_part(context, part, known.get(part.call.name.text))
            parts += [resolved] if resolved is not None else []
        else:
            resolved = _block_part(context, part, names)
            parts += [resolved] if resolved is not None else []
    if not any(part.kind == "body" for part in item.parts):
        context.error("E111", "the network stacks no cell", item.span, "add one: `5 x main;`")
    if sum(part.repeat for part in item.parts) > MAX_INSTANCES:
        hint = f"at most {MAX_INSTANCES} are allowed"
        context.error("E116", "the network stacks too many cells and blocks", item.span, hint)
    return Network(name, image["channels"], image["size"], tuple(parts))


def _check_order(context: BuildContext, item: tree.NetworkItem) -> None:
    """Report the first part that is out of order or repeated where only one is allowed."""
    place = -1
    for part in item.parts:
        here = _PLACE_OF[part.kind]
        if here < place or (here == place and part.kind in ("image", "head")):
            hint = "the order is image, stem, cells and blocks, head; image and head occur once"
            context.error("E111", f"the {_line_name(part)} comes too late in the network", part.span, hint)
            return
        place = here


def _line_name(part: tree.NetworkLine) -> str:
    return part.kind if part.kind != "body" else f"line `{shortened(part.call.name.text)}`"


def _image(context: BuildContext, part: tree.NetworkLine) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, argument in _arguments(context, part.call, _IMAGE_ARGUMENTS, "an image").items():
        number = _positive(context, argument)
        if number is not None:
            found[key] = number
    return found


def _arguments(context: BuildContext, call: tree.Call, allowed: tuple[str, ...], of: str) -> dict[str, tree.Argument]:
    """The valid arguments of a call, by name; the others are reported."""
    found: dict[str, tree.Argument] = {}
    for argument in call.arguments:
        if argument.key is None or argument.key not in allowed:
            name = f"`{shortened(argument.key)}`" if argument.key is not None else "without a name"
            hint = context.suggestions.hint(argument.key or "", allowed, "arguments")
            context.error("E111", f"the argument {name} is not an argument of {of}", argument.span, hint)
        elif argument.key in found:
            message = f"the argument `{argument.key}` is given twice"
            context.error("E111", message, argument.span, "keep one of the two")
        else:
            found[argument.key] = argument
    return found


def _positive(context: BuildContext, argument: tree.Argument) -> int | None:
    """The value of an argument that must be a whole number from 1 to its limit."""
    limit = _MAX_STRIDE if argument.key == "stride" else MAX_NUMBER
    if isinstance(argument.value, int) and 1 <= argument.value <= limit:
        return argument.value
    hint = f"write a whole number from 1 to {limit}"
    context.error("E111", f"`{argument.key}` cannot have this value", argument.span, hint)
    return None


def _cell_part(context: BuildContext, part: tree.NetworkLine, cell: Cell | None) -> NetworkPart | None:
    if part.kind != "body":
        hint = f"write it without `{part.kind}`"
        context.error("E111", f"a cell cannot be the {part.kind}", part.span, hint)
        return None
    _check_repeat(context, part)
    found: dict[str, Value | NumberRef] = {}
    for key, argument in _arguments(context, part.call, _CELL_ARGUMENTS, "a cell").items():
        value = argument.value
        number = _reference(context, cell, key, value) if isinstance(value, tree.Name) else _positive(context, argument)
        if number is not None:
            found[key] = number
    return NetworkPart("body", part.repeat, part.call.name.text, None, tuple(found.items()))


def _reference(context: BuildContext, cell: Cell | None, key: str, name: tree.Name) -> NumberRef | None:
    """An argument of a cell that takes the number of one of the cell's number layers."""
    if cell is None:
        return None
    layer = cell.layer(name.text)
    if layer is None:
        known = [str(number.key) for number in cell.number_layers]
        context.unknown("E118", f"a number layer of cell `{shortened(cell.name)}`", name, known, "number layers")
        return None
    if min(choice.number or 0 for choice in layer.choices) < 1:
        message = f"`{key}` cannot be 0, which layer `{shortened(name.text)}` may choose"
        context.error("E111", message, name.span, "let the layer choose numbers from 1")
        return None
    return NumberRef(name.text)


def _check_repeat(context: BuildContext, part: tree.NetworkLine) -> None:
    if part.repeat < 1:
        context.error("E111", "a part cannot be repeated 0 times", part.span, "remove it")


def _block_part(context: BuildContext, part: tree.NetworkLine, names: Sequence[str]) -> NetworkPart | None:
    assert part.kind != "image"
    _check_repeat(context, part)
    if part.call.name.text not in catalogue.ENTRIES:
        body = part.kind == "body"
        known = [*names, *catalogue.ENTRIES] if body else list(catalogue.ENTRIES)
        what = "a cell of the space or a block of the catalogue" if body else "a block of the catalogue"
        context.unknown("E110", what, part.call.name, known, "cells and blocks" if body else "blocks")
        return None
    implementation = context.implementation(part.call, part.kind)
    return None if implementation is None else NetworkPart(part.kind, part.repeat, None, implementation)
