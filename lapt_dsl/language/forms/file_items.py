"""The forms of a whole principle file: its header, its items and the head of a principle."""

from __future__ import annotations

from lapt_dsl.language.forms.form import Form
from lapt_dsl.language.tree.principles import Drop, Evidence, Extends, Principle

# A prompt shows none of them: what a whole file consists of is part of the task, and evidence is not for a model to
# claim.
FILE_FORMS = (
    Form("header", "header_for", "The file's name and the space it is written for.", "principles my_task for nas201;"),
    Form(
        "header",
        "header_any",
        "A general file, which uses traits and positions only. It compiles against every space that has them; "
        "`--space` selects one.",
        "principles general for any;",
    ),
    Form(
        "item",
        "extends",
        "Inherits every principle of another file, whose path is relative to this one. A file may extend several "
        "others. If "
        "two of them define a name differently, this file must drop or replace it.",
        'extends "chain.lp";',
        node=Extends,
        spelling="extends {path!quoted};",
    ),
    Form("item", "drop", "Leaves an inherited principle out.", "drop chain;", node=Drop, spelling="drop {name};"),
    Form(
        "item",
        "principle",
        "A principle: its name, the sentence that it formalises, its evidence, and its statements, all of which "
        "hold. A principle with an inherited name replaces the inherited one.",
        'principle compact "Little pooling." evidence 45 of 50 { layers: at most 1 pooling; }',
        node=Principle,
        spelling="principle {name} [{description!quoted}] [{evidence}] { {statements} }",
        block="the principle",
    ),
    Form(
        "evidence",
        None,
        "The number of observed architectures that satisfy the principle, and of all observed ones. It has no "
        "effect on the space.",
        "principle few_pools evidence 34 of 50 { layers: at most 1 pooling; }",
        node=Evidence,
        spelling="evidence {count} of {total}",
    ),
)
