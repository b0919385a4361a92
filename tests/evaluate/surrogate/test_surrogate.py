"""NAS-Bench-301's surrogate: encoding, calibration, guard, determinism, and files that are not what they should be."""

from __future__ import annotations

import csv
import json
import pickle
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.program.source_files import source_of_text
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.conformance import check_evaluator
from lapt_dsl.evaluate.evaluator import Evaluation, Failure
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec
from lapt_dsl.evaluate.surrogate.encoding import ABSENT, INPUTS, OPERATORS, PREFIX, inputs_of, read_encoding, values_of
from lapt_dsl.evaluate.surrogate.evaluator import INTERCEPT, METRIC, SLOPE, SurrogateEvaluator, build
from lapt_dsl.evaluate.surrogate.guard import FREE, MOST, MOST_FREE, MOST_FREE_IN_BOTH, outside
from tests.places import DATA

DARTS = load_space("darts")
TABLES = DATA / "darts"
MODEL, TABLE = TABLES / "nb301_surrogate.onnx", TABLES / "nb301_cifar10_725.csv"

needs_table = pytest.mark.skipif(not TABLE.exists(), reason="needs nb301_cifar10_725.csv (LAPT_DATA)")


@pytest.fixture(scope="module")
def surrogate() -> SurrogateEvaluator:
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    if not MODEL.exists():
        pytest.skip("needs nb301_surrogate.onnx (LAPT_DATA)")
    return SurrogateEvaluator(DARTS, str(MODEL))


@pytest.fixture(scope="module")
def published() -> list[tuple[Architecture, float]]:
    with TABLE.open(newline="") as file:
        return [(DARTS.parse_arch(row["genotype"]), float(row["val_accuracy"])) for row in csv.DictReader(file)]


def genotype(normal: list[tuple[str, int]], reduce: list[tuple[str, int]]) -> Architecture:
    text = f"Genotype(normal={normal}, normal_concat=range(2, 6), reduce={reduce}, reduce_concat=range(2, 6))"
    return DARTS.parse_arch(text)


def repeated(operator: str) -> list[tuple[str, int]]:
    return [(operator, source) for source in (0, 1) * 4]


def counts(arch: Architecture, cell: str) -> Counter[str]:
    inputs = inputs_of(arch)
    assert inputs is not None
    return Counter(value for name, value in inputs.items() if name.startswith(f"edge_{cell}"))


