"""Refuse to build from a clone without symbolic links. Everything else about the build is in pyproject.toml."""

import sys
from pathlib import Path

LAPT = Path(__file__).parent / "lapt_dsl"
LINKS = ("compiler", "grammars", "spaces")

broken = [f"lapt_dsl/{name}" for name in LINKS if not (LAPT / name).is_dir()]
if broken:
    sys.exit(
        f"error: not a link to a folder: {', '.join(broken)}. Git checked it out as a text file, because symbolic\n"
        "links are off. On Windows, switch on developer mode, then clone again with\n"
        "    git clone -c core.symlinks=true ADDRESS\n"
        "See CONTRIBUTING.md, 'Set up'."
    )

from setuptools import setup  # noqa: E402 (a clone without links needs no setuptools to be refused)

setup()
