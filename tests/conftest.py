"""What many tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of published tables: `$LAPT_DATA`, or `shared/data` beside the checkout; skips without one."""
    named = os.environ.get("LAPT_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no published tables at {folder}; point LAPT_DATA at a copy")
    return folder
