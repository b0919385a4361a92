"""A digest of scored architectures: counts, with one line for each layer.

Small models use such counts better than a list of architectures. The counts are those of induction: choices of each
layer, choices that occur together, and features of the live part.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture, Layer, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.induction.columns import FeatureColumn, columns_of, rows_of
from lapt_dsl.propose.induction.features import feature_names, features_of
from lapt_dsl.propose.induction.frequency import Frequencies, frequencies

Row = tuple[int, ...]

MOST_OTHERS = 3
"""Maximum number of further values listed beside the most frequent one."""
MOST_PAIRS = 6
"""Maximum number of pairs of choices."""
MEASURED = 200
"""Maximum number of architectures, evenly spread, whose features are computed."""
WEIGHED = 20
"""Maximum number of the best, evenly spread, whose size is measured."""

_FEATURES = {
    "live paths": "paths from an input to the output that carry data",
    "most on a path": "layers with weights on the path with most of them",
    "computing layers": "layers with weights in all",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts over the best: the columns, the rows, the frequencies, the shares of every value elsewhere, and the values
    that are possible in the full space (the canonical order of sources excludes some)."""

    columns: tuple[FeatureColumn, ...]
    rows: Sequence[Row]
    found: Sequence[Frequencies]
    elsewhere: Sequence[Sequence[float]]
    possible: Sequence[frozenset[int]]


def digest_lines(space: Space, best: Sequence[Architecture], rest: Sequence[Architecture]) -> list[str]:
    """The lines of a digest, the most informative first.

    Args:
        space: The space.
        best: The architectures to describe, at least one.
        rest: The architectures to compare with. If empty, all choices count as equally likely.

    Returns:
        Lines of Markdown without a heading: traits, choices of each layer, features of the live part that differ, the
        size of the network, and pairs of choices that occur together.
    """
    columns = columns_of(space)
    rows = rows_of(columns, best)
    shares = _shares(columns, rows_of(columns, rest))
    counts = Counts(columns, rows, frequencies(columns, rows), shares, _possible(space, columns))
    return [
        *_trait_lines(space, best, rest),
        *_layer_lines(counts),
        *_whole_lines(space, best, rest),
        *_pair_lines(counts),
    ]


def _possible(space: Space, columns: Sequence[FeatureColumn]) -> list[frozenset[int]]:
    left = full(space).candidates
    return [frozenset(column.of_label[label] for label in left[column.layer.decision].choices) for column in columns]


def _shares(columns: Sequence[FeatureColumn], rows: Sequence[Row]) -> list[list[float]]:
    if not rows:
        return [[1 / len(column.values)] * len(column.values) for column in columns]
    found = []
    for place, column in enumerate(columns):
        counts = Counter(row[place] for row in rows)
        found.append([counts[value] / len(rows) for value in range(len(column.values))])
    return found


def _layer_lines(counts: Counts) -> list[str]:
    """One line per layer: its operator or number, and its sources."""
    lines: dict[str, list[str]] = {}
    for place, column in enumerate(counts.columns):
        phrase = _reads(counts, place) if column.kind in ("source", "reads") else _chosen(counts, place)
        if phrase:
            lines.setdefault(_layer_name(column), []).append(phrase)
    return [f"- {layer}: {'; '.join(phrases)}." for layer, phrases in lines.items()]


def _layer_name(column: FeatureColumn) -> str:
    return f"{f'{column.cell.name} ' if column.several_cells else ''}layer {column.layer.key}"


def _chosen(counts: Counts, place: int) -> str:
    """`majority skip 41 of 50 (elsewhere 20%), conv1x1 9; never none`."""
    column, found, total = counts.columns[place], counts.found[place], len(counts.rows)
    order = sorted(range(len(column.values)), key=lambda value: (-found.counts[value], value))
    most = order[0]
    head = "majority " if 2 * found.counts[most] > total else ""
    phrase = f"{head}{column.values[most]} {found.counts[most]} of {total}"
    phrase += f" (elsewhere {counts.elsewhere[place][most]:.0%})"
    others = [f"{column.values[value]} {found.counts[value]}" for value in order[1:] if found.counts[value]]
    if others:
        phrase += f", {', '.join(others[:MOST_OTHERS])}"
    never = [column.values[value] for value in sorted(counts.possible[place]) if not found.counts[value]]
    return phrase + (f"; never {', '.join(never)}" if never else "")


def _reads(counts: Counts, place: int) -> str:
    column, found, total = counts.columns[place], counts.found[place], len(counts.rows)
    if column.kind == "reads":
        assert column.node is not None
        name = column.cell.nodes[column.node].name
        return f"reads {name} in {found.counts[1]} of {total} (elsewhere {counts.elsewhere[place][1]:.0%})"
    if len(counts.possible[place]) < 2:
        return ""
    order = sorted(counts.possible[place], key=lambda value: (-found.counts[value], value))
    often = [f"{column.values[value]} {found.counts[value]}" for value in order if found.counts[value]]
    never = [column.values[value] for value in sorted(order) if not found.counts[value]]
    return f"reads {', '.join(often)}" + (f"; never reads {', '.join(never)}" if never else "")


