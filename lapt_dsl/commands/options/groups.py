"""Option groups: frozen dataclasses whose fields declare the options and arguments of the command line.

A group is declared once and shared by every verb that takes it, on its own or as a field of a larger group, whose
`default_factory` is then the inner group. The default of any other field is the default of its option, and a field
without one is a required option:

>>> from dataclasses import dataclass, field
>>> @dataclass(frozen=True, kw_only=True)
... class DrawOptions:
...     space: str = field(metadata=argument("SPACE"))
...     number: int = field(default=1, metadata=option("-n", type=click.INT, help="Number of architectures."))
>>> @verb("draw", DrawOptions)
... def draw(options: DrawOptions) -> int:
...     click.echo(f"{options.number} of {options.space}")
...     return 0
>>> draw.main(["nas201", "-n", "3"], standalone_mode=False)
3 of nas201
0
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Completion: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem] | list[str]]
    Kind: TypeAlias = (
        click.ParamType[str] | click.ParamType[int] | click.ParamType[float]
        | click.ParamType[str | bytes | os.PathLike[str]]
    )  # fmt: skip
    Choice: TypeAlias = click.Choice[str]
else:
    Choice = click.Choice  # not generic before click 8.2

G = TypeVar("G")
Metadata: TypeAlias = Mapping[str, object]

_DECLARATION = "declaration"
_SEPARATOR = "__"
"""Between the names of nested groups in the name that click gives a value, so that two groups may share a name."""


class _Declaration(Protocol):
    """Makes the parameter of a field from its name and default."""

    def __call__(self, name: str, default: object) -> click.Parameter: ...


class AliasedOption(click.Option):
    """An option that also accepts former names, which `--help` and messages do not show."""

    aliases: tuple[str, ...] = ()

    def add_to_parser(self, parser: click.parser._OptionParser, ctx: click.Context) -> None:
        """Register the option under all of its names."""
        shown = self.opts
        self.opts = [*shown, *self.aliases]
        try:
            super().add_to_parser(parser, ctx)
        finally:
            self.opts = shown


class AliasedChoice(Choice):
    """A choice that also accepts former values, each of which stands for a present one."""

    def __init__(self, choices: tuple[str, ...], aliases: Mapping[str, str]) -> None:
        super().__init__(choices)
        self.aliases = aliases

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Replace a former value before it is checked."""
        return super().convert(self.aliases.get(str(value), str(value)), param, ctx)


def option(
    *names: str,
    help: str,
    type: Kind | None = None,
    metavar: str | None = None,
    flag: bool = False,
    multiple: bool = False,
    show_default: bool | str = False,
    complete: Completion | None = None,
    aliases: tuple[str, ...] = (),
) -> Metadata:
    """The metadata of a field that is an option.

    Args:
        names: Its names on the command line.
        help: One sentence for `--help`.
        type: Converts and checks its value; None takes text.
        metavar: Stands for its value in `--help`; None is N for an integer, and click's otherwise.
        flag: Whether it takes no value.
        multiple: Whether it may be repeated; the field is a tuple.
        show_default: Whether `--help` shows the default, or the words to show in its place.
        complete: Completes its value in a shell.
        aliases: Former names, accepted and not shown.
    """

    if metavar is None and isinstance(type, click.types.IntParamType):
        metavar = "N"

    def declaration(name: str, default: object) -> click.Parameter:
        make = partial(
            AliasedOption, [*names, name], help=help, type=type, metavar=metavar, is_flag=flag, multiple=multiple,
            show_default=show_default, shell_complete=complete, required=default is MISSING,
        )  # fmt: skip
        # Click treats an option without a default differently from one whose default is None.
        made = (
            make()
            if default is MISSING or default is None or default is False or default == ()
            else make(default=default)
        )
        made.aliases = aliases
        return made

    return {_DECLARATION: declaration}


def argument(
    metavar: str, *, type: Kind | None = None, many: bool = False, complete: Completion | None = None
) -> Metadata:
    """The metadata of a field that is an argument; it is required where the field has no default.

    Args:
        metavar: Stands for its value in `--help`.
        type: Converts and checks its value; None takes text.
        many: Whether it takes any number of values; the field is a tuple.
        complete: Completes its value in a shell.
    """

    def declaration(name: str, default: object) -> click.Parameter:
        return click.Argument(
            [name], metavar=metavar, type=type, nargs=-1 if many else 1, shell_complete=complete,
            required=default is MISSING,
        )  # fmt: skip

    return {_DECLARATION: declaration}


