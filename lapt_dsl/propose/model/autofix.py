"""Apply mechanical fixes to a rejected answer."""

from __future__ import annotations

from lapt_dsl.compiler.analyses.autofix import fix_text
from lapt_dsl.diagnostics.diagnostic import Diagnostic
from lapt_dsl.propose.model.validation import MAX_NODES, AcceptanceCriteria, ValidationResult, validate


def autofixed(
    result: ValidationResult, criteria: AcceptanceCriteria, file: str
) -> tuple[ValidationResult | None, tuple[Diagnostic, ...]]:
    """Apply the fixes of `lapt lint --fix` to a rejected answer and validate the result.

    Args:
        result: The result of validating the answer.
        criteria: The acceptance criteria.
        file: Name of the answer in diagnostics.

    Returns:
        The new result, or None if there is no answer or no fix; and the diagnostics that were fixed.
    """
    if result.answer is None:
        return None, ()
    fixed = fix_text(result.answer.text, file, space_hint=criteria.space, texts=criteria.parents, max_nodes=MAX_NODES)
    return (validate(fixed.text, criteria, file), fixed.applied) if fixed.applied else (None, ())
