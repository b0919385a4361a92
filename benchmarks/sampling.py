"""Exact uniform samples of DARTS a second, beside ConfigSpace under per-layer restrictions and under five global rules.

ConfigSpace gets the same space (sixteen operators, eight pairs of sources, as many configurations) and the restrictions
as forbidden clauses, which is how a given space is narrowed there. A second row gives it the narrowed candidates from
the start, so that it has nothing to forbid.
"""

from __future__ import annotations

from itertools import combinations

import ConfigSpace
import numpy as np
from darts_rules import (
    FIVE_GLOBAL_RULES,
    KEPT,
    PER_LAYER_RESTRICTIONS,
    RESTRICTED_LAYERS,
    principle_file,
    seconds,
    verdict,
)

import lapt_dsl as lapt
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Space

DRAWN = 200_000


def rate(refined: RefinedSpace) -> float:
    """Samples a second of a refined space, the array of label numbers included."""
    rng = np.random.default_rng(1)
    refined.sample(10, rng)
    taken = seconds(lambda: refined.sample(DRAWN, rng))
    return DRAWN / taken


def configuration_space(space: Space, forbid: bool) -> ConfigSpace.ConfigurationSpace:
    """DARTS in ConfigSpace with the operators of the restricted layers forbidden, or left out from the start."""
    built = ConfigSpace.ConfigurationSpace(seed=1)
    for cell in space.cells:
        for layer in cell.operator_layers:
            names = [operator.name for operator in layer.operators]
            restricted = cell.name == "normal" and int(layer.key) < RESTRICTED_LAYERS
            if restricted and not forbid:
                names = list(KEPT)
            choice = ConfigSpace.Categorical(f"{cell.name}.{layer.key}", names, default=KEPT[0])
            built.add(choice)
            if restricted and forbid:
                built.add(ConfigSpace.ForbiddenInClause(choice, [name for name in names if name not in KEPT]))
        for stage in cell.stages:
            pairs = [f"{left}-{right}" for left, right in combinations(range(stage.index), 2)]
            built.add(ConfigSpace.Categorical(f"{cell.name}.{stage.name}", pairs))
    return built


def main() -> None:
    space = lapt.load_space("darts")
    restricted = lapt.compile(principle_file(PER_LAYER_RESTRICTIONS), space)
    ours = rate(restricted)
    forbidding = configuration_space(space, forbid=True)
    theirs = 20 / seconds(lambda: forbidding.sample_configuration(20), repeats=5)
    narrowed = configuration_space(space, forbid=False)
    direct = 20_000 / seconds(lambda: narrowed.sample_configuration(20_000), repeats=5)
    print(f"per-layer restrictions: {restricted.size:,} of {full(space).size:,} architectures")
    print(f"  lapt                                {ours:12,.0f} samples/s")
    print(
        f"  ConfigSpace, forbidden clauses      {theirs:12,.0f} samples/s   lapt is {ours / theirs:,.0f} times as fast"
    )
    print(
        f"  ConfigSpace, narrowed beforehand    {direct:12,.0f} samples/s   lapt is {ours / direct:,.1f} times as fast"
    )
    print(f"  target, 100 times as fast: {verdict(ours >= 100 * max(theirs, direct))}")
    five = lapt.compile(principle_file(FIVE_GLOBAL_RULES), space)
    speed = rate(five)
    print(f"five global rules: {five.size:,} architectures, {five.nodes:,} nodes")
    print(f"  lapt                                {speed:12,.0f} samples/s")
    print(f"  target, 500,000 a second: {verdict(speed >= 500_000)}")


if __name__ == "__main__":
    main()
