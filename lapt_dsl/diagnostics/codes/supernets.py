"""Supernets (E78x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

SUPERNET_CODES = table(
    "Supernets",
    Code(
        "E780",
        "supernet-of-many-sizes",
        "error",
        "Several numbers are left for a layer that chooses a number, and a supernet can have one.",
        "a supernet of `mobilenet`, where `width` may be 16, 24 or 32",
        "in stage1 { layer width: only 16; layer depth: only 2; layer kernel: only 3; layer expansion: only 3; }",
        "Widths, depths and kernels are sizes of the modules: modules of another size share no weights.",
    ),
    Code(
        "E781",
        "supernet-diverged",
        "error",
        "The training of a supernet diverged, so that no architecture can be measured.",
        "a recipe whose learning rate is too high for these images",
        "another --recipe, or another --evaluator-seed",
        "Its weights are everybody's: there is no architecture that another one's failure does not concern.",
    ),
    Code(
        "E782",
        "supernet-out-of-memory",
        "error",
        "Memory ran out while a supernet was trained.",
        "--channels 64 on a small GPU",
        "fewer --channels or --depth, or principles that leave less",
        "A supernet holds the weights of all that is left, and the activations of one architecture.",
    ),
    Code(
        "E783",
        "supernet-out-of-time",
        "error",
        "The time limit was reached before a supernet was trained.",
        "--time-limit 60 for a training of ten minutes",
        "a longer --time-limit, fewer --epochs, or --checkpoints to go on from where it stopped",
        "For a supernet the limit is that of its training: what comes after takes seconds.",
    ),
    Code(
        "E784",
        "supernet-of-nothing",
        "error",
        "Principles leave no architecture, so there is nothing to make a supernet of.",
        "two principles that contradict each other",
        "principles that leave something (`lapt lint` says which contradict)",
        "An empty supernet has no path to train.",
    ),
    Code(
        "E785",
        "supernet-not-trained",
        "error",
        "The training of a supernet failed for a reason of its own.",
        "a torch_module that raises an error",
        "what the message says",
        "A supernet runs modules of yours where the space names some; what they raise is passed on.",
    ),
)
