"""A comparison of language models as two tables for people: ranks of the best found, and the replies of the models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from rich.console import Console


def show(values: dict[str, Any]) -> None:
    """Print the rank of the best found on each target, then how each model answered, then what went wrong."""
    from lapt_dsl.commands.views.output import console

    out = console()
    source = values["source"]
    seeds = "1 seed" if values["seeds"] == 1 else f"{values['seeds']} seeds"
    out.print(
        f"{values['experiment']}: learned from the {source['best']} best on {source['task']}, {seeds}, "
        f"{values['budget']} architectures per run, principles change every {values['evaluations_per_iteration']}",
        style="bold",
        soft_wrap=True,
    )
    _show_ranks(out, values)
    models = [row for row in values["rows"] if row["asked"] is not None]
    if models:
        _show_models(out, values, models)
    for row in models:
        for failed in row["failed"]:
            where = "learning" if failed["target"] is None else f"{failed['target']}, seed {failed['seed']}"
            echo(f"{row['name']}: {where}: {failed['code']} {failed['message']}")


def _show_ranks(out: Console, values: dict[str, Any]) -> None:
    """Ranks of the best found within the budget, 1 is the best of the table, and their mean over targets."""
    from rich.table import Table

    from lapt_dsl.commands.views.output import print_table

    names = [target["name"] for target in values["targets"]]
    out.print(f"\nrank of the best found, among {int(values['architectures']):,}")
    table = Table(box=None, pad_edge=False)
    several = values["seeds"] > 1
    for heading in ("proposer", *names, "mean", *(("95 %",) if several else ())):
        table.add_column(heading, justify="left" if heading == "proposer" else "right")
    for row in values["rows"]:
        title = row["title"] if row["asked"] is None else f"{row['name']} ({row['model']}, {row['mode'] or 'no mode'})"
        interval = row["rank"]["interval"]
        bounds = "" if interval is None else f"{interval[0]:.2f}..{interval[1]:.2f}"
        table.add_row(
            title,
            *(_rank(row["ranks"][name], values["seeds"], bool(row["failed"])) for name in names),
            "-" if row["rank"]["mean"] is None else f"{row['rank']['mean']:.2f}",
            *((bounds,) if several else ()),
        )
    print_table(out, table)


def _rank(summary: dict[str, Any], seeds: int, failed: bool) -> str:
    if summary["mean"] is None:
        return "failed" if failed else "-"
    some = f" ({summary['runs']}/{seeds})" if summary["runs"] < seeds else ""
    return f"{summary['mean']:.2f}{some}"


def _show_models(out: Console, values: dict[str, Any], models: list[dict[str, Any]]) -> None:
    """Per model: files asked for, how many of the first replies compile and were accepted, and the cost."""
    from rich.table import Table

    from lapt_dsl.commands.views.output import print_table

    rounds = "once" if values["rounds"] == 1 else f"{values['rounds']} times"
    out.print(f"\nreplies of the models; diagnostics were sent back {rounds} at most")
    table = Table(box=None, pad_edge=False)
    headings = (
        "model", "files", "compile", "valid", "repairs", "fixed", "refused", "fell back", "calls", "tokens in", "out",
        "seconds", *(("cost",) if any(row["asked"]["money"] for row in models) else ()),
    )  # fmt: skip
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for row in models:
        asked = row["asked"]
        files = asked["files"]
        table.add_row(
            row["name"],
            str(files),
            _share(asked["compiled_first_try"], files),
            _share(asked["accepted_first_try"], files),
            str(asked["repair_rounds"]),
            *(str(asked[name]) for name in ("fixed", "refused", "fell_back", "calls")),
            f"{asked['prompt_tokens']:,}",
            f"{asked['completion_tokens']:,}",
            f"{asked['seconds']:.1f}",
            *((f"{asked['money']:.4f}",) if "cost" in headings else ()),
        )
    print_table(out, table)
    echo("compile, valid: first replies that are principle files, and that were accepted unchanged")


def _share(part: int, whole: int) -> str:
    return "-" if not whole else f"{part / whole:.0%}"
