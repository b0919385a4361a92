"""The typed syntax trees of both languages.

A tree says what a text says and nothing more: names are not resolved here. Every node carries the `span` it was read
from and the comments that belong to it; neither takes part in equality, so `parse(print(tree)) == tree`.

Here are the classes that several folders use; `principles.py` and `spaces.py` have all.
"""

from __future__ import annotations

from typing import TypeAlias

from lapt_dsl.language.tree.nodes import (
    Comments,
    Name,
    Node,
    Number,
)
from lapt_dsl.language.tree.principles import (
    Agree,
    Count,
    Drop,
    Evidence,
    Extends,
    IfRule,
    InCells,
    LayerRule,
    NetworkRule,
    OneOf,
    Only,
    OperatorAtom,
    Operators,
    PathRule,
    PlaceRef,
    Predicate,
    Prefer,
    Principle,
    PrincipleFile,
    Ranges,
    Reads,
    Rule,
    Selector,
    Statement,
)
from lapt_dsl.language.tree.spaces import (
    Argument,
    Call,
    CandidatesItem,
    CellItem,
    ChooseItem,
    InputsItem,
    LayerTerm,
    NetworkItem,
    NetworkLine,
    NodeItem,
    NotationItem,
    OperatorItem,
    SourceBudget,
    SpaceFile,
    Wiring,
)

File: TypeAlias = PrincipleFile | SpaceFile

__all__ = [
    "Agree",
    "Argument",
    "Call",
    "CandidatesItem",
    "CellItem",
    "ChooseItem",
    "Comments",
    "Count",
    "Drop",
    "Evidence",
    "Extends",
    "File",
    "IfRule",
    "InCells",
    "InputsItem",
    "LayerRule",
    "LayerTerm",
    "Name",
    "NetworkItem",
    "NetworkLine",
    "NetworkRule",
    "Node",
    "NodeItem",
    "NotationItem",
    "Number",
    "OneOf",
    "Only",
    "OperatorAtom",
    "OperatorItem",
    "Operators",
    "PathRule",
    "PlaceRef",
    "Predicate",
    "Prefer",
    "Principle",
    "PrincipleFile",
    "Ranges",
    "Reads",
    "Rule",
    "Selector",
    "SourceBudget",
    "SpaceFile",
    "Statement",
    "Wiring",
]
