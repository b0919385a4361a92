"""Diagnostics are capped per code and file, with a count; the exit code is that of all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.script import lapt
from tests.places import ROOT

BAD = 20_000
NOTE = "and 19,980 more E102 in this file"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A space whose layers choose 20,000 unknown operators: 7 MB of diagnostics."""
    text = (ROOT / "spaces" / "nas201.space").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("cap") / "bad.space"
    names = ", ".join(f"nonsense{number}" for number in range(BAD))
    path.write_text(text.replace("layers choose none", f"layers choose {names}, none", 1))
    return str(path)


def test_text_shows_twenty_of_a_code_and_the_number_of_the_others(file: str) -> None:
    code, out, _ = lapt(["lint", file])
    assert code == 1
    assert out.count("error[E102]") == 20
    assert f"note: {NOTE}" in out
    assert len(out) < 10_000


@pytest.mark.parametrize(("most", "shown"), [("0", BAD), ("3", 3), ("19999", 19_999), ("20000", BAD)])
def test_the_number_is_an_option(file: str, most: str, shown: int) -> None:
    code, out, _ = lapt(["lint", file, "--max-per-code", most])
    assert code == 1
    assert out.count("error[E102]") == shown
    assert (f"and {BAD - shown:,} more E102 in this file" in out) == (shown < BAD)


def test_every_format_has_the_number(file: str) -> None:
    shown = [each for each in json.loads(lapt(["lint", file, "--format", "json"])[1]) if each["code"] == "E102"]
    assert len(shown) == 20
    assert shown[-1]["notes"][-1] == {"message": NOTE, "span": None}
    log = json.loads(lapt(["lint", file, "--format", "sarif"])[1])["runs"][0]["results"]
    log = [each for each in log if each["ruleId"] == "E102"]
    assert len(log) == 20
    assert log[-1]["properties"] == {"notes": [NOTE]}
    annotations = lapt(["lint", file, "--format", "github"])[1]
    assert annotations.count("title=E102") == 20
    assert f"%0A{NOTE}" in annotations


def test_the_cap_is_per_file(file: str) -> None:
    twin = Path(file).parent / "twin.space"
    twin.write_text(Path(file).read_text())
    out = lapt(["lint", file, str(twin), "--max-per-code", "2"])[1]
    assert out.count("error[E102]") == 4
    assert out.count("and 19,998 more E102 in this file") == 2


def test_where_the_check_ends_early_the_number_is_a_lower_bound(tmp_path: Path) -> None:
    path = tmp_path / "bad.lp"
    names = ", ".join(f"nonsense{number}" for number in range(20_000))
    path.write_text(f"principles p for nas201;\nprinciple first {{ layer 0: only {names}; }}\n")
    code, out, _ = lapt(["lint", str(path)])
    assert code == 1
    assert out.count("error[E201]") == 20
    assert "note: and at least 180 more E201 in this file" in out
    code, _, err = lapt(["compile", str(path)])
    assert code == 1
    assert err.count("error[E201]") == 20
