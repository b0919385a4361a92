"""How the principles of a run changed: each file compared with the previous one, as text and in exact sizes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.language.printing.printer import print_tree
from lapt_dsl.language.tree import Comments, Principle, PrincipleFile
from lapt_dsl.propose.revisions import compile_revision, revision_program
from lapt_dsl.search.run_log import Kind
from lapt_dsl.search.store.records import StoredEvaluation, StoredProposal


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one principle.

    Attributes:
        name: Name of the principle.
        kind: `added`, `dropped` or `changed`.
        text: The principle as it is in force; for `dropped`, as it was.
        diff: Lines of the difference.
    """

    name: str
    kind: str
    text: str
    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RevisionChange:
    """A principle file compared with the previous revision.

    Attributes:
        number: Number of the revision, from 0.
        kind: Kind of the proposal.
        name: Name of the file.
        step: Number of architectures evaluated before the file took effect.
        evaluated: Number of architectures evaluated while it was in force.
        size: Exact size of its refined space.
        gone: Exact number of architectures that it removes.
        new: Exact number of architectures that it adds.
        best: Best score while it was in force.
        best_before: Best score before.
        changes: The principles that changed.
    """

    number: int
    kind: Kind
    name: str
    step: int
    evaluated: int
    size: int
    gone: int
    new: int
    best: float | None
    best_before: float | None
    changes: tuple[Change, ...]


def revision_changes(
    proposals: Iterable[StoredProposal], evaluations: Iterable[StoredEvaluation], scores: dict[int, float], space: Space
) -> list[RevisionChange]:
    """Compare each principle file of a run with the previous one.

    Args:
        proposals: The files, in order.
        evaluations: The evaluations.
        scores: Score by step, larger is better. Failed steps are absent.
        space: The space.

    Raises:
        LaptError: A stored file no longer compiles.
    """
    files = list(proposals)
    steps = [evaluation.step for evaluation in evaluations]
    # A run that waits for its first file has no revisions.
    ends = [file.step for file in files[1:]] + [max(steps, default=-1) + 1] if files else []
    history: list[RevisionChange] = []
    parents: dict[str, str] = {}
    texts: dict[str, str] = {}
    refined: RefinedSpace | None = None
    for number, (file, end) in enumerate(zip(files, ends, strict=True)):
        program = revision_program(file.text, file.name, parents)
        revision = compile_revision(file.text, file.name, parents, space)
        now = {each.tree.name.text: _printed(program.tree, each.tree) for each in program.principles}
        before = refined if refined is not None else RefinedSpace.full(space)
        inside = [scores[step] for step in steps if file.step <= step < end and step in scores]
        earlier = [scores[step] for step in steps if step < file.step and step in scores]
        history.append(
            RevisionChange(
                number,
                file.kind,
                file.name,
                file.step,
                sum(file.step <= step < end for step in steps),
                revision.refined.size,
                (before - revision.refined).size,
                (revision.refined - before).size,
                max(inside, default=None),
                max(earlier, default=None),
                _changes(texts, now),
            )
        )
        parents, texts, refined = {file.name: revision.flat}, now, revision.refined
    return history


def _printed(tree: PrincipleFile, principle: Principle) -> str:
    """One principle in the standard layout."""
    # With the comments removed, the first line is the header of the file, which is not part of the principle.
    text = print_tree(replace(tree, comments=Comments(), items=(principle,)))
    return text.partition("\n")[2].strip("\n")


def _changes(before: dict[str, str], after: dict[str, str]) -> tuple[Change, ...]:
    changes = []
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        kind = "added" if old is None else "dropped" if new is None else "changed"
        lines = difflib.ndiff((old or "").splitlines(), (new or "").splitlines())
        diff = tuple(line for line in lines if not line.startswith("?"))
        changes.append(Change(name, kind, new if new is not None else old or "", diff))
    return tuple(changes)
