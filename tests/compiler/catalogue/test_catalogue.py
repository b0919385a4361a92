"""Every implementation: its formulas count what torch counts, and its module computes what the plain reference does."""

from __future__ import annotations

from itertools import product

import pytest

from lapt_dsl.compiler import catalogue
from lapt_dsl.compiler.catalogue import ENTRIES, OperatorContext
from lapt_dsl.compiler.space.model import Implementation, NumberRef

torch = pytest.importorskip("torch", reason="the catalogue's modules are PyTorch modules")

from tests.compiler.catalogue.functional_reference import REFERENCES, Weights  # noqa: E402

ARGUMENTS = {
    "relu_conv_bn": [{"kernel": 1}, {"kernel": 3, "dilation": 2}, {"kernel": 5}],
    "conv_bn": [{"kernel": 1}, {}],
    "conv_bn_relu": [{"kernel": 1}, {}],
    "sep_conv": [{}, {"kernel": 5}],
    "dil_conv": [{}, {"kernel": 5}],
    "mbconv": [{"expansion": 1}, {"kernel": 5, "expansion": 3}],
    "feed_forward": [{"expansion": 2}],
    "attention": [{"heads": 2}],
}
OPERATORS = [name for name, entry in ENTRIES.items() if not entry.head and entry.cost is not None]


def _call(name: str, arguments: dict[str, int]) -> Implementation:
    return Implementation(name, tuple(arguments.items()))


def _built(name: str, context: OperatorContext, arguments: catalogue.Arguments) -> torch.nn.Module:
    from lapt_dsl.compiler.catalogue import torch_modules

    torch.manual_seed(7)
    made = getattr(torch_modules, ENTRIES[name].torch_class)
    if ENTRIES[name].head:
        module = made(context.c_in, context.c_out)
    else:
        module = made(context.c_in, context.c_out, context.stride, **arguments)
    for tensor in module.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5) if tensor.dim() == 1 else tensor.normal_(0, 0.5)
    return module.double().eval()


def _macs(module: torch.nn.Module, x: torch.Tensor) -> int:
    """Multiply-accumulates of all convolutions and linear layers, by hooks."""
    counted = [0]

    def hook(layer: torch.nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        if isinstance(layer, torch.nn.Conv2d):
            counted[0] += output[0].numel() * layer.weight[0].numel()
        elif isinstance(layer, torch.nn.Linear):
            counted[0] += output[0].numel() * layer.in_features

    for layer in module.modules():
        layer.register_forward_hook(hook)
    module(x)
    return counted[0]


CASES = [
    (name, arguments, c_out, stride, size)
    for name in OPERATORS
    for arguments, c_out, stride, size in product(ARGUMENTS.get(name, [{}]), (4, 6), (1, 2), (8, 7))
]


@pytest.mark.parametrize(("name", "arguments", "c_out", "stride", "size"), CASES)
def test_operator_is_what_the_catalogue_says(
    name: str, arguments: dict[str, int], c_out: int, stride: int, size: int
) -> None:
    torch.set_num_threads(1)
    call, context = _call(name, arguments), OperatorContext(4, c_out, stride, size)
    assert catalogue.check(call, "operator") is None
    resolved = catalogue.resolve(call, {})
    module = _built(name, context, resolved)
    x = torch.randn(2, 4, size, size, dtype=torch.float64)
    cost = catalogue.cost(call, context, resolved)
    assert cost is not None
    assert cost.params == sum(p.numel() for p in module.parameters())
    assert cost.flops == _macs(module, x)
    weights = Weights(module.state_dict())
    expected = REFERENCES[name](x, weights, c_out, stride, **resolved)
    assert weights.empty
    found = module(x)
    assert found.shape == (2, c_out, context.out, context.out)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("name", "arguments", "c_out", "stride", "size"), CASES)
