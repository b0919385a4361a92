"""Supernets (E78x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

SUPERNET_CODES = table(
    "Supernets",
    Code(
        "E780",
        "supernet-of-many-sizes",
        "error",
        "A number layer has several remaining candidates, and a supernet needs exactly one.",
        "a supernet of `mobilenet`, where `width` may be 16, 24 or 32",
        "in stage1 { layer width: only 16; layer depth: only 2; layer kernel: only 3; layer expansion: only 3; }",
        "Widths, depths and kernel sizes set the shapes of modules, and modules of different shapes share no weights.",
    ),
    Code(
        "E781",
        "supernet-diverged",
        "error",
        "The training of a supernet diverged, so no architecture can be evaluated.",
        "a recipe whose learning rate is too high for these images",
        "another --recipe, or another --evaluator-seed",
        "All architectures share the weights of the supernet, so its failure affects every evaluation.",
    ),
    Code(
        "E782",
        "supernet-out-of-memory",
        "error",
        "The training of a supernet ran out of memory.",
        "--channels 64 on a small GPU",
        "fewer --channels, a smaller --depth, or stricter principles",
        "A supernet holds the weights of all remaining candidates and the activations of one architecture.",
    ),
    Code(
        "E783",
        "supernet-out-of-time",
        "error",
        "The time limit was reached before the training of a supernet ended.",
        "--time-limit 60 for a training of ten minutes",
        "a longer --time-limit, fewer --epochs, or --checkpoints to continue the training later",
        "For a supernet the limit applies to its training. Evaluating an architecture afterwards takes seconds.",
    ),
    Code(
        "E784",
        "supernet-of-nothing",
        "error",
        "The principles exclude every architecture, so there is no supernet to build.",
        "two principles that contradict each other",
        "principles that some architecture satisfies (`lapt lint` shows the conflict)",
        "An empty supernet has no path to train.",
    ),
    Code(
        "E785",
        "supernet-not-trained",
        "error",
        "The training of a supernet failed with an error of its modules.",
        "a torch_module that raises an error",
        "a torch_module that trains; the message shows its error",
        "A supernet runs the user modules that the space names. Their errors are reported as they are.",
    ),
)
