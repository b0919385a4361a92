"""Names with one reading and so a safe fix (E23x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import SAFE_FIX, Code, table

NAME_FIX_CODES = table(
    "Names and places in principles",
    Code(
        "E230",
        "benchmark-name",
        "error",
        "An operator is written with the name or number of the benchmark.",
        "layers: only nor_conv_3x3;",
        "layers: only conv3x3;",
        f"The `notation` of the space maps each operator to its name in the benchmark; rules use the name of the "
        f"space. {SAFE_FIX}",
    ),
    Code(
        "E231",
        "name-spelling",
        "error",
        "A name differs from one name of the space in capitals or `_` only.",
        "layers: only Conv_3x3;",
        "layers: only conv3x3;",
        f"Names have one spelling. {SAFE_FIX} If other letters differ, the nearest name is only a hint: "
        "`conv1x3` may mean two operators.",
    ),
    Code(
        "E232",
        "operator-index",
        "error",
        "An operator is written as its position among the operators of the space, counted from 0.",
        "layers: only 3;",
        "layers: only conv3x3;",
        f"The position of an operator changes when one is added before it. {SAFE_FIX} The fix is offered only where "
        "every layer chooses among all operators, in their order.",
    ),
    Code(
        "E233",
        "joined-place",
        "error",
        "An input or a stage and its number are written as one word.",
        "layers: reads input_0;",
        "layers: reads input 0;",
        f"The space has no node of that name, and it has the input or stage. {SAFE_FIX}",
    ),
    Code(
        "E234",
        "space-spelling",
        "error",
        "A file is for a space whose name differs from a shipped one in capitals or `_` only.",
        "principles p for NAS201;",
        "principles p for nas201;",
        f"Every name of the file is resolved in its space, so the name of the space must be exact. {SAFE_FIX}",
    ),
)
