"""The principle files the DARTS benchmarks share, and how they time."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

import lapt_dsl as lapt
from lapt_dsl.language.tree import PrincipleFile

# Five rules on whole cells or the whole network: a path, a count, an implication, a budget and a chain.
FIVE_GLOBAL_RULES = """
principles five for darts;

principle deep_path "Some path of the normal cell stacks at least three convolutions." {
  in normal { some path: at least 3 convolution; }
}
principle few_pools "Little pooling in either cell." {
  layers: at most 2 pooling;
}
principle separable_after_shortcut "A shortcut early asks for a separable convolution late." {
  if early layers: at least 1 shortcut; then late layers: at least 1 separable;
}
principle budget "No larger than DARTS_V2." {
  network: params <= 3.4M;
}
principle chain "Every stage of both cells reads the stage before it." {
  each stage: reads previous stage;
}
"""

RESTRICTED_LAYERS = 7
KEPT = ("sep_conv3x3", "dil_conv3x3", "dil_conv5x5")

# Seven layers of the normal cell keep three of eight operators.
PER_LAYER_RESTRICTIONS = f"""
principles restricted for darts;

principle restricted {{ in normal {{ layers 0..{RESTRICTED_LAYERS - 1}: only {", ".join(KEPT)}; }} }}
"""


def principle_file(text: str) -> PrincipleFile:
    """The tree of a principle file."""
    tree = lapt.parse(text)
    assert isinstance(tree, PrincipleFile)
    return tree


def seconds(action: Callable[[], object], repeats: int = 7, clock: Callable[[], float] = time.perf_counter) -> float:
    """Median time of one call, by the wall or by another clock."""
    times = []
    for _ in range(repeats):
        start = clock()
        action()
        times.append(clock() - start)
    return statistics.median(times)


def plain_environment() -> dict[str, str]:
    """The environment for child processes, in which Python keeps its compiled modules as it does for everyone."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def verdict(holds: bool) -> str:
    """How a target is reported."""
    return "met" if holds else "MISSED"
