from __future__ import annotations

import csv
import math
from dataclasses import replace

import pytest

from tests.places import DATA

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from lapt_dsl.compiler.building.library import load_space  # noqa: E402
from lapt_dsl.compiler.space.model import Architecture  # noqa: E402
from lapt_dsl.compiler.targets.code.build import build_module  # noqa: E402
from lapt_dsl.diagnostics.diagnostic import LaptError  # noqa: E402
from lapt_dsl.evaluate.conformance import check_evaluator  # noqa: E402
from lapt_dsl.evaluate.evaluator import Evaluation, Failure, checked  # noqa: E402
from lapt_dsl.evaluate.proxies.evaluator import ENSEMBLE, ProxyEvaluator  # noqa: E402
from lapt_dsl.evaluate.proxies.measures import MEASURES, Batch  # noqa: E402
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec  # noqa: E402

SPACE = load_space("nas201")
SMALL = EvaluatorOptions(channels=4, depth=1, device="cpu")


@pytest.fixture(autouse=True)
def _small_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lapt_dsl.evaluate.proxies.evaluator.REFERENCE", 15)


def proxy(names: str) -> ProxyEvaluator:
    evaluator = EvaluatorSpec("proxy", replace(SMALL, argument=names)).build(SPACE)
    assert isinstance(evaluator, ProxyEvaluator)
    return evaluator


def arch_of(operators: str) -> Architecture:
    return SPACE.parse_arch(operators)


CONVS = arch_of("|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|")
DEAD = arch_of("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")


@pytest.mark.parametrize("name", MEASURES)
def test_every_proxy_conforms(name: str) -> None:
    check_evaluator(proxy(name), [CONVS])


@pytest.mark.parametrize("name", MEASURES)
def test_a_network_without_a_path_is_worth_little_or_a_typed_failure(name: str) -> None:
    evaluator = proxy(name)
    dead, alive = (checked(evaluator.evaluate(arch), evaluator.objective) for arch in (DEAD, CONVS))
    assert isinstance(alive, Evaluation)
    if isinstance(dead, Failure):
        assert dead.kind == "diverged"
    elif name not in ("grasp", "jacov"):
        assert dead.metrics[name] < alive.metrics[name]


