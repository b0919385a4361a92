"""`python:module:function`: any Python function of an architecture.

The function takes an `Architecture` (`str(arch)` is its notation, `arch.choices()` its layers, and
`lapt_dsl.build_module(arch.space, arch)` its network) and returns a number, or a mapping of metrics to numbers.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Description, Failure, Outcome
from lapt_dsl.evaluate.external.guard import Guard
from lapt_dsl.evaluate.external.launcher import limit_memory
from lapt_dsl.evaluate.external.outcome import outcome_of, shown
from lapt_dsl.evaluate.external.program import ExternalProgram
from lapt_dsl.evaluate.spec import EvaluatorOptions

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Function = Callable[[Architecture], object]

_READY, _GO = "ready", "go"
"""What the process of a function sends when it leads its group, and what it waits for."""

_OUT_OF_MEMORY = ("MemoryError", "OutOfMemoryError")


class CallableEvaluator(ExternalProgram):
    """Calls a function for every architecture: in this process, or in one of its own where a limit is set.

    Nothing is known of what its results depend on, so the fingerprint is that of its name.
    """

    kind = "python"

    def __init__(self, space: Space, path: str, options: EvaluatorOptions) -> None:
        """Take the function at `path`, `module:function`. Raises LaptError, E791, where there is none."""
        super().__init__(space, options)
        self._path = path
        self._function = function_at(path)

    def program(self) -> Description:
        """The function's path."""
        return {"function": self._path}

    def measure(self, arch: Architecture) -> Outcome:
        """Call the function with one architecture."""
        if self._time_limit is None and self._memory_limit is None:
            return called(self._function, arch, self._objective.metric)
        return self._apart(arch)

    def _apart(self, arch: Architecture) -> Outcome:
        """In a fresh process, which can be killed and can run out of memory by itself."""
        start = time.monotonic()
        try:
            with Guard() as guard:
                return self._guarded(arch, guard, start)
        except OSError as error:
            return Failure("error", f"no process for the function: {error.strerror}", time.monotonic() - start)

    def _guarded(self, arch: Architecture, guard: Guard, start: float) -> Outcome:
        """Call the function in a process that waits until the guard knows it."""
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        ours, other = context.Pipe()
        given = (self._path, arch, self._objective.metric, self._memory_limit, other)
        process = context.Process(target=_child, args=given, daemon=True)
        process.start()
        other.close()
        assert process.pid is not None
        try:
            until = None if self._time_limit is None else start + self._time_limit
            if _received(ours, until) is not None:
                guard.watch(process.pid)
                ours.send(_GO)
                outcome: Outcome | None = _received(ours, until)
                if outcome is not None:
                    return outcome
            return Failure("timeout", f"stopped after {self._time_limit:g} s", time.monotonic() - start)
        except (EOFError, ConnectionError):
            process.join()
            code = process.exitcode or 0
            ended = f"ended by signal {-code}" if code < 0 else f"exit code {code}"
            message = f"the function's process was over before it returned: {ended}"
            return Failure("memory" if code == -9 else "error", message, time.monotonic() - start)
        finally:
            guard.end_group(process.pid)
            process.kill()
            process.join()
            ours.close()


def _received(connection: Connection, until: float | None) -> Any:
    """The next message, None where none comes in time. Raises EOFError where the other end is closed."""
    left = None if until is None else max(0.0, until - time.monotonic())
    return connection.recv() if connection.poll(left) else None


def called(function: Function, arch: Architecture, metric: str) -> Outcome:
    """What a function says of an architecture; whatever it raises is a failure."""
    start = time.monotonic()
    try:
        value = function(arch)
    except Exception as error:
        kind = type(error).__name__
        message = f"{kind}: {shown(str(error))}"
        return Failure("memory" if kind in _OUT_OF_MEMORY else "error", message, time.monotonic() - start)
    return outcome_of(_plain(value), metric, time.monotonic() - start)


def function_at(path: str) -> Function:
    """The function that a path names.

    Raises:
        LaptError: E791, the path is none, its module cannot be imported, or what it names is no function.
    """
    module, colon, name = path.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise LaptError.of(
            "E791", f"`{shown(path, 200)}` names no function", "--evaluator", hint="e.g. python:mine:score"
        )
    # A script's own directory comes first for `python script.py`, and here the directory lapt runs in does.
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found: object = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:
        # Importing runs the module, which may raise anything.
        message = f"`{path}` cannot be imported: {type(error).__name__}: {shown(str(error), 300)}"
        raise LaptError.of(
            "E791", message, "--evaluator", hint="run it by itself: python -c 'import MODULE'"
        ) from error
    if not callable(found):
        raise LaptError.of(
            "E791", f"`{path}` is no function", "--evaluator", hint="name a function of one architecture"
        )
    function: Function = found
    return function


def _plain(value: object) -> object:
    """NumPy's and torch's scalars as Python's numbers."""
    if isinstance(value, dict):
        return {name: _plain(number) for name, number in value.items()}
    item = getattr(value, "item", None)
    if callable(item) and not isinstance(value, (int, float)) and getattr(value, "ndim", 0) == 0:
        return item()
    return value


def _end_with_parent() -> None:
    """Wait for the end of the owner, on systems where no guard does."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _child(path: str, arch: Architecture, metric: str, memory_limit: int | None, connection: Connection) -> None:
    """The process of one call: lead a group of its own, wait until the guard knows it, then call the function."""
    if hasattr(os, "setsid"):
        os.setsid()
    else:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        connection.send(_READY)
        connection.recv()
    except (EOFError, OSError):
        # The owner is gone.
        return
    if memory_limit is not None:
        limit_memory(memory_limit)
    try:
        function = function_at(path)
    except LaptError as error:
        connection.send(Failure("error", error.diagnostics[0].message))
    else:
        connection.send(called(function, arch, metric))
    connection.close()


def build(space: Space, options: EvaluatorOptions) -> CallableEvaluator:
    """For `--evaluator python:module:function`. Raises LaptError, E791."""
    return CallableEvaluator(space, options.argument, options)
