"""The source text of the torch classes of the catalogue, to be copied into generated files."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_FILES = ("torch_modules.py", "torch_choice.py")


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    text: str
    uses: frozenset[str]


@cache
def _definitions() -> dict[str, _Definition]:
    from importlib.resources import files

    found: dict[str, _Definition] = {}
    for file in _FILES:
        text = files("lapt_dsl.compiler.catalogue").joinpath(file).read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                body = "\n".join(lines[node.lineno - 1 : node.end_lineno])
                found[node.name] = _Definition(node.name, body, used_names(node))
    return found


def defined_names() -> frozenset[str]:
    """All classes and functions that can be copied into a generated file."""
    return frozenset(_definitions())


def used_names(tree: ast.AST) -> frozenset[str]:
    """Every plain name in a piece of code, annotations included."""
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def definitions(names: Iterable[str]) -> str:
    """The source of the named classes and functions and of all they use, in the catalogue's order."""
    known = _definitions()
    wanted: set[str] = set()
    waiting = [name for name in names if name in known]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(known[name].uses & known.keys())
    return "\n\n\n".join(definition.text for name, definition in known.items() if name in wanted)
