"""The DARTS experiment: seeds that depend on nothing else, honest comparisons, and what is shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lapt_dsl.commands.main import run
from lapt_dsl.commands.views.darts_table import show
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.evaluate.evaluator import Description, Evaluation, Failure, Objective, Outcome, fingerprint_of
from lapt_dsl.experiments.darts import at, checkpoints, details, report, run_darts
from lapt_dsl.experiments.darts_proposers import replacing
from lapt_dsl.experiments.darts_run import (
    METHODS,
    NO_NONE,
    DartsPlan,
    SeedRecord,
    Trace,
    run_seed,
    searched,
)
from lapt_dsl.propose.induction import induction, kernel, source
from lapt_dsl.propose.induction.candidates import Candidate
from lapt_dsl.propose.revisions import compile_revision
from lapt_dsl.search.settings import PRESETS

pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")

DARTS = load_space("darts")
SETTINGS = replace(PRESETS["darts"], budget=30, archive=20, keep=10, population=4, tournament=2)
SMALL = DartsPlan(SETTINGS, samples=60)


class MadeUp:
    """Counts separable convolutions, and knows nothing about architectures with five skips or more."""

    notice = "made-up score"

    @property
    def space(self) -> Space:
        return DARTS

    @property
    def objective(self) -> Objective:
        return Objective("made_up")

    def evaluate(self, arch: Architecture) -> Outcome:
        names = Counter(
            operator.name
            for layer in DARTS.layers
            if (operator := layer.choices[arch.encoding[layer.decision]].operator) is not None
        )
        if names["none"] or names["skip"] >= 5:
            return Failure("missing", "outside")
        first = arch.encoding[0] / 1000
        return Evaluation({"made_up": 90.0 + names["sep_conv3x3"] + 0.5 * names["sep_conv5x5"] + first})

    def describe(self) -> Description:
        return {"kind": "made-up"}

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.describe())


def no_candidates(space: Space, best: Sequence[Architecture], general: bool) -> list[Candidate]:
    return []


QUICK: tuple[tuple[Any, str, object], ...] = (
    (kernel, "FIT_STEPS", 2),
    (source, "MEMBERS", 100),
    (induction, "candidates_of", no_candidates),
)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mining weighs two thousand rules in DARTS, and the model a thousand draws; what is tested here needs neither."""
    for module, name, value in QUICK:
        monkeypatch.setattr(module, name, value)


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_a_seed_is_a_function_of_itself_and_stays_where_it_was_told() -> None:
    record = run_seed(SMALL, MadeUp(), 3)
    assert record == run_seed(SMALL, MadeUp(), 3)
    assert record.principles != run_seed(SMALL, MadeUp(), 4).principles
    assert set(record.traces) == {method.name for method in METHODS}
    lengths = {name: len(trace.best) for name, trace in record.traces.items()}
    assert lengths == {"refined": 300, "focused": 30, "adapted": 30, "box": 300, "evolution": 300, "random": 300}
    refined = compile_revision(record.principles, "learned.lp", {}, DARTS).refined
    assert (refined & searched(DARTS)).size == record.refined_size < searched(DARTS).size
    for trace in record.traces.values():
        known = [value for value in trace.best if value is not None]
        assert known == sorted(known)
        assert len(known) + trace.failed >= len(trace.best)
    # The principles say what the score rewards, so a search in what they leave starts far above the full space's.
    first, full_first = at(record, "refined", 3), at(record, "evolution", 3)
    assert first is not None
    assert full_first is not None
    assert first > full_first


def check_workers(load: Callable[[], MadeUp]) -> None:
    alone = run_darts(SMALL, load, 2, 1)
    together = run_darts(SMALL, load, 2, 2)
    assert alone == together
    assert report(SMALL, MadeUp(), alone) == report(SMALL, MadeUp(), together)


