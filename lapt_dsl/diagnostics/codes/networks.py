"""Networks that cannot be built (E14x, E541)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

NETWORK_CODES = table(
    "Networks",
    Code(
        "E140",
        "network-misfit",
        "error",
        "The network of a space cannot be built: the shapes of two parts do not fit.",
        "cell main { input a, b; ... }   // a and b differ in size",
        "cell main { input a, b preprocess relu_conv_bn(kernel=1); ... }",
        "Feature maps can only be added where their channels and sizes agree; `preprocess` makes the inputs agree.",
    ),
    Code(
        "E141",
        "no-network",
        "error",
        "The space has no network, or none of the requested name.",
        "lapt build ARCH --space darts --network imagnet",
        "lapt build ARCH --space darts --network imagenet",
        "Costs, depth and generated modules are computed for a whole network, so the space file must describe one.",
    ),
    Code(
        "E541",
        "unknown-cost",
        "error",
        "A rule limits parameters or FLOPs, and the cost of a `torch_module` of the space is unknown.",
        "network: params <= 1.3M;   // the space uses torch_module(...)",
        "network: depth <= 20;",
        "Costs are computed from the space file. Compiling never imports user code, so it cannot count its parameters.",
    ),
)
