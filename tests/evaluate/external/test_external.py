from __future__ import annotations

import ast
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.conformance import check_evaluator, draw
from lapt_dsl.evaluate.evaluator import Evaluation, Evaluator, Failure, Outcome, checked
from lapt_dsl.evaluate.external.outcome import outcome_of, outcome_of_text
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec

SPACE = load_space("nas201")
ARCH = full(SPACE).unrank(777)
FUNCTIONS = "tests.evaluate.external.user_functions"


def command(script: Path, code: str, **options: object) -> Evaluator:
    script.write_text(code, encoding="utf-8")
    return EvaluatorSpec("exec", made(f"{sys.executable} -S {script}", **options)).build(SPACE)


def function(name: str, **options: object) -> Evaluator:
    return EvaluatorSpec("python", made(f"{FUNCTIONS}:{name}", **options)).build(SPACE)


def made(argument: str, **options: object) -> EvaluatorOptions:
    return replace(EvaluatorOptions(argument=argument), **options)  # type: ignore[arg-type]


def failure(outcome: Outcome) -> Failure:
    assert isinstance(outcome, Failure), outcome
    return outcome


PRINTS = (
    "import os, json\nprint('a log line')\nprint(json.dumps({'score': float(len(os.environ['LAPT_ARCHITECTURE']))}))"
)


def test_a_command_conforms(tmp_path: Path) -> None:
    check_evaluator(command(tmp_path / "measure.py", PRINTS), draw(SPACE, 3))


def test_a_command_gets_the_architecture_in_every_form(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    code = f"import os, shutil\nshutil.copytree(os.environ['LAPT_FILES'], {str(kept)!r})\nprint(1)\n"
    outcome = command(tmp_path / "measure.py", code).evaluate(ARCH)
    assert isinstance(outcome, Evaluation)
    assert outcome.metrics == {"score": 1.0}
    listing = json.loads((kept / "architecture.json").read_text())
    assert SPACE.parse_arch(listing["architecture"]) == ARCH
    assert [entry["operator"] for entry in listing["layers"]] == [label.operator.name for _, label in ARCH.choices()]
    for name in ("cells.py", "net.py"):
        ast.parse((kept / name).read_text())


def test_the_directory_is_gone_afterwards(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    code = f"import os\nopen({str(noted)!r}, 'w').write(os.environ['LAPT_FILES'])\nprint(1)\n"
    command(tmp_path / "measure.py", code).evaluate(ARCH)
    assert not Path(noted.read_text()).exists()


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("import sys; sys.exit('broken \\x1b[31m data')", "error", "exit code 1: broken ?[31m data"),
        ("print('no json')", "error", "it is: no json"),
        ("pass", "error", "printed nothing"),
        ('print(\'{"score": "high"}\')', "error", "`score` is 'high'"),
        ("raise MemoryError", "memory", "MemoryError"),
        ("import os; os.kill(os.getpid(), 9)", "memory", "ended by signal 9"),
        ("import os; os.kill(os.getpid(), 11)", "error", "ended by signal 11"),
        ('print(\'{"failure": "diverged", "message": "loss is NaN"}\')', "diverged", "loss is NaN"),
        ("print('{\"other\": 1}')", "error", "no metric `score`"),
        ("print('{\"score\": NaN}')", "diverged", "nan"),
    ],
)
def test_what_goes_wrong_is_typed_and_keeps_the_programs_words(
    tmp_path: Path, code: str, kind: str, words: str
) -> None:
    evaluator = command(tmp_path / "measure.py", code)
    outcome = failure(checked(evaluator.evaluate(ARCH), evaluator.objective))
    assert outcome.kind == kind
    assert words in outcome.message
    assert outcome.message.isprintable()


def test_time_is_limited_for_all_that_a_command_starts(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import threading; threading.Event().wait()'])"
    )
    outcome = failure(command(tmp_path / "measure.py", code, time_limit=0.3).evaluate(ARCH))
    assert outcome.kind == "timeout"
    assert "0.3 s" in outcome.message
    # It came back, so nothing that the command started holds its output open.
    assert outcome.cost is not None
    assert outcome.cost >= 0.3


