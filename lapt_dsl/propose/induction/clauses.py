"""A small set of architectures as rules: the allowed values of each choice, and implications between choices.

The rules denote exactly the set. One pass over the choices finds, for each prefix of earlier choices, the possible
values of the next one. Premises that are not needed are dropped, and so are rules implied by the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.propose.induction.columns import FeatureColumn

Row = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """An implication: if every premise (column, value) holds, column `about` has one of `values`."""

    premises: tuple[tuple[int, int], ...]
    about: int
    values: tuple[int, ...]

    def holds(self, row: Row) -> bool:
        """Whether a row satisfies the clause."""
        return row[self.about] in self.values or any(row[column] != value for column, value in self.premises)

    def text(self, columns: Sequence[FeatureColumn]) -> str:
        """The clause as a rule of the language."""
        conclusion = columns[self.about].says(self.values)
        if not self.premises:
            return conclusion
        if len(self.premises) == 1:
            column, value = self.premises[0]
            return f"if {columns[column].says([value])} then {conclusion}"
        denied = " ".join(columns[column].denies([value]) for column, value in self.premises)
        return f"one of {{ {denied} {conclusion} }}"


def clauses_of(rows: Sequence[Row], denoted: Callable[[Clause], RefinedSpace]) -> list[Clause]:
    """Clauses that are satisfied by exactly these rows.

    Args:
        rows: The set, not empty.
        denoted: Returns the architectures of the space that satisfy a clause.

    Returns:
        An irredundant list of clauses, those without premises first.
    """
    width = len(rows[0])
    allowed = [tuple(sorted({row[column] for row in rows})) for column in range(width)]
    plain = [Clause((), column, values) for column, values in enumerate(allowed)]
    found: dict[Clause, None] = {}
    for column in range(1, width):
        followers: dict[Row, set[int]] = {}
        for row in rows:
            followers.setdefault(row[:column], set()).add(row[column])
        for before, values in followers.items():
            if len(values) < len(allowed[column]):
                found[_shortest(rows, before, column, values)] = None
    order = sorted(found, key=lambda clause: (-len(clause.premises), clause.about, clause.premises))
    kept = _needed(order, [denoted(clause) for clause in order], reduce(and_, map(denoted, plain)))
    return [*plain, *sorted(kept, key=lambda clause: (len(clause.premises), clause.about, clause.premises))]


def _needed(clauses: Sequence[Clause], sets: Sequence[RefinedSpace], start: RefinedSpace) -> list[Clause]:
    """Drop, from first to last, every clause that the remaining clauses imply."""
    after = [start]
    for one in reversed(sets):
        after.append(after[-1] & one)
    after.reverse()
    before, kept = start, []
    for clause, one, rest in zip(clauses, sets, after[1:], strict=True):
        # A clause excludes few architectures, so looking for one is faster than comparing the sizes of both sets.
        if (before - one) & rest:
            before &= one
            kept.append(clause)
    return kept


def _shortest(rows: Sequence[Row], before: Row, column: int, values: set[int]) -> Clause:
    """The clause for one prefix, without the premises that the rows do not need."""
    premises = list(enumerate(before))
    for premise in list(premises):
        fewer = [other for other in premises if other != premise]
        if all(row[column] in values for row in rows if all(row[at] == value for at, value in fewer)):
            premises = fewer
    return Clause(tuple(premises), column, tuple(sorted(values)))
