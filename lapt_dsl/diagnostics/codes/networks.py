"""Networks that cannot be built (E14x, E541)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

NETWORK_CODES = table(
    "Networks",
    Code(
        "E140",
        "network-misfit",
        "error",
        "The network of a space cannot be built: two parts of it do not fit.",
        "cell main { input a, b; ... }   // a and b differ in size",
        "cell main { input a, b through relu_conv_bn(kernel=1); ... }",
        "Feature maps can only be added where their channels and sizes agree; `through` makes the inputs agree.",
    ),
    Code(
        "E141",
        "no-network",
        "error",
        "The space has no network, or none of the name that was asked for.",
        "lapt build ARCH --space darts --network imagnet",
        "lapt build ARCH --space darts --network imagenet",
        "Costs, depth and generated modules are those of a whole network, so one must be described.",
    ),
    Code(
        "E541",
        "unknown-cost",
        "error",
        "A bound speaks of parameters or FLOPs, and a `torch_module` of the space has costs nobody knows.",
        "network: params <= 1.3M;   // the space uses torch_module(...)",
        "network: depth <= 20;",
        "Costs are computed from the space alone; compiling never imports the user's code, so it cannot count it.",
    ),
)
