"""What mechanical fixes make of a refused answer."""

from __future__ import annotations

from lapt_dsl.compiler.analyses.autofix import fix_text
from lapt_dsl.diagnostics.diagnostic import Diagnostic
from lapt_dsl.propose.model.validation import MAX_NODES, AcceptanceCriteria, ValidationResult, validate


def autofixed(
    verdict: ValidationResult, standard: AcceptanceCriteria, file: str
) -> tuple[ValidationResult | None, tuple[Diagnostic, ...]]:
    """Apply the fixes of `lapt lint --fix` to a refused answer, and judge what results.

    Args:
        verdict: What was said of the reply.
        standard: What it is held to.
        file: What findings call it.

    Returns:
        The new verdict, or None where there is no answer or no fix; and the findings that were mended.
    """
    if verdict.answer is None:
        return None, ()
    fixed = fix_text(verdict.answer.text, file, space_hint=standard.space, texts=standard.parents, max_nodes=MAX_NODES)
    return (validate(fixed.text, standard, file), fixed.applied) if fixed.applied else (None, ())
