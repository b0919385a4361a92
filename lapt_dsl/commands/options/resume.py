"""The options of a search as its run store records them, so that `--resume` needs no others.

A store keeps every option that differs from its default, by its name on the command line; paths are absolute. An option
that is given again replaces the recorded one where that cannot change the run (paths, workers, a larger budget), and is
refused where it differs and would.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.groups import OptionValue, collect, option_values
from lapt_dsl.commands.options.search import SearchOptions
from lapt_dsl.diagnostics.diagnostic import LaptError, StoreWithoutRunError

if TYPE_CHECKING:
    from lapt_dsl.search.store.records import RunInfo

_OF_THE_CALL = frozenset({"--store", "--resume", "--json", "--base-url"})
"""Options that are never recorded: those of one call, and the address of a model server, which may be private."""

_PLACE = frozenset({"--workers", "--ray", "--worker-cpus", "--worker-gpus"})
"""Where evaluations happen: `--workers` or `--ray` replaces all of them."""

_OUTPUTS = frozenset({"--checkpoints", "--transcript"})
"""Paths that may be absent, since the run makes them."""

_NAMES = frozenset({"--space", "--data"})
"""Options that take a name or a path."""

_COMPARED = frozenset(
    {"--task", "--recipe", "--epochs", "--channels", "--depth", "--evaluator-seed", "--metric", "--source-task"}
    | {"--strategy", "--preset", "--seed", "--fixed", "--proposer", "--order", "--window"}
)
"""Options that name settings of the run. Files and all else are compared by what the run makes of them."""

_CONTENT = ("`principles`", "`source`", "`searched`", "the evaluator", "the space")
"""Words of a difference that a changed file may cause."""

_ALTERNATIVES = (("--table", "--evaluator"), ("--maximize", "--minimize"))
"""Options of which one replaces the other."""


def recorded_options(options: SearchOptions) -> dict[str, object]:
    """What a run store records: the options that differ from their defaults, as JSON values."""
    return {
        each.name: _absolute(each)
        for each in option_values(options)
        if each.name not in _OF_THE_CALL and each.value != each.default
    }


def resumed_options(options: SearchOptions) -> SearchOptions:
    """The options of a search with those that its store records; unchanged without `--resume`.

    Raises:
        LaptError: E810, an option differs from the recorded one, or a recorded file is missing; E801 to E808, the store
            cannot be read.
    """
    store = options.store.store
    if not options.store.resume or store is None:
        return options
    values, given = option_values(options), _given()
    try:
        info = _info(store)
    except StoreWithoutRunError:
        if given <= _OF_THE_CALL:
            raise
        # The process ended before it recorded the run, which starts anew.
        return options
    recorded = dict(info.command)
    if not recorded:
        # Of a version that recorded no options, or of a program: the rest must be given.
        recorded = _known(info)
    else:
        recorded["--budget"] = info.settings.get("budget", recorded.get("--budget"))
    _refuse_different(values, given, info.command, store)
    for name in _replaced(given):
        recorded.pop(name, None)
    taken = {each.key: recorded[each.name] for each in values if each.name in recorded and each.name not in given}
    _refuse_missing(values, taken, store)
    return collect(SearchOptions, {**{each.key: each.value for each in values}, **taken})


def explained(error: LaptError, options: SearchOptions) -> LaptError:
    """An E810 with a hint that names the files that may have changed, or what a store does not record."""
    store = options.store.store
    first = error.diagnostics[0]
    if first.code != "E810" or store is None:
        return error
    info = _info(store)
    files = [
        f"{each.value} ({each.name})"
        for each in option_values(options)
        if isinstance(each.value, str) and each.name not in _OF_THE_CALL | _OUTPUTS and _file(each) is not None
    ]
    hint = "use the original settings, or another --store"
    different = [
        f"{each.name} is {_shown(info.command[each.name])} there"
        if each.name in info.command
        else f"{each.name} is not given there"
        for each in option_values(options)
        if each.name in _given() & _COMPARED and info.command.get(each.name, each.default) != each.value
    ]
    if different:
        hint = f"{'; '.join(different)}; {hint}"
    if files and any(word in first.message for word in _CONTENT):
        hint += f"; files of this run, one of which may have changed: {', '.join(files)}"
    if not info.command:
        hint = (
            "the store does not record the options of its run: repeat --table or --evaluator, --space, --principles,"
            " --source and all others of the original command"
        )
    return LaptError([replace(first, hint=hint)])


def _info(store: str) -> RunInfo:
    from lapt_dsl.search.store.run_store import RunStore

    with RunStore.open(store, read_only=True) as opened:
        return opened.info()


def _given() -> frozenset[str]:
    """The options that the command line gives, also those that equal their default."""
    context = click.get_current_context(silent=True)
    if context is None:
        return frozenset()
    given = click.core.ParameterSource.COMMANDLINE
    return frozenset(
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name is not None and context.get_parameter_source(parameter.name) is given
    )


def _known(info: RunInfo) -> dict[str, object]:
    """What the settings of a run say of its options."""
    settings = info.settings
    names = {"--budget": settings.get("budget"), "--strategy": settings.get("strategy"), "--seed": info.seed}
    return {name: value for name, value in names.items() if value is not None}


def _refuse_different(
    values: list[OptionValue], given: frozenset[str], recorded: Mapping[str, object], store: str
) -> None:
    from lapt_dsl.search.store.errors import store_error

    if not recorded:
        return
    # What was left to a default that is not an option's own, such as a recipe's, is compared by its effect.
    differences = [
        f"{each.name} is {_shown(there)} there, {_shown(each.value)} here"
        for each in values
        if each.name in given & _COMPARED
        and (there := recorded.get(each.name, each.default)) is not None
        and there != each.value
    ]
    if differences:
        message = f"`{store}` holds a different run: {'; '.join(differences)}"
        raise store_error("E810", store, message, "omit these options: the store records them; or use another --store")


def _refuse_missing(values: list[OptionValue], taken: Mapping[str, object], store: str) -> None:
    """Refuse a recorded file that was moved."""
    from lapt_dsl.search.store.errors import store_error

    for each in values:
        if each.key not in taken or each.name in _OUTPUTS:
            continue
        path = _file(replace(each, value=taken[each.key]))
        if path is not None and os.path.isabs(path) and not os.path.exists(path):
            message = f"the run in `{store}` uses `{path}` ({each.name}), which is not there"
            raise store_error("E810", store, message, f"give its present path: {each.name} PATH")


def _replaced(given: frozenset[str]) -> set[str]:
    """The recorded options that the given ones replace."""
    gone = set(_PLACE) if given & {"--workers", "--ray"} else set()
    for pair in _ALTERNATIVES:
        gone |= set(pair) if given & set(pair) else set()
    return gone


def _file(each: OptionValue) -> str | None:
    """The path that an option's value names, in part or in whole; None for none."""
    from lapt_dsl.evaluate.spec import KINDS

    value = each.value
    if not isinstance(value, str):
        return None
    if each.name == "--evaluator":
        kind, _, path = value.partition(":")
        return path if path and kind in KINDS and KINDS[kind].names_file else None
    return value if each.is_path or (each.name in _NAMES and os.path.isabs(value)) else None


def _absolute(each: OptionValue) -> object:
    from lapt_dsl.compiler.building.library import shipped_names

    value = each.value
    if not isinstance(value, str) or (each.name == "--space" and value in shipped_names()):
        return value
    if each.name in _NAMES:
        return os.path.abspath(value) if os.path.exists(value) else value
    path = _file(each)
    # A name that is found elsewhere, such as in LAPT_DATA, stays a name.
    if path is None or not (os.path.exists(path) or each.name in _OUTPUTS):
        return value
    return value[: len(value) - len(path)] + os.path.abspath(path)


def _shown(value: object) -> str:
    return "not given" if value is None or value is False else "given" if value is True else str(value)
