"""Linting the fenced blocks of a Markdown text, with findings placed in the whole text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lapt_dsl.compiler.model import Space
    from lapt_dsl.compiler.sources import Source
    from lapt_dsl.language.diagnostics import Diagnostic
    from lapt_dsl.language.extract import Block
    from lapt_dsl.language.span import Span

OWN = ("", "lapt", "lp", "space", "principles", "text", "txt")
"""Info strings of blocks that are taken for ours; another language's block counts where it begins like ours."""


def lint_blocks(source: Source, space: Space | None, max_nodes: int | None) -> list[Diagnostic]:
    """Lint every block of a text. What the blocks say may read no file: they come from a model.

    Args:
        source: the whole text.
        space: the space for blocks that say `for any`.
        max_nodes: node limit of the analysis; None is the default.

    Returns:
        The findings; one of them says so where there is no block at all.
    """
    from lapt_dsl.compiler.analyses.lint import lint_text
    from lapt_dsl.compiler.diagram import DEFAULT_MAX_NODES
    from lapt_dsl.language.diagnostics import Diagnostic
    from lapt_dsl.language.extract import extract
    from lapt_dsl.language.span import Span

    blocks = [block for block in extract(source.text) if _ours(block)]
    if not blocks:
        message = "there is no fenced block with principles or a space in this text"
        hint = "put them between lines of three backticks, or lint the text without --extract"
        return [Diagnostic("E015", "error", message, Span(0, 0, 1, 1, source.name), hint)]
    findings: list[Diagnostic] = []
    for block in blocks:
        found = lint_text(block.text, source.name, space_hint=space, max_nodes=max_nodes or DEFAULT_MAX_NODES)
        findings += [_moved(finding, block, source.name) for finding in found]
    return findings


def _ours(block: Block) -> bool:
    words = block.info.lower().split()
    return (words[0] if words else "") in OWN or block.text.lstrip().startswith(("principles ", "space "))


def _moved(finding: Diagnostic, block: Block, name: str) -> Diagnostic:
    """A finding about a block, at its place in the whole text."""

    def move(span: Span) -> Span:
        if span.file != name:
            return span
        start, end = span.start + block.offset, span.end + block.offset
        return replace(span, start=start, end=end, line=span.line + block.line - 1)

    notes = tuple(note if note.span is None else replace(note, span=move(note.span)) for note in finding.notes)
    fix = None if finding.fix is None else replace(finding.fix, span=move(finding.fix.span))
    return replace(finding, span=move(finding.span), notes=notes, fix=fix)
