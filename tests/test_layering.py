"""The import table of the architecture, enforced over every source file.

One direction only: text to tree, tree to model, model to automaton, automaton to targets. What is imported inside a
function counts as much as what is imported at the top.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Folder of the repository -> package it is imported as, the most specific folder first.
PACKAGES = {
    "compiler/targets": "lapt_dsl.compiler.targets",
    "compiler": "lapt_dsl.compiler",
    "grammars": "lapt_dsl.grammars",
    "spaces": "lapt_dsl.spaces",
    "lapt_dsl/language": "lapt_dsl.language",
    "lapt_dsl/propose": "lapt_dsl.propose",
    "lapt_dsl/evaluate": "lapt_dsl.evaluate",
    "lapt_dsl/search": "lapt_dsl.search",
    "lapt_dsl/commands": "lapt_dsl.commands",
    "lapt_dsl": "lapt_dsl",
}
_COMPILER = {"lapt_dsl.language", "lapt_dsl.spaces"}
_BELOW_SEARCH = set(PACKAGES.values()) - {"lapt_dsl.search", "lapt_dsl.commands", "lapt_dsl"}
MAY_IMPORT: dict[str, set[str]] = {
    "lapt_dsl.grammars": set(),
    "lapt_dsl.spaces": set(),
    "lapt_dsl.language": {"lapt_dsl.grammars"},
    "lapt_dsl.compiler": _COMPILER,
    "lapt_dsl.compiler.targets": {"lapt_dsl.compiler", "lapt_dsl.language"},
    "lapt_dsl.propose": {"lapt_dsl.language", "lapt_dsl.compiler", "lapt_dsl.compiler.targets"},
    "lapt_dsl.evaluate": {"lapt_dsl.compiler", "lapt_dsl.compiler.targets"},
    "lapt_dsl.search": _BELOW_SEARCH,
    "lapt_dsl.commands": _BELOW_SEARCH | {"lapt_dsl.search", "lapt_dsl"},
    # The front door: `import lapt_dsl as lapt` hands out what the packages make.
    "lapt_dsl": _BELOW_SEARCH | {"lapt_dsl.search"},
}


def sources() -> list[Path]:
    """Every Python file of the project's own packages."""
    folders = ("compiler", "grammars", "spaces", "lapt_dsl")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def package_of_file(path: Path) -> str:
    """The package a file belongs to."""
    place = path.relative_to(ROOT).as_posix()
    return next(package for folder, package in PACKAGES.items() if place.startswith(folder + "/"))


def package_of_module(module: str) -> str | None:
    """The package of ours an imported module belongs to, or None."""
    matches = [package for package in PACKAGES.values() if module == package or module.startswith(package + ".")]
    return max(matches, key=len, default=None)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports, wherever the statement stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield node.lineno, "." * node.level + (node.module or "")
            else:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_imports_only_what_its_folder_may(path: Path) -> None:
    package = package_of_file(path)
    wrong = []
    for line, name in imports(path):
        if name.startswith(".") or name.split(".")[0] in {"compiler", "grammars", "spaces"}:
            wrong.append(f"{path}:{line}: `{name}` is not imported by its full name under lapt_dsl")
        target = package_of_module(name)
        if target is not None and target != package and target not in MAY_IMPORT[package]:
            wrong.append(f"{path}:{line}: {package} may not import {name}")
    assert not wrong, "\n".join(wrong)


def test_the_table_can_refuse() -> None:
    assert package_of_module("lapt_dsl.compiler.targets.code.cells.Writer") == "lapt_dsl.compiler.targets"
    assert package_of_module("lapt_dsl.compiler.space.model.Space") == "lapt_dsl.compiler"
    assert package_of_module("numpy") is None
    assert "lapt_dsl.compiler" not in MAY_IMPORT["lapt_dsl.language"]


LINT = """
import sys
from lapt_dsl.language.parsing.parser import parse
tree, found = parse("principles p for any; principle a { layers: at most 1 pooling; }")
assert not found, found
import lapt_dsl
heavy = {"torch", "optuna", "matplotlib", "numpy", "networkx", "rich", "ConfigSpace"} & set(sys.modules)
assert not heavy, heavy
"""


def test_parsing_loads_no_heavy_library() -> None:
    done = subprocess.run([sys.executable, "-c", LINT], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
