"""How the principles of a run changed: each file against the one before, in words and in exact sizes."""

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
    """What became of one principle: `text` is it as it is in force, or for `dropped` as it was; `diff` line by line."""

    name: str
    kind: str
    text: str
    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RevisionChange:
    """A file of the chain against the one before.

    `step`: architectures evaluated before it came into force; `evaluated`: how many while it was; `size`: what it
    leaves, `gone` and `new`: how many architectures it takes away and lets in, all exact; `best`: the best score while
    it was in force, `best_before`: the best until then.
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
    """The history of a run.

    Args:
        proposals: Its files, in order.
        evaluations: Its evaluations.
        scores: Score by step, larger is better; steps that failed are absent.
        space: Its space.

    Raises:
        LaptError: A stored file does not compile any more.
    """
    files = list(proposals)
    steps = [evaluation.step for evaluation in evaluations]
    # A run that waits for its first file has none, and so nothing that ends.
    ends = [file.step for file in files[1:]] + [max(steps, default=-1) + 1] if files else []
    found: list[RevisionChange] = []
    parents: dict[str, str] = {}
    texts: dict[str, str] = {}
    refined: RefinedSpace | None = None
    for number, (file, end) in enumerate(zip(files, ends, strict=True)):
        program = revision_program(file.text, file.name, parents)
        link = compile_revision(file.text, file.name, parents, space)
        now = {each.tree.name.text: _printed(program.tree, each.tree) for each in program.principles}
        before = refined if refined is not None else RefinedSpace.full(space)
        inside = [scores[step] for step in steps if file.step <= step < end and step in scores]
        earlier = [scores[step] for step in steps if step < file.step and step in scores]
        found.append(
            RevisionChange(
                number,
                file.kind,
                file.name,
                file.step,
                sum(file.step <= step < end for step in steps),
                link.refined.size,
                (before - link.refined).size,
                (link.refined - before).size,
                max(inside, default=None),
                max(earlier, default=None),
                _changes(texts, now),
            )
        )
        parents, texts, refined = {file.name: link.flat}, now, link.refined
    return found


def _printed(tree: PrincipleFile, principle: Principle) -> str:
    """A principle alone, in the standard layout."""
    # Without the file's own comments its first line is the header, which is the file's and not the principle's.
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
