from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.analytic.evaluator import AnalyticEvaluator
from lapt_dsl.evaluate.evaluator import Evaluation, Failure, Outcome
from lapt_dsl.search.run.archives import archive_of_run
from lapt_dsl.search.run.session import Search, run_search
from lapt_dsl.search.settings import PRESETS
from lapt_dsl.search.store.run_store import RunStore


class WithTestPart(AnalyticEvaluator):
    """A formula that can also be tested, and counts how often it is."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(load_space("nas201"))
        self.outcome, self.asked = outcome, list[Architecture]()

    def evaluate_on_test(self, arch: Architecture) -> Outcome:
        self.asked.append(arch)
        return self.outcome


def search(evaluator: AnalyticEvaluator, budget: int = 6) -> Search:
    settings = replace(PRESETS["nas201"], budget=budget)
    return Search(evaluator, full(evaluator.space), "random", settings, 0)


def test_the_best_is_tested_once_also_when_the_run_is_resumed(tmp_path: Path) -> None:
    evaluator = WithTestPart(Evaluation({"test_acc": 90.123456789}, 3.5))
    store = tmp_path / "run.db"
    _, result = run_search(search(evaluator), store, False)
    assert result.best is not None
    assert evaluator.asked == [result.best.arch]
    with RunStore.open(store, read_only=True) as opened:
        before = opened.digest()
    _, again = run_search(search(evaluator), store, True)
    assert len(evaluator.asked) == 1
    assert again.final == Evaluation({"test_acc": 90.123456789})
    with RunStore.open(store, read_only=True) as opened:
        assert opened.digest() == before


def test_a_final_training_that_fails_is_kept_too(tmp_path: Path) -> None:
    evaluator = WithTestPart(Failure("diverged", "the loss is nan"))
    store = tmp_path / "run.db"
    run_search(search(evaluator), store, False)
    _, again = run_search(search(evaluator), store, True)
    assert again.final == Failure("diverged", "the loss is nan")
    assert len(evaluator.asked) == 1


def test_the_test_part_can_be_left_alone() -> None:
    evaluator = WithTestPart(Evaluation({"test_acc": 1.0}))
    _, result = run_search(search(evaluator), None, False, final=False)
    assert result.final is None
    assert not evaluator.asked


def test_evaluators_without_test_data_have_no_final() -> None:
    _, result = run_search(search(AnalyticEvaluator(load_space("nas201"))), None, False)
    assert result.final is None


def test_a_recorded_run_is_an_archive(tmp_path: Path) -> None:
    evaluator = AnalyticEvaluator(load_space("nas201"))
    store = tmp_path / "run.db"
    _, result = run_search(search(evaluator), store, False)
    archive = archive_of_run(str(store))
    assert archive.task == "analytic_score"
    assert len(archive) == 6
    assert result.best is not None
    assert archive[0].arch == result.best.arch
    with pytest.raises(LaptError) as error:
        archive_of_run(str(store), metric="valid_acc")
    assert error.value.diagnostics[0].code == "E766"
    with pytest.raises(LaptError) as error:
        archive_of_run(str(store), load_space("trans101"))
    assert error.value.diagnostics[0].code == "E766"