def test_memory_is_limited(tmp_path: Path) -> None:
    code = "held = bytearray(1 << 30)\nprint(len(held))"
    assert failure(command(tmp_path / "measure.py", code, memory_limit=200).evaluate(ARCH)).kind == "memory"
    assert isinstance(command(tmp_path / "measure.py", "print(1)", memory_limit=200).evaluate(ARCH), Evaluation)


def test_endless_output_costs_bounded_memory(tmp_path: Path) -> None:
    code = "import sys\nfor _ in range(600): sys.stdout.write('x' * (1 << 16))\nprint()\nprint(5)"
    outcome = command(tmp_path / "measure.py", code).evaluate(ARCH)
    assert isinstance(outcome, Evaluation)
    assert outcome.metrics == {"score": 5.0}


@pytest.mark.parametrize("argument", ["", "./not-there", "'unclosed", "/etc/passwd"])
def test_a_command_that_cannot_run_is_refused_at_once(argument: str) -> None:
    with pytest.raises(LaptError) as error:
        EvaluatorSpec("exec", made(argument)).build(SPACE)
    assert error.value.diagnostics[0].code == "E790"


def test_a_command_is_refused_where_processes_have_no_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "killpg")
    with pytest.raises(LaptError, match="process groups") as error:
        EvaluatorSpec("exec", made("true")).build(SPACE)
    assert error.value.diagnostics[0].code == "E790"


def test_another_metric_and_direction(tmp_path: Path) -> None:
    evaluator = command(tmp_path / "measure.py", 'print(\'{"loss": 2, "x": 1}\')', metric="loss", direction="lower")
    outcome = evaluator.evaluate(ARCH)
    assert isinstance(outcome, Evaluation)
    assert evaluator.objective.score(outcome) == -2.0


@pytest.mark.parametrize("options", [{}, {"time_limit": 60.0}])
def test_a_function_conforms(options: dict[str, object]) -> None:
    check_evaluator(function("number", **options), [ARCH])


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("raises", "error", "ValueError: no?[31mway"),
        ("text", "error", "a number or named numbers"),
        ("not_a_number", "diverged", "nan"),
    ],
)
def test_what_a_function_does_wrong_is_typed(name: str, kind: str, words: str) -> None:
    evaluator = function(name)
    outcome = failure(checked(evaluator.evaluate(ARCH), evaluator.objective))
    assert (outcome.kind, words in outcome.message) == (kind, True)


def test_a_function_in_its_own_process_can_be_ended() -> None:
    assert failure(function("forever", time_limit=0.5).evaluate(ARCH)).kind == "timeout"
    assert failure(function("dies", time_limit=60.0).evaluate(ARCH)).kind == "memory"
    assert failure(function("hungry", memory_limit=500).evaluate(ARCH)).kind == "memory"


@pytest.mark.parametrize(
    "path", ["", "mine", "mine.py:score", "no_such_module:score", f"{FUNCTIONS}:not_callable", "os:no"]
)
def test_a_path_that_names_no_function_is_refused(path: str) -> None:
    with pytest.raises(LaptError) as error:
        EvaluatorSpec("python", made(path)).build(SPACE)
    assert error.value.diagnostics[0].code == "E791"


@pytest.mark.parametrize("value", [[1], None, True, {"a\nb": 1}, {"": 1}, {"x" * 65: 1}, {"x": None}, {1: 2.0}])
def test_no_outcome(value: object) -> None:
    assert isinstance(outcome_of(value, "score", None), Failure)


@pytest.mark.parametrize("line", ["[" * 100_000, "9" * 5000, '{"score": 1e999}', '{"score": ' + "9" * 400 + "}"])
def test_hostile_lines(line: str) -> None:
    evaluator = function("number")
    assert isinstance(checked(outcome_of_text(line, "score", None), evaluator.objective), Failure)
