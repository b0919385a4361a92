"""Experiments: the same numbers for any number of workers, and nothing hidden in them."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.experiments import statistics
from lapt_dsl.experiments.methods import CROSS_METHODS, METHODS, chosen
from lapt_dsl.experiments.parallel import run_all
from lapt_dsl.experiments.published import between_columns, between_files, between_spaces
from lapt_dsl.experiments.quality import quality_of
from lapt_dsl.experiments.report import details, report
from lapt_dsl.experiments.single import RunRecord, run_one
from lapt_dsl.experiments.study import Study, Task
from lapt_dsl.propose.induction.general import counted_principles
from lapt_dsl.propose.revisions import compile_revision
from lapt_dsl.search.settings import Settings
from tests.search.small_tables import TINY, small_space, write_table
from tests.search.trivial_proposer import trivial

pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")

SETTINGS = Settings(archive=5, keep=3, iterations=3, population=4, tournament=2, budget=9)


NAMES = "lapt,lapt-fixed,lapt-cold,box,replay,evolution,random,local"


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    path = tmp_path / "tiny.space"
    path.write_text(TINY, encoding="utf-8")
    return str(path)


@pytest.fixture
def study(tmp_path: Path, tiny: str) -> Study:
    table = write_table(tmp_path / "table.csv", small_space(TINY), (0, 1, 2))
    return between_columns(table, "task0", chosen(NAMES, METHODS), SETTINGS, 20, tiny, trivial)


def test_workers_change_nothing(study: Study) -> None:
    alone, together = run_all(study, 12, 1), run_all(study, 12, 4)
    assert alone == together
    assert report("small", study, 12, alone) == report("small", study, 12, together)
    assert len(alone) == 12 * 2 * 8
    assert [(record.target, record.method) for record in alone[::12]] == list(
        itertools.product(("task1", "task2"), NAMES.split(","))
    )


def test_a_run_stops_when_it_arrived_and_spent_its_budget(study: Study) -> None:
    for name in NAMES.split(","):
        target = study.target("task1")
        record = run_one(study, study.method(name), target, 3)
        assert len(record.curve) <= SETTINGS.budget
        assert record.evaluated <= 20
        if record.reached is not None:
            assert record.evaluated == max(record.reached, len(record.curve))
        best = [value for value in record.curve if value is not None]
        assert best == sorted(best)
        assert record.rank == target.table.rank("task1", best[-1])


def test_the_top_is_rounded_up(study: Study) -> None:
    target = study.target("task1")
    assert target.threshold == max(target.table.values("task1"))
    assert len(target.good) == math.ceil(len(target.table) / 100) == 1


def test_the_published_threshold(data_dir: Path) -> None:
    source, target = (str(data_dir / "nas201" / name) for name in ("imagenet16-120.json", "cifar10.json"))
    study = between_files(Task(source), (Task(target),), chosen("replay,box,random", METHODS))
    here = study.targets[0]
    assert here.name == "cifar10"
    assert here.threshold == pytest.approx(91.418, abs=5e-4)
    assert len(here.good) == 157
    records = run_all(study, 3)
    values = report("nas201", study, 3, records)
    results = {result["method"]: result for result in values["results"]}  # type: ignore[attr-defined]
    replay = results["replay"]["evaluations_to_top_0.1_percent"]
    assert (replay["mean"], replay["lower_bound"]) == (2.0, False)
    assert results["box"]["rank"]["mean"] == 1.0
    assert results["box"]["reported"]["metric"] == "test_acc_200"


def records_of(reached: list[int | None]) -> list[RunRecord]:
    return [
        RunRecord("m", "t", seed, count, 100 if count is None else count, 1 + seed, 0.5, (), 1, None)
        for seed, count in enumerate(reached)
    ]


def test_runs_that_did_not_arrive_are_said() -> None:
    found = statistics.evaluations_to_top(records_of([10, 20, None, 30]))
    assert (found["mean"], found["median"], found["reached"], found["not_reached"]) == (40.0, 25.0, 3, 1)
    assert found["lower_bound"] is True
    assert statistics.evaluations_to_top(records_of([10, None, None]))["median"] is None
    assert statistics.evaluations_to_top(records_of([10, 20]))["lower_bound"] is False


def test_intervals() -> None:
    values = [float(value) for value in range(100)]
    low, high = statistics.interval_of_mean(values)
    # The normal interval of the mean: 49.5 plus or minus 1.96 times 2.89.
    assert low == pytest.approx(43.8, abs=0.4)
    assert high == pytest.approx(55.2, abs=0.4)
    assert statistics.interval_of_mean(values) == [low, high]
    assert statistics.interval_of_mean([3.0, 3.0]) == [3.0, 3.0]
    assert statistics.summary([])["mean"] is None


def test_quality_by_hand(study: Study) -> None:
    target = study.target("task2")
    whole = quality_of(study.whole, target)
    assert whole is not None
    assert (whole.size, whole.kept) == (27, 1.0)
    assert list(whole.edf) == sorted(whole.edf)
    refined = compile_revision(
        "principles p for tiny;\nprinciple a { layer 0: only conv; }\n", "p.lp", {}, study.space
    ).refined
    found = quality_of(refined, target)
    assert found is not None
    errors = [target.errors[target.table.index[arch.encoding]] for arch in refined]
    for point, share in zip(target.grid, found.edf, strict=True):
        assert share == pytest.approx(sum(error <= point + 1e-12 for error in errors) / 9)


def test_errors_are_percentages_only_where_the_metric_is(data_dir: Path) -> None:
    methods = chosen("random", METHODS)
    trans = between_columns(str(data_dir / "trans101" / "final_valid.csv"), "jigsaw", methods)
    assert {target.name: target.is_percentage for target in trans.targets} == {
        "class_object": True,
        "room_layout": False,
        "normal": False,
    }


def test_principles_cross_from_one_space_to_another(tmp_path: Path, tiny: str) -> None:
    space = load_space("trans101")
    table = write_table(tmp_path / "trans.csv", space, (0, 1))
    source = write_table(tmp_path / "tiny.csv", small_space(TINY), (3,))
    with pytest.raises(LaptError):
        between_spaces(Task(source), table, "task0", CROSS_METHODS, SETTINGS, 20, None, trivial)
    other = write_table(tmp_path / "nas.csv", load_space("nas201"), (3,))
    study = between_spaces(Task(other), table, "task0", CROSS_METHODS, SETTINGS, 20, None, trivial)
    crossed = study.plan.principles["crossed"]
    assert crossed.startswith("principles crossed for any;")
    refined = compile_revision(crossed, "crossed.lp", {}, study.space).refined
    assert 0 < refined.size < study.whole.size
    records = run_all(study, 2)
    assert {record.method for record in records} == {method.name for method in CROSS_METHODS}


def test_counted_principles_hold_for_what_they_were_counted_on(study: Study) -> None:
    text = counted_principles(study.archive, study.space)
    refined = compile_revision(text, "counted.lp", {}, study.space).refined
    assert all(scored.arch in refined for scored in study.archive)


@pytest.mark.slow
def test_figures_are_drawn(study: Study) -> None:
    pytest.importorskip("matplotlib")
    from lapt_dsl.experiments.figures import figures

    records = run_all(study, 3)
    drawn = figures(report("small", study, 3, records), details(study, records))
    assert set(drawn) == {"search_curves.png", "error_edf.png", "ranks.png"}
    assert all(content.startswith(b"\x89PNG") for content in drawn.values())


@pytest.mark.parametrize("names", ["lapt,genetic", ","])
def test_unknown_methods_are_refused(names: str) -> None:
    with pytest.raises(LaptError) as caught:
        chosen(names, METHODS)
    assert caught.value.diagnostics[0].code == "E830"


def test_a_target_of_another_space_is_refused(tmp_path: Path, data_dir: Path) -> None:
    source, target = str(data_dir / "nas201" / "cifar10.json"), str(data_dir / "trans101" / "final_valid.csv")
    with pytest.raises(LaptError) as caught:
        between_files(Task(source), (Task(target),), chosen("random", METHODS))
    assert caught.value.diagnostics[0].code == "E831"
