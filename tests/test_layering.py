"""Who may import whom, over every import of every source file, those inside functions and for type checkers included.

One direction only: text to tree, tree to model, model to automaton, automaton to targets. A folder stands below those
it may import from nothing but this table; docs/architecture.md says what the folders are for.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINKED = ("compiler", "grammars", "spaces")
"""Top-level folders that are imported as `lapt_dsl.compiler` and so on."""

# Folder -> the folders it may import from beside itself, the lowest first. A folder imports none named after it.
EDGES: dict[str, str] = {
    "grammars": "",
    "spaces": "",
    "diagnostics/codes": "",
    "diagnostics": "diagnostics/codes",
    "language": "",
    "language/tree": "diagnostics",
    "language/forms": "grammars language/tree",
    "language/parsing": "grammars diagnostics/codes diagnostics language/tree language/forms",
    "language/printing": "language/tree language/forms language/parsing",
    "language/replies": "diagnostics language/tree language/parsing",
    "compiler/program": "language/forms diagnostics language/tree language/parsing language/printing",
    "compiler/space": "diagnostics",
    "compiler/space/interchange": "",
    "compiler/space/notations": "diagnostics compiler/space compiler/space/interchange",
    "compiler/catalogue": "diagnostics compiler/space",
    "compiler/networks": "diagnostics compiler/space compiler/catalogue",
    "compiler/building": (
        "spaces diagnostics language/tree language/parsing language/printing compiler/program compiler/space "
        "compiler/space/notations compiler/catalogue compiler/networks"
    ),
    "compiler/lowering": "diagnostics language/tree language/forms compiler/space",
    "compiler/automata": "compiler/space compiler/networks compiler/lowering",
    "compiler/refined": (
        "diagnostics language/forms compiler/program compiler/space compiler/networks compiler/lowering "
        "compiler/automata"
    ),
    "compiler/analyses": (
        "diagnostics language/tree language/parsing compiler/program compiler/space compiler/networks "
        "compiler/building compiler/lowering compiler/automata compiler/refined"
    ),
    "compiler/targets/code": ("diagnostics compiler/space compiler/catalogue compiler/networks compiler/refined"),
    "compiler/targets": (
        "compiler/space compiler/lowering compiler/automata compiler/refined compiler/analyses compiler/targets/code"
    ),
    "compiler/targets/decoder": (
        "diagnostics language/tree language/forms language/parsing language/printing compiler/space "
        "compiler/networks compiler/lowering"
    ),
    "compiler/views": "compiler/space compiler/refined compiler/analyses",
    "compiler": "compiler/space compiler/views",
    "propose": ("diagnostics language/tree language/printing compiler/program compiler/space compiler/refined"),
    "propose/induction": (
        "diagnostics language/tree language/parsing language/printing compiler/program compiler/space "
        "compiler/networks compiler/lowering compiler/automata compiler/refined propose"
    ),
    "propose/prompts": (
        "diagnostics language/forms language/printing compiler/space compiler/networks compiler/refined "
        "propose propose/induction"
    ),
    "propose/model": (
        "diagnostics language/tree language/parsing language/replies compiler/program compiler/space "
        "compiler/refined compiler/analyses compiler/targets/decoder propose propose/prompts"
    ),
    "evaluate": "diagnostics compiler/program compiler/space compiler/building compiler/refined",
    "evaluate/analytic": "diagnostics compiler/space compiler/networks evaluate",
    "evaluate/tables": ("diagnostics compiler/program compiler/space compiler/building compiler/refined evaluate"),
    "evaluate/data": "diagnostics evaluate evaluate/tables",
    "evaluate/training": ("diagnostics compiler/space compiler/networks compiler/targets/code evaluate evaluate/data"),
    "evaluate/proxies": (
        "diagnostics compiler/space compiler/networks compiler/refined compiler/targets/code evaluate "
        "evaluate/data evaluate/training"
    ),
    "evaluate/supernet": (
        "diagnostics compiler/program compiler/space compiler/networks compiler/building compiler/refined "
        "compiler/targets/code evaluate evaluate/data evaluate/training"
    ),
    "evaluate/surrogate": "diagnostics compiler/program compiler/space evaluate",
    "evaluate/external": "diagnostics compiler/space compiler/targets/code compiler/targets evaluate",
    "search": "compiler/space evaluate",
    "search/strategies": "compiler/space compiler/refined compiler/targets propose search",
    "search/workers": "diagnostics compiler/space compiler/refined evaluate evaluate/external search",
    "search/store": "diagnostics compiler/space propose propose/model evaluate search",
    "search/bridges": "diagnostics compiler/space compiler/refined",
    "search/run": (
        "diagnostics language/tree language/printing compiler/space compiler/building compiler/refined "
        "propose propose/model evaluate evaluate/tables search search/strategies search/workers search/store"
    ),
    "experiments": (
        "diagnostics compiler/space compiler/refined propose propose/induction propose/model evaluate "
        "evaluate/tables search search/strategies search/run"
    ),
    "lapt_dsl": (
        "diagnostics language/tree language/parsing language/printing compiler/program compiler/space "
        "compiler/building compiler/automata compiler/refined compiler/analyses compiler/targets/code"
    ),
    "commands/options": (
        "spaces diagnostics compiler/program compiler/space compiler/building compiler/automata "
        "compiler/refined propose propose/model evaluate evaluate/tables evaluate/supernet search "
        "search/strategies search/workers search/store search/run lapt_dsl"
    ),
    "commands/views": (
        "diagnostics language/printing language/replies compiler/program compiler/space compiler/automata "
        "compiler/refined compiler/analyses compiler/targets propose/model evaluate search search/strategies "
        "search/run experiments commands/options"
    ),
    "commands": "diagnostics commands/options commands/views search/run",
    "commands/verbs": (
        "spaces diagnostics language/printing compiler/program compiler/space "
        "compiler/space/interchange compiler/networks "
        "compiler/building compiler/lowering compiler/automata compiler/refined compiler/analyses "
        "compiler/targets/code compiler/targets compiler/targets/decoder compiler/views "
        "propose propose/induction propose/prompts propose/model evaluate evaluate/tables evaluate/surrogate search "
        "search/strategies search/store search/run experiments commands/options commands/views commands"
    ),
}

MOST_MODULES = 25


def sources() -> dict[str, Path]:
    """Every module of the project by its full name."""
    found = {}
    for top in ("lapt_dsl", *LINKED):
        package = ("lapt_dsl", top) if top in LINKED else (top,)
        for path in sorted((ROOT / top).rglob("*.py")):
            inside = path.relative_to(ROOT / top).with_suffix("").parts
            if top == "lapt_dsl" and inside[0] in LINKED:
                continue  # a link, followed by some versions of Python
            found[".".join([*package, *(part for part in inside if part != "__init__")])] = path
    return found


SOURCES = sources()


def folder(module: str) -> str:
    """The folder of a module as the table names it; `lapt_dsl` for the modules right below."""
    path = SOURCES[module].relative_to(ROOT)
    return path.parent.as_posix().removeprefix("lapt_dsl/")


def targets(module: str, tree: ast.Module, modules: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """Line and module of everything of ours that a module imports, wherever the statement stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module in modules:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield node.lineno, inside if inside in modules else node.module