# DARTS's second-order cells (Liu, Simonyan and Yang, 2019).
DARTS_V2 = genotype(
    [("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("sep_conv_3x3", 1),
     ("sep_conv_3x3", 1), ("skip_connect", 0), ("skip_connect", 0), ("dil_conv_3x3", 2)],
    [("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2), ("max_pool_3x3", 1),
     ("max_pool_3x3", 0), ("skip_connect", 2), ("skip_connect", 2), ("max_pool_3x3", 1)],
)  # fmt: skip


def test_encoding_of_a_published_genotype() -> None:
    assert inputs_of(DARTS_V2) == {
        "edge_normal_0": "sep_conv_3x3", "edge_normal_1": "sep_conv_3x3",
        "edge_normal_2": "sep_conv_3x3", "edge_normal_3": "sep_conv_3x3",
        "edge_normal_5": "skip_connect", "edge_normal_6": "sep_conv_3x3",
        "edge_normal_9": "skip_connect", "edge_normal_11": "dil_conv_3x3",
        "inputs_node_normal_3": "0_1", "inputs_node_normal_4": "0_1", "inputs_node_normal_5": "0_2",
        "edge_reduce_0": "max_pool_3x3", "edge_reduce_1": "max_pool_3x3",
        "edge_reduce_3": "max_pool_3x3", "edge_reduce_4": "skip_connect",
        "edge_reduce_5": "max_pool_3x3", "edge_reduce_7": "skip_connect",
        "edge_reduce_10": "max_pool_3x3", "edge_reduce_11": "skip_connect",
        "inputs_node_reduce_3": "1_2", "inputs_node_reduce_4": "0_2", "inputs_node_reduce_5": "1_2",
    }  # fmt: skip


def test_every_encoding_holds_eight_edges_a_cell_that_agree_with_the_nodes_read() -> None:
    import numpy as np

    first = {3: 2, 4: 5, 5: 9}
    seen = 0
    for arch in full(DARTS).sample(400, np.random.default_rng(0)):
        inputs = inputs_of(arch)
        if inputs is None:
            assert "'none'" in str(arch)
            continue
        seen += 1
        assert set(inputs) <= set(INPUTS)
        assert all(value in values_of(name) for name, value in inputs.items())
        for cell in ("normal", "reduce"):
            assert sum(name.startswith(f"edge_{cell}") for name in inputs) == 8
            for node, edge in first.items():
                reads = [int(source) for source in inputs[f"inputs_node_{cell}_{node}"].split("_")]
                edges = [at for at in range(node) if f"edge_{cell}_{edge + at}" in inputs]
                assert edges == reads
    assert seen > 20


@needs_table
def test_ranking_and_calibration_on_the_rows_that_were_not_fitted(
    surrogate: SurrogateEvaluator, published: list[tuple[Architecture, float]]
) -> None:
    import numpy as np
    from scipy.stats import spearmanr

    raw = np.array([surrogate.raw(arch) for arch, _ in published])
    known = np.array([value for _, value in published])
    assert spearmanr(raw, known)[0] == pytest.approx(0.905, abs=0.0005)
    assert np.polyfit(raw[::2], known[::2], 1) == pytest.approx([SLOPE, INTERCEPT], rel=1e-3)
    error = SLOPE * raw[1::2] + INTERCEPT - known[1::2]
    assert abs(error.mean()) < 0.02
    assert np.abs(error).mean() < 0.19
    assert (raw - known).mean() > 1.2


@needs_table
def test_guard_is_the_range_of_the_published_genotypes(published: list[tuple[Architecture, float]]) -> None:
    cells = [(counts(arch, "normal"), counts(arch, "reduce")) for arch, _ in published]
    for place, cell in enumerate(("normal", "reduce")):
        assert {op: max(pair[place][op] for pair in cells) for op in OPERATORS} == MOST[cell]
        assert max(sum(pair[place][op] for op in FREE) for pair in cells) == MOST_FREE[cell]
    assert max(sum(counts[op] for counts in pair for op in FREE) for pair in cells) == MOST_FREE_IN_BOTH
    assert all(outside(*pair) is None for pair in cells)


def test_extreme_cells_are_failures_and_published_ones_are_not(surrogate: SurrogateEvaluator) -> None:
    assert isinstance(surrogate.evaluate(DARTS_V2), Evaluation)
    skips = genotype(repeated("skip_connect"), repeated("skip_connect"))
    assert surrogate.raw(skips) > 95
    outcome = surrogate.evaluate(skips)
    assert isinstance(outcome, Failure)
    assert outcome.kind == "missing"
    assert "8 layers of the normal cell are skip_connect, at most 4" in outcome.message
    pools = [("max_pool_3x3", 0), ("max_pool_3x3", 1), ("avg_pool_3x3", 0), ("avg_pool_3x3", 1)]
    free = genotype([*pools, *pools], DARTS_V2_REDUCE)
    assert "have no parameters" in str(surrogate.evaluate(free))
    many = [("skip_connect", 0), ("skip_connect", 1), ("max_pool_3x3", 0), ("max_pool_3x3", 1)]
    both = genotype([*many, *many[:3], ("sep_conv_3x3", 1)], [*many, *many[:3], ("sep_conv_3x3", 1)])
    assert "14 layers of both cells have no parameters, at most 12" in str(surrogate.evaluate(both))


DARTS_V2_REDUCE = [("max_pool_3x3", 0), ("sep_conv_3x3", 1), ("skip_connect", 2), ("dil_conv_3x3", 1)] * 2


def test_none_is_outside(surrogate: SurrogateEvaluator) -> None:
    arch = genotype([("none", 0), *repeated("sep_conv_3x3")[1:]], repeated("sep_conv_3x3"))
    outcome = surrogate.evaluate(arch)
    assert isinstance(outcome, Failure)
    assert "no operator `none`" in outcome.message
    with pytest.raises(ValueError, match="carries nothing"):
        surrogate.raw(arch)


def test_conforms(surrogate: SurrogateEvaluator) -> None:
    check_evaluator(surrogate)
    check_evaluator(surrogate, [DARTS_V2])


def test_same_value_in_another_process_and_after_pickling(surrogate: SurrogateEvaluator) -> None:
    here = surrogate.evaluate(DARTS_V2)
    assert isinstance(here, Evaluation)
    assert pickle.loads(pickle.dumps(surrogate)).evaluate(DARTS_V2) == here
    script = (
        "import sys; from lapt_dsl.compiler.building.library import load_space\n"
        "from lapt_dsl.evaluate.surrogate.evaluator import SurrogateEvaluator\n"
        "s = load_space('darts'); e = SurrogateEvaluator(s, sys.argv[1])\n"
        "print(repr(e.evaluate(s.parse_arch(sys.argv[2])).metrics), e.fingerprint)"
    )
    command = [sys.executable, "-c", script, str(MODEL), str(DARTS_V2)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert printed == f"{here.metrics!r} {surrogate.fingerprint}"
    assert set(here.metrics) == {METRIC}


def code(error: pytest.ExceptionInfo[LaptError]) -> str:
    return error.value.diagnostics[0].code


def test_other_files_never_reach_onnxruntime(tmp_path: Path) -> None:
    half = tmp_path / "half.onnx"
    half.write_bytes(MODEL.read_bytes()[:1_000_000] if MODEL.exists() else b"\x08\x07")
    for name, expected in ((half, "E770"), (tmp_path / "absent.onnx", "E901"), (tmp_path, "E901")):
        with pytest.raises(LaptError) as error:
            SurrogateEvaluator(DARTS, str(name))
        assert code(error) == expected
    with pytest.raises(LaptError) as error:
        build(DARTS, EvaluatorOptions())
    assert code(error) == "E770"


def test_other_spaces_are_refused() -> None:
    with pytest.raises(LaptError) as error:
        SurrogateEvaluator(load_space("nas201"), "any.onnx")
    assert code(error) == "E773"


def encoding() -> dict[str, Any]:
    return {PREFIX + name: {v: n for n, v in enumerate((ABSENT, *values_of(name)))} for name in INPUTS}


def damaged() -> dict[str, str]:
    first = PREFIX + "edge_normal_0"
    texts = {"no JSON": '{"a": ', "too deep": "[" * 100_000, "a list": "[]", "nothing": "{}"}
    changes: dict[str, Any] = {"twice": 2, "text": "1", "large": 10**30, "negative": -1, "true": True, "fraction": 1.0}
    for name, value in changes.items():
        content = encoding()
        content[first]["max_pool_3x3"] = value
        texts[name] = json.dumps(content)
    missing, strange, unprefixed = encoding(), encoding(), encoding()
    del missing[first]["skip_connect"]
    strange["x\x1b[2J" * 500] = {}
    unprefixed["edge_normal_0"] = {}
    texts |= {"missing": json.dumps(missing), "strange": json.dumps(strange), "unprefixed": json.dumps(unprefixed)}
    return texts


@pytest.mark.parametrize("name", damaged())
def test_damaged_encodings(name: str) -> None:
    with pytest.raises(LaptError) as error:
        read_encoding(source_of_text(damaged()[name]))
    assert code(error) == "E772"
    assert len(error.value.diagnostics[0].message) < 300


def test_encoding_in_any_order_and_beside_the_model(tmp_path: Path, surrogate: SurrogateEvaluator) -> None:
    turned = dict(reversed(json.loads((TABLES / "nb301_surrogate_encoding.json").read_text()).items()))
    shutil.copy(MODEL, tmp_path / "copy.onnx")
    with pytest.raises(LaptError) as error:
        SurrogateEvaluator(DARTS, str(tmp_path / "copy.onnx"))
    assert code(error) == "E901"
    (tmp_path / "copy_encoding.json").write_text(json.dumps(turned))
    options = EvaluatorOptions(argument=str(tmp_path / "copy.onnx"))
    assert EvaluatorSpec("surrogate", options).build(DARTS).evaluate(DARTS_V2) == surrogate.evaluate(DARTS_V2)


def test_without_onnxruntime(monkeypatch: pytest.MonkeyPatch) -> None:
    if not MODEL.exists():
        pytest.skip("needs nb301_surrogate.onnx (LAPT_DATA)")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(LaptError) as error:
        SurrogateEvaluator(DARTS, str(MODEL))
    assert code(error) == "E774"
    assert "lapt-dsl[surrogate]" in str(error.value.diagnostics[0].hint)
