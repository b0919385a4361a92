"""The layers of a cell as decisions, each with its choices: every pair (operator, sources) it may take."""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.compiler.building.cell_draft import CellDraft, WiredLayer
from lapt_dsl.compiler.building.choices import CellChoices
from lapt_dsl.compiler.building.context import MAX_ALL_CHOICES, MAX_CHOICES, MAX_DECISIONS, MAX_REPEAT, BuildContext
from lapt_dsl.compiler.space.model import Choice, Implementation, Layer, NumberRef, Operator
from lapt_dsl.diagnostics.diagnostic import Note
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.language.tree import Argument, Name


def build_layers(context: BuildContext, draft: CellDraft, choices: CellChoices) -> tuple[Layer, ...] | None:
    """Build the decisions of a cell, number layers first.

    Args:
        context: The build; its next free level is advanced.
        draft: The cell, with its layers numbered from 0 without a gap.
        choices: The candidates of its layers.

    Returns:
        The layers in the order of the decisions, or None if a limit is exceeded.
    """
    if not _within_limits(context, draft, choices):
        return None
    _check_distinct(context, draft, choices)
    _check_references(context, draft, choices)
    layers: list[Layer] = []
    for name, (numbers, _) in choices.numbers.items():
        options = tuple(Choice(None, number, ()) for number in numbers)
        layers.append(Layer(draft.item.name.text, context.decisions, name, None, "none", (), options))
        context.decisions += 1
    for index, wired in sorted(draft.layers.items()):
        operators = [context.operators[name] for name in choices.candidates(index)]
        sources = _source_choices(wired)
        options = tuple(Choice(operator, None, choice) for operator in operators for choice in sources)
        kind, repeat = wired.term.wiring.kind, _repeat(context, draft, choices, wired)
        layers.append(
            Layer(draft.item.name.text, context.decisions, index, wired.target, kind, wired.options, options, repeat)
        )
        context.decisions += 1
    return tuple(layers)


def _within_limits(context: BuildContext, draft: CellDraft, choices: CellChoices) -> bool:
    """Count decisions and choices before any is built, because the counts of an untrusted file may be huge."""
    decisions = context.decisions + len(choices.numbers) + len(draft.layers)
    if decisions > MAX_DECISIONS:
        message = f"with cell `{draft.name}` the space has {decisions} layers; at most {MAX_DECISIONS} are allowed"
        context.error("E116", message, draft.item.name.span, "make the cells smaller")
        return False
    total = sum(len(numbers) for numbers, _ in choices.numbers.values())
    for index, wired in sorted(draft.layers.items()):
        candidates = len(choices.candidates(index))
        if not candidates:
            hint = "add `layers choose ...;`, or for one layer `layer 3 choose ...;`"
            message = f"layer {index} of cell `{draft.name}` has no candidates"
            context.error("E105", message, wired.term.span, hint)
        ways = _ways(wired)
        if candidates * ways > MAX_CHOICES:
            message = f"layer {index} has {candidates} operators times {ways} ways to read its sources"
            hint = f"a layer may have {MAX_CHOICES} choices; give it fewer sources or operators"
            context.error("E116", message, wired.term.span, hint)
            return False
        total += candidates * ways
    context.choices += total
    if context.choices > MAX_ALL_CHOICES:
        message = f"with cell `{draft.name}` the layers have {context.choices} choices together"
        context.error(
            "E116", message, draft.item.name.span, f"at most {MAX_ALL_CHOICES} are allowed; make the cells smaller"
        )
        return False
    return True


def _ways(wired: WiredLayer) -> int:
    """The number of source sets a layer may read."""
    kind, count = wired.term.wiring.kind, len(wired.options)
    if kind in ("fixed", "one"):
        return count
    subsets: int = 2**count
    return subsets - 1 if kind == "some" else subsets


def _source_choices(wired: WiredLayer) -> list[tuple[int, ...]]:
    """The source sets of a layer, in the order of its choices."""
    if wired.term.wiring.kind in ("fixed", "one"):
        return [(option,) for option in wired.options]
    first = 1 if wired.term.wiring.kind == "some" else 0
    return [_subset(wired.options, mask) for mask in range(first, 2 ** len(wired.options))]


def _subset(options: Sequence[int], mask: int) -> tuple[int, ...]:
    return tuple(sorted(option for bit, option in enumerate(options) if mask >> bit & 1))


