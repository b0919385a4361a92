"""Printing text that may come from a file or a model: nothing in it acts on the terminal."""

from __future__ import annotations

import click

from lapt_dsl.diagnostics.snippet import plain_lines


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text with its control and bidirectional characters escaped; line breaks and tabs are kept.

    All output of the verbs goes through this function, through a `console` or through `render`. Only these may emit
    control sequences, which are their own.

    Args:
        text: What is printed.
        err: Whether it goes to standard error.
        nl: Whether a line break follows.
    """
    click.echo(plain_lines(text), err=err, nl=nl)
