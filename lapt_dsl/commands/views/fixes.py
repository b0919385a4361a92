"""`lapt lint --fix` and `--diff`: the fixed text written, printed or compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from lapt_dsl.commands.options.read_roots import ReadRoots
    from lapt_dsl.compiler.analyses.autofix import FixResult
    from lapt_dsl.compiler.program.source_files import SourceFile
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.diagnostics.diagnostic import Diagnostic


@dataclass
class Fixer:
    """Applies safe fixes to one source after the other, and counts them.

    Attributes:
        space: As for linting.
        max_nodes: As for linting.
        extract: As for linting.
        roots: What each source may read.
        diff: Whether the changes are printed and nothing is written.
        fixes: How many fixes were applied.
        files: How many files changed.
        printed: Whether standard output holds a text or a patch, so that diagnostics go to standard error.
    """

    space: Space | None
    max_nodes: int | None
    extract: bool
    roots: ReadRoots
    diff: bool
    fixes: int = 0
    files: int = 0
    printed: bool = False

    def fix(self, source: SourceFile) -> tuple[str, list[Diagnostic]]:
        """Fix a source in place; its text with all safe fixes applied, and the diagnostics that remain."""
        from lapt_dsl.commands.options.inputs import STANDARD_INPUT
        from lapt_dsl.commands.views.output import print_diff, write_file, write_text

        fixed = self._fixed(source)
        changed = fixed.text != source.text
        self.fixes += len(fixed.applied)
        self.files += changed
        if self.diff:
            self.printed = True
            if changed:
                print_diff(source.name, source.text, fixed.text, "fixed")
        elif source.name == STANDARD_INPUT:
            self.printed = True
            write_text(fixed.text)
        elif changed:
            write_file(source.name, fixed.text)
        return fixed.text, fixed.remaining

    def _fixed(self, source: SourceFile) -> FixResult:
        from lapt_dsl.commands.options.inputs import STANDARD_INPUT
        from lapt_dsl.compiler.analyses.autofix import fix_text
        from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES

        if self.extract:
            from lapt_dsl.commands.views.markdown_blocks import fix_blocks

            return fix_blocks(source, self.space, self.max_nodes)
        piped = source.name == STANDARD_INPUT
        return fix_text(
            source.text,
            source.name,
            space_hint=self.space,
            base=Path() if piped else Path(source.name).parent,
            root=self.roots.root_of(source.name),
            max_nodes=self.max_nodes or DEFAULT_MAX_NODES,
        )

    def summarize(self, remaining: int) -> None:
        """Print how much was fixed, and how many diagnostics remain, to standard error."""
        verb = "would fix" if self.diff else "fixed"
        where = f" in {_counted(self.files, 'file')}" if self.fixes else ""
        echo(f"{verb} {_counted(self.fixes, 'diagnostic')}{where}, {remaining} remaining", err=True)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
