"""`lapt arch`: one architecture in every form used by tools and papers."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import JSON, complete_space_or_file
from lapt_dsl.commands.options.groups import argument, option, verb
from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Architecture

NOTATION = "notation"
"""The form of a space's own strings."""


@dataclass(frozen=True, kw_only=True)
class ArchOptions:
    """Everything that `lapt arch` takes."""

    text: str = field(metadata=argument("TEXT"))
    space: str | None = field(
        default=None,
        metadata=option(
            "--space",
            complete=complete_space_or_file,
            metavar="SPACE",
            help="Search space of the architecture. [default: all that recognise it]",
        ),
    )
    form: str | None = field(
        default=None,
        metadata=option("--to", metavar="FORM", help="Print only this form; `notation` is that of the space."),
    )
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "arch",
    ArchOptions,
    epilog="""\b
Examples:
  lapt arch "$(cat genotype.txt)"                    all forms of the architecture
  lapt arch 'naslib:(2, 0, 1, 3, 4, 0)' --space nas201 --to cell
  lapt arch - --space darts --to nasbench301 < genotype.txt""",
)
def command(options: ArchOptions) -> int:
    """Convert an architecture between the forms in which tools and papers write it.

    TEXT is an architecture in any form; - reads standard input. Without --to, the output is the recognised form and
    all other forms of the architecture. A form whose numbers have another meaning in other tools carries its name and
    a colon, as in `naslib:(...)`.
    """
    from lapt_dsl.commands.views.output import print_json
    from lapt_dsl.compiler.space.interchange.forms import FORMS

    text, form = options.text, options.form
    known = [NOTATION, *FORMS, "json"]
    if form is not None and form not in known:
        raise click.UsageError(f"there is no form `{form[:40]}`; forms: {', '.join(known)}")
    if text == "-":
        text = sys.stdin.read(2_000_000)
    readings = _readings(text, options.space)
    if form is None:
        values = [_as_values(text, arch) for arch in readings]
        if options.as_json:
            print_json({"architectures": values})
        else:
            for value in values:
                _print(value)
        return 0
    written = _written(readings[0], form)
    if options.as_json:
        print_json({"space": readings[0].space.name, "form": form, "text": written})
    else:
        echo(written)
    return 0


def _readings(text: str, space: str | None) -> list[Architecture]:
    """The architecture in its space, or in each shipped space that reads it.

    Raises:
        LaptError: No space reads it; the diagnostics are those of the space whose form it has, or of all.
    """
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.compiler.building.library import load_space, shipped_names

    if space is not None:
        return [named_space(space).parse_arch(text)]
    found: list[Architecture] = []
    refusals: list[Diagnostic] = []
    for name in shipped_names():
        try:
            found.append(load_space(name).parse_arch(text))
        except LaptError as error:
            refusals += error.diagnostics
    if found:
        return found
    recognised = [item for item in refusals if item.code not in ("E601", "E602")]
    if recognised:
        raise LaptError(recognised)
    hint = "name its space for a precise diagnostic: --space darts"
    raise LaptError.of("E601", "no shipped space reads this as an architecture", "<architecture>", hint=hint)


def _form_of(text: str, arch: Architecture) -> str:
    """The form in which a text that was read is written."""
    from lapt_dsl.compiler.space.interchange.forms import read_form
    from lapt_dsl.compiler.space.interchange.genotypes import WrongArchitecture

    if arch.space.codec.reads(text):
        return NOTATION
    try:
        reading = read_form(text, arch.space.notation)
    except WrongArchitecture:
        return NOTATION
    return reading.form if reading is not None else NOTATION


def _forms(arch: Architecture) -> dict[str, str]:
    """Every form that an architecture has, by name."""
    from lapt_dsl.compiler.space.interchange.forms import FORMS
    from lapt_dsl.compiler.space.interchange.writers import write_form

    written = {form: write_form(form, str(arch), arch.space.notation) for form in [*FORMS, "json"]}
    return {NOTATION: str(arch), **{form: text for form, text in written.items() if text not in (None, str(arch))}}


def _written(arch: Architecture, form: str) -> str:
    if form == NOTATION:
        return str(arch)
    from lapt_dsl.compiler.space.interchange.writers import write_form

    text = write_form(form, str(arch), arch.space.notation)
    if text is None:
        has = ", ".join(_forms(arch))
        raise click.UsageError(f"architectures of {arch.space.name} are not written as `{form}`; forms: {has}")
    return text


def _as_values(text: str, arch: Architecture) -> dict[str, object]:
    return {"space": arch.space.name, "recognised": _form_of(text, arch), "forms": _forms(arch)}


def _print(value: dict[str, object]) -> None:
    forms = value["forms"]
    assert isinstance(forms, dict)
    echo(f"{value['space']}: recognised as {value['recognised']}")
    for name, text in forms.items():
        echo(f"  {name}\n    {text}")
