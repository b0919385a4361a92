"""Nothing that comes from a file acts on the terminal."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

import lapt_dsl as lapt
from lapt_dsl.commands.views.output import console, print_table
from lapt_dsl.compiler.targets.json_text import json_text
from lapt_dsl.diagnostics.snippet import plain_lines
from tests.commands.script import lapt as run
from tests.places import ROOT

HOSTILE = "\x1b]0;title\x07\x9b2J\u202e\x7f"
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def shown(*words: str, given: str = "") -> str:
    _, out, err = run(list(words), given.encode())
    return out + err


def test_every_verb_prints_through_a_door_that_escapes() -> None:
    direct = []
    for path in sorted((ROOT / "lapt_dsl" / "commands").rglob("*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(r"click\.(secho|echo)\(|(?<!\.)\bprint\(|stdout\.write|stderr\.write", line):
                direct.append(f"{path.name}: {line.strip()}")
    allowed = ("render(", "plain", 'echo("\\r\\x1b[K"', "groups.py: ...", "python -c")
    assert [line for line in direct if not any(word in line for word in allowed)] == []


def test_a_heading_of_a_table_is_escaped(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    row = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"
    table.write_text(f'arch,"acc{HOSTILE}"\n"{row}",90.5\n', encoding="utf-8")
    text = shown("tables", str(table))
    assert not ACTING.search(text)
    assert "acc" in text
    assert not ACTING.search(shown("tables", "--json", str(table)))


@pytest.mark.parametrize("verb", [("lint",), ("fmt",), ("show",), ("count",), ("sample",), ("compile",)])
def test_names_and_notations_of_a_space_are_refused_and_escaped(tmp_path: Path, verb: tuple[str, ...]) -> None:
    path = tmp_path / "tiny.space"
    text = (ROOT / "spaces" / "nas201.space").read_text(encoding="utf-8")
    notation = re.search(r'"[^"\n]+"', text)
    assert notation
    path.write_text(text.replace(notation[0], f'{notation[0][:-1]}{HOSTILE}"', 1), encoding="utf-8")
    code, out, err = run([*verb, str(path)])
    assert code == 1
    assert "E005" in out + err
    assert not ACTING.search(out + err)


@pytest.mark.parametrize(
    "character", ["\x1b", "\x7f", "\x80", "\x9b", "\u061c", "\u200e", "\u202e", "\u2028", "\u2066"]
)
@pytest.mark.parametrize("where", ['principle a "x{}y" {{ layer 0: only skip; }}', "// x{}y", "principle a{} {{ }}"])
def test_acting_characters_are_syntax_errors(character: str, where: str) -> None:
    text = "principles p for nas201;\n" + where.format(character) + "\n"
    found = lapt.lint(text)
    assert "E005" in {item.code for item in found}
    assert f"U+{ord(character):04X}" in " ".join(item.message for item in found)


def test_letters_of_any_language_are_accepted_in_texts() -> None:
    text = 'principles p for nas201;\nprinciple a "Größe, 深さ, עומק" { layer 0: only skip; } // ✓ 👍\n'
    assert [item for item in lapt.lint(text) if item.code == "E005"] == []


def test_a_usage_error_is_escaped(tmp_path: Path) -> None:
    for words in ((f"lint{HOSTILE}",), ("lint", f"--x{HOSTILE}"), ("count", f"no{HOSTILE}"), ("arch", f"a{HOSTILE}")):
        assert not ACTING.search(shown(*words)), words
    assert not ACTING.search(shown("lint", str(tmp_path / f"no{HOSTILE}.lp")))
    assert not ACTING.search(shown("arch", "-", given=f"a{HOSTILE}"))


def test_names_in_a_run_store_are_escaped(tmp_path: Path) -> None:
    pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")
    store = tmp_path / "run.db"
    run(["search", "--space", "nas201", "--evaluator", "analytic", "--budget", "3", "--store", str(store)])
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE proposals SET name = ?", (f"first{HOSTILE}",))
    assert not ACTING.search(shown("history", str(store)))
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE run SET space = ?", (f"nas{HOSTILE}",))
    for words in (("history", str(store)), ("history", str(store), "--json"), ("store", "check", str(store))):
        assert not ACTING.search(shown(*words)), words


def test_a_console_escapes_text_and_keeps_its_own_colours(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    out = console()
    out.print(f"a{HOSTILE}", style="bold")
    out.print(Text(f"b{HOSTILE}"))
    table = Table(f"heading{HOSTILE}")
    table.add_row(f"cell{HOSTILE}")
    print_table(out, table)
    text = capsys.readouterr().out
    assert not ACTING.search(text)
    assert r"a\x1b]0;title" in text


def test_escaped_json_has_the_same_values() -> None:
    value = {"a": f"é{HOSTILE}\U000e0001"}
    text = json_text(value)
    assert not ACTING.search(text)
    assert json.loads(text) == value


def test_lines_and_tabs_stay() -> None:
    assert plain_lines("one\ttwo\nthree\r\x1b") == "one\ttwo\nthree\\r\\x1b"
