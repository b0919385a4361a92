"""The LALR(1) tables that drive the parser, built by Lark from the grammars and shipped as JSON beside this file.

Lark builds a table in tenths of a second, which a linter that runs on every save cannot spend, so the tables are built
once (`python -m lapt_dsl.language.parsing.parse_table`) and read at each start. A table records the SHA-256 of the
grammar it was built from; where that is not the grammar's, the table is built anew in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lapt_dsl import grammars

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = 1
END = "$END"


@dataclass(frozen=True, slots=True)
class Production:
    """A rule of the grammar: `name` (its alias, or else its origin) has a `length` of symbols.

    `parts` are the positions of its non-terminals, each with whether its value is a list to be spliced in.
    """

    name: str
    origin: str
    length: int
    parts: tuple[tuple[int, bool], ...]
    repeats: bool


@dataclass(frozen=True, slots=True)
class ParseTable:
    """The parse table of one language.

    `actions[state]` maps a terminal to a state to shift to (0 or more) or a production to reduce by (`-1 - index`),
    and a non-terminal to the state to go to; `literals` maps a keyword or sign to its terminal; `soft` are the keywords
    that may be names; `blocks` are the states in which a statement or an item may begin or its block end.
    """

    language: str
    actions: tuple[dict[str, int], ...]
    productions: tuple[Production, ...]
    start: int
    accept: int
    literals: dict[str, str]
    soft: frozenset[str]
    blocks: frozenset[int]


def path(language: str) -> Path:
    """Where the shipped table of `language` lies."""
    return Path(__file__).with_name(f"{language}.json")


def load(language: str) -> ParseTable:
    """The table of `language` (`principles` or `space`): the shipped one if current, else built from the grammar."""
    import json

    try:
        data = json.loads(path(language).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        data = {}
    if data.get("format") != FORMAT or data.get("grammar") != digest(language):
        data = build(language)
    return _from_json(language, data)


def digest(language: str) -> str:
    """SHA-256 of the grammar's text."""
    import hashlib

    return hashlib.sha256(grammars.text(language).encode()).hexdigest()


def build(language: str) -> dict[str, Any]:
    """Build the table of `language` with Lark, as the JSON object that is shipped (the same on every run)."""
    import lark
    from lark.parsers.lalr_analysis import Shift

    parser = lark.Lark(grammars.text(language), parser="lalr", lexer="basic", maybe_placeholders=False)
    lalr: Any = parser.parser.parser
    raw = lalr._parse_table
    order = list(_reachable(raw.states, raw.start_states["start"], Shift))
    number = {state: index for index, state in enumerate(order)}
    rules = {rule: index for index, rule in enumerate(parser.rules)}
    # The rule `$root -> start` is Lark's own; the parser stops before it would be reduced.
    actions = [
        {
            symbol: number[target] if action is Shift else -1 - rules[target]
            for symbol, (action, target) in sorted(raw.states[state].items())
        }
        for state in order
    ]
    return {
        "format": FORMAT,
        "grammar": digest(language),
        "lark": lark.__version__,
        "start": number[raw.start_states["start"]],
        "accept": number[raw.end_states["start"]],
        "literals": {t.pattern.value: t.name for t in parser.terminals if t.pattern.type == "str"},
        "productions": [_production(rule) for rule in parser.rules],
        "actions": actions,
    }


def _reachable(states: dict[Any, dict[str, Any]], start: Any, shift: object) -> Iterator[Any]:
    """States in an order that does not depend on hashing: breadth first, by symbol."""
    seen = {start}
    queue = [start]
    for state in queue:
        yield state
        for _, (action, target) in sorted(states[state].items(), key=lambda item: item[0]):
            if action is shift and target not in seen:
                seen.add(target)
                queue.append(target)


def _production(rule: Any) -> list[Any]:
    parts = [[index, symbol.name.startswith("__")] for index, symbol in enumerate(rule.expansion) if not symbol.is_term]
    terminals = [symbol.name for symbol in rule.expansion if symbol.is_term]
    return [rule.alias or rule.origin.name, rule.origin.name, len(rule.expansion), parts, terminals]


def _from_json(language: str, data: dict[str, Any]) -> ParseTable:
    productions = tuple(
        Production(name, origin, length, tuple((index, splice) for index, splice in parts), origin.startswith("__"))
        for name, origin, length, parts, _ in data["productions"]
    )
    actions: tuple[dict[str, int], ...] = tuple(data["actions"])
    soft = {
        terminals[0]
        for _, origin, length, _, terminals in data["productions"]
        if origin in ("name", "soft") and length == 1 and terminals and terminals[0] != "NAME"
    }
    blocks = {
        state
        for state, row in enumerate(actions)
        if row.get("PRINCIPLE", -1) >= 0 or (row.get("RBRACE", -1) >= 0 and any(row.get(s, -1) >= 0 for s in _STARTERS))
    }
    return ParseTable(
        language,
        actions,
        productions,
        data["start"],
        data["accept"],
        data["literals"],
        frozenset(soft),
        frozenset(blocks),
    )


_STARTERS = ("LAYERS", "CELL", "HEAD")


def main() -> None:
    """Write the tables of both languages beside this file."""
    import json

    for language in grammars.NAMES:
        text = json.dumps(build(language), separators=(",", ":"), sort_keys=True)
        path(language).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
