"""Errors that are caught by type are instances of the subclass of their code, however they are made."""

from __future__ import annotations

import pytest

from lapt_dsl.diagnostics.diagnostic import (
    BudgetSpentError,
    Diagnostic,
    LaptError,
    ModelLibraryMissingError,
    ModelSetupError,
)


@pytest.mark.parametrize("code", ["E850", "E855", "E901"])
def test_the_code_gives_the_class(code: str) -> None:
    expected = {"E850": BudgetSpentError, "E855": ModelLibraryMissingError}.get(code, LaptError)
    for error in (LaptError.of(code, "message", "file"), LaptError([Diagnostic.of(code, "message", "file")])):
        assert type(error) is expected
        assert isinstance(error, ModelSetupError) == (code == "E855")
        assert str(error) == f"file:1:1: {code} message"