def _trait_lines(space: Space, best: Sequence[Architecture], rest: Sequence[Architecture]) -> list[str]:
    """One line per cell: the mean number of layers with each trait."""
    lines = []
    for cell in space.cells:
        choosing = [layer for layer in cell.operator_layers if len(layer.operators) > 1]
        traits = dict.fromkeys(t for layer in choosing for operator in layer.operators for t in sorted(operator.traits))
        here, there = _trait_means(choosing, best), _trait_means(choosing, rest)
        means = [
            f"{trait} {here.get(trait, 0):.1f}" + (f" ({there.get(trait, 0):.1f})" if rest else "") for trait in traits
        ]
        if means and len(choosing) > 1:
            where = f"{cell.name}, " if len(space.cells) > 1 else ""
            compared = " (elsewhere)" if rest else ""
            lines.append(f"- {where}layers with each trait, mean{compared}: {', '.join(means)}.")
    return lines


def _trait_means(layers: Sequence[Layer], archs: Sequence[Architecture]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for arch in archs:
        for layer in layers:
            operator = layer.choices[arch.encoding[layer.decision]].operator
            counts.update(operator.traits if operator is not None else ())
    return {trait: count / len(archs) for trait, count in counts.items()}


def _whole_lines(space: Space, best: Sequence[Architecture], rest: Sequence[Architecture]) -> list[str]:
    """Medians of the features of the live part, and the size of the network."""
    lines = []
    names = feature_names(space)
    here = [features_of(space, arch) for arch in spread(best, MEASURED)]
    there = [features_of(space, arch) for arch in spread(rest, MEASURED)]
    for place, name in enumerate(names):
        cell_name, _, feature = name.partition(": ")
        cell = space.cell(cell_name)
        if feature not in _FEATURES or cell is None or len(cell.operator_layers) < 2:
            continue
        mine, others = median(row[place] for row in here), median(row[place] for row in there) if there else None
        if mine == others:
            continue
        phrase = f"median {mine:g}" + ("" if others is None else f" (elsewhere {others:g})")
        where = f"{cell_name}, " if len(space.cells) > 1 else ""
        lines.append(f"- {where}{_FEATURES[feature]}: {phrase}.")
    return [*lines, *_size_lines(space, best)]


def _size_lines(space: Space, best: Sequence[Architecture]) -> list[str]:
    from lapt_dsl.compiler.networks.network import measure

    if not space.networks:
        return []
    try:
        measured = [measure(space, arch)["params"] for arch in spread(best, WEIGHED)]
    except LaptError:
        # A network that cannot be built has no size. Searches on tables build none.
        return []
    sizes = sorted(size for size in measured if size is not None)
    if not sizes:
        return []
    return [f"- `params` of the network: {short(sizes[0])} to {short(sizes[-1])}, median {short(int(median(sizes)))}."]


def short(number: int) -> str:
    """A number with three digits and the unit suffix of the language.

    >>> short(1_289_446), short(73_306), short(12)
    ('1.29M', '73.3k', '12')
    """
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            return f"{float(f'{number / size:.3g}'):g}{unit}"
    return str(number)


def _pair_lines(counts: Counts) -> list[str]:
    """Pairs of choices of one cell that occur together more often than independent choices would."""
    total = len(counts.rows)
    joint: Counter[tuple[tuple[int, int], tuple[int, int]]] = Counter()
    for row in counts.rows:
        joint.update(itertools.combinations(enumerate(row), 2))
    scored = []
    for (one, other), seen in joint.items():
        first, second = counts.columns[one[0]], counts.columns[other[0]]
        if first.cell is not second.cell or "reads" in (first.kind, second.kind) or first.layer is second.layer:
            continue
        expected = counts.found[one[0]].counts[one[1]] * counts.found[other[0]].counts[other[1]] / total
        # Threshold: two standard deviations of the count of independent events.
        if seen >= max(3, 0.2 * total) and seen - expected >= 2 * expected**0.5:
            scored.append((expected - seen, one, other, seen, expected))
    return [
        f"- together: {_said(counts, one)} and {_said(counts, other)} in {seen} of {total} (by chance {expected:.0f})."
        for _, one, other, seen, expected in sorted(scored)[:MOST_PAIRS]
    ]


def _said(counts: Counts, choice: tuple[int, int]) -> str:
    column = counts.columns[choice[0]]
    verb = " reading" if column.kind == "source" else ""
    return f"{_layer_name(column)}{verb} {column.values[choice[1]]}"


def spread(archs: Sequence[Architecture], most: int) -> list[Architecture]:
    """At most `most` architectures of a sequence, evenly spread."""
    if len(archs) <= most:
        return list(archs)
    return [archs[place * len(archs) // most] for place in range(most)]
