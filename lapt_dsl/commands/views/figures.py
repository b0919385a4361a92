"""Writing an experiment's figures."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lapt_dsl.commands.options.terminal import echo


def write_figures(directory: str, report: dict[str, Any], details: dict[str, Any]) -> None:
    """Write an experiment's PNG files into a directory, as `write_drawn`."""

    def drawn() -> Mapping[str, bytes]:
        from lapt_dsl.experiments.figures import figures

        return figures(report, details)

    write_drawn(directory, drawn)


def write_drawn(directory: str, draw: Callable[[], Mapping[str, bytes]]) -> None:
    """Write what `draw` gives; without Matplotlib, print how to install it and continue."""
    from lapt_dsl.commands.views.output import cannot_write

    if importlib.util.find_spec("matplotlib") is None:
        echo("figures were not written: they need Matplotlib (pip install 'lapt-dsl[plot]')", err=True)
        return
    for name, content in draw().items():
        path = Path(directory) / name
        try:
            path.write_bytes(content)
        except OSError as error:
            raise cannot_write(str(path), error) from error
