"""The result of an experiment as a table."""

from __future__ import annotations

from typing import Any

from lapt_dsl.commands.options.terminal import echo


def show(values: dict[str, Any]) -> None:
    """Print what an experiment gave: per target a row for every method, then the rank over all targets."""
    from rich.table import Table

    from lapt_dsl.commands.views.output import console, print_table

    out = console()
    source = values["source"]
    out.print(
        f"{values['experiment']}: learned from the {source['best']} best on {source['task']}, {values['seeds']} seeds, "
        f"{values['budget']} architectures per run",
        style="bold",
        soft_wrap=True,
    )
    missing = False
    for target in values["targets"]:
        best = target["best"]
        out.print(
            f"\n{target['name']}: top 0.1 % from {target['metric']} {target['top_0.1_percent']:.6g}, "
            f"best {best['value']:.6g}",
            soft_wrap=True,
        )
        table = Table(box=None, pad_edge=False)
        for heading in ("method", "to top 0.1 %", "95 %", "median", "rank", "95 %", _reported(target), "top 1 % kept"):
            table.add_column(heading, justify="left" if heading == "method" else "right")
        for result in values["results"]:
            if result["target"] == target["name"]:
                arrival = result["evaluations_to_top_0.1_percent"]
                missing = missing or arrival["lower_bound"]
                table.add_row(*_row(result))
        print_table(out, table)
        for name, kept in target["kept_of_top_1_percent"].items():
            if kept["share"] is not None:
                echo(f"  {name}.lp: {int(kept['size']):,} architectures, with {kept['share']:.1%} of the true top 1 %")
    if len(values["targets"]) > 1:
        out.print("\nrank over all targets")
        for each in values["over_targets"]:
            rank = each["rank"]
            if rank["mean"] is not None:
                echo(f"  {each['method']:<18} {rank['mean']:8.2f}  {_interval(rank)}")
    if missing:
        echo("\n> a lower bound: runs that did not reach it (number in brackets) count with their last evaluation")


def _reported(target: dict[str, Any]) -> str:
    return str(target["reported_metric"])


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    arrival, rank, reported = result["evaluations_to_top_0.1_percent"], result["rank"], result["reported"]
    late = f" ({arrival['not_reached']})" if arrival["lower_bound"] else ""
    final = result["final_space"]
    return (
        result["title"],
        f"{'> ' if arrival['lower_bound'] else ''}{arrival['mean']:.2f}{late}",
        _interval(arrival),
        "-" if arrival["median"] is None else f"{arrival['median']:g}",
        "-" if rank["mean"] is None else f"{rank['mean']:.2f}",
        _interval(rank),
        "-" if reported["mean"] is None else f"{reported['mean']:.4f}",
        "" if final is None else f"{final['share']:.1%}",
    )


def _interval(summary: dict[str, Any]) -> str:
    interval = summary["interval"]
    return "-" if interval is None else f"{interval[0]:.2f}..{interval[1]:.2f}"