def parameters(kind: type) -> list[click.Parameter]:
    """The options and arguments of a group, in the order of its fields."""
    return [_declaration(item)(name, _default(item)) for name, item in _leaves(kind, "")]


def collect(kind: type[G], values: Mapping[str, object], prefix: str = "") -> G:
    """The instance of a group that holds the values click parsed for `parameters`."""
    given: dict[str, object] = {}
    for item in _fields(kind):
        inner = _inner(item)
        name = f"{prefix}{item.name}"
        given[item.name] = values[name] if inner is None else collect(inner, values, f"{name}{_SEPARATOR}")
    return kind(**given)


def verb(name: str, kind: type[G], *, epilog: str | None = None) -> Callable[[Callable[[G], int]], click.Command]:
    """Make a command of a function that takes one group; the function's docstring is the help.

    Args:
        name: The command's name.
        kind: The group of its options.
        epilog: Examples and exit codes, shown after the options.
    """

    def make(function: Callable[[G], int]) -> click.Command:
        def callback(**values: object) -> int:
            return function(collect(kind, values))

        help_text = inspect.cleandoc(function.__doc__ or "")
        return click.Command(name, callback=callback, params=parameters(kind), help=help_text, epilog=epilog)

    return make


def flatten(options: object) -> dict[str, object]:
    """The values of a group and of the groups within it by the names of their fields, which must differ."""
    flat: dict[str, object] = {}
    for item in _fields(type(options)):
        value = getattr(options, item.name)
        flat.update({item.name: value} if _inner(item) is None else flatten(value))
    return flat


def unflatten(kind: type[G], flat: Mapping[str, object]) -> G:
    """The inverse of `flatten`. Raises KeyError for a value that is missing."""
    return kind(
        **{
            item.name: flat[item.name] if (inner := _inner(item)) is None else unflatten(inner, flat)
            for item in _fields(kind)
        }
    )


@dataclass(frozen=True, slots=True)
class OptionValue:
    """An option with its value: `key`, as `collect` takes it; `name`, such as `--model`; whether it `is_path`."""

    key: str
    name: str
    value: object
    default: object
    is_path: bool


def option_values(options: object, prefix: str = "") -> list[OptionValue]:
    """The options and arguments of a group and of the groups within it, with their values; `collect` is the inverse."""
    found = []
    for item in _fields(type(options)):
        value = getattr(options, item.name)
        key = f"{prefix}{item.name}"
        if _inner(item) is not None:
            found += option_values(value, f"{key}{_SEPARATOR}")
            continue
        parameter = _declaration(item)(key, _default(item))
        is_path = isinstance(parameter.type, click.Path)
        found.append(OptionValue(key, parameter.opts[0], value, _default(item), is_path))
    return found


def given_options(options: object) -> list[str]:
    """The option names, such as `--model`, whose values in a group differ from their defaults."""
    kind = type(options)
    names = []
    for item in _fields(kind):
        value = getattr(options, item.name)
        if _inner(item) is not None:
            names += given_options(value)
        elif value != item.default:
            names.append(_declaration(item)(item.name, _default(item)).opts[0])
    return names


def _leaves(kind: type, prefix: str) -> Iterator[tuple[str, Field[object]]]:
    for item in _fields(kind):
        inner = _inner(item)
        name = f"{prefix}{item.name}"
        if inner is None:
            yield name, item
        else:
            yield from _leaves(inner, f"{name}{_SEPARATOR}")


def _fields(kind: type) -> tuple[Field[object], ...]:
    assert is_dataclass(kind), f"{kind.__name__} is not a dataclass"
    return fields(kind)


def _inner(item: Field[object]) -> type | None:
    """The group that a field holds, or None for a field that is an option or argument."""
    made = item.default_factory
    return made if isinstance(made, type) and is_dataclass(made) else None


def _declaration(item: Field[object]) -> _Declaration:
    declared: _Declaration = item.metadata[_DECLARATION]
    return declared


def _default(item: Field[object]) -> object:
    return item.default
