"""The allowed, evaluated and excluded choices of each layer during a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture, Cell, Choice


def open_lines(refined: RefinedSpace, tried: Iterable[Architecture], unused: bool) -> list[str]:
    """One line for each layer with a decision.

    Args:
        refined: The refined space of the principles in force.
        tried: All evaluated architectures.
        unused: Whether to add choices that were never tried and those that are closed.

    Returns:
        Lines of Markdown. Choices that the full space lacks at a layer are not mentioned.
    """
    space = refined.space
    whole = full(space).candidates
    left = refined.candidates
    encodings = [arch.encoding for arch in tried]
    lines = []
    for cell in space.cells:
        for layer in cell.layers:
            if len(whole[layer.decision].choices) < 2:
                continue
            possible = [layer.choices[label] for label in whole[layer.decision].choices]
            now = [layer.choices[label] for label in left[layer.decision].choices]
            seen = [layer.choices[encoding[layer.decision]] for encoding in encodings]
            where = f"{cell.name} " if len(space.cells) > 1 else ""
            phrases = [_phrase(_chosen, "", (possible, now, seen), unused)]
            if layer.wiring != "fixed" and not layer.is_number:
                phrases.append(_phrase(partial(_read, cell), "reads ", (possible, now, seen), unused))
            lines.append(f"- {where}layer {layer.key}: {'; '.join(text for text in phrases if text)}.")
    return lines


def _read(cell: Cell, label: Choice) -> list[str]:
    return [cell.nodes[index].name for index in label.sources]


def _chosen(label: Choice) -> list[str]:
    return [label.operator.name if label.operator is not None else str(label.number)]


def _phrase(
    names: Callable[[Choice], list[str]],
    verb: str,
    labels: tuple[Sequence[Choice], Sequence[Choice], Sequence[Choice]],
    unused: bool,
) -> str:
    """The possible, allowed and tried names (`labels`, in this order) as a phrase."""
    possible, now, seen = (list(dict.fromkeys(name for label in group for name in names(label))) for group in labels)
    if len(possible) < 2:
        return ""
    phrase = f"{verb}{', '.join(now) or 'nothing'}"
    if not unused:
        return phrase
    untried = [name for name in now if name not in seen]
    closed = [f"{name} (tried)" if name in seen else name for name in possible if name not in now]
    if untried:
        phrase += f" (not tried: {', '.join(untried)})"
    return phrase + (f"; closed: {', '.join(closed)}" if closed else "")
