"""Small tables as texts, for the tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError

TRANS = [f"64-41414-{number // 16 % 4}_{number // 4 % 4}{number % 4}_000" for number in range(64)]
"""The first architectures of trans101 whose last three layers are `none`."""


def nas201(count: int) -> list[str]:
    refined = full(load_space("nas201"))
    return [str(refined.unrank(rank)) for rank in range(count)]


def nas201_json(count: int) -> str:
    """A table whose validation accuracy rises and whose test accuracy falls with the rank of the architecture."""
    rows = {
        arch: {"val_acc_200": 50.0 + row, "test_acc_200": 90.0 - row, "rank": row + 1}
        for row, arch in enumerate(nas201(count))
    }
    return json.dumps(rows)


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return str(path)


def only(error: LaptError) -> Diagnostic:
    assert len(error.diagnostics) == 1, error.diagnostics
    return error.diagnostics[0]
