"""Surrogate models (E77x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

SURROGATE_CODES = table(
    "Surrogate models",
    Code(
        "E770",
        "unknown-surrogate",
        "error",
        "A file is no surrogate model that is known: another one, or a damaged copy.",
        "lapt search darts --evaluator surrogate:half_a_download.onnx",
        "lapt search darts --evaluator surrogate:nb301_surrogate.onnx",
        "Calibration and limits were measured on one file, byte for byte. For any other they would be made up.",
    ),
    Code(
        "E771",
        "surrogate-does-not-run",
        "error",
        "onnxruntime cannot run a surrogate, or sees other inputs and outputs than the file has.",
        "an onnxruntime that is older than the file's operators",
        "pip install -U 'lapt-dsl[surrogate]'",
        "A model that is fed by position gives plausible numbers for the wrong question.",
    ),
    Code(
        "E772",
        "bad-encoding",
        "error",
        "The encoding file beside a surrogate is no JSON, or lacks an input, an operator or a code.",
        '{"edge_normal_0": {"#na#": 0, "skip_connect": "seven"}}',
        '{"edge_normal_0": {"#na#": 0, "skip_connect": 7}, ...}',
        "An operator with another's code would be scored as the other one.",
    ),
    Code(
        "E773",
        "other-space",
        "error",
        "A surrogate is asked for a space that it was not fitted on.",
        "lapt search nas201 --evaluator surrogate:nb301_surrogate.onnx",
        "lapt search darts --evaluator surrogate:nb301_surrogate.onnx",
        "A surrogate knows the cells it has seen; about others it says numbers without meaning.",
    ),
    Code(
        "E774",
        "no-onnxruntime",
        "error",
        "Running a surrogate needs the package onnxruntime, which is not installed.",
        "pip install lapt-dsl",
        "pip install 'lapt-dsl[surrogate]'",
        "onnxruntime is large, and only surrogates need it.",
    ),
)
