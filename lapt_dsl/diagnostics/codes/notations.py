"""Architectures as text (E60x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

NOTATION_CODES = table(
    "Architectures and notations",
    Code(
        "E601",
        "off-notation",
        "error",
        "The text of an architecture does not follow the notation of the space.",
        "|none~0|+|none~0|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
        "An architecture must match a template of its space. White space outside quotes is ignored.",
    ),
    Code(
        "E602",
        "unknown-arch-code",
        "error",
        "The text of an architecture contains a code that the layer cannot have.",
        "|nor_conv_5x5~0|+...",
        "|nor_conv_3x3~0|+...",
        "A code must be a candidate or a source of its layer. The hint shows the nearest known code.",
    ),
    Code(
        "E603",
        "contradictory-text",
        "error",
        "The text of an architecture gives a layer two different choices.",
        "a notation that writes a layer twice, with two operators",
        "the same operator wherever the layer is written",
        "A layer has one choice. Every field of that layer must agree.",
    ),
    Code(
        "E604",
        "same-source-twice",
        "error",
        "Layers that must read distinct sources read the same node.",
        "Genotype(normal=[('skip_connect', 0), ('sep_conv_3x3', 0), ...",
        "Genotype(normal=[('skip_connect', 0), ('sep_conv_3x3', 1), ...",
        "The architecture is not in the space: the layers of a stage with `distinct sources` read different nodes.",
    ),
    Code(
        "E605",
        "over-source-budget",
        "error",
        "The layers of a cell read more sources than the space allows.",
        "a NAS-Bench-101 matrix with ten ones",
        "a NAS-Bench-101 matrix with at most nine ones",
        "The architecture is not in the space. In this example, `at most 9 sources` limits the cell.",
    ),
    Code(
        "E606",
        "no-architecture",
        "error",
        "A value is not an architecture of the space.",
        "Architecture(space, (9, 0, 0, 0, 0, 0))",
        'space.parse_arch("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")',
        "An encoding has one choice for every layer, within its candidates, and satisfies the source constraints of "
        "the "
        "space.",
    ),
    Code(
        "E607",
        "text-too-long",
        "error",
        "The text is longer than that of any architecture.",
        "a whole file of architectures",
        "one architecture",
        "The limit bounds the cost of reading an untrusted text.",
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
