"""The record of a form: all that the project knows about one way to write something, in one place.

A form is one alternative of a grammar rule. The parser, the formatter, the reference page, the prompts, the JSON schema
of replies, the reader of such replies and every set of keywords are derived from the records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lapt_dsl.language.tree import Node


@dataclass(frozen=True, slots=True)
class Form:
    """One alternative of a grammar rule. The forms of the space language have the first five attributes only.

    Attributes:
        rule: The grammar rule, which says where the form may occur: `predicate`, `selector`, `statement`, `item`, ...
        alias: The name of the alternative, or None where the rule has one alternative.
        meaning: What the form means, for the reference page and for prompts.
        example: A whole item, statement or place in use, for the reference page.
        brief: The meaning in a line, where `meaning` is too long for a prompt.
        node: The class of its tree node.
        spelling: How the form is written, see `spelling.py`: `at least {count} {operators}`.
        plural: The spelling for several indices or names, where it differs.
        fixed: The fields of the node whose value this form determines.
        choices: The words that a field may be.
        build: The fields of the node from the values of the grammar's non-terminals, where these are not the fields of
            `spelling` in order.
        block: What messages call the block of statements that the form ends in. Empty: it has none.
        shape: The kind of the `rule` property that stands for a predicate in JSON.
        prompt: The example for prompts; `{outer}` and the like are facts of a space (`propose/prompts/examples.py`).
        needs: Further facts without which a prompt does not show the form.
    """

    rule: str
    alias: str | None
    meaning: str
    example: str
    brief: str = ""
    node: type[Node] | None = None
    spelling: str = ""
    plural: str = ""
    fixed: Mapping[str, object] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    build: Callable[[list[Any]], Mapping[str, object]] | None = None
    block: str = ""
    shape: str = ""
    prompt: str = ""
    needs: str = ""

    @property
    def key(self) -> str:
        """The name of the production that the parser reduces by."""
        return self.alias or self.rule


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a reference page: text, and the forms it describes. The first section of a page has no forms."""

    title: str
    text: str
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonShape:
    """How a statement is written in a reply in JSON.

    Attributes:
        say: The value of the property `say`, which tells the shapes apart.
        form: The key of the statement's form.
        simple: Whether `if` and `one of` may hold it.
        properties: Each property of the JSON object and the kind of its values, in order. The kinds are those of
            `compiler/targets/decoder/json_values.py`.
        fields: The fields of the node that a property of another name fills.
    """

    say: str
    form: str
    simple: bool
    properties: Mapping[str, str]
    fields: Mapping[str, str] = field(default_factory=dict)
