"""The space a program is compiled for: the given one, a built-in one, or a `.space` file beside the program."""

from __future__ import annotations

from pathlib import Path

from lapt_dsl import spaces
from lapt_dsl.compiler.building.library import load_space, space_of_text
from lapt_dsl.compiler.program.inheritance import ImportScope, Program
from lapt_dsl.compiler.program.source_files import read_source
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.spelling import fixed_name, same_name
from lapt_dsl.diagnostics.suggestions import Suggestions, shortened


def find_space(program: Program, given: Space | str | Path | None, scope: ImportScope) -> Space:
    """The space of a program.

    Args:
        program: What is to be compiled.
        given: A space, or its name or path; compiling fails with E221 if the program is for another space.
        scope: The directory of the program; a file `NAME.space` there is found by its name.

    Raises:
        LaptError: E220 for an unknown space, E222 for a `for any` program without a given space, and the errors of a
            `.space` file.
    """
    if isinstance(given, Space):
        return given
    if given is not None:
        return load_space(given)
    name = program.space
    if name is None:
        message = f"`{program.name}` is `for any` space, so a space must be given"
        hint = f"name one: --space {spaces.names()[0]}"
        raise LaptError.of("E222", message, program.tree.name.span, hint=hint)
    if name.text in spaces.names():
        return load_space(name.text)
    if scope.base is not None:
        beside = scope.base / f"{name.text}.space"
        # A link is followed only by the reading below, which refuses one that leads out of the root.
        if beside.is_symlink() or beside.is_file():
            return _read_space(beside, scope)
    meant = same_name(name.text, (*spaces.names(), "any"))
    if meant is not None:
        raise LaptError([fixed_name("E234", shortened(name.text), meant, name.span, "space")])
    message = f"there is no space `{shortened(name.text)}`"
    hint = Suggestions().hint(name.text, spaces.names(), "shipped spaces")
    hint += f"{' Or' if hint.endswith('?') else '; or'} put `{name.text}.space` beside the file"
    raise LaptError.of("E220", message, name.span, hint=hint)


def _read_space(path: Path, scope: ImportScope) -> Space:
    source = read_source(path, root=scope.root)
    return space_of_text(source.text, source.name)