def quickly_made_up() -> MadeUp:
    """Workers are processes of their own, which know nothing of a fixture."""
    for module, name, value in QUICK:
        setattr(module, name, value)
    return MadeUp()


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_workers_change_nothing() -> None:
    check_workers(quickly_made_up)


@pytest.mark.thorough
def test_workers_change_nothing_where_everything_is_mined() -> None:
    check_workers(MadeUp)


def made(seed: int, **best: tuple[float | None, ...]) -> SeedRecord:
    filled = {method.name: best.get(method.name, (90.0,) * 400) for method in METHODS}
    traces = {name: Trace(400, values, sum(value is None for value in values)) for name, values in filled.items()}
    return SeedRecord(seed, 93.0, 92.0, 1, NO_NONE, 1000 + seed, 100, traces)


def compared(values: dict[str, Any], method: str, evaluations: int, against: str) -> dict[str, Any]:
    found = [
        each
        for each in values["comparisons"]
        if (each["method"], each["evaluations"], each["against"]) == (method, evaluations, against)
    ]
    return dict(found[0])


def test_verdicts_follow_the_intervals() -> None:
    better = [made(seed, refined=(94.0 + seed / 100,) * 400) for seed in range(5)]
    values: dict[str, Any] = report(SMALL, MadeUp(), better)
    assert checkpoints(SMALL) == (3, 30, 300, 90)
    assert compared(values, "refined", 3, "evolution")["verdict"] == "above"
    assert compared(values, "adapted", 30, "refined")["verdict"] == "below"
    assert compared(values, "refined", 30, "replay")["difference"]["mean"] == pytest.approx(1.02)
    mixed = [made(seed, refined=(90.0 + (-1) ** seed,) * 400) for seed in range(6)]
    assert compared(report(SMALL, MadeUp(), mixed), "refined", 3, "evolution")["verdict"] == "no difference shown"


def test_what_was_not_run_is_not_made_up() -> None:
    short = made(0, focused=(91.0, 92.0), random=(None,) * 400)
    assert at(short, "focused", 300) == 92.0  # it had ended: nothing was left to ask for
    record = replace(short, traces={**short.traces, "adapted": Trace(2, (91.0, 92.0), 0)})
    assert at(record, "adapted", 3) is None
    assert at(record, "random", 30) is None
    values: dict[str, Any] = report(SMALL, MadeUp(), [record])
    assert compared(values, "refined", 30, "random")["verdict"] == "not known"
    json.dumps(values, allow_nan=False)
    assert details([record])["runs"]


def test_everything_is_labelled(capsys: pytest.CaptureFixture[str]) -> None:
    show(report(SMALL, MadeUp(), [made(seed) for seed in range(2)]))
    shown = capsys.readouterr().out
    assert "every value is a made-up score" in shown
    assert "from the same task and not counted here" in shown
    assert "refined after 3 minus evolution after 30: +0.000  +0.000..+0.000  no difference shown" in shown


def test_replacing_leaves_nothing_of_the_file_before() -> None:
    parents = {"00-learn.lp": "principles a for darts;\nprinciple b { layers: never skip; }\n"}
    text = replacing(NO_NONE, "00-learn.lp", ["b"])
    assert compile_revision(text, "01-adapt.lp", parents, DARTS).refined == searched(DARTS)
    assert searched(DARTS).size == 7**16 * (1 * 3 * 6 * 10) ** 2


def test_the_command_refuses_what_cannot_be_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "absent.onnx")
    assert run(["reproduce", "darts", "--surrogate", file, "--samples", "10"]) == 2
    assert "--archive must not exceed" in capsys.readouterr().err
    assert run(["reproduce", "darts", "--surrogate", file]) == 2
    assert "E901" in capsys.readouterr().err


def test_figure_is_the_same_twice() -> None:
    pytest.importorskip("matplotlib")
    from lapt_dsl.experiments.darts_figure import figure

    records = [made(seed) for seed in range(3)]
    values, more = report(SMALL, MadeUp(), records), details(records)
    assert figure(values, more) == figure(values, more)
