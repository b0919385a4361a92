"""What many tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.places import DATA


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of published tables; skips where there is none."""
    if not DATA.is_dir():
        pytest.skip(f"no published tables at {DATA}; point LAPT_DATA at a copy")
    return DATA
