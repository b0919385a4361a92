"""Operators of a space by another spelling or by the name that the benchmark uses."""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.spelling import letters


def operator_meant(word: str, space: Space) -> tuple[str, str] | None:
    """The code of the diagnostic (E230 or E231) and the operator or trait that an unknown word means, or None."""
    operators = [operator.name for operator in space.operators]
    written = {name: space.codes[name] for name in operators if name in space.codes}
    exact = {name for name, code in written.items() if code == word}
    if len(exact) == 1:
        return "E230", exact.pop()
    near = {name for name in (*operators, *space.traits, "any") if letters(name) == letters(word)}
    coded = {name for name, code in written.items() if letters(code) == letters(word)}
    if not letters(word) or len(near | coded) != 1:
        return None
    return ("E231", near.pop()) if near else ("E230", coded.pop())


def operator_numbered(number: int, space: Space) -> tuple[str, str] | None:
    """What a number in an operator list means: the benchmark's code (E230), or else the operator's position (E232)."""
    coded = [operator.name for operator in space.operators if space.codes.get(operator.name) == str(number)]
    if len(coded) == 1:
        return "E230", coded[0]
    if coded or any(space.codes.get(operator.name, "").isdigit() for operator in space.operators):
        return None
    ordered = all(layer.operators == space.operators for layer in space.layers if not layer.is_number)
    return ("E232", space.operators[number].name) if ordered and number < len(space.operators) else None
