"""Architectures as text (E60x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

NOTATION_CODES = table(
    "Architectures and notations",
    Code(
        "E601",
        "off-notation",
        "error",
        "A text leaves the shape of the space's notation.",
        "|none~0|+|none~0|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
        "An architecture is read by the templates of its space, white space outside quotes aside.",
    ),
    Code(
        "E602",
        "unknown-arch-code",
        "error",
        "A field of an architecture's text holds a code the layer cannot have.",
        "|nor_conv_5x5~0|+...",
        "|nor_conv_3x3~0|+...",
        "Each layer has its candidates and its sources. The nearest real code is in the hint.",
    ),
    Code(
        "E603",
        "contradictory-text",
        "error",
        "A text gives one layer two choices that do not go together.",
        "a notation that writes a layer twice, with two operators",
        "the same operator wherever the layer is written",
        "A layer makes one choice.",
    ),
    Code(
        "E604",
        "same-source-twice",
        "error",
        "Layers that read distinct sources read the same node.",
        "Genotype(normal=[('skip_connect', 0), ('sep_conv_3x3', 0), ...",
        "Genotype(normal=[('skip_connect', 0), ('sep_conv_3x3', 1), ...",
        "The space has no such architecture: its stages read two different nodes.",
    ),
    Code(
        "E605",
        "over-source-budget",
        "error",
        "The layers of a cell read more sources than its budget.",
        "a NAS-Bench-101 matrix with ten ones",
        "a NAS-Bench-101 matrix with at most nine ones",
        "The space has no such architecture: `at most 9 sources` bounds the cell.",
    ),
    Code(
        "E606",
        "no-architecture",
        "error",
        "A value is no architecture of the space.",
        "Architecture(space, (9, 0, 0, 0, 0, 0))",
        'space.parse_arch("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")',
        "A word has one label for every layer, and keeps to what the space says of sources.",
    ),
    Code(
        "E607",
        "text-too-long",
        "error",
        "A text is longer than any architecture.",
        "a whole file of architectures",
        "one architecture",
        "The limit keeps the cost of reading an untrusted text bounded.",
    ),
    Code(
        "E608",
        "other-architecture",
        "error",
        "A text is an architecture in a form of the field, but not one of this space.",
        "a NASNet cell with ten edges, read as one of DARTS",
        "a DARTS genotype with eight edges for each cell",
        "Numbers of edges, fixed concatenations and the kind of network differ between benchmarks. A form whose "
        "numbers mean different operators in different tools is read only where it is named, as in "
        "`naslib:(4, 0, 3, 1, 4, 3)`.",
    ),
)
