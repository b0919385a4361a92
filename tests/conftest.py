"""What many tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.effort import USUAL, is_thorough
from tests.places import DATA

# `--hypothesis-profile` is read after this file, and before any file with tests.
settings.load_profile(USUAL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests marked `thorough` from every run but the thorough one."""
    if is_thorough():
        return
    out = [item for item in items if item.get_closest_marker("thorough")]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in set(out)]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of published tables; skips where there is none."""
    if not DATA.is_dir():
        pytest.skip(f"no published tables at {DATA}; point LAPT_DATA at a copy")
    return DATA
