"""Linting and fixing the fenced blocks of a Markdown text, with diagnostics placed in the whole text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES

if TYPE_CHECKING:
    from lapt_dsl.compiler.analyses.autofix import FixResult
    from lapt_dsl.compiler.program.source_files import SourceFile
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.diagnostics.diagnostic import Diagnostic
    from lapt_dsl.language.replies.extract import FencedBlock

OWN = ("", "lapt", "lp", "space", "principles", "text", "txt")
"""Info strings of blocks in our languages; any other block counts if it begins like a file of ours."""


def lint_blocks(source: SourceFile, space: Space | None, max_nodes: int | None) -> list[Diagnostic]:
    """Lint every block of a text. Blocks may come from a model, so they must not read files.

    Args:
        source: the whole text.
        space: the space for blocks that say `for any`.
        max_nodes: node limit of the analysis; None is the default.

    Returns:
        The diagnostics, among them E015 where there is no block.
    """
    from lapt_dsl.compiler.analyses.lint import lint_text

    blocks = _our_blocks(source.text)
    if not blocks:
        return [_no_block(source.name)]
    diagnostics: list[Diagnostic] = []
    for block in blocks:
        diagnostics += lint_text(
            block.text,
            source.name,
            space_hint=space,
            max_nodes=max_nodes or DEFAULT_MAX_NODES,
            offset=block.offset,
            line=block.line,
        )
    return diagnostics


def fix_blocks(source: SourceFile, space: Space | None, max_nodes: int | None) -> FixResult:
    """Fix every block of a text in place; the text around the blocks is unchanged. Arguments as above."""
    from lapt_dsl.compiler.analyses.autofix import FixResult, fix_text
    from lapt_dsl.compiler.program.source_files import source_of_text

    text = source.text
    applied: list[Diagnostic] = []
    # From last to first, so that a fix does not move the blocks not yet fixed.
    for block in reversed(_our_blocks(text)):
        fixed = fix_text(block.text, source.name, space_hint=space, offset=block.offset, line=block.line, meaning=False)
        text = text[: block.offset] + fixed.text + text[block.offset + len(block.text) :]
        applied = [*fixed.applied, *applied]
    return FixResult(text, tuple(applied), lint_blocks(source_of_text(text, source.name), space, max_nodes))


def _our_blocks(text: str) -> list[FencedBlock]:
    """The blocks in one of the two languages outside a reasoning preamble, or else an answer without fences."""
    from lapt_dsl.language.replies.reply import answer, fenced

    blocks = [block for block in fenced(text) if _ours(block)]
    if blocks:
        return blocks
    bare = answer(text)
    return [] if bare is None else [bare]


def _no_block(name: str) -> Diagnostic:
    from lapt_dsl.diagnostics.diagnostic import Diagnostic
    from lapt_dsl.diagnostics.span import Span

    message = "there is no fenced block with principles or a space in this text"
    hint = "put them between lines of three backticks, or lint the text without --extract"
    return Diagnostic("E015", "error", message, Span(0, 0, 1, 1, name), hint)


def _ours(block: FencedBlock) -> bool:
    words = block.info.lower().split()
    return (words[0] if words else "") in OWN or block.text.lstrip().startswith(("principles ", "space "))
