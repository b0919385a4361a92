"""The search of LAPT (AAAI 2025, Algorithm 2): evolution in a refined space whose principles adapt to the results."""

from __future__ import annotations

import math

import numpy as np

from lapt_dsl.compiler.refined.encoded_set import Encoding
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.propose.archive import Scored
from lapt_dsl.propose.proposer import BudgetNarrower, Proposer, SearchState
from lapt_dsl.propose.revisions import Revision, compile_revision
from lapt_dsl.search.random_state import random_state
from lapt_dsl.search.run_log import Kind, Proposal, RunLog, recorded
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.strategies.evolution import evolution_on

MAX_CHANGES = 16
"""A search ends after this many consecutive principle files without an unseen architecture."""

MAX_CHANGES_INSIDE = 3
"""As MAX_CHANGES, where only a part of the space can be evaluated: then the search goes on without principles."""


class Lapt:
    """Regularized evolution inside the principles in force, which change between the iterations of the search.

    Before the first iteration, a proposer that supports it narrows the principles to what the budget can visit. After
    an iteration whose best score is at least the best before it, the principles adapt to the r best found. After
    any other iteration they are opened to choices that they exclude. Earlier architectures stay in the population as
    parents, even outside the new space, and no architecture is evaluated twice.
    """

    def __init__(
        self,
        space: Space,
        principles: str,
        proposer: Proposer | None,
        settings: Settings,
        seed: int,
        log: RunLog,
        first: Kind = "learn",
        within: RefinedSpace | None = None,
    ) -> None:
        """Start from a principle text. Without a proposer it does not change. `within` bounds every refined space."""
        self.space, self.proposer, self.settings, self.seed = space, proposer, settings, seed
        self.log = log
        self._within = within
        self.revisions: list[Proposal] = []
        self._revision: Revision
        self.found: list[Scored] = []
        self.failed: list[Architecture] = []
        self._in_flight: dict[Encoding, int] = {}
        self._best: float | None = None
        self._best_before = -math.inf
        self._submitted = self._reported = self._iteration = 0
        self._enter(first, principles)
        self._narrow()

    @property
    def principles(self) -> Proposal:
        """The principle file in force."""
        return self.revisions[-1]

    def _enter(self, kind: Kind, text: str) -> None:
        number = len(self.revisions)
        name = f"{number:02d}-{kind}.lp"
        # The file in force is passed as flat text, so the number of revisions is not limited by MAX_DEPTH of `extends`.
        parents = {self.principles.name: self._revision.flat} if self.revisions else {}
        self._revision = compile_revision(text, name, parents, self.space)
        allowed = self._revision.refined
        self.refined = allowed if self._within is None else allowed & self._within
        made = Proposal(number, kind, name, text, self.refined.size, self._submitted)
        self.revisions.append(recorded(self.log, number, lambda: made))
        seed = np.random.SeedSequence([self.seed, number])
        self.evolution = evolution_on(self.refined, self.settings, np.random.default_rng(seed))
        for scored in self.found:
            self.evolution.recall(scored.arch.encoding, scored.score)
        for encoding in [*(arch.encoding for arch in self.failed), *self._in_flight]:
            self.evolution.recall(encoding, None)

    def ask(self) -> Architecture | None:
        """The next architecture. After an iteration, or if the refined space is exhausted, the principles change first.

        Returns None if the refined space is exhausted. With evaluations in flight this is temporary, since the next
        principles depend on their results. Otherwise it is final: MAX_CHANGES files had no unseen architecture.
        """
        unchanged = self.proposer is None or self._reported < self.settings.evaluations_per_iteration
        encoding = self.evolution.ask() if unchanged else None
        if encoding is None and unchanged and self._in_flight:
            return None
        for _ in range(MAX_CHANGES if self._within is None else MAX_CHANGES_INSIDE):
            if encoding is not None or self.proposer is None or self._exhausted:
                break
            self.change(self.proposer)
            encoding = self.evolution.ask()
        if encoding is None and self._within is not None and self.proposer is not None and not self._exhausted:
            # Principles are written for the whole space; those that fit few rows of a table give way to its other rows.
            self._enter("explore", f"principles unconstrained for {self.space.name};\n")
            encoding = self.evolution.ask()
        if encoding is None:
            return None
        self._submitted += 1
        self._in_flight[encoding] = self._iteration
        return Architecture(self.space, encoding)

    @property
    def submitted(self) -> int:
        """Number of architectures that `ask` returned."""
        return self._submitted

    @property
    def _exhausted(self) -> bool:
        """Whether `ask` has returned every architecture of the space, or all that can be evaluated."""
        return self._submitted >= (self._within or full(self.space)).size

    def change(self, proposer: Proposer) -> None:
        """End an iteration: adapt or explore, as in Algorithm 2."""
        best = -math.inf if self._best is None else self._best
        kind: Kind = "adapt" if self._best is not None and best >= self._best_before else "explore"
        improved = best > self._best_before
        self._best_before = max(best, self._best_before)
        self._best, self._reported = None, 0
        self._iteration += 1
        known = self.log.proposal(len(self.revisions))
        if known is not None:
            text = known.text
        else:
            propose = proposer.adapt if kind == "adapt" else proposer.explore
            text = propose(self._revision.flat, self._search_state(improved))
        self._enter(kind, text)

    def _narrow(self) -> None:
        """Before the first evaluation, narrow the learned principles to the budget, if the proposer supports it."""
        known = self.log.proposal(1)
        if known is not None and known.kind == "focus":
            self._enter("focus", known.text)
        elif known is None and isinstance(self.proposer, BudgetNarrower):
            text = self.proposer.narrow_to_budget(self._revision.flat, self._search_state(False))
            if text is not None:
                self._enter("focus", text)

    def _search_state(self, improved: bool) -> SearchState:
        settings, revision = self.settings, self._revision
        found = tuple(self.found)
        name = self.principles.name
        return SearchState(
            name,
            revision.names,
            self.refined,
            found,
            improved,
            settings.keep,
            settings.population,
            self.settings.evaluations_per_iteration,
        )

    def tell(self, arch: Architecture, score: float | None) -> None:
        """Report the score of an architecture from `ask`. Larger is better; None means that its evaluation failed.

        Raises:
            ValueError: The architecture is not in flight.
        """
        if arch.encoding not in self._in_flight:
            raise ValueError("the architecture is not in flight")
        # A result of an earlier iteration, submitted before the principles changed, must not count for the current one.
        own = self._in_flight.pop(arch.encoding) == self._iteration
        self._reported += own
        if score is None:
            self.failed.append(arch)
            return
        if own:
            self._best = score if self._best is None else max(score, self._best)
        else:
            self._best_before = max(score, self._best_before)
        self.found.append(Scored(arch, score))
        self.evolution.tell(arch.encoding, score)

    def state(self) -> str:
        """Number of the file in force and a digest of the random state."""
        evolution = self.evolution
        return f"{len(self.revisions) - 1}:{random_state(evolution.rng, evolution.draws.left)}"
