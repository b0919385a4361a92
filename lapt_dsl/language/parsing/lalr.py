"""The LALR(1) machine: a stack of states over the tokens, driven by a table, that builds the tree as it reduces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lapt_dsl.language.parsing.parse_table import END

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lapt_dsl.language.parsing.builder import Builder
    from lapt_dsl.language.parsing.lexer import Tokens
    from lapt_dsl.language.parsing.parse_table import ParseTable

    Reduction = tuple[int, str, tuple[tuple[int, bool], ...], bool, Callable[[list[Any], int, int], Any] | None]

NESTING = frozenset({"LBRACE", "IF"})


class LalrParser:
    """The state of a parse.

    Four stacks grow together: the state, the value built, the first token, and the nesting of each symbol read.
    `position` is the index of the next token.
    """

    def __init__(self, table: ParseTable, tokens: Tokens, builder: Builder) -> None:
        self.table = table
        self.tokens = tokens
        self.states = [table.start]
        self.values: list[Any] = []
        self.firsts: list[int] = []
        self.depths = [0]
        self.position = 0
        self._reductions: tuple[Reduction, ...] = tuple(
            (p.length, p.origin, p.parts, p.repeats, builder.method(p.name)) for p in table.productions
        )

    def run(self, limit: int) -> str:
        """Read tokens until the text is `accepted`, one does not fit (`stuck`) or nesting exceeds `limit` (`deep`)."""
        actions, kinds, states = self.table.actions, self.tokens.kinds, self.states
        accept = self.table.accept
        while True:
            kind = kinds[self.position]
            action = actions[states[-1]].get(kind)
            if action is None:
                return "accepted" if kind == END and states[-1] == accept else "stuck"
            if action < 0:
                self._reduce(-1 - action)
                continue
            if kind == END:
                return "accepted"
            if kind in NESTING and self.depths[-1] >= limit:
                return "deep"
            self.shift(kind, action, self.position)
            self.position += 1

    def shift(self, kind: str, state: int, token: int) -> None:
        """Put a terminal on the stack."""
        self.states.append(state)
        self.values.append(None)
        self.firsts.append(token)
        self.depths.append(self.depths[-1] + 1 if kind in NESTING else self.depths[-1])

    def feed(self, kind: str, token: int) -> bool:
        """Reduce as `kind` demands and shift it as if it stood at `token`; False where it does not fit."""
        while True:
            action = self.table.actions[self.states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                self.shift(kind, action, token)
                return True
            self._reduce(-1 - action)

    def settle(self, kind: str) -> None:
        """Do the reductions that `kind` would cause, without reading it and without closing the whole file."""
        while (action := self.table.actions[self.states[-1]].get(kind)) is not None and action < 0:
            if self._reductions[-1 - action][1] == "start":
                return
            self._reduce(-1 - action)

    def accepts(self, kinds: Iterable[str]) -> bool:
        """Whether the terminals `kinds` could be read next, in this order."""
        stack = list(self.states)
        return all(self._simulate(stack, kind) for kind in kinds)

    def _simulate(self, stack: list[int], kind: str) -> bool:
        actions, reductions = self.table.actions, self._reductions
        while True:
            action = actions[stack[-1]].get(kind)
            if action is None:
                return kind == END and stack[-1] == self.table.accept
            if action >= 0:
                stack.append(action)
                return True
            length, origin = reductions[-1 - action][:2]
            if length:
                del stack[-length:]
            stack.append(actions[stack[-1]][origin])

    def expected(self) -> set[str]:
        """The terminals that could really be read next."""
        return {kind for kind in self.table.actions[self.states[-1]] if _terminal(kind) and self.accepts((kind,))}

    def pop(self, count: int) -> None:
        """Take the last `count` symbols off the stack."""
        if count:
            del self.states[-count:], self.values[-count:], self.firsts[-count:], self.depths[-count:]

    def _reduce(self, rule: int) -> None:
        length, origin, parts, repeats, build = self._reductions[rule]
        if length == 1 and build is None and not repeats:
            # A part stands for the whole: only the state changes.
            self.states[-1] = self.table.actions[self.states[-2]][origin]
            return
        values = self.values
        base = len(values) - length
        first = self.firsts[base] if length else self.position
        if repeats:
            value = values[base + parts[0][0]]
            if len(parts) > 1:
                value.append(values[base + parts[1][0]])
            else:
                value = [value]
        else:
            args: list[Any] = []
            for index, splice in parts:
                if splice:
                    args.extend(values[base + index])
                else:
                    args.append(values[base + index])
            value = build(args, first, self.position - 1) if build else args[0] if args else None
        if length:
            del self.states[-length:], values[base:], self.firsts[base:], self.depths[-length:]
        self.states.append(self.table.actions[self.states[-1]][origin])
        values.append(value)
        self.firsts.append(first)
        self.depths.append(self.depths[-1])


def _terminal(symbol: str) -> bool:
    return symbol == END or symbol[0].isupper()
