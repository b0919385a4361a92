"""The frequency box: principles that allow the most frequent operators of each layer in an archive."""

from __future__ import annotations

from collections import Counter

from lapt_dsl.compiler.space.model import Cell, Layer
from lapt_dsl.propose.archive import Archive

KEPT = 2
"""Operators or numbers kept per layer."""


def box_principles(archive: Archive, kept: int = KEPT) -> str:
    """A principle file that allows the most frequent operators or numbers of every layer.

    Ties are resolved by the order of the space. This baseline transfers by counting alone.
    """
    space = archive.space
    blocks = []
    for cell in space.cells:
        rules = [_rule(archive, layer, kept) for layer in cell.layers]
        body = "\n".join(f"  {rule}" for rule in rules)
        if len(space.cells) > 1:
            inner = "\n".join(f"    {rule}" for rule in rules)
            body = f"  in {cell.name} {{\n{inner}\n  }}"
        blocks.append(f"principle {_name(cell)} {_sentence(archive, kept)} {{\n{body}\n}}\n")
    return f"principles frequency_box for {space.name};\n\n" + "\n".join(blocks)


def _name(cell: Cell) -> str:
    return f"frequent_in_{cell.name}"


def _sentence(archive: Archive, kept: int) -> str:
    return f'"Each layer keeps its {kept} most frequent choices among the {len(archive)} best."'


def _rule(archive: Archive, layer: Layer, kept: int) -> str:
    names = [str(label.operator.name if label.operator else label.number) for label in layer.choices]
    counts = Counter(names[scored.arch.encoding[layer.decision]] for scored in archive)
    order = list(dict.fromkeys(names))
    chosen = sorted(sorted(order, key=lambda name: (-counts[name], order.index(name)))[:kept], key=order.index)
    return f"layer {layer.key}: only {', '.join(chosen)};"
