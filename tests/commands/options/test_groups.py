"""Option groups: values reach their fields with the types that are declared, and former names are accepted."""

from __future__ import annotations

import importlib
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass

import click
import pytest
from click.testing import CliRunner

from lapt_dsl.commands.main import VERBS, lapt
from lapt_dsl.commands.options.groups import (
    AliasedChoice,
    argument,
    collect,
    flatten,
    given_options,
    option,
    parameters,
    unflatten,
    verb,
)


@dataclass(frozen=True, kw_only=True)
class Inner:
    seed: int = field(default=0, metadata=option("--inner-seed", type=click.INT, help="Seed."))
    name: str | None = field(default=None, metadata=option("--name", help="Name."))


@dataclass(frozen=True, kw_only=True)
class Outer:
    what: str = field(metadata=argument("WHAT"))
    inner: Inner = field(default_factory=Inner)
    seed: int = field(default=1, metadata=option("--seed", type=click.INT, help="Seed."))
    colour: str = field(
        default="red",
        metadata=option(
            "--colour",
            aliases=("--color",),
            type=AliasedChoice(("red", "blue"), {"azure": "blue"}),
            show_default=True,
            help="Colour.",
        ),
    )
    more: tuple[str, ...] = field(default=(), metadata=option("--more", multiple=True, help="More."))
    deep: bool = field(default=False, metadata=option("--deep", flag=True, help="Deep."))


def parsed(*words: str) -> Outer:
    found: list[Outer] = []

    def take(options: Outer) -> int:
        """Take."""
        found.append(options)
        return 0

    verb("take", Outer)(take).main(list(words), standalone_mode=False)
    return found[0]


def test_values_reach_their_groups() -> None:
    assert parsed("w") == Outer(what="w")
    given = parsed("w", "--seed", "2", "--inner-seed", "3", "--name", "n", "--more", "a", "--more", "b", "--deep")
    assert given == Outer(what="w", seed=2, inner=Inner(seed=3, name="n"), more=("a", "b"), deep=True)
    assert given_options(given.inner) == ["--inner-seed", "--name"]
    assert given_options(Inner()) == []


def test_former_names_and_values_are_accepted_and_not_shown() -> None:
    assert parsed("w", "--color", "azure") == parsed("w", "--colour=blue") == Outer(what="w", colour="blue")
    command = verb("take", Outer)(lambda options: 0)
    shown = CliRunner().invoke(command, ["--help"]).output
    assert "--colour [red|blue]" in shown
    assert "--color " not in shown
    assert "azure" not in shown
    refused = CliRunner().invoke(command, ["w", "--color", "green"])
    assert refused.exit_code == 2
    assert "'--colour'" in refused.output


def test_what_is_required() -> None:
    with pytest.raises(click.MissingParameter):
        parsed()


def test_flat_and_back() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Pair:
        size: int = field(default=3, metadata=option("--size", type=click.INT, help="Size."))
        inner: Inner = field(default_factory=Inner)

    pair = Pair(size=4, inner=Inner(seed=5))
    assert flatten(pair) == {"size": 4, "seed": 5, "name": None}
    assert unflatten(Pair, flatten(pair)) == pair
    with pytest.raises(KeyError):
        unflatten(Pair, {"size": 4})


def groups() -> Iterator[type]:
    """Every option group of the command line."""
    for name in VERBS:
        module = importlib.import_module(f"lapt_dsl.commands.verbs.{name}")
        for item in vars(module).values():
            if isinstance(item, type) and is_dataclass(item) and item.__name__.endswith("Options"):
                yield item


def leaves(kind: type) -> Iterator[tuple[str, object, object]]:
    hints = typing.get_type_hints(kind)
    for item in fields(kind):
        if is_dataclass(item.default_factory):
            yield from leaves(typing.cast(type, item.default_factory))
        else:
            yield item.name, hints[item.name], item.default


def test_declared_types_are_those_that_click_gives() -> None:
    """The type checker cannot see that an option's converter and its field agree."""
    seen = 0
    for kind in groups():
        for (name, hint, default), parameter in zip(leaves(kind), parameters(kind), strict=True):
            assert parameter.name is not None
            assert parameter.name.endswith(name), (kind, name)
            assert hint == _expected(parameter, default), (kind, name)
            seen += 1
    assert seen > 150


def _expected(parameter: click.Parameter, default: object) -> object:
    if getattr(parameter, "is_flag", False):
        return bool
    converter = parameter.type
    # A range is an INT or FLOAT by inheritance; paths and choices are text.
    kind: type = int if isinstance(converter, type(click.INT)) else str
    kind = float if isinstance(converter, type(click.FLOAT)) else kind
    if parameter.multiple or parameter.nargs == -1:
        return tuple[kind, ...]  # type: ignore[valid-type]
    return typing.Optional[kind] if default is None else kind  # noqa: UP045


def test_every_verb_is_made_of_a_group() -> None:
    context = click.Context(lapt)
    for name in VERBS:
        command = lapt.get_command(context, name)
        assert isinstance(command, click.Group) or isinstance(command.callback, types.FunctionType)
        for each in [command] if not isinstance(command, click.Group) else command.commands.values():
            assert each.callback.__qualname__.startswith("verb."), name


def test_collect_needs_every_value() -> None:
    with pytest.raises(KeyError):
        collect(Inner, {})


@pytest.mark.parametrize(
    ("former", "present"),
    [
        (["--by", "hand"], ["--proposer", "manual"]),
        (["--by=llm"], ["--proposer=llm"]),
        (["--order", "asked"], ["--order", "submission"]),
        (["--order", "finished"], ["--order", "completion"]),
        (["--no-final"], ["--no-test"]),
    ],
)
def test_former_options_of_a_search_are_still_taken(former: list[str], present: list[str]) -> None:
    command = lapt.get_command(click.Context(lapt), "search")
    assert command is not None
    values = [command.make_context("search", [*words]).params for words in (former, present)]
    assert values[0] == values[1] != command.make_context("search", []).params
