"""The lists of files in docs/contributing/ are true: the files exist, and no other file matches on a form."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from lapt_dsl.language.tree import principles as t

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "contributing"
NAMES = ("new-form", "new-operator", "new-evaluator", "new-space")
LOWERING = "compiler/lowering"

# Files that name a class for another reason than to give its form a meaning.
OTHER_REASONS = {
    "lapt_dsl/language/tree/__init__.py": "exports",
    f"{LOWERING}/resolve.py": "checks the weight, the limit and the cells of three statements",
    f"{LOWERING}/lowered.py": "keeps the condition of `if`",
    f"{LOWERING}/paths.py": "lowers path rules, called from lower.py",
    "compiler/targets/decoder/available.py": "parses a selector and a place",
}


def listed(page: str, section: str = "") -> list[str]:
    """The paths in the first column of the tables headed `file`, of a whole page or of a section."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    if section:
        text = text.split(f"## {section}\n")[1].split("\n## ")[0]
    tables = re.findall(r"^\| file \| add \|\n\|[- |]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [path for table in tables for path in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)]


def importers(names: set[str]) -> set[str]:
    """The source files that import one of these classes of the tree."""
    found = set()
    for top in ("lapt_dsl", "compiler"):
        for path in sorted((ROOT / top).rglob("*.py")):
            inside = path.relative_to(ROOT).as_posix()
            if inside.startswith(("lapt_dsl/compiler/", "lapt_dsl/grammars/", "lapt_dsl/spaces/")):
                continue  # links, followed by some versions of Python
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lapt_dsl.language.tree"):
                    found |= {inside for alias in node.names if alias.name in names}
    return found


@pytest.mark.parametrize("page", NAMES)
def test_every_listed_file_exists(page: str) -> None:
    assert listed(page)
    for path in listed(page):
        # NAME stands for what is new.
        there = ROOT / path.partition("NAME")[0]
        assert there.is_dir() if "NAME" in path else there.is_file(), path


@pytest.mark.parametrize("page", NAMES)
def test_every_named_path_exists(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:lapt_dsl|compiler|grammars|spaces|tests|docs)/[\w/.-]*)`", text):
        assert (ROOT / path.partition("NAME")[0]).exists(), path


@pytest.mark.parametrize("section", ["A predicate", "A selector", "A place, or an entry of an operator list", "A rule"])
def test_a_form_touches_at_most_eight_files(section: str) -> None:
    assert 4 <= len(listed("new-form", section)) <= 8


@pytest.mark.parametrize(
    ("section", "union"), [("A predicate", t.Predicate), ("A rule", t.Rule)], ids=["predicate", "rule"]
)
def test_no_other_file_knows_the_classes(section: str, union: object) -> None:
    names = {each.__name__ for each in get_args(union)}
    assert importers(names) - set(listed("new-form", section)) <= OTHER_REASONS.keys()


def test_the_other_reasons_are_current() -> None:
    names = {each.__name__ for union in (t.Predicate, t.Rule) for each in get_args(union)}
    assert importers(names) >= OTHER_REASONS.keys()


@pytest.mark.parametrize(
    "path",
    [
        f"{LOWERING}/predicates.py",
        f"{LOWERING}/selectors.py",
        f"{LOWERING}/places.py",
        f"{LOWERING}/operators.py",
        f"{LOWERING}/lower.py",
        "compiler/automata/compile.py",
    ],
)
def test_a_forgotten_case_fails_type_checking(path: str) -> None:
    assert path in listed("new-form")
    matches = [
        node for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))) if isinstance(node, ast.Match)
    ]
    assert matches
    for match in matches:
        assert ast.unparse(match.cases[-1]).startswith("case _:\n    assert_never(")
