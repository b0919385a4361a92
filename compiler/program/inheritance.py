"""From a principle file and the files it extends to one list of principles: the program.

A child inherits its parents' principles in their order; `drop` leaves one out, a principle of the same name replaces
one in its place, and others follow. Two parents that define a name differently conflict unless the child decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lapt_dsl.compiler.program.source_files import SourceFile, read_source, source_of_text
from lapt_dsl.diagnostics.diagnostic import Diagnostic, Diagnostics, LaptError, Note
from lapt_dsl.diagnostics.spelling import fixed_name, same_name
from lapt_dsl.diagnostics.suggestions import Suggestions, shortened
from lapt_dsl.language.forms.vocabulary import MAX_ERRORS
from lapt_dsl.language.tree import Drop, Extends, Name, Principle, PrincipleFile

MAX_DEPTH = 32
MAX_FILES = 256
MAX_EXTENDED = 2**19
"""All characters of the extended files together: what a file that is small itself can make lapt read."""


@dataclass(frozen=True, slots=True)
class ProgramPrinciple:
    """A principle that is in force; `general` where its own file is `for any`."""

    tree: Principle
    general: bool


@dataclass(frozen=True, slots=True)
class Program:
    """A principle file with everything it inherits.

    `space` is the name after `for`, None for `any`; `files` holds every text that took part, the file itself first.
    """

    name: str
    space: Name | None
    principles: tuple[ProgramPrinciple, ...]
    files: tuple[SourceFile, ...]
    tree: PrincipleFile


@dataclass(frozen=True, slots=True)
class ImportScope:
    """What `extends` may read: paths are relative to the file they are in, or to `base` for a text without a file.

    `root`: nothing outside this directory, symbolic links followed. With `base` None no file at all can be read, only
    `texts` by name: the files of the revisions of a search, which are kept in its store.
    """

    base: Path | None = None
    root: Path | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


def load_program(path: str | Path, root: Path | None = None) -> Program:
    """Read a principle file and what it extends. LaptError holds every diagnostic of all files."""
    source = read_source(path, root=root)
    program, diagnostics = check_program(source, ImportScope(Path(path).parent, root))
    errors = [item for item in diagnostics if item.severity == "error"]
    if program is None or errors:
        raise LaptError(errors)
    return program


def check_program(source: SourceFile, scope: ImportScope) -> tuple[Program | None, list[Diagnostic]]:
    """Parse a principle text, follow `extends`, and report every diagnostic; the program is None without a tree."""
    from lapt_dsl.language.parsing.parser import parse

    tree, diagnostics = parse(source.text, source.name)
    if isinstance(tree, PrincipleFile):
        program, more = assemble(tree, source, scope)
        return program, [*diagnostics, *more]
    if tree is not None:
        message = f"`{source.name}` is a space, not a principle file"
        diagnostics = [
            *diagnostics,
            Diagnostic("E301", "error", message, tree.name.span, "give a file that starts with `principles`"),
        ]
    return None, diagnostics


def program_of_tree(tree: PrincipleFile, scope: ImportScope | None = None) -> Program:
    """A program from a tree made in code, or parsed before. LaptError as for `load_program`."""
    from lapt_dsl.language.printing.printer import print_tree

    program, diagnostics = assemble(tree, source_of_text(print_tree(tree), tree.span.file), scope or ImportScope())
    errors = [item for item in diagnostics if item.severity == "error"]
    if errors:
        raise LaptError(errors)
    return program


def assemble(tree: PrincipleFile, source: SourceFile, scope: ImportScope) -> tuple[Program, list[Diagnostic]]:
    """Merge a parsed file with what it extends."""
    loader = _Loader(scope.root, scope.texts)
    loader.files.append(source)
    here = (scope.base / Path(source.name).name).resolve() if scope.base is not None else None
    merged = loader.merge(tree, scope.base, [here] if here is not None else [])
    program = Program(tree.name.text, tree.space, tuple(merged.values()), tuple(loader.files), tree)
    return program, loader.diagnostics.items


@dataclass
class _Loader:
    """Files read so far, each once, with the diagnostics of all of them."""

    root: Path | None
    texts: Mapping[str, str]
    characters: int = 0
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    files: list[SourceFile] = field(default_factory=list)
    _loaded: dict[Path, tuple[PrincipleFile, dict[str, ProgramPrinciple]] | None] = field(default_factory=dict)
    _suggestions: Suggestions = field(default_factory=Suggestions)

    def merge(self, tree: PrincipleFile, base: Path | None, ancestors: list[Path]) -> dict[str, ProgramPrinciple]:
        """The principles in force in `tree`; `ancestors` are the files being read, the outermost first."""
        decided = {item.name.text for item in tree.items if isinstance(item, Drop | Principle)}
        merged: dict[str, ProgramPrinciple] = {}
        complete = True
        for item in tree.items:
            if isinstance(item, Extends):
                parent = self._parent(item, tree, base, ancestors)
                complete = complete and parent is not None
                self._inherit(merged, parent or {}, decided, item)
        for item in tree.items:
            if isinstance(item, Drop):
                self._drop(merged, item, complete)
        self._define(merged, tree)
        return merged

    def _inherit(
        self,
        merged: dict[str, ProgramPrinciple],
        parent: dict[str, ProgramPrinciple],
        decided: set[str],
        extends: Extends,
    ) -> None:
        for name, principle in parent.items():
            known = merged.setdefault(name, principle)
            if known.tree != principle.tree and name not in decided:
                notes = (
                    Note(f"`{name}` is defined here", known.tree.name.span),
                    Note("and defined differently here", principle.tree.name.span),
                )
                message = f"two extended files define the principle `{name}` differently"
                hint = f"write `drop {name};` or a principle `{name}` of your own"
                self.diagnostics.add("E305", message, extends.span, hint=hint, notes=notes)

    def _drop(self, merged: dict[str, ProgramPrinciple], item: Drop, complete: bool) -> None:
        # With a parent that could not be read, an unknown name may be that parent's.
        if merged.pop(item.name.text, None) is None and complete:
            # Names are compared for the first errors only: each costs as much as there are principles.
            many = len(self.diagnostics.items) > MAX_ERRORS
            meant = None if many else same_name(item.name.text, merged)
            if meant is not None:
                self.diagnostics.items.append(fixed_name("E231", item.name.text, meant, item.name.span, "principle"))
                return
            message = f"no extended file defines a principle `{shortened(item.name.text)}`"
            hint = None if many else self._suggestions.hint(item.name.text, merged, "inherited principles")
            self.diagnostics.add("E306", message, item.name.span, hint=hint)

    def _define(self, merged: dict[str, ProgramPrinciple], tree: PrincipleFile) -> None:
        own: dict[str, Principle] = {}
        for item in tree.items:
            if isinstance(item, Principle):
                first = own.setdefault(item.name.text, item)
                if first is not item:
                    note = Note("it is defined here first", first.name.span)
                    message = f"the principle `{shortened(item.name.text)}` is defined twice"
                    self.diagnostics.add("E308", message, item.name.span, hint="rename or remove one", notes=(note,))
        for name, principle in own.items():
            merged[name] = ProgramPrinciple(principle, tree.space is None)

    def _parent(
        self, item: Extends, tree: PrincipleFile, base: Path | None, ancestors: list[Path]
    ) -> dict[str, ProgramPrinciple] | None:
        """The principles of an extended file, or None where it cannot be used."""
        kept = base is None and item.path in self.texts
        if base is None and not kept:
            message = "this text is no file, so it cannot extend files"
            hint = "save it beside the file it extends, or copy the principles in"
            if self.texts:
                names = ", ".join(f"`{name}`" for name in self.texts)
                message, hint = f"this text can extend {names} and nothing else", f"extend {names}"
            self.diagnostics.add("E304", message, item.span, hint=hint)
            return None
        path = (base or Path()) / item.path
        try:
            resolved = path if kept else path.resolve()
        except (OSError, ValueError, RuntimeError) as error:
            message = f"cannot read `{shortened(item.path)}`: {error}"
            self.diagnostics.add("E901", message, item.span, hint="check the path")
            return None
        if resolved in ancestors:
            around = " extends ".join(f"`{each.name}`" for each in [*ancestors[ancestors.index(resolved) :], resolved])
            self.diagnostics.add(
                "E302", f"files extend each other in a circle: {around}", item.span, hint="remove one `extends`"
            )
            return None
        if resolved not in self._loaded:
            self._loaded[resolved] = self._load(item, path, resolved, ancestors)
        loaded = self._loaded[resolved]
        if loaded is None:
            return None
        parent, principles = loaded
        if parent.space is not None and (tree.space is None or tree.space.text != parent.space.text):
            here = tree.space.text if tree.space is not None else "any"
            message = f"`{item.path}` is for {parent.space.text}, and this file is for {here}"
            note = Note(f"`{parent.name.text}` is for {parent.space.text}", parent.space.span)
            hint = "extend a file for the same space, or one `for any`"
            self.diagnostics.add("E307", message, item.span, hint=hint, notes=(note,))
            return None
        return principles

    def _load(
        self, item: Extends, path: Path, resolved: Path, ancestors: list[Path]
    ) -> tuple[PrincipleFile, dict[str, ProgramPrinciple]] | None:
        from lapt_dsl.language.parsing.parser import parse

        if len(ancestors) > MAX_DEPTH or len(self.files) >= MAX_FILES:
            limit = f"{MAX_DEPTH} deep" if len(ancestors) > MAX_DEPTH else f"to {MAX_FILES} files"
            self.diagnostics.add(
                "E303", f"`extends` leads more than {limit}", item.span, hint="merge some of the files"
            )
            return None
        if self.characters > MAX_EXTENDED:
            self._too_large(item)
            return None
        try:
            kept = self.texts.get(item.path) if path == resolved else None
            source = read_source(path, item.span, self.root) if kept is None else source_of_text(kept, item.path)
        except LaptError as error:
            self.diagnostics.items.extend(error.diagnostics)
            return None
        self.characters += len(source.text)
        if self.characters > MAX_EXTENDED:
            self._too_large(item)
            return None
        self.files.append(source)
        tree, diagnostics = parse(source.text, source.name)
        self.diagnostics.items.extend(diagnostics)
        if not isinstance(tree, PrincipleFile):
            if tree is not None:
                message = f"`{item.path}` is a space, not a principle file"
                self.diagnostics.add("E301", message, item.span, hint="extend a file that starts with `principles`")
            return None
        return tree, self.merge(tree, path.parent if kept is None else None, [*ancestors, resolved])

    def _too_large(self, item: Extends) -> None:
        message = f"the extended files have more than {MAX_EXTENDED:,} characters together"
        self.diagnostics.add("E303", message, item.span, hint="remove some of the principles")
