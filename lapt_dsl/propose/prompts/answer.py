"""The instructions about the answer, and the system message that all prompts of a space share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.propose.exchange import Message
from lapt_dsl.propose.prompts.describe import describe
from lapt_dsl.propose.prompts.quoting import block
from lapt_dsl.propose.prompts.reference import example_file, names, reference

ROLE = """\
You are a researcher in neural architecture search. You write design principles: rules in a small formal language that
say which architectures of a search space are worth building. A compiler reads what you write, so every name and every
rule must be exactly right."""

MOST_NAMES = 40
"""Maximum number of principles in force that are listed by name."""


@lru_cache(maxsize=16)
def system_message(space: Space) -> Message:
    """The system message: role, space and language. It is equal in all prompts of a space, so servers can cache it."""
    parts = [
        ROLE.replace("\n", " "),
        "# The search space",
        block(describe(space), "python"),
        "Names that rules may use:",
        names(space),
        "# The language of principles",
        reference(space),
        "A whole file looks like this. Its content and that of the examples above is invented:",
        block(example_file(space, "example"), "lapt"),
    ]
    return Message("system", "\n\n".join(parts))


def header(space: Space, name: str, extends: str | None) -> str:
    """The first lines of an answer."""
    first = f"principles {name} for {space.name};"
    return first if extends is None else f'{first}\nextends "{extends}";'


def inheritance(in_force: Sequence[str]) -> str:
    """How an answer changes the principles that it extends."""
    if not in_force:
        return "No principle is in force yet, so there is nothing to drop or replace."
    known = ", ".join(f"`{name}`" for name in in_force[:MOST_NAMES])
    known += f" and {len(in_force) - MOST_NAMES} more" if len(in_force) > MOST_NAMES else ""
    return (
        "Principles that you do not mention stay in force. A principle with the name of one in force replaces it. "
        f"`drop {in_force[0]};`, below the `extends` line, removes one. Names in force: {known}."
    )


def closing(space: Space, name: str, extends: str | None, constrained: bool) -> str:
    """The end of a prompt: the exact form of the answer.

    The form has no content, since small models repeat the last example that they see.
    """
    if constrained:
        instruction = "Give the whole file and nothing else."
    else:
        instruction = "Give the whole file in one block between ```lapt and ```, and no other block."
    form = f'{header(space, name, extends)}\n\nprinciple p1_NAME\n  "WHY"\n{{\n  RULES\n}}'
    return f"{instruction} It begins like this, with your own words for those in capitals:\n\n{block(form, 'lapt')}"
