"""The figure of the DARTS experiment: the best so far over evaluations, on a log scale."""

from __future__ import annotations

from typing import Any

from lapt_dsl.experiments.figures import HEIGHT, WIDTH, png


def figure(report: dict[str, Any], details: dict[str, Any]) -> bytes:
    """A PNG file, drawn without a display; the same bytes for the same values and Matplotlib.

    Args:
        report: What `darts.report` gave.
        details: What `darts.details` gave.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(1.4 * WIDTH, 1.2 * HEIGHT), dpi=150, layout="constrained")
    FigureCanvasAgg(drawn)
    axes = drawn.add_subplot(1, 1, 1)
    for number, curve in enumerate(details["curves"]):
        steps = range(1, len(curve["mean"]) + 1)
        axes.plot(steps, curve["mean"], label=curve["title"], color=f"C{number}", linewidth=1.4)
        axes.fill_between(steps, curve["low"], curve["high"], color=f"C{number}", alpha=0.10, linewidth=0)
    best = report["source"]["best"]["mean"]
    if best is not None:
        samples = report["source"]["samples"]
        axes.axhline(best, color="grey", linestyle=":", linewidth=1.0, label=f"best of the {samples:,} samples")
    axes.set(xscale="log", xlabel="architectures evaluated", ylabel=f"best {report['metric']} so far (%)")
    axes.set_title(report["notice"] or "", fontsize=8)
    axes.legend(fontsize=7)
    return png(drawn)
