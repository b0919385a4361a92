"""Rules and terminals of a grammar while it is made, and its Lark text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SYMBOL = re.compile(r"[a-z][a-z0-9_]*")
_TERMINAL = re.compile(r"[A-Z][A-Z0-9_]*")


class Collected:
    """Productions by the rule they belong to, in the order in which they were added.

    A production is a sequence of words: a rule's name, a terminal's name, or a literal in double quotes. A rule that is
    spoken of but has no production stands for what the space does not have; `text` leaves out what needs it.
    """

    def __init__(self) -> None:
        self.rules: dict[str, dict[tuple[str, ...], None]] = {}
        self.terminals: dict[str, str] = {}

    def add(self, rule: str, words: Iterable[str]) -> None:
        """One more way to write `rule`."""
        self.rules.setdefault(rule, {})[tuple(words)] = None

    def terminal(self, name: str, definition: str) -> str:
        """Define a terminal by the right-hand side of its Lark line; its name."""
        self.terminals[name] = definition
        return name

    def productive(self) -> dict[str, list[tuple[str, ...]]]:
        """The rules that stand for some text, with the productions that do."""
        whole: set[str] = set()
        waiting = list(self.rules)
        while waiting:
            later = [rule for rule in waiting if not any(_holds(production, whole) for production in self.rules[rule])]
            whole.update(set(waiting) - set(later))
            if len(later) == len(waiting):
                break
            waiting = later
        return {
            rule: [production for production in self.rules[rule] if _holds(production, whole)]
            for rule in self.rules
            if rule in whole
        }

    def reachable(self, start: str) -> dict[str, list[tuple[str, ...]]]:
        """The productive rules that `start` leads to, breadth first.

        Raises:
            ValueError: `start` stands for no text.
        """
        productive = self.productive()
        if start not in productive:
            raise ValueError(f"the rule `{start}` stands for no text")
        order = {start: None}
        queue = [start]
        for rule in queue:
            for word in (word for production in productive[rule] for word in production):
                if _SYMBOL.fullmatch(word) and word not in order:
                    order[word] = None
                    queue.append(word)
        return {rule: productive[rule] for rule in order}

    def text(self, start: str, comment: Sequence[str] = ()) -> str:
        """The Lark text: `comment` lines, the rules that `start` leads to, and the terminals that those need."""
        rules = self.reachable(start)
        lines = [f"// {line}" for line in comment]
        for rule, productions in rules.items():
            lines.append(_rule(rule, [" ".join(production) for production in productions]))
        used: dict[str, None] = {}
        queue = [word for each in rules.values() for production in each for word in production]
        for word in queue:
            if _TERMINAL.fullmatch(word) and word not in used:
                used[word] = None
                queue.extend(_terminals_in(self.terminals[word]))
        lines += [f"{name}: {self.terminals[name]}" for name in self.terminals if name in used]
        return "\n".join(lines) + "\n"


def _holds(production: tuple[str, ...], whole: set[str]) -> bool:
    return all(not _SYMBOL.fullmatch(word) or word in whole for word in production)


def _rule(rule: str, productions: list[str]) -> str:
    line = f"{rule}: " + " | ".join(productions)
    return line if len(line) <= 120 else f"{rule}: " + f"\n{' ' * 4}| ".join(productions)


def _terminals_in(definition: str) -> list[str]:
    """Names of terminals in a definition, those in literals and expressions left out."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)*/', " ", definition)
    return _TERMINAL.findall(bare)
