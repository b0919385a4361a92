"""Reads and writes architectures as text, in the strings of the published benchmark.

Reading follows one template at a time, from left to right, and backtracks over one field at most. The time is linear in
the length of the text, whatever the text is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from lapt_dsl.compiler.space.interchange.forms import read_form
from lapt_dsl.compiler.space.interchange.genotypes import WrongArchitecture
from lapt_dsl.compiler.space.model import Architecture, Choice, Space
from lapt_dsl.compiler.space.notations import problems as problems
from lapt_dsl.compiler.space.notations.problems import SourceLimit, Stage
from lapt_dsl.compiler.space.notations.template import Field, Template, compact, generic_template, read_template
from lapt_dsl.diagnostics.diagnostic import LaptError

MAX_TEXT = 1_000_000


@dataclass(frozen=True, slots=True)
class _Column:
    """How one decision is read: the field texts that are needed, and the choice for each combination of them."""

    decision: int
    pick: Callable[[Sequence[str]], object]
    choices: dict[object, int]


class Notation:
    """The compiled notation of a space; `Space.codec` keeps one."""

    def __init__(self, space: Space) -> None:
        self._space = space
        known: dict[str, Field] = {}
        written = space.notation or (generic_template(space),)
        self.templates = tuple(read_template(space, text, known) for text in written)
        self.compacts = tuple(template.compact() for template in self.templates)
        self.ranges = tuple(range(len(layer.choices)) for layer in space.layers)
        self.stages = tuple(_stages(space))
        self.budgets = tuple(_budgets(space))
        self._columns = tuple(_columns(template) for template in self.templates)
        first = self.templates[0]
        self._skeleton = "%s".join(literal.replace("%", "%%") for literal in first.literals)
        self._fields = tuple((field.layer.decision, field.texts) for field in first.fields)

    @property
    def writer(self) -> tuple[str, tuple[tuple[int, tuple[str, ...]], ...]]:
        """How `write` works, for generated code: a `%` format, and per field a decision with a text per choice."""
        return self._skeleton, self._fields

    def write(self, choices: tuple[int, ...]) -> str:
        """The text of a valid encoding."""
        return self._skeleton % tuple([texts[choices[decision]] for decision, texts in self._fields])

    def read(self, text: str, templates: Sequence[Template]) -> list[int] | None:
        """The encoding of a text by the first matching template, not validated; None if no template matches."""
        for template, columns in zip(templates, self._columns, strict=True):
            pieces = template.match(text)
            encoding = self._decode(columns, pieces) if pieces is not None else None
            if encoding is not None:
                return encoding
        return None

    def format(self, arch: Architecture) -> str:
        """Write an architecture in the first notation of the space.

        Args:
            arch: An architecture of it.

        Returns:
            The text; `parse` of it is `arch` again.

        Raises:
            LaptError: E606, `arch` is not an architecture of the space.
        """
        choices = arch.encoding
        if len(choices) != len(self.ranges) or not all(map(range.__contains__, self.ranges, choices)):
            raise problems.not_in_space(self._space, "it does not choose one label for every layer")
        if (self.stages or self.budgets) and self.fault(choices) is not None:
            raise problems.not_in_space(
                self._space, "its layers do not read distinct sources in ascending order, or read too many"
            )
        return self.write(choices)

    def parse(self, text: str) -> Architecture:
        """Read an architecture in any of the space's notations.

        A text that is written in none of them may have another form of the field (`interchange`). White space outside
        quotes does not count. Layers that read distinct sources may come in any order; they are
        brought into canonical order.

        Args:
            text: The architecture as text.

        Returns:
            The architecture.

        Raises:
            LaptError: E601 to E608, what is wrong with the text, at its line and column.
        """
        if len(text) > MAX_TEXT:
            raise problems.too_long(self._space, len(text), MAX_TEXT)
        encoding = self.read(text, self.templates)
        if encoding is None:
            encoding = self.read(compact(text), self.compacts)
            if encoding is None:
                return self._parse_other_form(text)
        if self.stages or self.budgets:
            self.settle(encoding)
            fault = self.fault(encoding)
            if fault is not None:
                raise problems.illegal(self._space, text, self.compacts, fault, encoding)
        return Architecture(self._space, tuple(encoding))

    def reads(self, text: str) -> bool:
        """Whether the notation itself reads a text, white space aside."""
        return self.read(compact(text), self.compacts) is not None

    def _parse_other_form(self, text: str) -> Architecture:
        """Read a text that another tool wrote, or say why the text is no architecture of the space."""
        try:
            reading = read_form(text, self._space.notation)
        except WrongArchitecture as error:
            raise problems.other_architecture(self._space, text, str(error)) from error
        if reading is None or reading.text == text:
            raise problems.unreadable(self._space, text, self.compacts, self.example())
        try:
            return self.parse(reading.text)
        except LaptError as error:
            raise problems.in_whole(error, text) from error

    def _decode(self, columns: tuple[_Column, ...], pieces: list[str]) -> list[int] | None:
        encoding = [0] * len(self.ranges)
        for column in columns:
            choice = column.choices.get(column.pick(pieces))
            if choice is None:
                return None
            encoding[column.decision] = choice
        return encoding

    def example(self) -> str:
        """An architecture of the space as text: the first choice of every layer."""
        encoding = [0] * len(self.ranges)
        for stage in self.stages:
            ascending = sorted({source: choice for choice, source in reversed(list(enumerate(stage.sources)))}.items())
            for decision, (_, choice) in zip(stage.decisions, ascending, strict=False):
                encoding[decision] = choice
        return self.write(tuple(encoding))

    def settle(self, encoding: list[int]) -> None:
        """Sort the layers of every stage with distinct sources into canonical order, sources ascending."""
        for stage in self.stages:
            chosen = sorted([encoding[decision] for decision in stage.decisions], key=stage.sources.__getitem__)
            for decision, choice in zip(stage.decisions, chosen, strict=True):
                encoding[decision] = choice

    def fault(self, encoding: Sequence[int]) -> Stage | SourceLimit | None:
        """The constraint that an encoding violates (ascending distinct sources, or a source limit), or None."""
        for stage in self.stages:
            before = -1
            for decision in stage.decisions:
                source = stage.sources[encoding[decision]]
                if source <= before:
                    return stage
                before = source
        for budget in self.budgets:
            if sum([counts[encoding[decision]] for decision, counts in budget.counts]) > budget.limit:
                return budget
        return None


def _columns(template: Template) -> tuple[_Column, ...]:
    columns: list[_Column] = []
    for decision, positions in template.by_layer:
        fields = [template.fields[position] for position in positions]
        if len(fields) == 1:
            keys: Sequence[object] = fields[0].texts
        else:
            keys = list(zip(*(field.texts for field in fields), strict=True))
        choices = {key: choice for choice, key in enumerate(keys)}
        columns.append(_Column(decision, itemgetter(*positions), choices))
    return tuple(columns)


def _sources(choices: Sequence[Choice]) -> tuple[int, ...]:
    return tuple(choice.sources[0] for choice in choices)


def _stages(space: Space) -> list[Stage]:
    found: list[Stage] = []
    for number, cell in enumerate(space.cells):
        for node in cell.nodes:
            layers = [cell.operator_layers[key] for key in node.layers]
            if node.distinct_sources and layers:
                decisions = tuple(layer.decision for layer in layers)
                found.append(Stage(number, node.index, decisions, _sources(layers[0].choices)))
    return found


def _budgets(space: Space) -> list[SourceLimit]:
    return [
        SourceLimit(
            number,
            cell.source_budget,
            tuple(
                (layer.decision, tuple(len(choice.sources) for choice in layer.choices))
                for layer in cell.operator_layers
            ),
        )
        for number, cell in enumerate(space.cells)
        if cell.source_budget is not None
    ]
