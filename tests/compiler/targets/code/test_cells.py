"""Cells of a refined space: only what is allowed is there, and a chosen forward is the generated network's."""

from __future__ import annotations

import random
from pathlib import Path
from types import ModuleType

import pytest

from lapt_dsl.compiler.networks.liveness import cell_choices
from lapt_dsl.compiler.networks.shapes import Instance, layout_network
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.compiler.targets.code.cells import cells_source, operator_choices

torch = pytest.importorskip("torch", reason="generated cells are PyTorch modules")

from lapt_dsl.compiler.targets.code.build import build_module, load_source  # noqa: E402
from tests.compiler.targets.code.test_network_source import (  # noqa: E402
    CHANNELS,
    NAMES,
    check_format,
    random_arch,
    shake,
    space,
)


def everything(of: Space) -> dict[int, tuple[int, ...]]:
    return {layer.decision: tuple(range(len(layer.choices))) for layer in of.layers}


def built_cell(module: ModuleType, part: Instance, arch: Architecture, wide: dict[str, int]) -> torch.nn.Module:
    """The generated cell at one place of a network: its constructor's arguments, filled in by name."""
    import inspect

    name = "".join(word.capitalize() for word in part.cell.name.split("_")) + "Cell"
    made = getattr(module, name)
    labels = cell_choices(arch, part.cell)
    given = dict(wide)
    given |= {str(layer.key): labels[layer.key].number or 0 for layer in part.cell.number_layers}
    return made(**{argument: given[argument] for argument in inspect.signature(made).parameters})


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_chosen_forward_is_the_networks(name: str) -> None:
    torch.set_num_threads(1)
    of, rng = space(name), random.Random(9)
    module = load_source(cells_source(of, everything(of)))
    for seed in range(1 if name == "darts" else 3):
        arch = random_arch(of, rng)
        network = shake(build_module(of, arch, channels=CHANNELS[name], depth=1), seed)
        laid_out = layout_network(of, channels=CHANNELS[name], depth=1)
        numbers = {layer.decision: label.number for layer, label in arch.choices() if label.number is not None}
        if numbers:
            numerator, denominator = laid_out.scale
            numbers = {level: (2 * n * numerator + denominator) // (2 * denominator) for level, n in numbers.items()}
        for position, part in enumerate(laid_out.parts):
            if not isinstance(part, Instance):
                continue
            straight = getattr(network, f"cell_{position}")
            wide = {"channels": part.channels.at(numbers), "stride": part.stride}
            for i, node in enumerate(part.cell.inputs):
                wide[f"c_{node.name}"] = part.inputs[i].channels.at(numbers)
                wide[f"ratio_{node.name}"] = part.ratios[i]
            cell = built_cell(module, part, arch, wide).double().eval()
            chosen = operator_choices(arch, part.cell)
            copy_weights(straight, cell, chosen)
            images = [
                torch.randn(2, shape.channels.at(numbers), 8 * ratio, 8 * ratio, dtype=torch.float64)
                for shape, ratio in zip(part.inputs, part.ratios, strict=True)
            ]
            found = cell(*images, choice=chosen)
            torch.testing.assert_close(found, run_straight(straight, part, images), rtol=1e-9, atol=1e-9)


def copy_weights(
    straight: torch.nn.Module, cell: torch.nn.Module, chosen: dict[int, tuple[str, tuple[str, ...]]]
) -> None:
    """Weights of the straight-line cell, under the names of the chosen operators."""
    state = {}
    for key, value in straight.state_dict().items():
        head, _, rest = key.partition(".")
        if head.startswith("layer_"):
            operator, sources = chosen[int(head.removeprefix("layer_"))]
            names = [f"{head}.{operator}({''.join(sources)}).{rest}", f"{head}.{operator}().{rest}"]
            key = next(name for name in names if name in cell.state_dict())
        state[key] = value
    assert not cell.load_state_dict(state, strict=False).unexpected_keys


def run_straight(straight: torch.nn.Module, part: Instance, images: list[torch.Tensor]) -> torch.Tensor:
    """The straight-line cell takes only the inputs that matter."""
    import inspect

    names = [node.name for node in part.cell.inputs]
    taken = list(inspect.signature(straight.forward).parameters)
    result: torch.Tensor = straight(**{name: images[names.index(name)] for name in taken})
    return result


def test_only_allowed_operators_are_there() -> None:
    of = space("nas201")
    allowed = everything(of) | {3: (1, 2), 0: (3,)}
    source = cells_source(of, allowed)
    cell = load_source(source).MainCell(c_x=4, channels=4, stride=1)
    assert list(cell.layer_3) == ["skip(x)", "conv1x1(x)"]
    assert list(cell.layer_0) == ["conv3x3(x)"]
    assert cell.OPERATORS[3] == ("skip", "conv1x1")
    assert cell.SOURCES[5] == ("b",)
    with pytest.raises(KeyError):
        cell(torch.zeros(1, 4, 8, 8), choice=dict.fromkeys(range(6), ("none", ("x",))))


def test_unused_classes_are_left_out() -> None:
    of = space("nas201")
    source = cells_source(of, {layer.decision: (1,) for layer in of.layers})
    assert "class Skip" in source
    assert "class AvgPool" not in source


def test_number_outside_the_allowed_ones_is_refused() -> None:
    of = space("mobilenet")
    cell = load_source(cells_source(of, everything(of))).Stage1Cell
    with pytest.raises(ValueError, match="depth cannot be 9"):
        cell(c_x=8, channels=8, stride=1, depth=9, kernel=3, expansion=3)


@pytest.mark.parametrize("name", NAMES)
def test_source_is_formatted_and_deterministic(name: str, tmp_path: Path) -> None:
    of = space(name)
    source = cells_source(of, everything(of), [("principles.lp", "0" * 64)])
    assert source == cells_source(of, everything(of), [("principles.lp", "0" * 64)])
    assert "principles.lp" in source
    file = tmp_path / "cells.py"
    file.write_text(source)
    check_format(file)
