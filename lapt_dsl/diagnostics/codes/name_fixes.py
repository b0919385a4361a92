"""Names with one reading and so a safe fix (E23x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import SAFE_FIX, Code, table

NAME_FIX_CODES = table(
    "Names and places in principles",
    Code(
        "E230",
        "benchmark-name",
        "error",
        "An operator has the name or number that the benchmark writes for it.",
        "layers: only nor_conv_3x3;",
        "layers: only conv3x3;",
        f"The space's `notation` says how the benchmark writes each operator. {SAFE_FIX}",
    ),
    Code(
        "E231",
        "name-spelling",
        "error",
        "A name differs from one name of the space in capitals or `_` only.",
        "layers: only Conv_3x3;",
        "layers: only conv3x3;",
        f"Names have one spelling. {SAFE_FIX} Where other letters differ, the nearest name is a hint and no more: "
        "`conv1x3` may mean two operators.",
    ),
    Code(
        "E232",
        "operator-index",
        "error",
        "An operator is written as its position among the operators of the space, counted from 0.",
        "layers: only 3;",
        "layers: only conv3x3;",
        f"Numbers change their meaning when an operator is added. {SAFE_FIX} It is offered only where every layer "
        "chooses among all operators, in their order.",
    ),
    Code(
        "E233",
        "joined-place",
        "error",
        "An input or a stage and its number are written as one word.",
        "layers: reads input_0;",
        "layers: reads input 0;",
        f"No node has that name, and the input or stage exists. {SAFE_FIX}",
    ),
    Code(
        "E234",
        "space-spelling",
        "error",
        "A file is for a space whose name differs from a shipped one in capitals or `_` only.",
        "principles p for NAS201;",
        "principles p for nas201;",
        f"Every name of the file resolves against its space, so the space comes first. {SAFE_FIX}",
    ),
)
