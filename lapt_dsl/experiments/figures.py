"""Figures of an experiment: search curves, distributions of errors (LAPT's Figure 8), ranks (Figure 4)."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 5.2, 3.8
"""Inches of one panel."""


def figures(report: dict[str, Any], details: dict[str, Any]) -> dict[str, bytes]:
    """PNG files by name, drawn without a display; the same bytes for the same values and Matplotlib.

    Args:
        report: What `report.report` gave.
        details: What `report.details` gave.
    """
    targets = [target["name"] for target in report["targets"]]
    titles = {result["method"]: result["title"] for result in report["results"]}

    def curves(axes: Axes, target: str) -> None:
        shown = [curve for curve in details["curves"] if curve["target"] == target and curve["mean"]]
        for number, curve in enumerate(shown):
            steps = range(1, len(curve["mean"]) + 1)
            axes.plot(steps, curve["mean"], label=titles[curve["method"]], color=f"C{number}", linewidth=1.4)
            axes.fill_between(steps, curve["low"], curve["high"], color=f"C{number}", alpha=0.10, linewidth=0)
        metric = next(each["metric"] for each in report["targets"] if each["name"] == target)
        lows = [min(curve["mean"][2:] or curve["mean"]) for curve in shown]
        highs = [max(curve["mean"]) for curve in shown]
        if lows and max(highs) > min(lows):
            # The first two draws are excluded from the axis limits, since they would flatten the curves.
            margin = 0.05 * (max(highs) - min(lows))
            axes.set_ylim(min(lows) - margin, max(highs) + margin)
        axes.set(title=_short(target), xlabel="architectures evaluated", ylabel=f"best {metric} so far")
        axes.legend(fontsize=6)

    def errors(axes: Axes, target: str) -> None:
        found = next(each for each in details["errors"] if each["target"] == target)
        for name, share in found["share"].items():
            axes.plot(found["errors"], share, label=f"{name} space" if name == "full" else name, linewidth=1.4)
        axes.set(title=_short(target), xlabel=found["unit"], ylabel="share with at most this error", ylim=(0, 1.02))
        axes.legend(fontsize=7)

    def ranks(axes: Axes, target: str) -> None:
        results = [each for each in report["results"] if each["target"] == target and each["rank"]["mean"] is not None]
        means = [each["rank"]["mean"] for each in results]
        ends = [each["rank"]["interval"] for each in results]
        spread = [[m - low for m, (low, _) in zip(means, ends, strict=True)],
                  [high - m for m, (_, high) in zip(means, ends, strict=True)]]  # fmt: skip
        places = range(len(results))
        axes.bar(places, means, yerr=spread, capsize=3, color=[f"C{number}" for number in places])
        axes.set_xticks(list(places), [each["method"] for each in results], rotation=40, ha="right", fontsize=7)
        axes.set_yscale("log")
        axes.set(title=_short(target), ylabel=f"rank of the best of {report['budget']}")

    drawn: dict[str, Callable[[Axes, str], None]] = {
        "search_curves.png": curves,
        "error_edf.png": errors,
        "ranks.png": ranks,
    }
    return {name: png(_panels(targets, draw)) for name, draw in drawn.items()}


def _short(target: str) -> str:
    return target if len(target) <= 40 else f"…{target[-39:]}"


def _panels(targets: Sequence[str], draw: Callable[[Axes, str], None]) -> Figure:
    """One panel per target, side by side."""
    # The object-oriented interface needs no display and leaves no global state.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH * len(targets), HEIGHT), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    for number, target in enumerate(targets):
        draw(figure.add_subplot(1, len(targets), number + 1), target)
    return figure


def png(figure: Figure) -> bytes:
    """A figure as a PNG file without version metadata."""
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