def _check_distinct(context: BuildContext, draft: CellDraft, choices: CellChoices) -> None:
    """Layers that read distinct sources are interchangeable, so they must have the same choices."""
    for node in draft.nodes:
        if not node.distinct_sources:
            continue
        span, name = draft.spans[node.name], shortened(node.name)
        layers = [draft.layers[key] for key in node.layers]
        if len(layers) == 1:
            hint = "remove `, distinct sources`"
            context.error("E115", f"`{name}` has only one layer, so its sources are always distinct", span, hint)
        for layer in layers:
            problem = _inequality(layer, layers[0], choices)
            if problem is not None:
                message = f"`{name}` requires distinct sources, but {problem[0]}"
                context.error("E115", message, layer.term.span, problem[1])
        if len(layers[0].options) < len(layers):
            message = f"the {len(layers)} layers of `{name}` cannot read distinct sources: there are too few to read"
            context.error("E119", message, span, "list more nodes to read, or use fewer layers")


def _inequality(layer: WiredLayer, first: WiredLayer, choices: CellChoices) -> tuple[str, str] | None:
    """Why two layers are not interchangeable, and the remedy; None where they are."""
    one, other = layer.term.index, first.term.index
    if layer.term.wiring.kind != "one":
        return f"layer {one} does not read `one of` several", "write `one of {...}` for each layer of the node"
    if layer.options != first.options:
        hint = "list the same nodes in the same order: the order of the layers does not count"
        return f"layer {one} does not read one of the same nodes as layer {other}", hint
    if choices.candidates(one) != choices.candidates(other):
        return f"layer {one} does not choose as layer {other} does", "give both the same operators in the same order"
    if layer.term.repeat != first.term.repeat:
        return f"layer {one} is not repeated as layer {other} is", "give both the same repetition"
    return None


def _repeat(context: BuildContext, draft: CellDraft, choices: CellChoices, wired: WiredLayer) -> int | NumberRef:
    repeat = wired.term.repeat
    if repeat is None:
        return 1
    numbers: tuple[int, ...] = (repeat,) if isinstance(repeat, int) else ()
    span = wired.term.span
    if isinstance(repeat, Name):
        span = repeat.span
        if repeat.text not in choices.numbers:
            context.unknown("E118", f"a number layer of cell `{draft.name}`", repeat, choices.numbers, "number layers")
            return 1
        numbers = choices.numbers[repeat.text][0]
    if min(numbers) < 1 or max(numbers) > MAX_REPEAT:
        wrong = min(numbers) if min(numbers) < 1 else max(numbers)
        hint = f"a layer is repeated 1 to {MAX_REPEAT} times; use an operator `zero()` to remove it"
        context.error("E117", f"a layer cannot be repeated {wrong} times", span, hint)
    return repeat if isinstance(repeat, int) else NumberRef(repeat.text)


def _check_references(context: BuildContext, draft: CellDraft, choices: CellChoices) -> None:
    """Operators of the cell that take a number layer's number must find it here, and accept every number of it."""
    names = dict.fromkeys(name for index in sorted(draft.layers) for name in choices.candidates(index))
    for name in names:
        call = context.operator_calls.get(name)
        if call is None:
            continue
        for argument in call.arguments:
            if not isinstance(argument.value, Name):
                continue
            if argument.value.text in choices.numbers:
                _check_numbers(context, context.operators[name], argument, choices)
                continue
            note = Note(f"cell `{draft.name}` chooses `{shortened(name)}`", draft.item.name.span)
            known = context.suggestions.hint(argument.value.text, choices.numbers, "number layers")
            message = f"`{shortened(argument.value.text)}` is not a number layer of cell `{draft.name}`"
            context.error("E118", message, argument.value.span, known, (note,))


def _check_numbers(context: BuildContext, operator: Operator, argument: Argument, choices: CellChoices) -> None:
    """Try every number the argument may take, with the first number of each other number layer."""
    assert isinstance(argument.value, Name)
    constants = {
        key: choices.numbers[value.name][0][0]
        if isinstance(value, NumberRef) and value.name in choices.numbers
        else value
        for key, value in operator.implementation.arguments
    }
    numbers = choices.numbers[argument.value.text][0]
    context.trials += len(numbers)
    if context.trials > MAX_ALL_CHOICES:
        message = f"together the operators may take {context.trials} numbers as arguments up to here"
        hint = f"at most {MAX_ALL_CHOICES} are allowed; choose from fewer numbers"
        context.error("E116", message, argument.span, hint)
        return
    for number in numbers:
        arguments = {**constants, argument.key or "": number}
        implementation = Implementation(operator.implementation.name, tuple(arguments.items()))
        if not context.accepted(implementation, "operator", argument.span):
            return
