"""The three prompts of LAPT: learn principles, adapt them, and explore beyond them.

The order suits small models: first space and language, which are equal in all prompts, then the evidence and its
digest, and at the end the instructions and the form of the answer.
"""

from __future__ import annotations

from typing import Unpack

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Task
from lapt_dsl.propose.prompts.listing import score_text
from lapt_dsl.propose.prompts.prompt import Prompt
from lapt_dsl.propose.prompts.question import Options, PromptParts, Question
from lapt_dsl.propose.prompts.quoting import identifier, one_line
from lapt_dsl.propose.prompts.state import open_lines
from lapt_dsl.propose.proposer import SearchState

_LEARN = """\
Work in three steps:

1. Read the architectures.
2. Find the patterns that most of them share: operators that a layer has in most of them, operators that it never has.
3. State the design principles behind the patterns: 2 to 6 of them, each with a name, one sentence that says why it
   helps, and its rules. Take layers and operators from {evidence}, not from the examples of the language.

Together, the rules must allow most of the best architectures and exclude most of the others."""

_ADAPT = """\
Update the principles for this task:

1. Compare the best architectures with the principles in force.
2. Keep principles that they confirm. Replace or drop principles that they contradict. Add common patterns that no
   principle covers.
3. Write the changed principles, each with a name, one sentence that says why it helps, and its rules. Take layers and
   operators from {evidence}, not from the examples of the language.

Together, the rules must allow the best architectures found and some that were not evaluated yet."""

_EXPLORE = """\
Open the principles to operators and connections that they exclude:

1. Look at the choices of each layer that are closed or were not tried.
2. Select the most promising ones, given the best architectures found.
3. Replace or drop the principles that exclude them, and write principles that allow them, each with a name, one
   sentence that says why it may help, and its rules. Use layers and operators that are closed or were not tried.

The new rules must allow architectures that the principles in force exclude, but not the full space."""


def learn_prompt(
    space: Space,
    archive: Archive,
    top: int = 50,
    **options: Unpack[PromptParts],
) -> Prompt:
    """The prompt for principles learned from the best architectures of a finished task.

    Args:
        space: The space.
        archive: The scored architectures of the task, not empty.
        top: Number of best architectures to learn from. The rest is the contrast of the digest.
        **options: Options of the prompt, see `Options`.

    Raises:
        LaptError: E891, the prompt does not fit the budget.
        ValueError: The archive is empty.
    """
    if not len(archive):
        raise ValueError("the archive is empty")
    best = list(archive.top(top))
    intro = (
        f"# Task: learn design principles\n\nThe {len(best)} best of {len(archive):,} scored architectures of "
        f'`{space.name}` on the task "{one_line(archive.task)}". A larger score is better.'
    )
    question = Question(
        "learn",
        space,
        name=f"learned_{identifier(archive.task)}",
        goal="learn design principles from the best architectures of a task",
        parts=(intro,),
        steps=_LEARN.format(evidence=_evidence(options)),
        best=best,
        rest=list(archive)[len(best) :],
    )
    return question.prompt(Options(**options))


def _evidence(options: PromptParts) -> str:
    return "the digest" if options.get("digest", True) else "the architectures"


def adapt_prompt(
    space: Space,
    principles: str,
    state: SearchState,
    **options: Unpack[PromptParts],
) -> Prompt:
    """The prompt for principles adapted to the best that a search has found.

    Args:
        space: The space.
        principles: The principles in force as one text.
        state: State of the search.
        **options: Options of the prompt, see `Options`.

    Raises:
        LaptError: E891, the prompt does not fit the budget.
    """
    goal = "update the principles in force to the best architectures that the search has found"
    steps = _ADAPT.format(evidence=_evidence(options))
    return _follow("adapt", space, principles, state, goal, steps).prompt(Options(**options))


def explore_prompt(
    space: Space,
    principles: str,
    state: SearchState,
    **options: Unpack[PromptParts],
) -> Prompt:
    """The prompt for principles that allow operators and connections excluded so far. As `adapt_prompt`."""
    goal = "open the principles in force to operators and connections that they exclude"
    return _follow("explore", space, principles, state, goal, _EXPLORE).prompt(Options(**options))


def _follow(task: Task, space: Space, principles: str, state: SearchState, goal: str, steps: str) -> Question:
    """A prompt about a running search."""
    found = state.found
    title = "adapt the principles" if task == "adapt" else "explore beyond the principles"
    progress = f"# Task: {title}\n\nA search of `{space.name}` has evaluated {len(found)} architectures."
    if found:
        better = "improved on" if state.improved else "did not improve on"
        best = score_text(state.best[0].score)
        progress += f" The best score is {best} (larger is better). The last iteration {better} the best before it."
    leaves = f"They allow {state.refined.size:,} of {full(space).size:,} architectures."
    unused = task == "explore"
    lines = open_lines(state.refined, [entry.arch for entry in found], unused)
    heading = "Choices of each layer" + (", with those not tried and those closed" if unused else "")
    best_found = list(state.best)
    kept = {entry.arch for entry in best_found}
    return Question(
        task,
        space,
        name=f"after_{len(found)}_evaluations",
        goal=goal,
        parts=(progress, "\n".join([f"## {heading}", "", *lines])),
        steps=steps,
        best=best_found,
        rest=[entry for entry in found if entry.arch not in kept],
        extends=state.file,
        names=state.names,
        principles=principles,
        leaves=leaves,
    )
