"""What every strategy promises, as checks that any strategy can be run through: one of a user's own included."""

from __future__ import annotations

from collections.abc import Callable

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.search.strategy import Strategy

Make = Callable[[int], Strategy]
Score = Callable[[Architecture], float | None]


def stream(strategy: Strategy, score: Score, most: int) -> list[Architecture]:
    """Ask and tell, at most so often."""
    found = []
    for _ in range(most):
        arch = strategy.ask()
        if arch is None:
            break
        found.append(arch)
        strategy.tell(arch, score(arch))
    return found


def check_none_twice(make: Make, score: Score, most: int) -> None:
    found = stream(make(0), score, most)
    assert len(found) == len({arch.encoding for arch in found})


def check_inside(make: Make, score: Score, most: int, refined: RefinedSpace) -> None:
    assert all(arch in refined for arch in stream(make(0), score, most))


def check_same_seed_same_stream(make: Make, score: Score, most: int) -> None:
    assert stream(make(3), score, most) == stream(make(3), score, most)


def check_states(make: Make, score: Score, most: int) -> None:
    """The state is text, the same for the same history, and reading it changes nothing."""
    one, other = make(1), make(1)
    for _ in range(most):
        assert isinstance(one.state(), str)
        assert one.state() == other.state()
        arch = one.ask()
        assert other.ask() == arch
        if arch is None:
            break
        one.tell(arch, score(arch))
        other.tell(arch, score(arch))


def check_ends(make: Make, score: Score, members: int) -> None:
    """After every member has been asked for, None for good."""
    strategy = make(0)
    assert len(stream(strategy, score, members + 5)) == members
    assert strategy.ask() is None
    assert strategy.ask() is None


def check_failures(make: Make, most: int) -> None:
    """A strategy goes on where every evaluation fails."""
    found = stream(make(0), lambda arch: None, most)
    assert len(found) == len({arch.encoding for arch in found}) == most
