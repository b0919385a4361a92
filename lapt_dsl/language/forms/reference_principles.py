"""What the forms of the principle language mean (docs/language-principles.md)."""

from __future__ import annotations

from lapt_dsl.language.forms.reference_forms import Form, Section

_INTRO = """
A `.lp` file says what is worth building. It names the space it speaks of and lists *principles*: a sentence for people
and a body for the compiler. Its hard rules denote a subset of the space, exactly; its preferences (`prefer`) put a
weight on what is left and never remove anything.

Statements end in `;`, blocks stand in braces, `//` starts a comment, strings are double-quoted, white space means
nothing. Layers and inputs are counted from 0. Stages are counted from 1. Outside `in CELL { }` a rule speaks of every
cell, each by itself; a rule whose layers exist only in some cells speaks of those.

A word in capitals below is another form of the language: OPERATORS a list of operators, PLACE where data is, and so on.
A name that the space does not have is an error with the nearest real name, never silently nothing.
"""

_FILE = (
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
    ),
    Form("item", "drop", "Leaves an inherited principle out.", "drop chain;"),
    Form(
        "item",
        "principle",
        "A principle: its name, the sentence it formalises, what it was learned from, and its statements, all of which "
        "hold. A principle with an inherited name replaces the inherited one.",
        'principle compact "Little pooling." evidence 45 of 50 { layers: at most 1 pooling; }',
    ),
    Form(
        "evidence",
        None,
        "The principle holds in so many of so many observed architectures. It is kept and shown; it removes nothing.",
        "principle few_pools evidence 34 of 50 { layers: at most 1 pooling; }",
    ),
)

_STATEMENTS = (
    Form("layer_rule", None, "The predicate holds on the selected layers.", "layer 3: only skip, conv1x1;"),
    Form(
        "path_rule",
        None,
        "The predicates, joined by `and`, hold on the layers of some (or of every) live path; all of them on the same "
        "path. A layer whose operator is `absent` carries nothing, so no path runs through it. Without `from` a path "
        "starts at any input, and without `to` it ends at the output. `every path` is true where there is no path.",
        "some path from x to output: at least 2 convolution and at most 1 pooling;",
        "On some (or every) path from an input to the output that carries data, all of it holds.",
    ),
    Form(
        "network_rule",
        None,
        "A bound on the built default network: parameters and multiply-accumulates (`flops`) of the published network, "
        "dead layers included; `depth`, the most live operator layers on a path through the stacked cells; "
        "`live layers`, their number over all cells. Always of the whole network, never of one cell.",
        "network: params <= 1.3M;",
        "A bound on `params`, `flops`, `depth` or `live layers` of the whole network, by <= or >=.",
    ),
    Form(
        "simple_rule",
        "if_rule",
        "Where the first rule holds, the second holds too. Evaluated per cell.",
        "if layer 3: only skip; then layer 5: only convolution;",
    ),
    Form(
        "simple_rule",
        "one_of",
        "At least one of the rules holds. Evaluated per cell.",
        "one of { layer 0: only conv3x3; layer 1: only conv3x3; }",
    ),
    Form(
        "statement",
        "in_cells",
        "The statements speak of these cells only.",
        "in main { late layers: never pooling; }",
    ),
    Form(
        "rule",
        "in_cells",
        "Inside `if` and `one of`, `in` holds rules but no preference.",
        "if in main { layer 0: only skip; } then in main { layer 5: only conv3x3; }",
    ),
    Form(
        "prefer",
        None,
        "Per selected layer, an operator of the first list multiplies the sampling weight by e^w, one of the list "
        "after `over` by e^-w. w is 1 unless `by` says otherwise. Nothing is removed. Not allowed inside "
        "`if` and `one of`.",
        "late layers: prefer conv3x3 over conv1x1 by 2;",
        "The first list is drawn more often, the list after `over` less. Nothing is removed.",
    ),
)

