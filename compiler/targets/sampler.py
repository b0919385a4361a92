"""`sampler.py`: a constrained REA sampler in one file that imports NumPy alone.

The file contains copies of `refined/encoded_set.py` and `targets/evolution.py`, and the refined space as plain tables.
For the same seed it therefore gives the same architectures in the same order as the library.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from importlib import resources

from lapt_dsl.compiler.automata.diagram import EMPTY, UNIT
from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.targets.code.python_text import header

DOCSTRING = "Regularized evolution by `ask` and `tell` that never leaves the refined space."

IMPORTS = """\
from __future__ import annotations

import math
import sys
from collections import deque
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
"""

INTERFACE = '''\
def sampler(
    population: int = 10,
    tournament: int = 5,
    seed: int = 0,
) -> RegularizedEvolution:
    """A new search: `ask()` gives an encoding; evaluate its `text`, report it by `tell`; None ends the search."""
    return RegularizedEvolution(SPACE, population, tournament, seed)


def text(encoding: Encoding) -> str:
    """An encoding in the notation of its search space."""
    return NOTATION % tuple([names[encoding[level]] for level, names in FIELDS])


def main(arguments: Sequence[str]) -> int:
    """Print architectures drawn by the soft weights, none twice: `python sampler.py [COUNT [SEED]]`."""
    count = int(arguments[0]) if arguments else 10
    seed = int(arguments[1]) if len(arguments) > 1 else 0
    search = sampler(population=max(count, 1), tournament=1, seed=seed)
    for _ in range(count):
        encoding = search.ask()
        if encoding is None:
            break
        print(text(encoding))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''


def write_sampler(refined: RefinedSpace, inputs: Sequence[tuple[str, str]]) -> str:
    """The text of `sampler.py`.

    Args:
        refined: the refined space; it must not be empty.
        inputs: names and SHA-256 sums (hexadecimal) of the files it was generated from, for the header.

    Returns:
        Python source, the same bytes for the same input.

    Raises:
        ValueError: the refined space is empty.
    """
    if not refined:
        raise ValueError("an empty refined space has no sampler")
    title = f"A sampler for the space {refined.space.name}, as its principles leave it."
    top = f'{header(title, inputs)}\n\n"""{DOCSTRING}"""\n\n{IMPORTS}'
    # A formatter wants one blank line between imports and a plain assignment, two around classes and functions.
    encoded = _body("lapt_dsl.compiler.refined", "encoded_set.py").strip("\n")
    parts = [
        f"{top}\n{encoded}",
        _body("lapt_dsl.compiler.targets", "evolution.py"),
        _tables(refined),
        INTERFACE,
    ]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _body(package: str, name: str) -> str:
    """A module of the project from its first statement that is neither its docstring nor an import."""
    source = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    for statement in ast.parse(source).body[1:]:
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            return "".join(source.splitlines(keepends=True)[_first_line(statement) - 1 :])
    return ""


def _first_line(statement: ast.stmt) -> int:
    if isinstance(statement, ast.ClassDef | ast.FunctionDef) and statement.decorator_list:
        return statement.decorator_list[0].lineno
    return statement.lineno


def _tables(refined: RefinedSpace) -> str:
    """The refined space as literals, its nodes numbered in order of discovery from 2 on."""
    encoded = refined.encoded
    levels = encoded.levels()
    numbers = {EMPTY: 0, UNIT: 1}
    for nodes in levels:
        for node in nodes:
            numbers.setdefault(node, len(numbers))
    patterns: dict[tuple[int, ...], int] = {}
    lines = []
    for nodes in levels:
        for node in nodes:
            pattern = patterns.setdefault(encoded.pattern_of[node], len(patterns))
            lines.append(f"    ({pattern}, {tuple(numbers[child] for child in encoded.children[node])!r}),\n")
    notation, fields = refined.space.codec.writer
    stages = [stage for cell in refined.space.cells for stage in cell.sorted_stages]
    return (
        "# The refined space as a layered decision diagram. A node is (pattern, children): the pattern gives each\n"
        "# label of its level a class, the children one node per class. Node 0 is the empty set, node 1 a word's end.\n"
        "# fmt: off\n"
        f"PATTERNS: list[tuple[int, ...]] = [\n{_rows(list(patterns))}]\n"
        f"NODES: list[tuple[int, tuple[int, ...]]] = [\n{''.join(lines)}]\n"
        "# Per level and label: the operator (or number) and the nodes that are read.\n"
        f"CHOICES: list[list[tuple[Hashable, tuple[int, ...]]]] = [\n{_rows(encoded.choices)}]\n"
        "# Levels whose (operator, sources) pairs form a set, written in ascending order of sources.\n"
        f"STAGES: list[tuple[int, ...]] = [\n{_rows(stages)}]\n"
        "# Log sampling weights per level and label, None where every label weighs the same.\n"
        f"LOGS: list[tuple[float, ...] | None] = [\n{_rows(encoded.logs)}]\n"
        f"NOTATION = {notation!r}\n"
        f"FIELDS: list[tuple[int, tuple[str, ...]]] = [\n{_rows(fields)}]\n"
        "# fmt: on\n"
        "SPACE = EncodedSet(\n"
        "    [(), (), *[children for _, children in NODES]],\n"
        "    [(), (), *[PATTERNS[pattern] for pattern, _ in NODES]],\n"
        f"    {numbers[encoded.root]},\n"
        "    CHOICES,\n"
        "    STAGES,\n"
        "    LOGS,\n"
        ")"
    )


def _rows(rows: Sequence[object]) -> str:
    return "".join(f"    {row!r},\n" for row in rows)
