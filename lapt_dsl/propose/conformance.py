"""Conformance checks for proposers. Call `check_proposer` to test your own.

Each check raises AssertionError with the requirement that is not met. No test framework is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lapt_dsl.compiler.program.inheritance import ImportScope, Program, check_program
from lapt_dsl.compiler.program.source_files import source_of_text
from lapt_dsl.compiler.refined.compiled import Compiled, compile_program
from lapt_dsl.propose.archive import Archive, Scored
from lapt_dsl.propose.proposer import BudgetNarrower, Proposer, SearchState

EVALUATED = 12
KEPT = 5
FILE = "00-learn.lp"


def check_proposer(make: Callable[[], Proposer], archive: Archive) -> None:
    """Run all checks.

    Args:
        make: Creates a proposer. Two proposers must write the same text.
        archive: At least 2 * EVALUATED scored architectures to learn from.

    Raises:
        AssertionError: A requirement is not met; the message names it.
    """
    text = check_learning(make, archive)
    for improved in (True, False):
        check_following(make, archive, text, improved)


def check_learning(make: Callable[[], Proposer], archive: Archive) -> str:
    """Check that `learn` writes a file that compiles to a non-empty space. Returns its text."""
    text = make().learn(archive)
    assert text == make().learn(archive), "learn is not deterministic: two texts for the same archive"
    assert _compiled(text, {}, archive).refined, "the refined space of the learned file is empty"
    return text


def check_following(make: Callable[[], Proposer], archive: Archive, text: str, improved: bool) -> None:
    """Check that `adapt`, `explore` and, `narrow_to_budget` (if present) write valid files that extend `text`."""
    compiled = _compiled(text, {}, archive)
    # Inverted scores, so that the learned principles mislead.
    found = tuple(Scored(entry.arch, -entry.score) for entry in list(archive)[:EVALUATED])
    state = SearchState(
        FILE,
        tuple(principle.name for principle in compiled.lowered),
        compiled.refined,
        found,
        improved,
        KEPT,
        population=5,
        evaluations_per_iteration=4,
    )
    parents = {FILE: text}
    for name in ("adapt", "explore"):
        written = getattr(make(), name)(text, state)
        assert written == getattr(make(), name)(text, state), (
            f"{name} is not deterministic: two texts for the same state"
        )
        assert _compiled(written, parents, archive).refined, f"the refined space of the file from {name} is empty"
    proposer = make()
    if isinstance(proposer, BudgetNarrower):
        narrowed = proposer.narrow_to_budget(text, state)
        if narrowed is not None:
            assert _compiled(narrowed, parents, archive).refined, (
                "the refined space of the file from narrow_to_budget is empty"
            )


def _compiled(text: str, parents: Mapping[str, str], archive: Archive) -> Compiled:
    program: Program | None
    program, diagnostics = check_program(source_of_text(text, "proposal.lp"), ImportScope(texts=parents))
    errors = [item for item in diagnostics if item.severity == "error"]
    assert program is not None, f"not a principle file: {errors}"
    assert not errors, f"not a valid principle file: {errors}"
    return compile_program(program, archive.space)