class Tiny(nn.Module):
    """Two layers whose proxies can be worked out by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.relu, self.second = nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.relu(self.first(x)))


def tiny() -> tuple[Tiny, Batch]:
    torch.manual_seed(1)
    return Tiny(), Batch(torch.randn(5, 3), torch.tensor([0, 1, 0, 1, 1]))


def loss_at(model: Tiny, weights: list[torch.Tensor], batch: Batch) -> torch.Tensor:
    """The loss of Tiny as a function of its two weights, written out."""
    hidden = (batch.images @ weights[0].T + model.first.bias).clamp(min=0)
    return functional.cross_entropy(hidden @ weights[1].T + model.second.bias, batch.labels)


def test_snip_grad_norm_and_grasp_against_derivatives_of_the_written_out_loss() -> None:
    model, batch = tiny()
    weights = [model.first.weight.detach().double(), model.second.weight.detach().double()]
    batch64 = Batch(batch.images.double(), batch.labels)
    step = 1e-5
    gradients = [torch.zeros_like(weight) for weight in weights]
    for weight, gradient in zip(weights, gradients, strict=True):
        for index in range(weight.numel()):
            place = weight.view(-1)
            place[index] += step
            above = loss_at(model, weights, batch64)
            place[index] -= 2 * step
            below = loss_at(model, weights, batch64)
            place[index] += step
            gradient.view(-1)[index] = (above - below) / (2 * step)
    assert MEASURES["snip"](tiny()[0], batch) == pytest.approx(
        sum(float((w * g).abs().sum()) for w, g in zip(weights, gradients, strict=True)), rel=1e-4
    )
    assert MEASURES["grad_norm"](tiny()[0], batch) == pytest.approx(sum(float(g.norm()) for g in gradients), rel=1e-4)
    hessian = torch.func.hessian(lambda flat: loss_at(model, [flat[:12].view(4, 3), flat[12:].view(2, 4)], batch64))
    flat = torch.cat([weight.flatten() for weight in weights])
    flat_gradient = torch.cat([gradient.flatten() for gradient in gradients])
    expected = -float((flat * (hessian(flat) @ flat_gradient)).sum())
    assert MEASURES["grasp"](tiny()[0], batch) == pytest.approx(expected, rel=1e-3)


def test_fisher_naswot_and_synflow_by_hand() -> None:
    model, batch = tiny()
    before = model.first(batch.images)
    hidden = model.relu(before)
    output = model.second(hidden)
    loss = functional.cross_entropy(output, batch.labels)
    by_hidden, by_output = torch.autograd.grad(loss, [before, output])
    first = ((before * by_hidden) ** 2).mean(0).sum() / 2 * 3
    second = ((output * by_output) ** 2).mean(0).sum() / 2 * 4
    assert MEASURES["fisher"](tiny()[0], batch) == pytest.approx(float(first + second), rel=1e-4)
    signs = before > 0
    kernel = torch.tensor([[float((a == b).sum()) for b in signs] for a in signs], dtype=torch.float64)
    assert MEASURES["naswot"](tiny()[0], batch) == pytest.approx(math.log(abs(float(torch.det(kernel)))), rel=1e-4)
    weights = [model.first.weight.abs(), model.second.weight.abs()]
    biases = [model.first.bias.abs()]
    hidden_sum = weights[0].sum(1)
    flow = float((hidden_sum * weights[1].sum(0)).sum() + ((hidden_sum + biases[0]) * weights[1]).sum())
    assert MEASURES["synflow"](tiny()[0], batch) == pytest.approx(math.log1p(flow), rel=1e-5)


def test_params_and_flops_are_those_of_the_built_network() -> None:
    outcome = proxy("params+flops").evaluate(CONVS)
    assert isinstance(outcome, Evaluation)
    network = build_module(SPACE, CONVS, 10, channels=4, depth=1)
    assert outcome.metrics["params"] == sum(parameter.numel() for parameter in network.parameters()) / 1e6
    assert outcome.metrics["flops"] > 0


def test_an_ensemble_is_the_mean_share_of_a_fixed_sample() -> None:
    evaluator = proxy("params+flops")
    outcomes = [evaluator.evaluate(arch) for arch in (DEAD, CONVS)]
    shares = [outcome.metrics[ENSEMBLE] for outcome in outcomes if isinstance(outcome, Evaluation)]
    assert 0.0 <= shares[0] < 0.2 < 0.8 < shares[1] <= 1.0
    again = proxy("params+flops").evaluate(CONVS)
    assert isinstance(again, Evaluation)
    assert again.metrics[ENSEMBLE] == shares[1]


@pytest.mark.parametrize("names", ["", "synflw", "synflow+", "synflow+synflow"])
def test_what_is_no_proxy_is_refused(names: str) -> None:
    with pytest.raises(LaptError) as error:
        proxy(names)
    assert error.value.diagnostics[0].code == "E775"


@pytest.mark.slow
def test_synflow_ranks_as_published() -> None:
    table = DATA / "darts" / "nb301_cifar10_725.csv"
    if not table.is_file():
        pytest.skip(f"no published scores at {table}")
    from scipy.stats import spearmanr

    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::30]
    space = load_space("darts")
    evaluator = ProxyEvaluator(space, ["synflow"], None, channels=32, depth=2)
    values = []
    for row in rows:
        outcome = evaluator.evaluate(space.parse_arch(row["genotype"]))
        assert isinstance(outcome, Evaluation)
        values.append(outcome.metrics["synflow"])
    assert spearmanr(values, [float(row["synflow"]) for row in rows]).statistic >= 0.99
