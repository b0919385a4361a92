"""Every file in scripts/ is played, and prints exactly what it says (see script.py)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.commands.script import play, read_script

NEEDS = {"models": "openai", "prompt": "scipy", "search": "scipy", "workers": "ray"}
"""Scripts that show what an optional library answers."""

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.txtar"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if path.stem in NEEDS:
        pytest.importorskip(NEEDS[path.stem])
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    text = path.read_text(encoding="utf-8")
    script = read_script(text)
    played = play(script, tmp_path)
    if os.environ.get("LAPT_UPDATE_SCRIPTS") == "1":
        path.write_text(script.head + played + script.tail, encoding="utf-8")
    assert played == script.expected
