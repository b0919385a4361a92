"""What the forms of the space language mean (docs/language-spaces.md)."""

from __future__ import annotations

from lapt_dsl.language.forms.form import Form, Section

_INTRO = """
A `.space` file describes the architectures that can be built. An architecture assigns to every layer i an operator from
its candidates C_i and sources from S_i. A cell is a directed acyclic graph of nodes. A layer carries data from its
sources to a node. A node adds or concatenates the data that it receives. A network stacks cells between a stem and a
head.

Statements end in `;`, blocks are enclosed in braces, `//` starts a comment. Words that the principle language reserves
cannot be names, so that principles can use every name of a space. The layers of a cell are numbered from 0, in an order
in which every layer comes after the layers that it depends on.
"""

_FILE = (
    Form(
        "start",
        None,
        "A whole file: one space, its name and its description.",
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
        "A cell and its content.",
        "cell main { input x; output y = layer 0 (x); layers choose skip; }",
    ),
    Form(
        "item",
        "network",
        "The network around the cells, as parts in order. The first network is the default; others have a name.",
        "network { stem conv_bn(kernel=3, channels=16); 5 x main; head pool_linear(); }",
    ),
    Form(
        "item",
        "notation",
        "The text form of an architecture. The first template is used for printing, all of them for parsing; parsing "
        "ignores white space outside quotes. `{3}` or `{main.3}` is the code of a layer's operator, "
        "`{normal.0:source}` of the "
        "node it reads, `{2:x}` is 1 if layer 2 reads x, else 0, `{stage1.width}` is the number of a number layer, and "
        "`{{`, `}}` are braces. A space without notation gets one of the form `main.0=conv3x3(x)`.",
        'notation "|{0}~0|" where conv3x3 = "nor_conv_3x3", skip = "skip_connect";',
    ),
)

_CELLS = (
    Form(
        "cell_item",
        "inputs",
        "The inputs, and optionally the preprocessing that gives each of them the channels of the cell.",
        "input prev2, prev1 preprocess relu_conv_bn(kernel=1);",
    ),
    Form(
        "cell_item",
        "node_sum",
        "The sum of its layers. A `stage` is a node that principles can count; the `output` comes last. With "
        "`distinct sources`, its layers read pairwise different nodes, and their order is irrelevant.",
        "stage s1 = layer 0 (one of {p, q}) + layer 1 (one of {p, q}), distinct sources;",
    ),
    Form("cell_item", "node_concat", "A node that concatenates other nodes.", "output y = concat(s1, s2);"),
    Form("cell_item", "choose_all", "The candidates of every operator layer.", "layers choose none, skip, conv3x3;"),
    Form("cell_item", "choose_ranges", "The candidates of these layers.", "layers 0..2, 5 choose common;"),
    Form(
        "cell_item",
        "choose_name",
        "A number layer: the choice of a number, which operators and the network refer to by its name.",
        "layer width choose 16, 24, 32;",
    ),
    Form(
        "cell_item",
        "source_budget",
        "The maximum number of sources that all layers read together.",
        "at most 9 sources;",
    ),
)

_WIRING = (
    Form("term", "layer_once", "A layer and its sources.", "node a = layer 0 (x);"),
    Form(
        "term", "layer_repeated", "The layer, repeated this number of times in sequence.", "output y = 3 x layer 0 (x);"
    ),
    Form("wiring", "read_fixed", "Always this node.", "node a = layer 0 (x);"),
    Form("wiring", "read_one", "One of these, searched.", "node b = layer 1 (one of {x, a});"),
    Form("wiring", "read_any", "Any subset, including the empty one.", "node b = layer 1 (any of {x, a});"),
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
    Form("part", "head", "The classifier after the cells.", "head pool_linear();"),
    Form(
        "part",
        "body",
        "A cell or a block of the catalogue, repeated this number of times; `channels` and `stride` are those of "
        "its output.",
        "6 x normal(channels=36);",
    ),
)

_CALLS = (
    Form("call", None, "An implementation of the catalogue with its arguments.", "operator c = conv_bn(kernel=3);"),
    Form(
        "argument",
        "positional",
        "For `torch_module` only: the import path of your own class. It is imported when a network is built.",
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
    Section("Cells", "The content of a cell.", _CELLS),
    Section("Layers and wiring", "The sources of a layer, fixed or searched.", _WIRING),
    Section("Networks", "The content of a network.", _NETWORK),
    Section("Calls", "Operators and blocks come from a fixed catalogue (docs/catalogue.md).", _CALLS),
)
