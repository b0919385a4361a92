"""What the forms of the space language mean (docs/language-spaces.md)."""

from __future__ import annotations

from lapt_dsl.language.forms.form import Form, Section

_INTRO = """
A `.space` file says what may be built. An architecture gives every layer i an operator from its candidates C_i and its
sources from S_i. A cell is a directed acyclic graph of nodes; a layer carries data from what it reads into a node; a
node adds up, or concatenates, what arrives; a network stacks cells between a stem and a head.

Statements end in `;`, blocks stand in braces, `//` starts a comment. Words that the principle language reserves cannot
be names, so that a principle can speak of everything a space names. Layers are numbered from 0 within a cell, each
before every layer that reads what it feeds.
"""

_FILE = (
    Form(
        "start",
        None,
        "A whole file: one space, its name and what it is.",
        'space tiny "One layer." { operator skip = identity() : shortcut; cell main { input x; output y = layer 0 (x); '
        "layers choose skip; } network { stem conv_bn(kernel=3, channels=16); 1 x main; head pool_linear(); } }",
    ),
    Form(
        "item",
        "operator",
        "A named operator, its implementation from the catalogue, and its traits. The trait `absent` means that a "
        "layer with this operator carries nothing.",
        "operator conv3x3 = relu_conv_bn(kernel=3) : convolution;",
    ),
    Form(
        "item",
        "candidates",
        "A list of operators that several layers share by name.",
        "candidates common = skip, conv3x3;",
    ),
    Form(
        "item",
        "cell",
        "A cell and what is in it.",
        "cell main { input x; output y = layer 0 (x); layers choose skip; }",
    ),
    Form(
        "item",
        "network",
        "What stands around the cells, in order. The first network is the default one; others have a name.",
        "network { stem conv_bn(kernel=3, channels=16); 5 x main; head pool_linear(); }",
    ),
    Form(
        "item",
        "notation",
        "How an architecture is written. The first template prints, all of them parse; white space outside quotes does "
        "not count when parsing. `{3}` or `{main.3}` is the code of a layer's operator, `{normal.0:source}` of the "
        "node it reads, `{2:x}` is 1 where layer 2 reads x and else 0, `{stage1.width}` a number layer's number, and "
        "`{{`, `}}` are braces. A space without notation gets one of the form `main.0=conv3x3(x)`.",
        'notation "|{0}~0|" where conv3x3 = "nor_conv_3x3", skip = "skip_connect";',
    ),
)

_CELLS = (
    Form(
        "cell_item",
        "inputs",
        "The inputs, and the preprocessing that brings each to the cell's channels, if any.",
        "input prev2, prev1 preprocess relu_conv_bn(kernel=1);",
    ),
    Form(
        "cell_item",
        "node_sum",
        "A node that adds up its layers. A `stage` is a node that principles can count; the `output` comes last. With "
        "`distinct sources` its layers read pairwise different nodes, and their order does not count.",
        "stage s1 = layer 0 (one of {p, q}) + layer 1 (one of {p, q}), distinct sources;",
    ),
    Form("cell_item", "node_concat", "A node that concatenates other nodes.", "output y = concat(s1, s2);"),
    Form("cell_item", "choose_all", "The candidates of every operator layer.", "layers choose none, skip, conv3x3;"),
    Form("cell_item", "choose_ranges", "The candidates of these layers.", "layers 0..2, 5 choose common;"),
    Form(
        "cell_item",
        "choose_name",
        "A number layer: a choice of a number, that operators and the network refer to by its name.",
        "layer width choose 16, 24, 32;",
    ),
    Form("cell_item", "source_budget", "How many sources all layers read together, at most.", "at most 9 sources;"),
)

_WIRING = (
    Form("term", "layer_once", "A layer and what it reads.", "node a = layer 0 (x);"),
    Form("term", "layer_repeated", "The layer stands so many times in sequence.", "output y = 3 x layer 0 (x);"),
    Form("wiring", "read_fixed", "Always this node.", "node a = layer 0 (x);"),
    Form("wiring", "read_one", "One of these, searched.", "node b = layer 1 (one of {x, a});"),
    Form("wiring", "read_any", "Any subset, the empty one too.", "node b = layer 1 (any of {x, a});"),
    Form("wiring", "read_some", "Any subset but the empty one.", "node b = layer 1 (some of {x, a});"),
)

_NETWORK = (
    Form(
        "part",
        "image",
        "The input: channels and height (= width). The defaults are 3 and 32.",
        "image (channels=3, size=224);",
    ),
    Form("part", "stem", "A block before the cells.", "stem conv_bn(kernel=3, channels=16);"),
    Form("part", "head", "The classifier behind them.", "head pool_linear();"),
    Form(
        "part",
        "body",
        "A cell, or a block of the catalogue, so many times; `channels` and `stride` are those of a cell's output.",
        "6 x normal(channels=36);",
    ),
)

_CALLS = (
    Form("call", None, "An implementation of the catalogue with its arguments.", "operator c = conv_bn(kernel=3);"),
    Form(
        "argument",
        "positional",
        "Only `torch_module`: the import path of a class of yours, imported when a network is built and never before.",
        'operator mine = torch_module("my_ops:MyBlock") : convolution;',
    ),
    Form(
        "argument",
        "keyword",
        "An integer, a string, or the name of a number layer of the cell.",
        "operator block = mbconv(kernel=kernel, expansion=6);",
    ),
)

SPACE_SECTIONS = (
    Section("The space language", _INTRO),
    Section("A file", "Operators, cells, networks and notations, in any order.", _FILE),
    Section("Cells", "What may stand in a cell.", _CELLS),
    Section("Layers and wiring", "What a layer reads, fixed or searched.", _WIRING),
    Section("Networks", "What may stand in a network.", _NETWORK),
    Section("Calls", "Operators and blocks come from a fixed catalogue (docs/catalogue.md).", _CALLS),
)
