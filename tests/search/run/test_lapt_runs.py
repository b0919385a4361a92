"""What every LAPT run keeps: members of the space in force only, none twice, the budget, the same run for a seed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Failure
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import SearchState
from lapt_dsl.propose.revisions import compile_revision
from lapt_dsl.search.run.loop import MAX_FAILURES, run
from lapt_dsl.search.run_log import MemoryRunLog, Step
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.strategies.build import without_transfer
from lapt_dsl.search.strategies.lapt import Lapt
from tests.effort import examples
from tests.search.small_tables import TINY, Counting, made_up, small_evaluator, small_space
from tests.search.trivial_proposer import Trivial

SPACE = small_space(TINY)


@st.composite
def run_settings(draw: st.DrawFn) -> Settings:
    population = draw(st.integers(1, 6))
    return Settings(
        archive=draw(st.integers(1, 9)),
        keep=draw(st.integers(1, 6)),
        iterations=draw(st.integers(1, 5)),
        population=population,
        tournament=draw(st.integers(1, population)),
        budget=draw(st.integers(1, 30)),
        crossover=draw(st.sampled_from([0.0, 0.5])),
    )


def learned(space: Space, count: int, kept: int) -> str:
    archive = Archive(space, "made up", [(arch, made_up(arch.encoding, 1)) for arch in full(space)])
    return Trivial(space, kept).learn(archive.top(count))


@examples(30)
@given(run_settings(), st.integers(0, 2**40), st.integers(1, 3))
def test_what_every_run_keeps(chosen: Settings, seed: int, kept: int) -> None:
    text = learned(SPACE, chosen.archive, kept)
    proposer = Trivial(SPACE, kept)

    def one() -> tuple[list[Step], Lapt]:
        lapt = Lapt(SPACE, text, proposer, chosen, seed, MemoryRunLog())
        inside: list[bool] = []
        result = run(
            lapt,
            small_evaluator(SPACE),
            chosen.budget,
            MemoryRunLog(),
            lambda step: inside.append(step.arch in lapt.refined),
        )
        assert all(inside)
        return list(result.steps), lapt

    steps, lapt = one()
    assert len({step.arch.encoding for step in steps}) == len(steps) <= chosen.budget
    left = full(SPACE).size - len(steps)
    # Short of the budget only where every file's architectures are spent.
    assert len(steps) == chosen.budget or left == 0 or all(arch in [s.arch for s in steps] for arch in lapt.refined)
    again, other = one()
    assert [(step.arch, step.state) for step in steps] == [(step.arch, step.state) for step in again]
    assert [file.text for file in lapt.revisions] == [file.text for file in other.revisions]


def test_every_file_extends_the_one_before() -> None:
    chosen = Settings(archive=5, keep=3, iterations=4, population=4, tournament=2, budget=24)
    lapt = Lapt(SPACE, learned(SPACE, 5, 2), Trivial(SPACE), chosen, 0, MemoryRunLog())
    run(lapt, small_evaluator(SPACE), 24, MemoryRunLog())
    assert len(lapt.revisions) >= 4
    for number, (before, file) in enumerate(zip(lapt.revisions, lapt.revisions[1:], strict=False), start=1):
        assert f'extends "{before.name}"' in file.text
        assert file.name == f"{number:02d}-{file.kind}.lp"
    assert [file.step for file in lapt.revisions] == sorted(file.step for file in lapt.revisions)


def test_a_chain_may_be_longer_than_files_may_extend() -> None:
    chosen = Settings(archive=5, keep=3, iterations=27, population=2, tournament=1, budget=27)

    class Widening(Trivial):
        def adapt(self, principles: str, state: SearchState) -> str:
            return f'principles same for tiny;\nextends "{state.file}";\n'

        explore = adapt

    lapt = Lapt(SPACE, without_transfer(full(SPACE)), Widening(SPACE), chosen, 0, MemoryRunLog())
    for _ in range(40):
        lapt.change(Widening(SPACE))
    assert len(lapt.revisions) == 41
    assert lapt.refined.size == 27


def test_a_text_that_does_not_compile_is_said() -> None:
    with pytest.raises(LaptError) as caught:
        compile_revision("principles p for tiny;\nprinciple a { layer 0: only cnv; }\n", "00-learn.lp", {}, SPACE)
    assert caught.value.diagnostics[0].span.file == "00-learn.lp"


def test_a_failed_evaluation_counts_and_is_not_repeated(tmp_path: Path) -> None:
    words = [arch.encoding for arch in full(SPACE)]
    evaluator = Counting(SPACE, tmp_path / "bill", failing=frozenset(words[::3]))
    chosen = Settings(archive=5, keep=3, iterations=3, population=4, tournament=2, budget=20)
    lapt = Lapt(SPACE, without_transfer(full(SPACE)), Trivial(SPACE), chosen, 2, MemoryRunLog())
    result = run(lapt, evaluator, 20, MemoryRunLog())
    failed = [step for step in result.steps if isinstance(step.outcome, Failure)]
    assert failed
    assert len({step.arch.encoding for step in result.steps}) == len(result.steps)
    assert result.best is not None
    assert not isinstance(result.best.outcome, Failure)


def test_a_broken_evaluator_stops_the_search(tmp_path: Path) -> None:
    everything = frozenset(arch.encoding for arch in full(SPACE))
    chosen = Settings(archive=5, keep=3, iterations=1, population=4, tournament=2, budget=25)
    lapt = Lapt(SPACE, without_transfer(full(SPACE)), None, chosen, 2, MemoryRunLog())
    with pytest.raises(LaptError) as caught:
        run(lapt, Counting(SPACE, tmp_path / "bill", everything), 25, MemoryRunLog())
    assert caught.value.diagnostics[0].code == "E821"
    assert len((tmp_path / "bill").read_text().splitlines()) == MAX_FAILURES


def test_a_ledger_of_another_run_is_refused() -> None:
    log = MemoryRunLog()
    chosen = Settings(archive=5, keep=3, iterations=1, population=4, tournament=2, budget=9)
    nothing = without_transfer(full(SPACE))
    run(Lapt(SPACE, nothing, None, chosen, 0, MemoryRunLog()), small_evaluator(SPACE), 9, log)
    with pytest.raises(LaptError) as caught:
        run(Lapt(SPACE, nothing, None, chosen, 1, MemoryRunLog()), small_evaluator(SPACE), 9, log)
    assert caught.value.diagnostics[0].code == "E820"


def test_enough_ends_a_run() -> None:
    chosen = Settings(archive=5, keep=3, iterations=1, population=4, tournament=2, budget=20)
    lapt = Lapt(SPACE, without_transfer(full(SPACE)), None, chosen, 0, MemoryRunLog())
    result = run(lapt, small_evaluator(SPACE), 20, MemoryRunLog(), enough=lambda step: step.number == 6)
    assert len(result.steps) == 7
