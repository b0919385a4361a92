"""Architectures as text, both ways and exactly: the published benchmark's own strings.

Reading follows one template at a time, left to right, without backtracking over more than one field, so that hostile
text costs no more than friendly text.
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
    """How one level is read: the field texts it needs, and the label they mean."""

    level: int
    pick: Callable[[Sequence[str]], object]
    labels: dict[object, int]


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
        """How `write` works, for generated code: a `%` format, and per field a level with a text per label."""
        return self._skeleton, self._fields

    def write(self, labels: tuple[int, ...]) -> str:
        """The text of a legal word."""
        return self._skeleton % tuple([texts[labels[level]] for level, texts in self._fields])

    def read(self, text: str, templates: Sequence[Template]) -> list[int] | None:
        """The word that a text means by the first template it follows, its legality not checked; None for no word."""
        for template, columns in zip(templates, self._columns, strict=True):
            pieces = template.match(text)
            word = self._decode(columns, pieces) if pieces is not None else None
            if word is not None:
                return word
        return None

    def format(self, arch: Architecture) -> str:
        """Write an architecture in the space's first self.

        Args:
            arch: An architecture of it.

        Returns:
            The text; `parse` of it is `arch` again.

        Raises:
            LaptError: E606, the labels of `arch` are no word of the space.
        """
        labels = arch.encoding
        if len(labels) != len(self.ranges) or not all(map(range.__contains__, self.ranges, labels)):
            raise problems.no_word(self._space, "it does not choose one label for every layer")
        if (self.stages or self.budgets) and self.fault(labels) is not None:
            raise problems.no_word(
                self._space, "its layers do not read distinct sources in ascending order, or read too many"
            )
        return self.write(labels)

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
        word = self.read(text, self.templates)
        if word is None:
            word = self.read(compact(text), self.compacts)
            if word is None:
                return self._parse_other_form(text)
        if self.stages or self.budgets:
            self.settle(word)
            fault = self.fault(word)
            if fault is not None:
                raise problems.illegal(self._space, text, self.compacts, fault, word)
        return Architecture(self._space, tuple(word))

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
        word = [0] * len(self.ranges)
        for column in columns:
            label = column.labels.get(column.pick(pieces))
            if label is None:
                return None
            word[column.level] = label
        return word

    def example(self) -> str:
        """An architecture of the space as text: the first choice of every layer."""
        word = [0] * len(self.ranges)
        for stage in self.stages:
            ascending = sorted({source: label for label, source in reversed(list(enumerate(stage.sources)))}.items())
            for level, (_, label) in zip(stage.levels, ascending, strict=False):
                word[level] = label
        return self.write(tuple(word))

    def settle(self, word: list[int]) -> None:
        """Bring the layers of a word whose order does not count into canonical order, sources ascending."""
        for stage in self.stages:
            chosen = sorted([word[level] for level in stage.levels], key=stage.sources.__getitem__)
            for level, label in zip(stage.levels, chosen, strict=True):
                word[level] = label

    def fault(self, word: Sequence[int]) -> Stage | SourceLimit | None:
        """What a word breaks, if it breaks anything: sources that do not ascend, or a budget that does not hold."""
        for stage in self.stages:
            before = -1
            for level in stage.levels:
                source = stage.sources[word[level]]
                if source <= before:
                    return stage
                before = source
        for budget in self.budgets:
            if sum([counts[word[level]] for level, counts in budget.counts]) > budget.limit:
                return budget
        return None


def _columns(template: Template) -> tuple[_Column, ...]:
    columns: list[_Column] = []
    for level, positions in template.by_layer:
        fields = [template.fields[position] for position in positions]
        if len(fields) == 1:
            keys: Sequence[object] = fields[0].texts
        else:
            keys = list(zip(*(field.texts for field in fields), strict=True))
        labels = {key: label for label, key in enumerate(keys)}
        columns.append(_Column(level, itemgetter(*positions), labels))
    return tuple(columns)


def _sources(labels: Sequence[Choice]) -> tuple[int, ...]:
    return tuple(label.sources[0] for label in labels)


def _stages(space: Space) -> list[Stage]:
    found: list[Stage] = []
    for number, cell in enumerate(space.cells):
        for node in cell.nodes:
            layers = [cell.operator_layers[key] for key in node.layers]
            if node.distinct_sources and layers:
                levels = tuple(layer.decision for layer in layers)
                found.append(Stage(number, node.index, levels, _sources(layers[0].choices)))
    return found


def _budgets(space: Space) -> list[SourceLimit]:
    return [
        SourceLimit(
            number,
            cell.source_budget,
            tuple(
                (layer.decision, tuple(len(label.sources) for label in layer.choices)) for layer in cell.operator_layers
            ),
        )
        for number, cell in enumerate(space.cells)
        if cell.source_budget is not None
    ]
