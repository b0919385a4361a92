"""Zero-cost proxies: scores of an untrained network that correlate with its accuracy after training.

Each takes a freshly initialised network and, except for the data-free ones, one batch; definitions as in NASLib, whose
published scores they are checked against (Krishnakumar et al., NAS-Bench-Suite-Zero, NeurIPS 2022). Larger is meant to
be better for every one of them. Weights are those of convolutions and linear layers; L is the cross entropy of the
batch, g the gradient of L.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.hooks import RemovableHandle

JACOV_SMALL = 1e-5
"""What keeps jacov's logarithms and reciprocals finite, as published."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Images [N, channels, height, width], standardised, and labels [N]."""

    images: Tensor
    labels: Tensor


def _weighted(network: nn.Module) -> Iterator[nn.Conv2d | nn.Linear]:
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            yield module


def _loss_gradients(network: nn.Module, batch: Batch) -> list[tuple[Tensor, Tensor]]:
    """Every weight with its gradient; weights that the loss does not depend on are left out."""
    weights = [module.weight for module in _weighted(network)]
    loss = functional.cross_entropy(network(batch.images), batch.labels)
    gradients = torch.autograd.grad(loss, weights, allow_unused=True)
    return [(weight, grad) for weight, grad in zip(weights, gradients, strict=True) if grad is not None]


def synflow(network: nn.Module, batch: Batch) -> float:
    """log(1 + sum |w dR/dw|) with R the output for an image of ones, all weights positive, no batch norm.

    Tanaka et al., NeurIPS 2020. Data-free, computed in double precision; the published score is the logarithm, and the
    1 gives a network without a path the value 0.
    """
    network.double()
    handles = [
        module.register_forward_hook(lambda module, inputs, output: inputs[0])
        for module in network.modules()
        if isinstance(module, nn.BatchNorm2d)
    ]
    with torch.no_grad():
        for value in network.state_dict().values():
            value.abs_()
    weights = [module.weight for module in _weighted(network)]
    output = network(torch.ones_like(batch.images[:1], dtype=torch.float64)).sum()
    gradients = torch.autograd.grad(output, weights, allow_unused=True)
    _remove(handles)
    products = zip(weights, gradients, strict=True)
    flow = sum(float((weight * grad).detach().abs().sum()) for weight, grad in products if grad is not None)
    return math.log1p(flow)


def naswot(network: nn.Module, batch: Batch) -> float:
    """log |det K| with K[i, j] the number of ReLU inputs at which images i and j agree in sign.

    Mellor et al., ICML 2021.
    """
    count = len(batch.images)
    kernel = torch.zeros(count, count, dtype=torch.float64, device=batch.images.device)

    def agree(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        on = (inputs[0].flatten(1) > 0).float()
        off = 1.0 - on
        kernel.add_(on @ on.t() + off @ off.t())

    handles = [module.register_forward_hook(agree) for module in network.modules() if isinstance(module, nn.ReLU)]
    with torch.no_grad():
        network(batch.images)
    _remove(handles)
    return float(torch.linalg.slogdet(kernel.cpu()).logabsdet)


def snip(network: nn.Module, batch: Batch) -> float:
    """sum |w g|. Lee et al., ICLR 2019."""
    return sum(float((weight * grad).detach().abs().sum()) for weight, grad in _loss_gradients(network, batch))


def grad_norm(network: nn.Module, batch: Batch) -> float:
    """The sum over layers of the norm of g. Abdelfattah et al., ICLR 2021."""
    return sum(float(grad.norm()) for _, grad in _loss_gradients(network, batch))


def grasp(network: nn.Module, batch: Batch) -> float:
    """-sum w (H g) with H the Hessian of L. Wang et al., ICLR 2020, with the sign of Abdelfattah et al."""
    weights = [module.weight for module in _weighted(network)]
    loss = functional.cross_entropy(network(batch.images), batch.labels)
    gradients = torch.autograd.grad(loss, weights, create_graph=True, allow_unused=True)
    used = [(weight, grad) for weight, grad in zip(weights, gradients, strict=True) if grad is not None]
    product = torch.stack([(grad.detach() * grad).sum() for _, grad in used]).sum()
    seconds = torch.autograd.grad(product, [weight for weight, _ in used], allow_unused=True)
    parts = zip(used, seconds, strict=True)
    return -sum(float((weight * second).detach().sum()) for (weight, _), second in parts if second is not None)


def fisher(network: nn.Module, batch: Batch) -> float:
    """sum over channels of mean over images of (sum over places of a dL/da)^2 / 2, a the output of a layer.

    Theis et al., 2018, with every channel counted once for each of its weights as published.
    """
    kept: list[tuple[Tensor, int]] = []

    def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        weight = module.weight
        assert isinstance(weight, Tensor)
        kept.append((output, weight.numel() // weight.shape[0]))

    handles = [module.register_forward_hook(keep) for module in _weighted(network)]
    loss = functional.cross_entropy(network(batch.images), batch.labels)
    _remove(handles)
    gradients = torch.autograd.grad(loss, [output for output, _ in kept], allow_unused=True)
    total = 0.0
    for (output, per_channel), grad in zip(kept, gradients, strict=True):
        if grad is not None:
            product = output.detach() * grad
            places = product.flatten(2).sum(2) if product.dim() > 2 else product
            total += float(places.pow(2).mean(0).sum()) / 2 * per_channel
    return total


def jacov(network: nn.Module, batch: Batch) -> float:
    """-sum over eigenvalues v of log(v + k) + 1 / (v + k), k = 1e-5, of the correlations between the input Jacobians.

    Mellor et al., 2020, version 1.
    """
    images = batch.images.clone().requires_grad_(True)
    (jacobian,) = torch.autograd.grad(network(images).sum(), images, allow_unused=True)
    if jacobian is None:
        return math.nan
    correlations = torch.corrcoef(jacobian.flatten(1).double().cpu())
    if not bool(torch.isfinite(correlations).all()):
        return math.nan
    values = torch.linalg.eigvalsh(correlations) + JACOV_SMALL
    return -float((values.log() + 1.0 / values).sum())


def params(network: nn.Module, batch: Batch) -> float:
    """Parameters in millions."""
    return sum(parameter.numel() for parameter in network.parameters()) / 1e6


def flops(network: nn.Module, batch: Batch) -> float:
    """Multiply-accumulates of convolutions and linear layers for one image, in millions."""
    total = 0

    def count(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        weight = module.weight
        assert isinstance(weight, Tensor)
        total += output[0].numel() * weight.numel() // weight.shape[0]

    handles = [module.register_forward_hook(count) for module in _weighted(network)]
    with torch.no_grad():
        network(batch.images[:1])
    _remove(handles)
    return total / 1e6


def _remove(handles: list[RemovableHandle]) -> None:
    for handle in handles:
        handle.remove()


Measure = Callable[[nn.Module, Batch], float]

MEASURES: dict[str, Measure] = {
    "synflow": synflow,
    "naswot": naswot,
    "snip": snip,
    "grasp": grasp,
    "grad_norm": grad_norm,
    "fisher": fisher,
    "jacov": jacov,
    "params": params,
    "flops": flops,
}
"""Every proxy by its name."""

NEEDS_IMAGES = frozenset({"naswot", "snip", "grasp", "grad_norm", "fisher", "jacov"})
"""Proxies whose value depends on the images; the others read their size alone."""
