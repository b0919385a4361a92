"""The version is written once, and a clone that cannot be built is refused with a sentence that says why."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import lapt_dsl

ROOT = Path(__file__).parent.parent


def test_the_version_is_written_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "lapt_dsl.__version__"}
    assert version("lapt-dsl") == lapt_dsl.__version__


def test_a_clone_without_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_bytes((ROOT / "setup.py").read_bytes())
    (tmp_path / "lapt_dsl" / "grammars").mkdir(parents=True)
    (tmp_path / "lapt_dsl" / "spaces").mkdir()
    (tmp_path / "lapt_dsl" / "compiler").write_text("../compiler", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "setup.py", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: not a link to a folder: lapt_dsl/compiler.")
    assert "core.symlinks=true" in done.stderr


def test_no_module_needs_a_unix_module_to_be_imported() -> None:
    needed = re.compile(r"^(?:import|from) (?:fcntl|grp|pwd|resource|termios)\b", re.MULTILINE)
    sources = [path for top in ("lapt_dsl", "compiler", "grammars", "spaces") for path in (ROOT / top).rglob("*.py")]
    assert [str(path) for path in sources if needed.search(path.read_text(encoding="utf-8"))] == []