_SELECTORS = (
    Form("selector", "select_all", "Every operator layer.", "layers: at most 1 pooling;"),
    Form(
        "selector",
        "select_position",
        "The first third, the last third (both rounded up) or the rest. Where a cell has stages they are counted, else "
        "its layers.",
        "early layers: only convolution;",
        "The first third, the last third, or (`middle`) what is between.",
    ),
    Form("selector", "select_layers", "Layers by number, with inclusive ranges.", "layers 0..2, 5: never none;"),
    Form(
        "selector",
        "select_named",
        "Number layers by name; numbers and ranges take the place of operators.",
        "layer width: only 16..24, 32;",
    ),
    Form("selector", "select_into", "The layers that feed a place.", "layers into b: at least 1 convolution;"),
    Form(
        "selector",
        "select_from",
        "The layers that read a place. Under searched wiring a layer is selected where it does read it.",
        "layers from x: never pooling;",
    ),
    Form(
        "selector",
        "select_each_stage",
        "Every stage separately: the predicate holds on the layers of each.",
        "each stage: at least 1 separable;",
    ),
    Form("selector", "select_stages", "The layers of these stages together.", "stages 3..4: never pooling;"),
)

_PREDICATES = (
    Form("predicate", "only", "Every selected layer's operator is in the list.", "layer 3: only skip, conv1x1;"),
    Form("predicate", "never", "No selected layer's operator is in the list.", "early layers: never pooling;"),
    Form(
        "predicate", "at_least", "So many selected layers, or more, carry one of them.", "layers: at least 2 conv3x3;"
    ),
    Form("predicate", "at_most", "So many selected layers, or fewer, carry one of them.", "layers: at most 1 pooling;"),
    Form("predicate", "exactly", "Exactly so many selected layers carry one of them.", "layers: exactly 1 skip;"),
    Form("predicate", "same", "The selected layers carry one and the same operator.", "layers 0, 2, 5: same operator;"),
    Form(
        "predicate", "distinct", "No two selected layers carry the same operator.", "layers 0..1: distinct operators;"
    ),
    Form("predicate", "reads_some", "Some selected layer reads one of the places.", "stage 2: reads previous stage;"),
    Form("predicate", "reads_only", "The selected layers read these places only.", "stage 1: reads only input 1;"),
    Form("predicate", "reads_never", "No selected layer reads any of the places.", "stages 3, 4: never reads input 0;"),
)

_OPERATORS = (
    Form(
        "operators",
        None,
        "The union of what is listed, without what follows `except` (taken from the whole list).",
        "layers: only any except pooling, none;",
    ),
    Form("atom", "atom_name", "An operator, or every operator with this trait.", "layer 0: only conv3x3, shortcut;"),
    Form("atom", "atom_any", "Every operator.", "layers: at least 3 any except none;"),
    Form("atom", "atom_number", "A number, for number layers.", "layer kernel: only 3;"),
    Form("atom", "atom_range", "Every number from the first to the last.", "layer width: only 16..32;"),
)

_PLACES = (
    Form("place", "place_input", "An input of the cell, counted from 0.", "layers from input 0: never pooling;"),
    Form("place", "place_stage", "The output of a stage, counted from 1.", "layers from stage 1: never pooling;"),
    Form(
        "place",
        "place_previous",
        "The stage before that of the selected layer. Stage 1 has none: a rule on `each stage` is silent there.",
        "each stage: reads previous stage;",
    ),
    Form("place", "place_output", "The output of the cell.", "layers into output: at least 1 convolution;"),
    Form(
        "place", "place_name", "A node by its name in the space file.", "some path from a to b: at least 1 convolution;"
    ),
)

PRINCIPLE_SECTIONS = (
    Section("The principle language", _INTRO),
    Section("A file", "The header comes first; then the rest in any order.", _FILE),
    Section("Statements", "What may stand in a principle.", _STATEMENTS),
    Section("Selectors", "Which layers a rule speaks of.", _SELECTORS),
    Section("Predicates", "What holds on the selected layers.", _PREDICATES),
    Section("Operators", "Sets of operators. An operator and a trait never share a name in one space.", _OPERATORS),
    Section("Places", "Where data is in a cell.", _PLACES),
)