def test_operator_trains_as_the_reference_does(
    name: str, arguments: dict[str, int], c_out: int, stride: int, size: int
) -> None:
    torch.set_num_threads(1)
    context = OperatorContext(4, c_out, stride, size)
    resolved = catalogue.resolve(_call(name, arguments), {})
    module = _built(name, context, resolved).train()
    x = torch.randn(2, 4, size, size, dtype=torch.float64)
    x.requires_grad_()
    weights = Weights({key: value.clone() for key, value in module.state_dict().items()}, training=True)
    expected = REFERENCES[name](x, weights, c_out, stride, **resolved)
    found = module(x)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    # What is learned is right where the gradient is, too: an output can be right by a path that nothing flows back on.
    if expected.requires_grad:
        turned = torch.randn(expected.shape, dtype=torch.float64)
        wanted, had = (torch.autograd.grad(y, x, turned)[0] for y in (expected, found))
        torch.testing.assert_close(had, wanted, rtol=1e-7, atol=1e-7)
    else:
        assert not found.requires_grad or not torch.autograd.grad(found.sum(), x)[0].any()


def test_every_operator_has_a_reference() -> None:
    assert set(REFERENCES) == {name for name, entry in ENTRIES.items() if entry.cost is not None}


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.head])
def test_head_is_what_the_catalogue_says(name: str) -> None:
    call, context = _call(name, {"classes": 5}), OperatorContext(4, 5, 1, 6)
    assert catalogue.check(call, "head") is None
    module = _built(name, context, {})
    x = torch.randn(2, 4, 6, 6, dtype=torch.float64)
    cost = catalogue.cost(call, context, catalogue.resolve(call, {}))
    assert cost is not None
    assert (cost.params, cost.flops) == (sum(p.numel() for p in module.parameters()), _macs(module, x))
    expected = REFERENCES[name](x, Weights(module.state_dict()), 5)
    torch.testing.assert_close(module(x), expected, rtol=1e-9, atol=1e-9)
    in_training = Weights({key: value.clone() for key, value in module.state_dict().items()}, training=True)
    torch.testing.assert_close(module.train()(x), REFERENCES[name](x, in_training, 5), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["avg_pool", "max_pool"])
def test_even_kernels_pool_without_padding(name: str) -> None:
    context, arguments = OperatorContext(3, 3, 2, 7), {"kernel": 2}
    assert catalogue.problem_at(_call(name, arguments), context, arguments) is None
    x = torch.randn(1, 3, 7, 7, dtype=torch.float64)
    expected = REFERENCES[name](x, Weights({}), 3, 2, 2)
    torch.testing.assert_close(_built(name, context, arguments)(x), expected)


def test_training_batch_norm_uses_the_batch() -> None:
    module = _built("conv_bn", OperatorContext(3, 4, 1, 8), {"kernel": 3}).train()
    found = module(torch.randn(4, 3, 8, 8, dtype=torch.float64))
    shift = module[1].bias
    torch.testing.assert_close(found.mean((0, 2, 3)), shift.detach())


@pytest.mark.parametrize(
    ("call", "role", "words"),
    [
        (_call("relu_conv_b", {}), None, "did you mean `relu_conv_bn`?"),
        (_call("relu_conv_bn", {"kernel": 4}), None, "must be odd"),
        (_call("relu_conv_bn", {"kernel": 99}), None, "from 1 to 31"),
        (_call("relu_conv_bn", {"kernl": 3}), None, "did you mean `kernel`?"),
        (_call("relu_conv_bn", {"stride": 2}), "operator", "no argument `stride`"),
        (_call("conv_bn", {"channels": 0}), "stem", "whole number from 1"),
        (_call("conv_bn", {}), "head", "cannot be a head"),
        (_call("pool_linear", {}), "body", "is a head"),
        (Implementation("conv_bn", (("channels", NumberRef("width")),)), "stem", "must be a number"),
        (Implementation("torch_module", (("path", "os; import sys:x"),)), None, "import path"),
        (Implementation("torch_module", (("path", "a.class:B"),)), None, "import path"),
        (Implementation("torch_module", (("path", "a:B"), ("lambda", 1))), None, "cannot be called"),
        (Implementation("torch_module", ()), None, "import path"),
    ],
)
def test_check_says_what_is_wrong(call: Implementation, role: catalogue.Role | None, words: str) -> None:
    problem = catalogue.check(call, role)
    assert problem is not None
    assert words in problem


def test_check_accepts_what_can_be_built() -> None:
    assert catalogue.check(_call("conv_bn", {"channels": 16, "stride": 2}), "stem") is None
    assert catalogue.check(Implementation("mbconv", (("kernel", NumberRef("kernel")),)), "operator") is None
    assert catalogue.check(Implementation("torch_module", (("path", "my_ops.sub:Block"), ("gate", "x")))) is None
