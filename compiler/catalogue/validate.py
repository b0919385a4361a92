"""Validate the calls of a space file against the catalogue, and fill in default arguments."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from lapt_dsl.compiler.catalogue.entry import Arguments, CatalogueEntry, Cost, OperatorContext, Role
from lapt_dsl.compiler.catalogue.operators import ENTRIES
from lapt_dsl.compiler.space.model import Implementation, NumberRef

CHANNELS_LIMIT = 1_000_000
"""More channels than any network has; the limit keeps arithmetic on untrusted numbers cheap."""

_STRIDE_LIMIT = 32
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BLOCK_ARGUMENTS = {"channels": CHANNELS_LIMIT, "stride": _STRIDE_LIMIT}
_TAKEN = ("c_in", "c_out", "self")


def check(implementation: Implementation, role: Role | None = None) -> str | None:
    """Why the catalogue cannot build a call, as one sentence; None if it can.

    Args:
        implementation: The call. Arguments that name a number layer are taken to be whole numbers of its range.
        role: The place of the call. None accepts a call that is valid in some place.

    >>> check(Implementation("relu_conv_bn", (("kernel", 4),)))
    '`relu_conv_bn`: `kernel` must be odd, not 4'
    """
    entry = ENTRIES.get(implementation.name)
    if entry is None:
        return f"the catalogue has no `{implementation.name[:64]}`{_near(implementation.name, ENTRIES)}"
    if role is not None and entry.head != (role == "head"):
        return f"`{entry.name}` {'is' if entry.head else 'cannot be'} a head"
    given = dict(implementation.arguments)
    if entry.name == "torch_module":
        path = given.pop("path", None)
        if not isinstance(path, str) or not _PATH.fullmatch(path) or _has_keyword(path):
            return '`torch_module` needs an import path, `torch_module("package.module:Class")`'
    for name, value in given.items():
        problem = _argument_problem(entry, name, value, role)
        if problem is not None:
            return f"`{entry.name}`: {problem}"
    missing = [p.name for p in entry.parameters if p.default is None and p.name not in given]
    return f"`{entry.name}` needs `{missing[0]}`" if missing else None


def _argument_problem(entry: CatalogueEntry, name: str, value: int | str | NumberRef, role: Role | None) -> str | None:
    in_network = role in ("stem", "body", "head")
    if isinstance(value, NumberRef) and in_network:
        return f"`{name}` must be a number: no cell's number layers are known here"
    if name in _BLOCK_ARGUMENTS and not entry.head and role in (None, "stem", "body"):
        high = _BLOCK_ARGUMENTS[name]
        if isinstance(value, NumberRef):
            return f"`{name}` must be a number"
        if not isinstance(value, int) or not 1 <= value <= high:
            return f"`{name}` must be a whole number from 1 to {high}"
        return None
    parameter = entry.parameter(name)
    if parameter is not None:
        return None if isinstance(value, NumberRef) else parameter.problem(value)
    if entry.name == "torch_module":
        if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in _TAKEN or name in _BLOCK_ARGUMENTS:
            return f"an argument cannot be called `{name[:64]}`"
        return None
    known = [p.name for p in entry.parameters] + ([] if entry.head else list(_BLOCK_ARGUMENTS))
    return f"there is no argument `{name[:64]}`{_near(name, known)}"


def resolve(implementation: Implementation, numbers: Mapping[str, int]) -> Arguments:
    """The arguments of an accepted call: number layers replaced by `numbers`, defaults filled in, in catalogue order.

    `channels` and `stride` are left out; they belong to the network's shapes (see `compiler.networks.shapes`).
    """
    entry = ENTRIES[implementation.name]
    given = {
        name: numbers[value.name] if isinstance(value, NumberRef) else value
        for name, value in implementation.arguments
        if name not in _BLOCK_ARGUMENTS
    }
    if entry.name == "torch_module":
        return given
    return {p.name: given.get(p.name, p.default if p.default is not None else 0) for p in entry.parameters}


def problem_at(implementation: Implementation, context: OperatorContext, arguments: Arguments) -> str | None:
    """Why a validated call cannot be built in a context with these resolved arguments, or None."""
    entry = ENTRIES[implementation.name]
    for parameter in entry.parameters:
        problem = parameter.problem(arguments[parameter.name])
        if problem is not None:
            return f"`{entry.name}`: {problem}"
    problem = entry.fits(context, arguments)
    return None if problem is None else f"`{entry.name}`: {problem}"


def cost(implementation: Implementation, context: OperatorContext, arguments: Arguments) -> Cost | None:
    """The exact cost of a validated call in a context, or None for a user module."""
    compute = ENTRIES[implementation.name].cost
    return None if compute is None else compute(context, arguments)


def _has_keyword(path: str) -> bool:
    return any(keyword.iskeyword(part) for part in re.split(r"[.:]", path))


def _near(name: str, known: Mapping[str, CatalogueEntry] | list[str]) -> str:
    from lapt_dsl.diagnostics.suggestions import Suggestions

    near = Suggestions().closest(name, known)
    return f"; did you mean `{near}`?" if near else ""
