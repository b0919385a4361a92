"""SciPy, which principles are learned with: an optional library (`pip install 'lapt-dsl[learn]'`)."""

from __future__ import annotations

import importlib.util

from lapt_dsl.diagnostics.diagnostic import LaptError


def require_scipy(purpose: str) -> None:
    """Check that SciPy is installed, before any work is done that would be lost without it.

    Args:
        purpose: What needs it, as the subject of a sentence.

    Raises:
        LaptError: E832, it is not installed.
    """
    if importlib.util.find_spec("scipy") is None:
        message = f"{purpose} needs SciPy, which is not installed"
        raise LaptError.of("E832", message, "<installation>", hint="pip install 'lapt-dsl[learn]'")
