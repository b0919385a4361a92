"""Render diagnostics as text, JSON, GitHub annotations or SARIF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.diagnostics.render_formats import render_github, render_json, render_sarif
from lapt_dsl.diagnostics.snippet import Snippets, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lapt_dsl.diagnostics.diagnostic import Diagnostic

FORMATS = ("text", "json", "github", "sarif")

_COLOURS = {"error": "\033[1;31m", "warning": "\033[1;33m", "note": "\033[1;36m", "bold": "\033[1m", "blue": "\033[34m"}
_RESET = "\033[0m"


def render(
    diagnostics: Sequence[Diagnostic],
    sources: Mapping[str, str],
    format: str = "text",
    *,
    colour: bool = False,
) -> str:
    """Diagnostics in one of the `FORMATS`, ending in a newline (empty if there are none).

    Args:
        diagnostics: The diagnostics, in the order in which they are shown.
        sources: Texts by the file names of the spans; without its text, a diagnostic is shown without a source line.
        format: `text`, `json`, `github` (workflow commands) or `sarif` (2.1.0).
        colour: Whether the format `text` uses ANSI colours.

    Raises:
        ValueError: The format is unknown.
    """
    match format:
        case "text":
            snippets = Snippets(sources)
            return "\n".join(_text(item, snippets, colour) for item in diagnostics)
        case "json":
            return render_json(diagnostics)
        case "github":
            return render_github(diagnostics)
        case "sarif":
            return render_sarif(diagnostics)
        case _:
            raise ValueError(f"there is no format {format!r}; there are {', '.join(FORMATS)}")


def _text(item: Diagnostic, snippets: Snippets, colour: bool) -> str:
    def paint(text: str, style: str) -> str:
        return f"{_COLOURS[style]}{text}{_RESET}" if colour else text

    place = paint(plain(str(item.span)), "bold")
    mark = f" {paint('[fixable]', 'blue')}" if item.fix else ""
    lines = [f"{place}: {paint(f'{item.severity}[{item.code}]', item.severity)}: {plain(item.message)}{mark}"]
    lines += _snippet(snippets.show(item.span), item.severity, paint)
    if item.hint:
        lines.append(f"  {paint('hint:', 'blue')} {plain(item.hint)}")
    for note in item.notes:
        where = f"{plain(str(note.span))}: " if note.span else ""
        lines.append(f"  {paint('note:', 'blue')} {where}{plain(note.message)}")
        if note.span:
            lines += _snippet(snippets.show(note.span), "note", paint)
    return "\n".join(lines) + "\n"


def _snippet(shown: tuple[str, str, str] | None, style: str, paint: Callable[[str, str], str]) -> list[str]:
    if shown is None:
        return []
    number, line, marks = shown
    bar = paint("|", "blue")
    return [f"  {paint(number, 'blue')} {bar} {line}", f"  {' ' * len(number)} {bar} {paint(marks, style)}"]
