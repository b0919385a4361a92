"""Surrogate models (E77x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

SURROGATE_CODES = table(
    "Surrogate models",
    Code(
        "E770",
        "unknown-surrogate",
        "error",
        "A file is not a supported surrogate model, or is a damaged copy of one.",
        "lapt search darts --evaluator surrogate:half_a_download.onnx",
        "lapt search darts --evaluator surrogate:nb301_surrogate.onnx",
        "Calibration and limits were measured for one exact file. They are not valid for any other.",
    ),
    Code(
        "E771",
        "surrogate-does-not-run",
        "error",
        "onnxruntime cannot run a surrogate, or reports unexpected inputs or outputs.",
        "an onnxruntime that is older than the file's operators",
        "pip install -U 'lapt-dsl[surrogate]'",
        "A model with unexpected inputs would return plausible but wrong numbers.",
    ),
    Code(
        "E772",
        "bad-encoding",
        "error",
        "The encoding file of a surrogate is not valid JSON, or lacks an input, an operator or a code.",
        '{"edge_normal_0": {"#na#": 0, "skip_connect": "seven"}}',
        '{"edge_normal_0": {"#na#": 0, "skip_connect": 7}, ...}',
        "With a wrong code, an operator would be scored as another one.",
    ),
    Code(
        "E773",
        "other-space",
        "error",
        "A surrogate is used for a space that it was not trained on.",
        "lapt search nas201 --evaluator surrogate:nb301_surrogate.onnx",
        "lapt search darts --evaluator surrogate:nb301_surrogate.onnx",
        "The predictions of a surrogate are meaningless outside the space it was trained on.",
    ),
    Code(
        "E774",
        "no-onnxruntime",
        "error",
        "The package onnxruntime, which surrogates need, is not installed.",
        "pip install lapt-dsl",
        "pip install 'lapt-dsl[surrogate]'",
        "onnxruntime is large and only surrogates need it, so it is an optional dependency.",
    ),
)
