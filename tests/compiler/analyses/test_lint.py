"""Linting as a whole: both languages, other files, blocks of larger texts, and hostile texts."""

from __future__ import annotations

from pathlib import Path

import pytest

import lapt_dsl as lapt
from lapt_dsl.compiler.analyses.lint import lint_text
from tests.places import ROOT

HEAD = "principles p for nas201; principle a { "


def codes(found: list[lapt.Diagnostic]) -> list[str]:
    return [item.code for item in found]


def test_a_finding_about_an_inherited_rule_is_left_to_its_own_file(tmp_path: Path) -> None:
    parent = (
        "principles base for nas201; principle idle { layers: at most 6 skip; } principle b { layer 0: only skip; }"
    )
    (tmp_path / "base.lp").write_text(parent, encoding="utf-8")
    child = 'principles child for nas201; extends "base.lp"; principle c { layer 1: only skip; }'
    assert codes(lint_text(parent, "base.lp")) == ["W406", "W401"]
    found = lint_text(child, str(tmp_path / "child.lp"), base=tmp_path)
    assert codes(found) == ["W406"]
    clash = child.replace("layer 1", "layer 0").replace("only skip", "never skip")
    (conflict,) = [item for item in lint_text(clash, "child.lp", base=tmp_path) if item.code == "E501"]
    assert [Path(note.span.file).name for note in conflict.notes if note.span] == ["base.lp", "child.lp"]


def test_findings_of_a_block_are_placed_in_the_larger_text() -> None:
    (found,) = lint_text(HEAD + "\n  layers: only conv33; }", "reply.md", offset=100, line=7)
    assert (found.code, found.span.file, found.span.line, found.span.column) == ("E201", "reply.md", 8, 16)
    assert found.span.start == 100 + len(HEAD) + len("\n  layers: only ")


def test_a_space_file_is_linted_too() -> None:
    assert codes(lint_text("space x { cell main { input x; output y = layer 0 (x); layers choose skip; } }")) != []
    shipped = ROOT / "spaces" / "nas201.space"
    assert lint_text(shipped.read_text(encoding="utf-8"), "nas201.space") == []


def test_the_hint_is_for_files_that_name_no_space() -> None:
    text = "principles p for any; principle a { layers: at most 6 shortcut; }"
    assert codes(lint_text(text)) == []
    assert codes(lint_text(text, space_hint="nas201")) == ["W401"]
    assert codes(lint_text(text, space_hint="nosuch")) == ["E220"]
    assert codes(lint_text(HEAD + "layer 0: only skip; }", space_hint="darts")) == ["W406"]


def test_an_unused_comment_is_a_finding_only_where_everything_was_looked_for() -> None:
    unused = "principles p for {}; principle a {{ late layers: only shortcut; // lapt: allow W401\n }}"
    assert "W490" in codes(lint_text(unused.format("nas201")))
    assert "W490" not in codes(lint_text(unused.format("any")))


def test_the_analysis_keeps_the_node_limit() -> None:
    found = lint_text("principles p for darts; principle a { layers: at most 3 pooling; }", max_nodes=5)
    assert codes(found) == ["E503"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("one of { " * 60 + "layer 0: only skip;" + "}" * 60, None),
        ("in main { " * 90 + "layer 0: only skip;" + "}" * 90, "E219"),
        ("layers: only " + ", ".join(["skip"] * 5000) + ";", None),
        ("layers " + ", ".join(["0..5"] * 5000) + ": only skip;", None),
        ("layers 0..999999999999999999: only skip;", "E203"),
        ("layers: at least 999999999999999999 skip;", "E502"),
        ("".join(f"layers: only no{number};" for number in range(2000)), "E014"),
        ("network: params <= 999999999999999999.999999999G;", "W401"),
        ("network: params >= 999999999999999999G;", "E502"),
    ],
)
def test_hostile_texts_are_judged_quickly(text: str, code: str | None) -> None:
    found = codes(lint_text(HEAD + text + "}"))
    assert code is None or code in found
    assert len(found) <= 201


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('principles a extends "x.lp" for nas201;\nprinciple p { layer 0: never none; }\n', ["E001"]),
        ("principle p { layer 0: never none; }\n", ["E015"]),
        ("principles a for 3;\nprinciple p { layer 0: never none; }\n", ["E001"]),
        ("principles a for any;\nprinciple p { layer 0: only skip; }\n", ["E209"]),
    ],
)
def test_a_first_line_that_cannot_be_read_says_nothing_of_any_space(text: str, expected: list[str]) -> None:
    assert [item.code for item in lint_text(text)] == expected
