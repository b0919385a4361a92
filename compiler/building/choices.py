"""What the layers of a cell may choose: `layers choose`, `layers 0..2 choose`, `layer width choose`."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapt_dsl.compiler.building.context import MAX_CHOICES, MAX_NUMBER, BuildContext
from lapt_dsl.compiler.building.operators import expand
from lapt_dsl.diagnostics.diagnostic import Note
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.language.tree import ChooseItem


@dataclass
class CellChoices:
    """The candidates of the layers of a cell.

    `common` applies to the layers that `special` does not name; `numbers` gives each number layer its numbers. The
    second part of every value is the place of its declaration.
    """

    common: tuple[tuple[str, ...], Span] | None = None
    special: dict[int, tuple[tuple[str, ...], Span]] = field(default_factory=dict)
    numbers: dict[str, tuple[tuple[int, ...], Span]] = field(default_factory=dict)

    def candidates(self, index: int) -> tuple[str, ...]:
        """The operators that layer `index` may choose, by name; empty if it has no candidates."""
        found = self.special.get(index, self.common)
        return found[0] if found is not None else ()


def read_choices(context: BuildContext, cell: str, items: list[ChooseItem], layers: int) -> CellChoices:
    """Collect the choices of a cell that has `layers` operator layers; errors are added to `context`."""
    choices = CellChoices()
    for item in items:
        if item.name is not None:
            _number_layer(context, choices, cell, item)
        elif item.numbers:
            hint = "choose operators, or give the number layer a name: `layer width choose 16, 24;`"
            context.error("E117", "layers known by index choose operators, not numbers", item.span, hint)
        elif item.ranges is None:
            if choices.common is not None:
                note = Note("first declared here", choices.common[1])
                hint = "keep one; single layers may differ: `layer 3 choose ...;`"
                context.error("E117", f"all layers of cell `{cell}` choose twice", item.span, hint, (note,))
            else:
                choices.common = (expand(context, item.operators), item.span)
        else:
            _special(context, choices, cell, item, item.ranges.items, layers)
    return choices


def _special(
    context: BuildContext,
    choices: CellChoices,
    cell: str,
    item: ChooseItem,
    ranges: tuple[tuple[int, int], ...],
    layers: int,
) -> None:
    operators = expand(context, item.operators)
    for low, high in ranges:
        if low > high:
            context.error("E117", f"the range {low}..{high} is empty", item.span, f"write {high}..{low}")
            continue
        if high >= layers:
            hint = f"its layers are numbered 0 to {layers - 1}" if layers else "it has no layers"
            context.error("E117", f"cell `{cell}` has no layer {max(low, layers)}", item.span, hint)
        for index in range(low, min(high + 1, layers)):
            if index in choices.special:
                note = Note("first declared here", choices.special[index][1])
                message = f"layer {index} of cell `{cell}` chooses twice"
                context.error("E117", message, item.span, "keep one of the two", (note,))
                return
            choices.special[index] = (operators, item.span)


def _number_layer(context: BuildContext, choices: CellChoices, cell: str, item: ChooseItem) -> None:
    assert item.name is not None
    name = item.name
    if not item.numbers:
        hint = "write numbers, `layer width choose 16, 24;`, or the index of an operator layer"
        message = f"the layer `{shortened(name.text)}` is known by name, so it chooses numbers, not operators"
        context.error("E117", message, item.span, hint)
        return
    if name.text in choices.numbers:
        note = Note("declared here first", choices.numbers[name.text][1])
        message = f"the number layer `{shortened(name.text)}` of cell `{cell}` is declared twice"
        context.error("E101", message, name.span, "rename or remove one of the two", (note,))
        return
    if len(item.numbers) > MAX_CHOICES:
        message = (
            f"the layer `{shortened(name.text)}` has {len(item.numbers)} numbers; at most {MAX_CHOICES} are allowed"
        )
        context.error("E116", message, item.span, "choose from fewer numbers")
        return
    if len(set(item.numbers)) < len(item.numbers):
        twice = next(number for place, number in enumerate(item.numbers) if number in item.numbers[:place])
        context.error("E121", f"the number {twice} is listed twice", item.span, "remove the repetition")
        return
    if max(item.numbers) > MAX_NUMBER:
        hint = f"numbers go up to {MAX_NUMBER}"
        context.error("E116", f"the number {max(item.numbers)} is too large", item.span, hint)
        return
    choices.numbers[name.text] = (item.numbers, item.span)
