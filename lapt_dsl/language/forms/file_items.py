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
        "A file of traits and positions only: it compiles against every space that has them (`--space` names it).",
        "principles general for any;",
    ),
    Form(
        "item",
        "extends",
        "Takes over every principle of another file, named relative to this one. Several parents may stand below each "
        "other; two that define one name differently are an error unless this file drops or replaces the name.",
        'extends "chain.lp";',
        node=Extends,
        spelling="extends {path!quoted};",
    ),
    Form("item", "drop", "Leaves an inherited principle out.", "drop chain;", node=Drop, spelling="drop {name};"),
    Form(
        "item",
        "principle",
        "A principle: its name, the sentence it formalises, what it was learned from, and its statements, all of which "
        "hold. A principle with an inherited name replaces the inherited one.",
        'principle compact "Little pooling." evidence 45 of 50 { layers: at most 1 pooling; }',
        node=Principle,
        spelling="principle {name} [{description!quoted}] [{evidence}] { {statements} }",
        block="the principle",
    ),
    Form(
        "evidence",
        None,
        "The principle holds in so many of so many observed architectures. It is kept and shown; it removes nothing.",
        "principle few_pools evidence 34 of 50 { layers: at most 1 pooling; }",
        node=Evidence,
        spelling="evidence {count} of {total}",
    ),
)
