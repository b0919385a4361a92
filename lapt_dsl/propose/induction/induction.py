"""Induction: a proposer that learns, adapts and opens principles by statistics, without a language model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lapt_dsl.compiler.lowering.constraints import Allowed, Or
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.induction.candidates import candidates_of
from lapt_dsl.propose.induction.clauses import Clause, clauses_of
from lapt_dsl.propose.induction.columns import FeatureColumn, columns_of, in_cells, rows_of
from lapt_dsl.propose.induction.frequency import Frequencies, frequencies, sign_test
from lapt_dsl.propose.induction.library import require_scipy
from lapt_dsl.propose.induction.mining import Mined, makes_sense, mine
from lapt_dsl.propose.induction.write import Statement, file_text, principle_text
from lapt_dsl.propose.proposer import SearchState

if TYPE_CHECKING:
    from lapt_dsl.propose.induction.source import SourceTask

START = 1.2
"""Size of the narrowed space as a multiple of the first population, if the learned space is larger than twice it."""
IMPROVED, STUCK = 1.2, 2.0
"""Size of the next space as a multiple of the evaluations of an iteration, after an iteration with and without an
improvement."""

NEAR = 3
"""Without a source, the neighbours of this many best architectures are considered."""


class Induction:
    """A proposer for one space and, with transfer, the archive of a finished task.

    `learn` applies the sign test to the choices of the `top` best architectures and adds preferences by frequency.
    `narrow_to_budget`, `adapt` and `explore` write the small set that a model of source and target predicts to improve
    most. The set is narrow after an improvement and wider otherwise, and it may leave the principles in force. All
    results depend on the arguments alone.
    """

    def __init__(self, space: Space, archive: Archive | None, top: int = 50) -> None:
        require_scipy("learning principles by statistics")
        self.space, self.archive, self.top = space, archive, top
        self.columns = columns_of(space)

    # --- learning ---------------------------------------------------------------------------------------------

    def learn(self, archive: Archive) -> str:
        """Principles learned from the `top` best of an archive: allowed values of each choice, further rules that
        shorten the description of the best, and preferences."""
        name = f"{self.space.name}_{_identifier(archive.task)}"
        return file_text(name, self.space.name, None, (), self._principles(archive, name))

    def relearn(self, archive: Archive, state: SearchState) -> str:
        """The result of `learn` for an archive, as a file that replaces all principles in force."""
        name = _next_name(state)
        parts = self._principles(archive, name)
        return file_text(name, self.space.name, state.file, state.names, parts)

    def _principles(self, archive: Archive, name: str) -> list[str]:
        best = [entry.arch for entry in archive.top(self.top)]
        rows = rows_of(self.columns, best)
        parts: list[str] = []
        for place, (column, found) in enumerate(zip(self.columns, frequencies(self.columns, rows), strict=True)):
            if len(found.allowed) < len(column.values):
                parts.append(self._choice(place, found, rows))
        so_far = file_text(name, self.space.name, None, (), parts)
        mined = mine(self.space, best, candidates_of(self.space, best, False), so_far, False)
        parts += [_mined(number, rule, len(best)) for number, rule in enumerate(mined, start=1)]
        parts += self._preferences(frequencies(self.columns, rows), len(rows))
        return parts

    def learn_general(self, archive: Archive, target: Space | None = None) -> str:
        """Principles of traits and positions only, for other spaces (`for any`).

        With a `target`, only rules that are valid in that space are considered.
        """
        best = [entry.arch for entry in archive.top(self.top)]
        name = f"{self.space.name}_{_identifier(archive.task)}_general"
        nothing = f"principles {name} for any;\n"
        candidates = candidates_of(self.space, best, True)
        if target is not None:
            candidates = [candidate for candidate in candidates if makes_sense(target, candidate)]
        mined = mine(self.space, best, candidates, nothing, True)
        parts = [_mined(number, rule, len(best)) for number, rule in enumerate(mined, start=1)]
        return file_text(name, "any", None, (), parts)

    def _choice(self, place: int, found: Frequencies, rows: Sequence[tuple[int, ...]]) -> str:
        column = self.columns[place]
        count = sum(row[place] in found.allowed for row in rows)
        sentence = f"{_kept_sentence(column, found, count, len(rows))} {_excluded_sentence(column, found)}"
        name = f"{column.cell.name}_layer_{column.layer.key}_{column.kind}"
        if column.kind == "reads":
            name += f"_{column.values[0]}_{column.node}"
        return principle_text(_identifier(name), sentence, [Statement(column.says(found.allowed))], (count, len(rows)))

    def _preferences(self, found: Sequence[Frequencies], total: int) -> list[str]:
        statements: list[tuple[FeatureColumn, str]] = []
        for column, counted in zip(self.columns, found, strict=True):
            if column.kind not in ("operator", "number"):
                continue
            least = min(counted.logs[value] for value in counted.allowed)
            for value in sorted(counted.allowed, key=lambda v: (-counted.logs[v], v)):
                weight = round(counted.logs[value] - least, 2)
                if weight > 0:
                    statements.append((column, column.prefers(value, weight)))
        sentence = f"Choices that are more frequent among the {total} best are preferred."
        body = [Statement(text) for text in in_cells(statements)]
        return [principle_text("preferences", sentence, body)] if body else []

    # --- changing ---------------------------------------------------------------------------------------------

    def narrow_to_budget(self, principles: str, state: SearchState) -> str | None:
        """Narrow the learned space to START times the first population, if it is larger than twice the population."""
        if self.archive is None or state.refined.size <= 2 * state.population:
            return None
        source = self._source if self._whole.size <= _enumerable() else self._source_within(state.refined)
        scores = [mean + _residual_share() * rest for mean, rest in zip(source.mean, source.residual, strict=True)]
        count = math.ceil(START * state.population)
        order = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[:count]
        sentence = f"The {len(order)} architectures with the highest scores predicted from the source task."
        return self._promising(state, source, order, [scores[row] for row in order], sentence)

    def adapt(self, principles: str, state: SearchState) -> str:
        """After success: keep a small space with unseen architectures, otherwise write the most promising set."""
        few = state.refined.size <= 2 * state.population
        left = state.refined.size - sum(scored.arch in state.refined for scored in state.found)
        if self.archive is not None and few and left and state.improved:
            return file_text(_next_name(state), self.space.name, state.file, (), ())
        return self._next(state, IMPROVED if state.improved else STUCK)

    def explore(self, principles: str, state: SearchState) -> str:
        """After failure: write a wider set."""
        return self._next(state, STUCK)

    @cached_property
    def _source(self) -> SourceTask:
        from threadpoolctl import threadpool_limits

        from lapt_dsl.propose.induction.source import learn_source

        # One thread: the order of summation does not depend on the machine, and workers do not compete for cores.
        with threadpool_limits(1):
            assert self.archive is not None
            return learn_source(self.space, self.archive, self.top)

    def _source_within(self, refined: RefinedSpace) -> SourceTask:
        """The source model over draws from a refined space, for a full space too large to be modelled."""
        import numpy as np
        from threadpoolctl import threadpool_limits

        from lapt_dsl.propose.induction.source import MEMBERS, learn_source

        assert self.archive is not None
        drawn = sorted(set(refined.sample(MEMBERS, np.random.default_rng(0))), key=lambda arch: arch.encoding)
        with threadpool_limits(1):
            return learn_source(self.space, self.archive, self.top, tuple(drawn))

    def _around(self, state: SearchState) -> SourceTask:
        """The source model. Without a source, a model of the evaluated architectures and of neighbours of the best."""
        from threadpoolctl import threadpool_limits

        from lapt_dsl.propose.induction.source import no_source

        if self.archive is not None:
            return self._source
        best = sorted(state.found, key=lambda scored: (-scored.score, scored.arch.encoding))[:NEAR]
        near = {scored.arch for scored in state.found}
        near.update(other for scored in best for other in self._whole.neighbours(scored.arch))
        with threadpool_limits(1):
            return no_source(self.space, tuple(sorted(near, key=lambda arch: arch.encoding)))

    def _next(self, state: SearchState, width: float) -> str:
        from threadpoolctl import threadpool_limits

        from lapt_dsl.propose.induction.target import TargetModel

        source = self._around(state)
        place = {arch: row for row, arch in enumerate(source.pool)}
        known = [(place[scored.arch], scored.score) for scored in state.found if scored.arch in place]
        if not known:
            return self._everything(state)
        with threadpool_limits(1):
            target = TargetModel(source, [row for row, _ in known], [score for _, score in known])
            rows = target.propose(math.ceil(width * state.evaluations_per_iteration), [row for row, _ in known])
        if not rows:
            return self._everything(state)
        best = max(scored.score for scored in state.found)
        evidence = f"{len(known)} evaluations"
        if self.archive is not None:
            evidence = f"the source and {evidence}"
        sentence = f"The {len(rows)} architectures most likely to score above {best:.6g}, predicted from {evidence}."
        if self.archive is not None:
            likeness = sum(rho * weight for rho, weight in target.similarity())
            sentence += f" The estimated similarity of the tasks is {likeness:.0%}."
        order = [-float(number) for number in range(len(rows))]
        return self._promising(state, source, rows, order, sentence)

    def _everything(self, state: SearchState) -> str:
        """Open the full space: the pool is exhausted, or none of it was evaluated."""
        name = _next_name(state)
        return file_text(name, self.space.name, state.file, state.names, ())

    def _promising(
        self, state: SearchState, source: SourceTask, chosen: Sequence[int], scores: Sequence[float], sentence: str
    ) -> str:
        rows = [tuple(int(value) for value in source.choices[row]) for row in chosen]
        clauses = clauses_of(rows, self._denoted)
        statements = [Statement(text) for clause in clauses if (text := self._text(clause))]
        statements += [Statement(text) for text in self._order(rows, scores)]
        dropped = tuple(name for name in state.names if name != "promising")
        part = principle_text("promising", sentence, statements)
        return file_text(_next_name(state), self.space.name, state.file, dropped, [part])

    def _text(self, clause: Clause) -> str:
        """A clause as a rule; empty if it allows every value."""
        everything = not clause.premises and len(clause.values) == len(self.columns[clause.about].values)
        return "" if everything else clause.text(self.columns)

    def _denoted(self, clause: Clause) -> RefinedSpace:
        return self._whole.restrict(self._constraint(clause))

    @cached_property
    def _whole(self) -> RefinedSpace:
        return full(self.space)

    def _constraint(self, clause: Clause) -> Allowed | Or:
        parts = [self._allowed(clause.about, clause.values, inside=True)]
        parts += [self._allowed(column, (value,), inside=False) for column, value in clause.premises]
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _allowed(self, place: int, values: tuple[int, ...], *, inside: bool) -> Allowed:
        column = self.columns[place]
        labels = frozenset(label for label, value in enumerate(column.of_label) if (value in values) == inside)
        return Allowed(((column.layer.decision, labels),))

    def _order(self, rows: Sequence[tuple[int, ...]], scores: Sequence[float]) -> list[str]:
        """Preferences that reproduce an ordering of the rows as well as weights per choice can (ridge regression)."""
        import numpy as np

        places = [(place, column) for place, column in enumerate(self.columns) if column.kind in ("operator", "number")]
        design = np.concatenate(
            [np.array([[row[place] == v for v in range(len(c.values))] for row in rows], float) for place, c in places],
            axis=1,
        )
        wanted = np.asarray(scores, float)
        wanted = (wanted - wanted.mean()) / (wanted.std() + 1e-12)
        weights = np.linalg.solve(design.T @ design + RIDGE * np.eye(design.shape[1]), design.T @ wanted)
        statements: list[tuple[FeatureColumn, str]] = []
        at = 0
        for place, column in places:
            mine = weights[at : at + len(column.values)]
            at += len(column.values)
            present = sorted({row[place] for row in rows})
            by_value = {value: float(mine[value]) for value in present}
            least = min(by_value.values())
            for value in sorted(present, key=lambda v: (-by_value[v], v)):
                weight = round(by_value[value] - least, 2)
                if weight > 0:
                    statements.append((column, column.prefers(value, weight)))
        return in_cells(statements)


RIDGE = 0.5


def _kept_sentence(column: FeatureColumn, found: Frequencies, count: int, total: int) -> str:
    """How many of the best have an allowed value."""
    layer, often = f"Layer {column.layer.key} of {column.cell.name}", f"in {count} of the {total} best."
    if column.kind == "reads":
        assert column.node is not None
        verb = "reads" if found.allowed == (1,) else "does not read"
        return f"{layer} {verb} {column.cell.nodes[column.node].name} {often}"
    verb = "reads" if column.kind == "source" else "has"
    return f"{layer} {verb} {' or '.join(column.values[value] for value in found.allowed)} {often}"


def _excluded_sentence(column: FeatureColumn, found: Frequencies) -> str:
    """How rare the excluded values are, with the largest p-value of their sign tests."""
    rarer = max((count for value, count in enumerate(found.counts) if value not in found.allowed), default=0)
    p = sign_test(rarer, max(found.counts))
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
    noun = {"operator": "operator", "number": "number", "source": "source", "reads": "choice"}[column.kind]
    if not rarer:
        return f"No other {noun} appears, which is unlikely by chance ({chance})."
    times = {1: "once", 2: "twice"}.get(rarer, f"{rarer} times")
    return f"Every other {noun} appears at most {times}, fewer than chance would give ({chance})."


def _mined(number: int, rule: Mined, total: int) -> str:
    sentence = (
        f"{rule.candidate.sentence} This shortens the description of the best architectures by {rule.saved:.0f} bits."
    )
    return principle_text(f"rule_{number}", sentence, [Statement(rule.candidate.rule)], (rule.support, total))


def _enumerable() -> int:
    from lapt_dsl.propose.induction.source import ENUMERATE

    return ENUMERATE


def _residual_share() -> float:
    from lapt_dsl.propose.induction.target import RESIDUAL

    return RESIDUAL


def _identifier(text: str) -> str:
    """A valid name made from any text: letters, digits and underscores, starting with a letter."""
    kept = "".join(character if character.isascii() and character.isalnum() else "_" for character in text).strip("_")
    return f"p_{kept}"[:64] if not kept[:1].isalpha() else kept[:64]


def _next_name(state: SearchState) -> str:
    return f"after_{len(state.found)}_evaluations"
