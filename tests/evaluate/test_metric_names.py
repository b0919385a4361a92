"""What the name of a metric says, and that a name which decides nothing is not guessed at."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.metric_names import read_metric_name
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec
from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
from lapt_dsl.evaluate.tables.read_table import read_table

HIGHER = (
    "acc", "accuracy", "val_acc", "valAcc", "valACC", "top1", "top-5 (%)", "Acc@1", "f1_score", "mIoU", "mAP", "SSIM",
    "PSNR", "BLEU", "auc", "neg_loss", "-loss", "throughput", "fps", "score", "val/acc", "val_acc_seed_777",
    "acc_epoch_12", "log_likelihood", "jigsaw", "class_object", "room_layout", "normal", "spearman_rank_corr",
)  # fmt: skip
LOWER = (
    "loss", "val_loss", "valloss", "nll", "cross_entropy", "CrossEntropyLoss", "ppl", "perplexity", "FID", "WER",
    "regret", "rmse", "RMSE_val", "mae", "error", "err", "Err@1", "error_rate", "miss_rate", "bpc", "1-acc",
    "negative_log_likelihood", "accuracy_drop",
)  # fmt: skip
COSTS = (
    "energy", "Energy (mJ)", "power", "latency", "latency_ms", "latencyMs", "edgegpu_latency", "lat_ms", "ms",
    "runtime",
    "inference time", "train_time", "gpu_hours", "GPU-days", "train_hours", "nparams", "n_params", "numParams",
    "#Params (M)", "params_M", "mult_adds", "MultAdds", "madds", "FLOPs", "flops (M)", "MFLOPs", "GMACs", "MACs(M)",
    "memory", "peak_mem_MB", "size_mb", "kWh", "CO2e", "price_usd", "time_to_accuracy", "seconds",
)  # fmt: skip
OTHERS = (
    "id",
    "arch_id",
    "index",
    "seed",
    "epoch",
    "std",
    "val_acc_std",
    "std_acc",
    "hash",
    "Unnamed: 0",
    "uid",
    "fold",
)
UNKNOWN = (
    "quality",
    "x",
    "y",
    "result",
    "objective",
    "val",
    "valid",
    "latest",
    "accuracy_per_param",
    "task0",
    "cifar10",
)
TEST = ("test_acc", "testacc", "testing_acc", "testerr", "testAcc", "test/top1", "acc_test", "mse_test", "holdout_acc")


@pytest.mark.parametrize("name", HIGHER)
def test_scores(name: str) -> None:
    assert read_metric_name(name).direction == "higher"
    assert read_metric_name(name).split == "validation"


@pytest.mark.parametrize("name", LOWER)
def test_losses(name: str) -> None:
    assert read_metric_name(name).direction == "lower"
    assert read_metric_name(name).split == "validation"


@pytest.mark.parametrize("name", COSTS)
def test_costs(name: str) -> None:
    read = read_metric_name(name)
    assert (read.role, read.direction, read.split) == ("cost", "lower", "cost")


@pytest.mark.parametrize("name", OTHERS)
def test_what_does_not_measure(name: str) -> None:
    assert read_metric_name(name).role == "other"


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_decides_nothing(name: str) -> None:
    assert read_metric_name(name).direction is None


@pytest.mark.parametrize("name", TEST)
def test_the_test_split(name: str) -> None:
    assert read_metric_name(name).split == "test"


@given(st.text(max_size=80))
def test_any_name_is_read(name: str) -> None:
    assert read_metric_name(name) == read_metric_name(name)


def table_of(folder: Path, *columns: str) -> str:
    path = folder / "table.csv"
    archs = [
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
        "|skip_connect~0|+|none~0|none~1|+|none~0|none~1|none~2|",
    ]
    rows = [
        f"{arch},{','.join(str(number + turn) for turn in range(len(columns)))}" for number, arch in enumerate(archs)
    ]
    path.write_text("\n".join([f"arch,{','.join(columns)}", *rows]), encoding="utf-8")
    return str(path)


def code_of(spec: EvaluatorSpec) -> str:
    with pytest.raises(LaptError) as caught:
        spec.build(load_space("nas201"))
    return caught.value.diagnostics[0].code


def test_a_table_asks_where_a_name_decides_nothing(tmp_path: Path) -> None:
    path = table_of(tmp_path, "id", "quality", "energy")
    assert code_of(EvaluatorSpec("table", EvaluatorOptions(argument=path))) == "E714"
    for direction in ("higher", "lower"):
        options = EvaluatorOptions(argument=path, task="quality", direction=direction)
        objective = EvaluatorSpec("table", options).build().objective
        assert (objective.metric, objective.direction) == ("quality", direction)
    # A cost is minimized where it is asked for, and never by default.
    assert TableEvaluator(read_table(path), "energy").objective.direction == "lower"
    assert code_of(EvaluatorSpec("table", EvaluatorOptions(argument=path, task="id"))) == "E712"


def test_a_decided_column_comes_before_one_that_is_not(tmp_path: Path) -> None:
    path = table_of(tmp_path, "Unnamed: 0", "quality", "train_acc", "val_acc", "testacc")
    objective = TableEvaluator(read_table(path)).objective
    assert (objective.metric, objective.test_metric) == ("val_acc", "testacc")


def evaluate(arch: object) -> float:
    return 0.0


@pytest.mark.parametrize(("metric", "direction"), [("val_loss", "lower"), ("acc", "higher"), ("energy", "lower")])
def test_an_evaluator_follows_the_same_names(metric: str, direction: str) -> None:
    options = EvaluatorOptions(argument=f"{__name__}:evaluate" if "." not in __name__ else "math:fsum", metric=metric)
    assert EvaluatorSpec("python", options).build(load_space("nas201")).objective.direction == direction


@pytest.mark.parametrize(("metric", "code"), [("quality", "E714"), ("test_acc", "E712")])
def test_an_evaluator_asks_too(metric: str, code: str) -> None:
    assert code_of(EvaluatorSpec("python", EvaluatorOptions(argument="math:fsum", metric=metric))) == code
