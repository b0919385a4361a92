"""LAPT's search (AAAI 2025, Algorithm 2): evolution in the space that the principles leave, principles that follow."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping

import numpy as np

from lapt_dsl.compiler.files import Reach, check_program
from lapt_dsl.compiler.model import Architecture, Space
from lapt_dsl.compiler.program import compile_program
from lapt_dsl.compiler.refined import RefinedSpace
from lapt_dsl.compiler.sources import source_of_text
from lapt_dsl.compiler.targets.evolution import RegularizedEvolution
from lapt_dsl.language.diagnostics import LaptError
from lapt_dsl.propose.archive import Scored
from lapt_dsl.propose.proposer import Proposer, Situation
from lapt_dsl.search.ledger import Kind, Ledger, Proposal, recorded
from lapt_dsl.search.presets import Settings

MAX_CHANGES = 16
"""How many principle files in a row may leave nothing new before a search ends."""


def compile_chain(text: str, name: str, parents: Mapping[str, str], space: Space) -> RefinedSpace:
    """Compile a principle text that extends earlier ones by name. LaptError says everything that is wrong."""
    program, found = check_program(source_of_text(text, name), Reach(texts=parents))
    errors = [item for item in found if item.severity == "error"]
    if program is None or errors:
        raise LaptError(errors)
    return compile_program(program, space).refined


class Lapt:
    """A strategy: regularized evolution inside the principles in force, which change between stretches of the budget.

    After each stretch, the principles are adapted from the r best found when the stretch's best is at least the best
    before it, and else opened to what they left out. Architectures found so far that the new space still holds stay
    in the population, and none is asked for twice.
    """

    def __init__(
        self,
        space: Space,
        principles: str,
        proposer: Proposer | None,
        settings: Settings,
        seed: int,
        ledger: Ledger,
        first: Kind = "learn",
    ) -> None:
        self.space, self.proposer, self.settings, self.seed = space, proposer, settings, seed
        self.ledger = ledger
        self.chain: list[Proposal] = []
        self.found: list[Scored] = []
        self.failed: list[Architecture] = []
        self._best_before = -math.inf
        self._asked = self._stretch = self._told = 0
        self._enter(first, principles)

    @property
    def principles(self) -> Proposal:
        """The principle file in force."""
        return self.chain[-1]

    def _enter(self, kind: Kind, text: str) -> None:
        number = len(self.chain)
        name = f"{number:02d}-{kind}.lp"
        parents = {proposal.name: proposal.text for proposal in self.chain}
        refined = compile_chain(text, name, parents, self.space)
        made = Proposal(number, kind, name, text, refined.size, self._asked)
        self.chain.append(recorded(self.ledger, number, lambda: made))
        self.refined = refined
        seed = np.random.SeedSequence([self.seed, number])
        self.evolution = RegularizedEvolution(
            refined.words, self.settings.population, self.settings.tournament, np.random.default_rng(seed)
        )
        for scored in self.found:
            self.evolution.recall(scored.arch.labels, scored.score)
        for arch in self.failed:
            self.evolution.recall(arch.labels, None)

    def ask(self) -> Architecture | None:
        """The next architecture; at the end of a stretch, or of the refined space, the principles change first.

        None when everything the principles left has been asked for and MAX_CHANGES further files left nothing new.
        """
        word = self.evolution.ask() if self._stretch < self._stretch_length else None
        for _ in range(MAX_CHANGES):
            if word is not None or self.proposer is None:
                break
            self._change(self.proposer)
            word = self.evolution.ask()
        if word is None:
            return None
        self._asked += 1
        self._stretch += 1
        return Architecture(self.space, word)

    @property
    def _stretch_length(self) -> int:
        if self.proposer is None:
            return self.settings.budget
        return -(-self.settings.budget // self.settings.iterations)

    def _change(self, proposer: Proposer) -> None:
        """Adapt or explore, as Algorithm 2 says."""
        recent = self.found[len(self.found) - self._told :]
        best = max((scored.score for scored in recent), default=-math.inf)
        kind: Kind = "adapt" if recent and best >= self._best_before else "explore"
        self._best_before = max(best, self._best_before)
        self._told = self._stretch = 0
        number = len(self.chain)
        known = self.ledger.proposal(number)
        if known is not None:
            text = known.text
        else:
            situation = Situation(self.principles.name, tuple(self.found), self.settings.keep)
            propose = proposer.adapt if kind == "adapt" else proposer.explore
            text = propose(self.principles.text, situation)
        self._enter(kind, text)

    def tell(self, arch: Architecture, score: float | None) -> None:
        """The score of an architecture asked for, larger is better; None where its evaluation failed."""
        if score is None:
            self.failed.append(arch)
            return
        self._told += 1
        self.found.append(Scored(arch, score))
        self.evolution.tell(arch.labels, score)

    def state(self) -> str:
        """The number of the file in force and a digest of the random state."""
        bits = json.dumps(self.evolution.rng.bit_generator.state, sort_keys=True, default=str)
        return f"{len(self.chain) - 1}:{hashlib.sha256(bits.encode()).hexdigest()[:16]}"
