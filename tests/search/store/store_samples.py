"""A run that does the same whenever it is played, and can be killed anywhere; also run as a program.

python -m tests.search.store.store_samples PATH STEPS
"""

from __future__ import annotations

import os
import sys

import numpy as np

from lapt_dsl.evaluate.evaluator import Evaluation, Failure, Outcome
from lapt_dsl.search.store.records import restored_rng, rng_state
from lapt_dsl.search.store.run_store import Event, RunInfo, RunStore, StoredProposal

INFO = RunInfo({"budget": 50, "presets": ["NAS201"]}, "trans101", "d" * 64, "f" * 64, 2**70)


def outcome(number: int) -> Outcome:
    if number % 7 == 3:
        return Failure("diverged", f"`acc` is nan at {number}", 0.25)
    return Evaluation({"acc": number / 3, "test": -0.1 * number}, None if number % 2 else 1.5)


def play(store: RunStore, steps: int, aloud: bool = False) -> None:
    """Go on to `steps` steps from wherever the store stands, as a search does."""
    kept = store.state()
    rng = restored_rng(kept[1]) if kept is not None else np.random.default_rng(5)
    for number in range(kept[0] + 1 if kept is not None else 0, steps):
        if number % 10 == 0 and store.proposal(number // 10) is None:
            text = f"principles p{number} for trans101;\n"
            store.commit_proposal(
                StoredProposal(number // 10, "adapt", text, number, "p.lp", size=2**80, id=number // 10)
            )
        arch = f"arch {number} {rng.integers(1000)}"
        event = Event(number, "best", {"value": number}) if number % 5 == 0 else None
        store.commit_step(
            number,
            arch,
            outcome(number),
            state=rng_state(rng),
            proposal=number // 10,
            events=[event] if event else [],
        )
        if aloud:
            print(number, flush=True)


def main(path: str, steps: int) -> None:
    store = RunStore.open(path) if os.path.exists(path) and os.path.getsize(path) else RunStore.create(path, INFO)
    print("open", flush=True)
    play(store, steps, aloud=True)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
