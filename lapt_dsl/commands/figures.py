"""Writing an experiment's figures."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import click


def write_figures(directory: str, report: dict[str, Any], details: dict[str, Any]) -> None:
    """Write PNG files into a directory; without Matplotlib say how to get it, since the numbers are there already."""
    from lapt_dsl.commands.output import cannot_write

    if importlib.util.find_spec("matplotlib") is None:
        click.echo("no figures: they need Matplotlib (pip install 'lapt-dsl[plot]')", err=True)
        return
    from lapt_dsl.search.experiments.figures import figures

    for name, content in figures(report, details).items():
        path = Path(directory) / name
        try:
            path.write_bytes(content)
        except OSError as error:
            raise cannot_write(str(path), error) from error
