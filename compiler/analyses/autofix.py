"""Apply the safe fixes of a text, round by round, until no diagnostic has one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES
from lapt_dsl.diagnostics.fixes import apply_fixes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.diagnostics.diagnostic import Diagnostic

MAX_ROUNDS = 12
"""Fixes bring out others at most a few times (a bracket, then a quoted name, then its spelling)."""

MOST_TRIED = 50
"""How many fixes of one round are tried one by one where all together made matters worse."""

MOST_CHARACTERS = 600_000
"""Characters checked in the rounds and in the single tries each: a text over 12,000 characters has fewer of them."""


@dataclass(frozen=True, slots=True)
class FixResult:
    """A text after its fixes.

    `applied` are the diagnostics whose fixes were applied, round by round; their spans are places of the text of their
    round. `remaining` are the diagnostics of the resulting text.
    """

    text: str
    applied: tuple[Diagnostic, ...]
    remaining: list[Diagnostic]


def fix_text(
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
) -> FixResult:
    """Apply the safe fixes of a text to a bounded fixed point, and lint what results.

    A text without a diagnostic that has a fix is returned unchanged; so is every text that
    compiles. A fix after which there are more errors than before is not applied.

    Args:
        text: The text of a principle file or a space file.
        file: Its name in the diagnostics.
        space_hint: The space for a file `for any`.
        base: The directory that `extends` starts from. None: the text may read no file.
        root: A directory that nothing outside of is read.
        texts: What `extends` finds by name where there is no `base`.
        max_nodes: Node limit of the semantic analysis of the result.
        offset: Where the text begins within the file, in characters, for a block of a larger text.
        line: The line at which it begins there.
        meaning: Whether `remaining` holds what the semantic analysis finds.

    Returns:
        The text, the diagnostics that were fixed, and those that remain. Bad input of any kind is a diagnostic.
    """
    lint = partial(
        lint_text,
        file=file,
        space_hint=space_hint,
        base=base,
        root=root,
        texts=texts,
        max_nodes=max_nodes,
        offset=offset,
        line=line,
    )
    # The semantic analysis is slow, so it runs once, after the syntax and the names are fixed.
    check = partial(lint, meaning=False)
    diagnostics = check(text)
    fixed_text, applied, after = _to_the_end(text, diagnostics, check, file, offset, careful=False)
    if applied and _worse(applied, diagnostics, after):
        fixed_text, applied, after = _to_the_end(text, diagnostics, check, file, offset, careful=True)
    return FixResult(fixed_text, tuple(applied), lint(fixed_text, meaning=meaning))


def _to_the_end(
    text: str,
    diagnostics: list[Diagnostic],
    check: Callable[[str], list[Diagnostic]],
    file: str,
    offset: int,
    *,
    careful: bool,
) -> tuple[str, list[Diagnostic], list[Diagnostic]]:
    """Fix round by round; the text, the diagnostics that were fixed, and those of the result.

    A fix can reveal more errors than it removes, since of a statement only the first is reported. So rounds are
    judged together first, and only where that went wrong each by itself (`careful`).
    """
    applied: list[Diagnostic] = []
    for _ in range(_affordable(MAX_ROUNDS, text)):
        fixed_text, done = apply_fixes(text, diagnostics, file, offset=offset)
        if not done:
            break
        after = check(fixed_text)
        if careful and _worse(done, diagnostics, after):
            fixed_text, done = _one_by_one(text, done, diagnostics, check, offset)
            return fixed_text, applied + done, check(fixed_text)
        text, diagnostics = fixed_text, after
        applied += done
    return text, applied, diagnostics


def _one_by_one(
    text: str,
    fixes: Sequence[Diagnostic],
    diagnostics: Sequence[Diagnostic],
    check: Callable[[str], list[Diagnostic]],
    offset: int,
) -> tuple[str, list[Diagnostic]]:
    """Apply the fixes that make nothing worse; from the last to the first, so that those to come keep their places."""
    applied: list[Diagnostic] = []
    for item in reversed(fixes[: _affordable(MOST_TRIED, text)]):
        fixed_text, done = apply_fixes(text, [item], item.span.file, offset=offset)
        after = check(fixed_text)
        if done and not _worse(done, diagnostics, after):
            text, diagnostics = fixed_text, after
            applied.insert(0, item)
    return text, applied


def _affordable(most: int, text: str) -> int:
    """How often a text may be checked, from 1 to `most`: fewer times the longer it is."""
    return min(most, max(1, MOST_CHARACTERS // (len(text) + 1)))


def _worse(fixed: Sequence[Diagnostic], before: Sequence[Diagnostic], after: Sequence[Diagnostic]) -> bool:
    """Whether there are more errors of the kind that was fixed, or of a kind that is looked for before it.

    What is only looked for once those are right, such as names when the syntax is, may well come to light.
    """
    level = min(map(_level, fixed))

    def count(diagnostics: Sequence[Diagnostic]) -> int:
        return sum(item.severity == "error" and _level(item) <= level for item in diagnostics)

    return count(after) > count(before)


def _level(diagnostic: Diagnostic) -> int:
    """0 for syntax, 1 for files and spaces, 2 for names, 3 for meaning: each is looked for when those before allow."""
    code = diagnostic.code
    if code.startswith("E0"):
        return 0
    if code.startswith(("E3", "E9")) or code in ("E220", "E221", "E222", "E234"):
        return 1
    return 2 if code.startswith(("E1", "E2")) else 3
