"""A function to search with that stops after five calls, in whatever processes, until a file lets it go on."""

from __future__ import annotations

import os
from pathlib import Path

from lapt_dsl.compiler.space.model import Architecture
from tests.search.small_tables import made_up
from tests.search.workers.odd_evaluators import wait_for


def score(arch: Architecture) -> float:
    folder = Path(os.environ["WAITING"])
    with (folder / "calls").open("a", encoding="ascii") as calls:
        calls.write("called\n")
    if len((folder / "calls").read_text(encoding="ascii").split()) > 5 and not (folder / "go").exists():
        part = folder / f"waiting-{os.getpid()}"
        part.write_text(str(os.getpid()), encoding="ascii")
        part.rename(folder / "waiting")
        wait_for(folder / "go")
    return made_up(arch.encoding)
