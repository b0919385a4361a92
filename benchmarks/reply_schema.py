"""Checking a model's reply in JSON: our checks beside jsonschema and fastjsonschema.

    python -m benchmarks.reply_schema [--repeats 50]

Prints the time to check a reply, to prepare a schema and to import each library in a process of its own, and the
message for each of ten replies with one fault. `jsonschema, by say` is jsonschema where an error in `anyOf` is followed
into the branch that the word `say` names. `fastjsonschema` is not in the extra `dev`; where it is not installed, it is
left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.targets.decoder.from_json import _check, _Unfit
from lapt_dsl.compiler.targets.decoder.schema import principles_schema

Check = Callable[[Any], "str | None"]
"""The message for a reply, or None where it is accepted."""

ONLY = {
    "say": "layers",
    "cells": ["main"],
    "layers": "early layers",
    "rule": "only",
    "count": 0,
    "operators": ["convolution"],
    "except": ["conv1x1"],
}
NETWORK = {"say": "network", "metric": "params", "comparison": "<=", "limit": 1300000}
IF = {"say": "if", "condition": NETWORK, "consequence": ONLY}
PRINCIPLE = {"name": "early_conv", "sentence": "Early layers see edges.", "statements": [ONLY, NETWORK, IF]}
REPLY = {"principles": [PRINCIPLE] * 4}
STATEMENT = ("principles", 1, "statements")


class Fault(NamedTuple):
    """A value to put into the reply, and what a message about it should hold.

    Attributes:
        path: Where the value goes.
        value: The value.
        allowed: What says how to correct it, as a regular expression.
        of_object: Whether the error is one of the object that holds the value.
    """

    path: tuple[str | int, ...]
    value: object
    allowed: str
    of_object: bool = False

    def place(self) -> str:
        """The place of the error, as all libraries write it."""
        parts = self.path[:-1] if self.of_object else self.path
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


FAULTS = {
    "an unknown operator": Fault((*STATEMENT, 0, "operators", 0), "max_pool3x3", "conv3x3"),
    "an unknown operator in a condition": Fault(
        (*STATEMENT, 2, "consequence", "operators", 0), "max_pool3x3", "conv3x3"
    ),
    "an unknown kind": Fault((*STATEMENT, 0, "say"), "layer", "agree", of_object=True),
    "a property too many": Fault((*STATEMENT, 0, "more"), 1, "nothing else|'more' was unexpected", of_object=True),
    "a count too large": Fault((*STATEMENT, 0, "count"), 100, "(to|of) 9"),
    "a count as text": Fault((*STATEMENT, 0, "count"), "1", "(to|of) 9"),
    "a count of 1.0": Fault((*STATEMENT, 0, "count"), 1.0, "(to|of) 9"),
    "no statements": Fault(STATEMENT, [], "of 1 to|non-empty|at least 1"),
    "a name of one word": Fault(("principles", 1, "name"), "for", "match"),
    "a control character": Fault(("principles", 1, "sentence"), "\x1b[31m", "control"),
}


def with_fault(path: tuple[str | int, ...], value: object) -> Any:
    """The reply with one value changed."""
    reply = json.loads(json.dumps(REPLY))
    place = reply
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return reply


def ours(schema: Any) -> Check:
    """The checks of the package."""

    def check(reply: Any) -> str | None:
        try:
            _check(reply, schema, schema, "")
        except _Unfit as error:
            return str(error)
        return None

    return check


def by_jsonschema(schema: Any) -> Check:
    """jsonschema with the error that its `best_match` picks."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema)

    def check(reply: Any) -> str | None:
        error = jsonschema.exceptions.best_match(validator.iter_errors(reply))
        return None if error is None else f"{error.json_path}: {error.message}"

    return check


def in_named_branch(error: Any) -> Any | None:
    """The first error of the branch of `anyOf` that the object's `say` names, also where branches are nested."""
    branches: dict[Any, list[Any]] = {}
    for each in error.context:
        branches.setdefault(each.schema_path[0], []).append(each)
    for found in branches.values():
        if found[0].validator == "anyOf" and not found[0].relative_path:
            nested = in_named_branch(found[0])
            if nested is not None:
                return nested
        elif all(each.validator != "const" for each in found):
            return found[0]
    return None


def by_jsonschema_and_say(schema: Any) -> Check:
    """jsonschema with the first error in the branch that `say` names."""
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema)

    def check(reply: Any) -> str | None:
        error = next(validator.iter_errors(reply), None)
        while error is not None and (inner := in_named_branch(error)) is not None:
            error = inner
        return None if error is None else f"{error.json_path}: {error.message}"

    return check


def by_fastjsonschema(schema: Any) -> Check:
    """fastjsonschema, which writes Python source for a schema and compiles it."""
    import fastjsonschema

    validate = fastjsonschema.compile(schema)

    def check(reply: Any) -> str | None:
        try:
            validate(reply)
        except fastjsonschema.JsonSchemaValueException as error:
            return str(error.message)
        return None

    return check


def import_seconds(module: str, repeats: int) -> float:
    """Seconds that a process takes longer for importing a module: the median of interleaved pairs."""

    def process(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    return statistics.median(process(f"import {module}") - process("pass") for _ in range(repeats))


def milliseconds(action: Callable[[], object], repeats: int) -> float:
    """Processor time, the median of the repeats."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=50)
    repeats = parser.parse_args().repeats
    makers = {"ours": ours, "jsonschema": by_jsonschema, "jsonschema, by say": by_jsonschema_and_say}
    modules = ["jsonschema"]
    if importlib.util.find_spec("fastjsonschema") is not None:
        makers["fastjsonschema"] = by_fastjsonschema
        modules.append("fastjsonschema")
    for module in modules:
        print(f"import {module:<15} {import_seconds(module, 11):.3f} s more than an empty process (11 pairs)")
    for name in ("nas201", "darts"):
        schema = principles_schema(load_space(name))
        for method, make in makers.items():
            text = f"{name:<7} {method:<19} prepares in {milliseconds(partial(make, schema), 5):8.3f} ms"
            if name == "nas201":
                check = make(schema)
                assert check(REPLY) is None
                text += f", checks a reply of 12 statements in {milliseconds(partial(check, REPLY), repeats):.3f} ms"
            print(text)
    schema = principles_schema(load_space("nas201"))
    checks = {method: make(schema) for method, make in makers.items()}
    found: dict[str, list[str]] = {method: [] for method in checks}
    for name, fault in FAULTS.items():
        print(f"\n{name}")
        for method, check in checks.items():
            message = check(with_fault(fault.path, fault.value))
            print(f"  {method:<19} {'(accepted)' if message is None else textwrap.shorten(message, 200)}")
            if message is not None:
                exact = re.search(rf"{re.escape(fault.place())}(?![.\[\w])", message) is not None
                found[method] += ["found", *(["place"] if exact else [])]
                found[method] += ["allowed"] if exact and re.search(fault.allowed, message) else []
    print(f"\nof {len(FAULTS)} faults{'found':>20}{'exact place':>14}{'and what is allowed':>22}")
    for method, what in found.items():
        print(f"{method:<23}{what.count('found'):>10}{what.count('place'):>14}{what.count('allowed'):>22}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
