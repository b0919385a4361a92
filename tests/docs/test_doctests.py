"""Every example in a docstring runs."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.places import ROOT
from tests.test_layering import sources

NEED_SCIPY = {"lapt_dsl.propose.induction.frequency"}


def _modules() -> list[str]:
    return [name for name, path in sources().items() if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", _modules())
def test_docstring_examples(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in NEED_SCIPY:
        pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(importlib.import_module(name)).failed == 0
