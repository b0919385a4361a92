"""What the trees of both languages share: nodes, their comments, names and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapt_dsl.diagnostics.span import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments attached to a node, each as written with its `//`.

    `above`: whole lines above it ("" is a blank line that the author left); `beside`: the rest of its own line, which
    for a block is the line of its `{`; `inside_end`: lines before its `}` (or the end of a principle file);
    `after_end`: the rest of the line of its `}`; `below`: lines after the last `}` of a space file.
    """

    above: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    inside_end: tuple[str, ...] = ()
    after_end: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every tree node has: its place and its comments."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)
    comments: Comments = field(default=Comments(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as written, e.g. `3`, `0.5`, `1.3M`; `compiler` gives it a value (k, M, G are powers of 1,000)."""

    text: str
