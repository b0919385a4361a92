"""Spaces, archives and situations that the tests of prompts share; nothing is drawn, so that goldens last."""

from __future__ import annotations

from collections.abc import Iterator

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.program.inheritance import ImportScope, check_program
from lapt_dsl.compiler.program.source_files import source_of_text
from lapt_dsl.compiler.refined.compiled import Compiled, compile_program
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.propose.archive import Archive, Scored
from lapt_dsl.propose.induction.features import computes
from lapt_dsl.propose.prompts.reference import example_file
from lapt_dsl.propose.proposer import SearchState
from tests.compiler.small_spaces import random_space
from tests.compiler.texts import STAGED, TWO_CELLS
from tests.compiler.texts import space as parsed_space

SHIPPED = ("nas201", "trans101", "darts", "mobilenet", "nb101")


def spaces() -> Iterator[Space]:
    """The shipped spaces, two of a user's, and random ones of every kind of wiring."""
    yield from map(load_space, SHIPPED)
    yield from (parsed_space(STAGED), parsed_space(TWO_CELLS))
    yield from map(random_space, range(30))


def members(space: Space, count: int) -> list[Architecture]:
    """Different members, strewn over the space by a multiplier that shares no factor with its size."""
    whole = full(space)
    step = 2_654_435_761 * 10**12 + 39
    ranks = dict.fromkeys((step * (number + 1)) % whole.size for number in range(count))
    return [whole.unrank(rank) for rank in ranks]


def score(arch: Architecture) -> float:
    """Layers with weights, early ones a little more, and large numbers."""
    total = 0.0
    for layer, label in arch.choices():
        if label.operator is not None:
            total += computes(label.operator) * (1 + 0.1 / (1 + layer.decision))
        else:
            total += (label.number or 0) / 1000
    return 10 * total - 0.01 * sum(arch.encoding)


def archive(space: Space, count: int = 60) -> Archive:
    """Scored members."""
    return Archive(space, "made_up", [(arch, score(arch)) for arch in members(space, count)])


def compiled(text: str, space: Space, parents: dict[str, str] | None = None) -> Compiled:
    """A principle text compiled; it must be without errors."""
    program, found = check_program(source_of_text(text, "example.lp"), ImportScope(texts=parents or {}))
    errors = [item for item in found if item.severity == "error"]
    assert program is not None, errors
    assert not errors, errors
    return compile_program(program, space)


def search_state(space: Space, improved: bool = True, count: int = 12) -> tuple[str, SearchState]:
    """Principles in force, which are the example's, and where a search inside them stands."""
    text = example_file(space, "start") + "\n"
    made = compiled(text, space)
    found = tuple(Scored(arch, score(arch)) for arch in members(space, count))
    names = tuple(principle.name for principle in made.lowered)
    return text, SearchState(
        "00-learn.lp", names, made.refined, found, improved, 5, population=5, evaluations_per_iteration=4
    )
