"""Operator lists of the principle language as sets of operators, of numbers, and of choices of a layer."""

from __future__ import annotations

from typing import assert_never

from lapt_dsl.compiler.space.model import Layer, Space
from lapt_dsl.language.tree.principles import OperatorAtom, Operators


class OperatorSets:
    """Evaluates operator lists over one space, each pair of list and layer once. Unknown names are empty sets here."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._names: dict[Operators, frozenset[str]] = {}
        self._labels: dict[tuple[int, Operators], frozenset[int]] = {}
        self._number = {operator.name: number for number, operator in enumerate(space.operators)}

    def names(self, operators: Operators) -> frozenset[str]:
        """The operators of the space that a list stands for: `include` without `exclude`."""
        found = self._names.get(operators)
        if found is None:
            found = self._names[operators] = self._union(operators.include) - self._union(operators.exclude)
        return found

    def choices(self, layer: Layer, operators: Operators) -> frozenset[int]:
        """The choices of a layer whose operator, or number, is in the list."""
        key = (layer.decision, operators)
        found = self._labels.get(key)
        if found is None:
            if layer.is_number:
                numbers = [choice.number for choice in layer.choices]
                found = frozenset(
                    i for i, number in enumerate(numbers) if number is not None and holds(operators, number)
                )
            else:
                names = self.names(operators)
                found = frozenset(
                    i
                    for i, choice in enumerate(layer.choices)
                    if choice.operator is not None and choice.operator.name in names
                )
            self._labels[key] = found
        return found

    def classes(self, layer: Layer) -> tuple[int, ...]:
        """Per choice what `same operator` compares: the operator's number in the space, or the number itself."""
        return tuple(
            self._number[choice.operator.name] if choice.operator is not None else choice.number or 0
            for choice in layer.choices
        )

    def _union(self, atoms: tuple[OperatorAtom, ...]) -> frozenset[str]:
        return frozenset(
            operator.name
            for operator in self._space.operators
            if any(atom.kind == "any" or atom.name == operator.name or atom.name in operator.traits for atom in atoms)
        )


def holds(operators: Operators, number: int) -> bool:
    """Whether a number is in a list of numbers and ranges."""
    return _any_holds(operators.include, number) and not _any_holds(operators.exclude, number)


def atom_holds(atom: OperatorAtom, number: int) -> bool:
    """Whether a number is one entry of a list of numbers, or in it."""
    match atom.kind:
        case "any":
            return True
        case "name":
            return False
        case "number":
            return atom.low == number
        case "range":
            return atom.low is not None and atom.high is not None and atom.low <= number <= atom.high
        case _:
            assert_never(atom.kind)


def atom_text(atom: OperatorAtom) -> str:
    """An entry as it is written."""
    if atom.kind == "range":
        return f"{atom.low}..{atom.high}"
    return str(atom.low) if atom.kind == "number" else atom.name or "any"


def _any_holds(atoms: tuple[OperatorAtom, ...], number: int) -> bool:
    return any(atom_holds(atom, number) for atom in atoms)
