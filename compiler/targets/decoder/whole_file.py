"""The file around the statements: header, `extends`, `drop`, and principles with the names they may have."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lapt_dsl.compiler.targets.decoder.collected import Collected
from lapt_dsl.compiler.targets.decoder.source import GrammarProductions, closed, quoted

NUMBERED = "p"
"""What the names of new principles begin with, before their number."""


def add_file(
    source: GrammarProductions,
    out: Collected,
    body: str,
    *,
    space: str,
    extends: str | None,
    names: Sequence[str],
    defines: Sequence[str] | None,
    most: int,
) -> str:
    """Add the rules of a whole file.

    Args:
        source: The alternatives of the grammar.
        out: Where the rules go.
        body: The rule for the statements of a principle and the `}` behind them.
        space: The name after `for`.
        extends: The file that must be extended, if any.
        names: Principles that may be dropped, in this order.
        defines: Names that principles may have, in this order; None: `names`, then new ones by number.
        most: How many new principles there may be.

    Returns:
        The start rule.
    """
    header, _ = source.named("header", ("header_for", "header_any"))
    extend, drop, principle = source.named("item", ("extends", "drop", "principle"))
    chain: list[tuple[str, bool]] = []
    for number, name in enumerate(names if extends is not None else ()):
        for words in source.phrases(drop, {"name": quoted(name)}):
            out.add(f"drop_{number}", words)
        chain.append((f"drop_{number}", True))
    known = [quoted(name) for name in (names if defines is None else defines)]
    new = [_numbered(out, number) for number in range(_first(names), _first(names) + most)] if defines is None else []
    for name in (*known, *new):
        item = f"principle_{len(chain)}"
        for words in source.phrases(principle, {**_PARTS, "name": name, "statement*": closed(body)}):
            out.add(item, _lines(words))
        # A numbered principle stands only behind the one before it; the others may be left out one by one.
        chain.append((item, name not in new))
    _chain(out, chain)
    lines = ["header", "NL"]
    if extends is not None:
        for words in source.phrases(extend, {"string": quoted(quoted(extends))}):
            out.add("extends", words)
        lines += ["extends", "NL"]
    for words in source.phrases(header, {"name#1": "FILE_NAME", "name#2": quoted(space)}):
        out.add("header", words)
    out.add("start", [*lines, "items_0"])
    return "start"


_PARTS = {"string": "STRING", "integer": "EVIDENCE_COUNT"}


def _chain(out: Collected, items: Sequence[tuple[str, bool]]) -> None:
    """Add the lists of items in their order, each at most once, with or without a line's end behind the last."""
    for number, (item, optional) in enumerate(items):
        out.add(f"items_{number}", [item])
        out.add(f"items_{number}", [item, "NL"])
        if number + 1 < len(items):
            out.add(f"items_{number}", [item, "NL", f"items_{number + 1}"])
            if optional:
                out.add(f"items_{number}", [f"items_{number + 1}"])


def _lines(words: list[str]) -> list[str]:
    """The head of a principle as the formatter lays it out: sentence, evidence and `{` on lines of their own."""
    plain = "STRING" not in words and '"evidence"' not in words
    found: list[str] = []
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "SP" and following in ("STRING", '"evidence"', '"{"'):
            if not plain:
                found.append("NL")
        elif word == '"{"' and plain:
            # Only here may a name be followed by a blank or by a line's end: the blank belongs to the brace.
            found.append('" {"')
        else:
            found.append(word)
    return found


def _first(names: Sequence[str]) -> int:
    """The first number that no inherited principle has."""
    taken = [int(match[1]) for name in names if (match := re.match(rf"{NUMBERED}(\d{{1,9}})(?:_|$)", name))]
    return max(taken, default=0) + 1


def _numbered(out: Collected, number: int) -> str:
    return out.terminal(f"NEW_NAME_{number}", f"/{NUMBERED}{number}(_[a-z][a-z0-9_]{{0,39}})?/")
