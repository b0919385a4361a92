"""The state that the builders of a space share: diagnostics, declared names and limits.

The limits bound the time and memory that an untrusted space file can cost. Each is checked before the object it bounds
is built.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lapt_dsl.compiler import catalogue
from lapt_dsl.compiler.catalogue import Role
from lapt_dsl.compiler.space.model import Implementation, NumberRef, Operator, Value
from lapt_dsl.diagnostics.diagnostic import Diagnostics, Note
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import Suggestions, shortened
from lapt_dsl.language.tree import Call, Name

MAX_OPERATORS = 256
MAX_CELLS = 64
MAX_NODES = 64
MAX_DECISIONS = 256
MAX_CHOICES = 4096
MAX_ALL_CHOICES = 65_536
MAX_NUMBER = 1_000_000
MAX_REPEAT = 1_000
MAX_INSTANCES = 1_000
MAX_NETWORKS = 32
MAX_BUILT_CHOICES = 500_000
"""All choices of all stacked cells over all networks: checking and costing the networks visits each of them."""


@dataclass
class BuildContext:
    """State of one build.

    `used` collects operators and lists that some layer chooses from; `decisions`, `choices` and `trials` count what was
    built so far: decisions, their choices, and the numbers that were tried as arguments.
    """

    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    suggestions: Suggestions = field(default_factory=Suggestions)
    operators: dict[str, Operator] = field(default_factory=dict)
    operator_calls: dict[str, Call] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    decisions: int = 0
    choices: int = 0
    trials: int = 0
    _checked: dict[tuple[Implementation, Role], str | None] = field(default_factory=dict)

    def error(self, code: str, message: str, span: Span, hint: str | None = None, notes: tuple[Note, ...] = ()) -> None:
        """Add a diagnostic; its severity is that of the code."""
        self.diagnostics.add(code, message, span, hint=hint, notes=notes)

    def unknown(self, code: str, what: str, name: Name, known: Iterable[str], plural: str) -> None:
        """Report that `name` is not `what`, with the nearest of `known` in the hint."""
        hint = self.suggestions.hint(name.text, known, plural)
        self.error(code, f"`{shortened(name.text)}` is not {what}", name.span, hint)

    def declare(self, taken: dict[str, Span], name: Name, what: str) -> bool:
        """Enter a name into its name space; False, with a diagnostic, if it is already declared."""
        if name.text in taken:
            note = Note(f"`{shortened(name.text)}` is declared here first", taken[name.text])
            message = f"the {what} `{shortened(name.text)}` is declared twice"
            self.error("E101", message, name.span, "rename or remove one of the two", (note,))
            return False
        taken[name.text] = name.span
        return True

    def unique(self, names: tuple[Name, ...], what: str) -> bool:
        """Whether the names of a list are unique; a diagnostic for the first repetition."""
        seen: set[str] = set()
        for name in names:
            if name.text in seen:
                message = f"`{shortened(name.text)}` is listed twice among the {what}"
                self.error("E121", message, name.span, "remove the repetition")
                return False
            seen.add(name.text)
        return True

    def implementation(self, call: Call, role: Role) -> Implementation | None:
        """A call as an implementation, checked against the catalogue.

        Args:
            call: The call as written.
            role: The place of the call; only arguments of operators may name number layers.

        Returns:
            The implementation, or None if diagnostics were added.
        """
        arguments: dict[str, Value | NumberRef] = {}
        for argument in call.arguments:
            key = argument.key
            if key is None:
                if call.name.text != "torch_module" or "path" in arguments:
                    hint = "write `name=value`; only `torch_module` takes its import path without a name"
                    self.error("E109", "this argument has no name", argument.span, hint)
                    return None
                key = "path"
            if key in arguments:
                message = f"the argument `{shortened(key)}` is given twice"
                self.error("E109", message, argument.span, "keep one of the two")
                return None
            value = argument.value
            if isinstance(value, Name) and role != "operator":
                message = (
                    f"`{shortened(value.text)}` is not a number: only operators can use the number of a number layer"
                )
                self.error("E118", message, value.span, "write a number")
                return None
            arguments[key] = NumberRef(value.text) if isinstance(value, Name) else value
        implementation = Implementation(call.name.text, tuple(arguments.items()))
        return implementation if self.accepted(implementation, role, call.span) else None

    def accepted(self, implementation: Implementation, role: Role, span: Span) -> bool:
        """Whether the catalogue accepts an implementation; a diagnostic if it does not."""
        if (implementation, role) not in self._checked:
            self._checked[implementation, role] = catalogue.check(implementation, role)
        problem = self._checked[implementation, role]
        if problem is not None:
            message, _, hint = problem.partition("; ")
            self.error("E109", message, span, hint or "docs/catalogue.md lists the catalogue")
        return problem is None
