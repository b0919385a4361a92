"""The result of the DARTS experiment as a table."""

from __future__ import annotations

from typing import Any

from lapt_dsl.commands.options.terminal import echo


def show(values: dict[str, Any]) -> None:
    """Print the methods, their best after the same numbers of evaluations, and how they compare."""
    from rich.table import Table

    from lapt_dsl.commands.views.output import console, print_table

    out = console()
    source, budget = values["source"], values["budget"]
    out.print(
        f"darts: {source['samples']:,} samples, principles learned from the {source['learned_from']} best, "
        f"{values['seeds']} seeds, {budget} architectures per run",
        style="bold",
        soft_wrap=True,
    )
    echo(f"every value is a {values['notice']}")
    left, whole = values["refined_size"]["median"], int(values["architectures"])
    echo(f"best of the samples {_mean(source['best'])}")
    echo(f"the principles leave {left:,.0f} (median) of {whole:,} architectures\n")
    counts = sorted({best["evaluations"] for result in values["results"] for best in result["best_after"]})
    table = Table(box=None, pad_edge=False)
    table.add_column("best after")
    for count in counts:
        table.add_column(f"{count:,}", justify="right")
        table.add_column("95 %", justify="right")
    table.add_column("outside", justify="right")
    for result in values["results"]:
        after = {best["evaluations"]: best for best in result["best_after"]}
        cells = [text for count in counts for text in _cells(after.get(count))]
        star = " *" if result["learned_from_samples"] else ""
        table.add_row(result["method"] + star, *cells, f"{result['outside_share']:.1%}")
    print_table(out, table)
    for result in values["results"]:
        echo(f"  {result['method']}: {result['title']}")
    echo(f"  *: learned from the {source['samples']:,} samples, which are from the same task and not counted here")
    echo("  outside: failed evaluations: architectures beyond the data of the surrogate\n")
    _compare(values)


def _compare(values: dict[str, Any]) -> None:
    for each in values["comparisons"]:
        difference = each["difference"]
        if difference["mean"] is None:
            continue
        low, high = difference["interval"]
        echo(
            f"{each['method']} after {each['evaluations']:,} minus "
            f"{each['against']} after {each['its_evaluations']:,}: "
            f"{difference['mean']:+.3f}  {low:+.3f}..{high:+.3f}  {each['verdict']}"
        )


def _cells(best: dict[str, Any] | None) -> tuple[str, str]:
    if best is None:
        return "", ""
    low, high = best["interval"]
    return f"{best['mean']:.3f}", f"{low:.3f}..{high:.3f}"


def _mean(summary: dict[str, Any]) -> str:
    low, high = summary["interval"]
    return f"{summary['mean']:.3f} ({low:.3f}..{high:.3f})"
