"""What a search relies on in a proposer, as plain functions: call `check_proposer` on one of your own.

Each check raises AssertionError with the promise that is broken. They need no test framework.
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
    """Check everything.

    Args:
        make: Makes the proposer anew; two of them must write the same.
        archive: Scored architectures to learn from, at least 2 * EVALUATED of them.

    Raises:
        AssertionError: A promise is broken; the message says which.
    """
    text = check_learning(make, archive)
    for improved in (True, False):
        check_following(make, archive, text, improved)


def check_learning(make: Callable[[], Proposer], archive: Archive) -> str:
    """`learn` writes a file that compiles and leaves something; the text."""
    text = make().learn(archive)
    assert text == make().learn(archive), "learn gives another text for the same archive"
    assert _compiled(text, {}, archive).refined, "what learn writes leaves no architecture"
    return text


def check_following(make: Callable[[], Proposer], archive: Archive, text: str, improved: bool) -> None:
    """`adapt`, `explore` and, where there is one, `focus` write files that follow one in force."""
    compiled = _compiled(text, {}, archive)
    # Scores upside down, so that what was learned misleads.
    found = tuple(Scored(entry.arch, -entry.score) for entry in list(archive)[:EVALUATED])
    situation = SearchState(
        FILE,
        tuple(principle.name for principle in compiled.lowered),
        compiled.refined,
        found,
        improved,
        KEPT,
        population=5,
        stretch=4,
    )
    parents = {FILE: text}
    for name in ("adapt", "explore"):
        written = getattr(make(), name)(text, situation)
        assert written == getattr(make(), name)(text, situation), f"{name} gives another text for the same situation"
        assert _compiled(written, parents, archive).refined, f"what {name} writes leaves no architecture"
    proposer = make()
    if isinstance(proposer, BudgetNarrower):
        narrowed = proposer.focus(text, situation)
        if narrowed is not None:
            assert _compiled(narrowed, parents, archive).refined, "what focus writes leaves no architecture"


def _compiled(text: str, parents: Mapping[str, str], archive: Archive) -> Compiled:
    program: Program | None
    program, findings = check_program(source_of_text(text, "proposal.lp"), ImportScope(texts=parents))
    errors = [finding for finding in findings if finding.severity == "error"]
    assert program is not None, f"not a principle file: {errors}"
    assert not errors, f"not a valid principle file: {errors}"
    return compile_program(program, archive.space)