def graph() -> dict[str, list[tuple[int, str]]]:
    """Every module with the modules of ours that it imports."""
    return {
        module: list(targets(module, ast.parse(path.read_text(encoding="utf-8")), SOURCES))
        for module, path in SOURCES.items()
    }


def cycle(edges: Mapping[str, set[str]]) -> list[str]:
    """Some cycle of a directed graph, or nothing."""
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        stack = [(start, iter(sorted(edges[start])))] if start not in done else []
        while stack:
            node, rest = stack[-1]
            if not path or path[-1] != node:
                path.append(node)
            following = next((target for target in rest if target not in done), None)
            if following is None:
                done.add(node)
                stack.pop()
                path.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            else:
                stack.append((following, iter(sorted(edges.get(following, ())))))
    return []


def problems(imports: Mapping[str, list[tuple[int, str]]]) -> list[str]:
    """Imports that the table does not allow."""
    allowed = {name: {name, *listed.split()} for name, listed in EDGES.items()}
    found = []
    for module, named in imports.items():
        here = folder(module)
        found += [
            f"{SOURCES[module].relative_to(ROOT)}:{line}: {here} may not import {target}"
            for line, target in named
            if folder(target) not in allowed[here]
        ]
    return found


def test_folders_import_only_what_the_table_allows() -> None:
    assert not problems(graph())


def test_no_module_cycle() -> None:
    assert not cycle({module: {target for _, target in named} - {module} for module, named in graph().items()})


def test_the_table_has_one_direction_and_no_entry_too_many() -> None:
    order = list(EDGES)
    used: dict[str, set[str]] = {name: set() for name in order}
    for module, named in graph().items():
        used[folder(module)] |= {folder(target) for _, target in named} - {folder(module)}
    for name, listed in EDGES.items():
        assert set(listed.split()) == used[name], f"the table lists what {name} does not import"
        assert all(order.index(target) < order.index(name) for target in listed.split()), name


def test_every_import_has_the_full_name() -> None:
    for module, path in SOURCES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert not node.level, f"{module}:{node.lineno}: a relative import"
                names = [node.module or ""]
            assert not {name.split(".")[0] for name in names} & set(LINKED), f"{module}: not under lapt_dsl"


def test_an_edge_or_a_cycle_more_is_noticed() -> None:
    tree = ast.parse("def later():\n    from lapt_dsl.search.run import loop\n")
    named = list(targets("lapt_dsl.compiler.space.model", tree, SOURCES))
    assert named == [(2, "lapt_dsl.search.run.loop")]
    assert problems({"lapt_dsl.compiler.space.model": named}) == [
        "compiler/space/model.py:2: compiler/space may not import lapt_dsl.search.run.loop"
    ]
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_folder_is_crowded() -> None:
    counts: dict[Path, int] = {}
    for path in SOURCES.values():
        counts[path.parent] = counts.get(path.parent, 0) + 1
    assert max(counts.values()) <= MOST_MODULES


def test_no_two_public_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for module, path in SOURCES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(module)
    assert not {name: modules for name, modules in places.items() if len(modules) > 1}


# The last letter is in brackets so that the pattern does not match itself.
FORMER_WORDS = re.compile(
    r"\b(men[d](s|ed|ing)?|flight[s]|standin[g]|stretc[h](es)?|untol[d]|leftover[s]|focuse[r])\b", re.I
)
"""Words of the project's former private vocabulary, which standard terms replaced."""


def test_no_python_source_uses_the_former_vocabulary() -> None:
    own = [path for name in ("tests", "benchmarks", "docs", "examples") for path in (ROOT / name).rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in [*SOURCES.values(), *own]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in FORMER_WORDS.finditer(line)
    ]
    assert not found


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
