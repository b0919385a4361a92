"""`exec:COMMAND`: a program that prints the metrics of an architecture.

The program finds in its environment

    LAPT_ARCHITECTURE   the architecture in the space's notation
    LAPT_SPACE          the space's name
    LAPT_FILES          a directory, gone afterwards, with
        architecture.json   the same per layer: {"space", "architecture", "layers": [{"cell", "layer", "operator" or
                            "number", "sources"}]}
        cells.py            the cells as PyTorch modules, with this architecture's operators alone
        net.py              the whole network, where the space has one that can be built

and the last line that it prints is JSON: `{"val_acc": 93.2}`, a bare number, or `{"failure": "diverged", "message":
"..."}`. It runs in the directory that lapt runs in, and no shell reads the command.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.compiler.targets.json_text import json_text
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Description, Failure, Outcome
from lapt_dsl.evaluate.external.guard import Guard, new_folder_path
from lapt_dsl.evaluate.external.outcome import outcome_of_text, shown
from lapt_dsl.evaluate.external.process import FinishedProcess, run_program
from lapt_dsl.evaluate.external.program import ExternalProgram
from lapt_dsl.evaluate.spec import EvaluatorOptions

_MEMORY_WORDS = ("MemoryError", "bad_alloc", "out of memory", "Out of memory", "OutOfMemory", "Cannot allocate memory")


class CommandEvaluator(ExternalProgram):
    """Runs a program for every architecture; time and memory (of each of its processes) may be limited."""

    kind = "exec"

    def __init__(self, space: Space, command: Sequence[str], options: EvaluatorOptions) -> None:
        """`command`: the program and its arguments."""
        super().__init__(space, options)
        self._command = tuple(command)

    def program(self) -> Description:
        """The command, with the digest of its program where that is a file."""
        program = Path(self._command[0])
        digest = hashlib.sha256(program.read_bytes()).hexdigest() if program.is_file() else None
        return {"command": list(self._command), "program": digest}

    def measure(self, arch: Architecture) -> Outcome:
        """Run the program for one architecture."""
        folder = new_folder_path()
        try:
            with Guard(folder) as guard:
                write_files(arch, folder)
                environment = self._environment(arch, folder)
                finished = run_program(guard, self._command, environment, self._time_limit, self._memory_limit)
        except OSError as error:
            return Failure("error", f"{self._command[0]}: {error.strerror}")
        return self._outcome(finished)

    def _environment(self, arch: Architecture, folder: Path) -> dict[str, str]:
        return {"LAPT_ARCHITECTURE": str(arch), "LAPT_SPACE": self._space.name, "LAPT_FILES": str(folder)}

    def _outcome(self, finished: FinishedProcess) -> Outcome:
        cost = finished.seconds
        words = shown(finished.errors) or "it wrote nothing to standard error"
        if finished.code is None:
            return Failure("timeout", f"stopped after {self._time_limit:g} s: {words}", cost)
        if finished.code == 0:
            return outcome_of_text(finished.output, self._objective.metric, cost)
        ended = f"exit code {finished.code}" if finished.code > 0 else f"ended by signal {-finished.code}"
        # The system's out-of-memory killer sends signal 9, and says so nowhere that the program could repeat.
        short = finished.code == -9 or any(word in finished.errors for word in _MEMORY_WORDS)
        return Failure("memory" if short else "error", f"{ended}: {words}", cost)


def write_files(arch: Architecture, folder: Path) -> None:
    """Write what a program gets: `architecture.json`, `cells.py`, and `net.py` where the network can be built.

    Raises:
        OSError: The directory cannot be written.
    """
    from lapt_dsl.compiler.targets.code.cells import cells_source
    from lapt_dsl.compiler.targets.code.network_source import network_source

    (folder / "architecture.json").write_text(json_text(listing(arch)), encoding="utf-8")
    # No network around the cells, or sizes that do not fit: then the program has the listing.
    with contextlib.suppress(LaptError):
        allowed = {layer.decision: (label,) for layer, label in zip(arch.space.layers, arch.encoding, strict=True)}
        (folder / "cells.py").write_text(cells_source(arch.space, allowed), encoding="utf-8")
    with contextlib.suppress(LaptError):
        (folder / "net.py").write_text(network_source(arch.space, arch), encoding="utf-8")


def listing(arch: Architecture) -> dict[str, object]:
    """An architecture layer by layer, as JSON values."""
    layers: list[dict[str, object]] = []
    for layer, label in arch.choices():
        entry: dict[str, object] = {"cell": layer.cell, "layer": layer.key}
        if label.operator is None:
            entry["number"] = label.number
        else:
            cell = arch.space.cell(layer.cell)
            assert cell is not None
            entry["operator"] = label.operator.name
            entry["sources"] = [cell.nodes[source].name for source in label.sources]
        layers.append(entry)
    return {"space": arch.space.name, "architecture": str(arch), "layers": layers}


def build(space: Space, options: EvaluatorOptions) -> CommandEvaluator:
    """For `--evaluator exec:COMMAND`.

    Raises:
        LaptError: E790, no such program.
    """
    try:
        command = shlex.split(options.argument)
    except ValueError as error:
        raise LaptError.of("E790", f"the command cannot be read: {error}", "--evaluator") from error
    if not command:
        raise LaptError.of(
            "E790", "no command is named", "--evaluator", hint="e.g. --evaluator 'exec:./train.sh --fast'"
        )
    if not hasattr(os, "killpg"):
        message = "commands need process groups, which this system does not have"
        raise LaptError.of("E790", message, "--evaluator", hint="use a Python function: --evaluator python:MODULE:NAME")
    if shutil.which(command[0]) is None:
        there = Path(command[0]).is_file()
        what = "is no program: it may not be executed" if there else "is not there"
        hint = f"chmod +x {shlex.quote(command[0])}" if there else "give its path, e.g. exec:./train.sh"
        raise LaptError.of("E790", f"`{shown(command[0], 200)}` {what}", "--evaluator", hint=hint)
    return CommandEvaluator(space, command, options)
