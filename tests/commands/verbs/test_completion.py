"""Shells complete verbs, spaces and files."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from lapt_dsl.commands.main import VERBS, lapt
from tests.commands.script import lapt as run_lapt


def _completions(arguments: list[str], incomplete: str) -> list[tuple[str, str]]:
    found = ShellComplete(lapt, {}, "lapt", "_LAPT_COMPLETE").get_completions(arguments, incomplete)
    return [(item.type, item.value) for item in found]


def test_verbs() -> None:
    assert {value for _, value in _completions([], "")} == set(VERBS)
    assert _completions([], "sp") == [("plain", "spaces")]


def test_spaces_and_files() -> None:
    assert _completions(["show"], "na") == [("plain", "nas201")]
    assert _completions(["show"], "my") == [("file", "my")]
    assert ("plain", "--seed") in _completions(["sample", "nas201"], "--s")
    assert _completions(["sample", "any.lp", "--space"], "da") == [("plain", "darts")]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(shell: str) -> None:
    code, out, err = run_lapt(["completion", shell])
    assert (code, err) == (0, "")
    assert "_LAPT_COMPLETE" in out
