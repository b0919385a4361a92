"""Searches with a table of a part of the space stay inside that part."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluation, Failure
from lapt_dsl.evaluate.tables.columns import TableColumn
from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
from lapt_dsl.evaluate.tables.table import Table
from lapt_dsl.propose.revisions import compile_revision
from lapt_dsl.search.run.session import Search, run_search
from lapt_dsl.search.settings import PRESETS
from tests.commands.script import lapt

SPACE = load_space("nas201")
WHOLE = full(SPACE)


def partial(count: int, seed: int = 0) -> TableEvaluator:
    ranks = sorted(random.Random(seed).sample(range(WHOLE.size), count))
    encodings = [WHOLE.unrank(rank).encoding for rank in ranks]
    return TableEvaluator(Table(SPACE, [TableColumn("val_acc")], encodings, [[float(rank) for rank in ranks]]))


def test_a_refined_space_of_listed_architectures_is_exact() -> None:
    archs = list(partial(200).table)
    listed = WHOLE.listed(arch.encoding for arch in reversed(archs))
    assert list(listed) == archs
    assert listed.size == 200
    assert WHOLE.listed([]).size == 0
    assert WHOLE.listed(arch.encoding for arch in WHOLE) == WHOLE


@pytest.mark.parametrize("strategy", ["lapt", "evolution", "random", "local"])
def test_a_search_evaluates_what_the_table_has_and_nothing_else(strategy: str) -> None:
    evaluator = partial(200)
    text = "principles all for nas201;\n" if strategy == "lapt" else None
    search = Search(evaluator, WHOLE, strategy, PRESETS["nas201"], 0, text)
    assert search.searched.size == 200
    _, result = run_search(search, None, False)
    assert all(isinstance(step.outcome, Evaluation) for step in result.steps)
    assert len({step.arch for step in result.steps}) == len(result.steps) == min(PRESETS["nas201"].budget, 200)


def test_a_search_ends_when_the_table_is_exhausted() -> None:
    evaluator = partial(12)
    _, result = run_search(Search(evaluator, WHOLE, "evolution", PRESETS["nas201"], 0), None, False)
    assert {step.arch for step in result.steps} == set(evaluator.table)
    assert result.best is not None
    assert result.best.arch == evaluator.table.best("val_acc")[0]


def test_principles_hold_inside_the_table() -> None:
    evaluator = partial(300)
    text = "principles p for nas201;\nprinciple conv { layers: at least 3 conv3x3; }\n"
    allowed = compile_revision(text, "p.lp", {}, SPACE).refined
    search = Search(evaluator, WHOLE, "lapt", PRESETS["nas201"], 0, text)
    _, result = run_search(search, None, False)
    assert {step.arch for step in result.steps} <= set(evaluator.table)
    assert all(step.arch in allowed for step in result.steps)
    assert len(result.steps) == min((allowed & evaluator.table.covered).size, PRESETS["nas201"].budget)


@pytest.mark.parametrize("strategy", ["lapt", "random"])
def test_principles_that_exclude_the_table_are_refused(strategy: str) -> None:
    encodings = [arch.encoding for arch in WHOLE if "nor_conv_3x3" not in str(arch)][:2]
    evaluator = TableEvaluator(Table(SPACE, [TableColumn("val_acc")], encodings, [[1.0, 2.0]]))
    text = "principles p for nas201;\nprinciple conv { layers: at least 1 conv3x3; }\n"
    refined = WHOLE if strategy == "lapt" else compile_revision(text, "p.lp", {}, SPACE).refined
    with pytest.raises(LaptError) as caught:
        run_search(Search(evaluator, refined, strategy, PRESETS["nas201"], 0, text), None, False)
    found = caught.value.diagnostics[0]
    assert found.code == "E715"
    assert found.message == "the evaluator covers 2 architectures, and the principles allow none of them"


def test_a_miss_says_what_the_table_covers() -> None:
    evaluator = partial(200)
    missing = next(arch for arch in WHOLE if arch not in evaluator.table)
    outcome = evaluator.evaluate(missing)
    assert isinstance(outcome, Failure)
    assert outcome.message == f"the table `<table>` covers 200 of 15,625 architectures and not {missing}"
    assert evaluator.notice == "the table covers 200 of 15,625 architectures; the search stays inside them"
    assert TableEvaluator(partial(200).table).covered is not None


def test_lapt_search_and_resume_on_a_partial_table(tmp_path: Path) -> None:
    pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")
    evaluator = partial(40)
    path = tmp_path / "part.json"
    path.write_text(json.dumps({str(arch): {"val_acc": value} for arch, value in evaluator.table.top(40, "val_acc")}))
    principles = tmp_path / "p.lp"
    principles.write_text("principles p for nas201;\n")
    store = str(tmp_path / "run.db")
    arguments = ["search", "--table", str(path), "--principles", str(principles), "--budget", "20", "--store", store]
    first = lapt([*arguments, "--json"])
    assert first[0] == 0, first
    assert "the table covers 40 of 15,625 architectures; the search stays inside them" in first[2]
    report = json.loads(first[1])
    assert report["failed"] == {}
    assert report["evaluated"] == 20
    again = lapt([*arguments, "--json", "--resume"])
    assert json.loads(again[1]) == report


def test_columns_of_the_command_line(tmp_path: Path) -> None:
    archs = [str(WHOLE.unrank(rank)) for rank in range(30)]
    path = tmp_path / "t.csv"
    rows = "".join(f"{arch};{row};{-row};text\n" for row, arch in enumerate(archs))
    path.write_text(f"arch;val_acc;val_loss;remark\n{rows}")
    listed = json.loads(lapt(["tables", str(path), "--columns", "val_loss", "--json"])[1])
    assert [column["name"] for column in listed["tables"][0]["columns"]] == ["val_loss"]
    arguments = ["search", "--table", str(path), "--columns", "val_loss", "--strategy", "random", "--json"]
    found = lapt([*arguments, "--budget", "5"])
    assert json.loads(found[1])["objective"]["metric"] == "val_loss"
    wrong = lapt([*arguments, "--columns", "val_los"])
    assert wrong[0] == 1
    assert "did you mean `val_loss`?" in wrong[2]
    listed_plain = lapt(["tables", str(path)])[1]
    assert "note: ignored the column `remark`, without any number" in listed_plain
    other = lapt(["search", "--space", "nas201", "--evaluator", "analytic", "--columns", "a"])
    assert other[0] == 2
    assert "--columns does not apply to --evaluator analytic" in other[2]
