"""All diagnostics of a text of either language, in one run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES
from lapt_dsl.compiler.program.inheritance import ImportScope, Program, assemble
from lapt_dsl.compiler.program.source_files import source_of_text
from lapt_dsl.diagnostics.diagnostic import Diagnostic, Diagnostics, LaptError
from lapt_dsl.language.parsing.parser import parse
from lapt_dsl.language.parsing.source_text import SourceText
from lapt_dsl.language.parsing.suppression import suppress
from lapt_dsl.language.tree import PrincipleFile, SpaceFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lapt_dsl.compiler.space.model import Space


def lint_text(
    text: str,
    file: str = "<text>",
    *,
    space_hint: Space | str | Path | None = None,
    base: Path | None = None,
    root: Path | None = None,
    texts: Mapping[str, str] | None = None,
    max_nodes: int = DEFAULT_MAX_NODES,
    offset: int = 0,
    line: int = 1,
    meaning: bool = True,
) -> list[Diagnostic]:
    """Lint a principle file or a space file.

    Args:
        text: The text.
        file: Its name in the diagnostics.
        space_hint: The space for a file `for any`; without it such a file is checked by itself only.
        base: The directory that `extends` starts from. None: the text may read no file.
        root: A directory that nothing outside of is read, symbolic links followed. None: no such bound.
        texts: What `extends` finds by name where there is no `base`, as a search's chain is kept in its store.
        max_nodes: Node limit of the semantic analysis.
        offset: Where the text begins within the file, in characters, for a block of a larger text.
        line: The line at which it begins there.
        meaning: Whether the semantic analysis is made; without it only syntax, files and names are judged.

    Returns:
        Diagnostics in the order of the text, those of other files last, without the ones the text allows by a comment.
        Bad input of any kind is a diagnostic, never an exception.
    """
    tree, syntax = parse(text, file, offset=offset, line=line)
    diagnostics, complete = list(syntax), False
    if isinstance(tree, SpaceFile):
        more, complete = _lint_space(tree, text, diagnostics)
        diagnostics += more
    elif isinstance(tree, PrincipleFile):
        scope = ImportScope(base, root, texts or {})
        program, more = assemble(tree, source_of_text(text, file), scope)
        diagnostics += more
        more, complete = _lint_program(
            program, scope, space_hint, max_nodes, sound=not _errors(diagnostics), meaning=meaning
        )
        diagnostics += _without_guesses(tree, syntax, more)
        if any(item.code in ("E001", "E005") for item in diagnostics):
            diagnostics = _respelled(SourceText(text, file, offset, line), diagnostics, program, space_hint, scope)
    return _in_order(suppress(text, diagnostics, file, complete=complete, offset=offset, line=line), file)


def _without_guesses(tree: PrincipleFile, syntax: list[Diagnostic], diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics without E209 if the first line could not be read, since it may name a space."""
    first = min((item.span.start for item in tree.items), default=tree.span.end)
    unread = tree.space is None and any(item.code in ("E001", "E015") and item.span.start <= first for item in syntax)
    return [item for item in diagnostics if not (unread and item.code == "E209")]


def _in_order(diagnostics: list[Diagnostic], file: str) -> list[Diagnostic]:
    return sorted(diagnostics, key=lambda item: (item.span.file != file, item.span.file, item.span.start, item.code))


def _errors(diagnostics: list[Diagnostic]) -> bool:
    return any(item.severity == "error" for item in diagnostics)


def _lint_space(tree: SpaceFile, text: str, before: list[Diagnostic]) -> tuple[list[Diagnostic], bool]:
    """What is wrong with a space, and whether everything was looked for."""
    from lapt_dsl.compiler.building.space import check_space

    # What the parser could not read is missing from the tree, so names that it declares would be reported as unknown.
    return ([], False) if _errors(before) else (check_space(tree, text)[1], True)


def _lint_program(
    program: Program,
    scope: ImportScope,
    space_hint: Space | str | Path | None,
    max_nodes: int,
    *,
    sound: bool,
    meaning: bool,
) -> tuple[list[Diagnostic], bool]:
    """Names first; meaning only where all files are `sound` and all names right. Whether everything was looked for."""
    from lapt_dsl.compiler.building.find_space import find_space
    from lapt_dsl.compiler.refined.compiled import compile_lowered, lower_program

    if program.space is None and space_hint is None:
        return _lint_general(program), False
    try:
        space = find_space(program, _given(program, space_hint), scope)
        lowered, diagnostics = lower_program(program, space)
        if not sound or not meaning or _errors(diagnostics):
            return diagnostics, False
        from lapt_dsl.compiler.analyses.analysis import analyse

        return [*diagnostics, *analyse(compile_lowered(program, space, lowered, max_nodes))], True
    except LaptError as error:
        return error.diagnostics, False


def _given(program: Program, space_hint: Space | str | Path | None) -> Space | str | Path | None:
    """A hint is for files that name no space themselves, or that mean the very space at hand by its name."""
    if program.space is None:
        return space_hint
    at_hand = not isinstance(space_hint, str | Path | None) and space_hint.name == program.space.text
    return space_hint if at_hand else None


def _respelled(
    source: SourceText,
    diagnostics: list[Diagnostic],
    program: Program,
    space_hint: Space | str | Path | None,
    scope: ImportScope,
) -> list[Diagnostic]:
    """Syntax errors that a space explains: a name of its operators, written in several words."""
    from lapt_dsl.compiler.analyses.split_names import joined_names
    from lapt_dsl.compiler.building.find_space import find_space

    try:
        return joined_names(source, diagnostics, find_space(program, _given(program, space_hint), scope))
    except LaptError:
        # The unknown space has its own diagnostic already.
        return diagnostics


def _lint_general(program: Program) -> list[Diagnostic]:
    """What a `for any` file may not say, whatever the space."""
    from lapt_dsl.compiler.lowering.resolve import Resolver
    from lapt_dsl.diagnostics.suggestions import Suggestions

    diagnostics = Diagnostics()
    resolver = Resolver(None, diagnostics, Suggestions())
    for principle in program.principles:
        resolver.principle(principle.tree, principle.general)
    return diagnostics.items
