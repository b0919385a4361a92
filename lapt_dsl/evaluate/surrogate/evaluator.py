"""NAS-Bench-301's surrogate (Siems et al., 2020; YAHPO Gym's network) as an evaluator. It is NOT a measurement.

A neural network that predicts the CIFAR-10 validation accuracy of a DARTS architecture after 98 epochs. Only the
published file, byte for byte, is taken: calibration and guard were measured on it, and no other model reaches
onnxruntime.

- Calibrated: the raw values lie about 1.3 points above NAS-Bench-301's own. A line, which keeps the ranking, was fitted
  on the rows 0, 2, 4, ... of the 725 published scores. On the other rows the mean error is -0.015 and the mean absolute
  error 0.18 points; Spearman 0.905.
- Guarded: an architecture beyond the extremes of the 725 (`surrogate_guard`) is a failure of kind `missing`, like a
  row that a table does not have: a score would be an extrapolation, and a search would find the wrong ones. That is
  1.1 % of uniform draws. So is one with the operator `none`, which NAS-Bench-301 does not have.
"""

from __future__ import annotations

import hashlib
import importlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from lapt_dsl.compiler.program.source_files import read_bytes, read_source
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.base import BaseEvaluator
from lapt_dsl.evaluate.evaluator import Description, Evaluation, Failure, Objective, Outcome
from lapt_dsl.evaluate.surrogate.encoding import ABSENT, INPUTS, InputCodes, check_space, inputs_of, read_encoding
from lapt_dsl.evaluate.surrogate.guard import LIMITS, outside

if TYPE_CHECKING:
    from lapt_dsl.evaluate.spec import EvaluatorOptions

NOTICE = "surrogate's prediction (NAS-Bench-301, calibrated), not a measurement"
"""Printed with every result of this evaluator."""

METRIC = "surrogate_val_accuracy"
SHA256 = "3c6a6fb3a70998bf6c55883bdc5cc71cff190e1859468d72cc6960b88f06d280"
"""The published file `nb301_surrogate.onnx`."""

EPOCHS = 98
SLOPE, INTERCEPT = 0.977658760096298, 0.8008041480899539
"""Calibrated = SLOPE x raw + INTERCEPT, least squares on every second row of the 725 from row 0."""

_SHAPES = {"x_cat": ([1, len(INPUTS)], "tensor(int32)"), "x_cont": ([1, 1], "tensor(float)")}


class SurrogateEvaluator(BaseEvaluator):
    """Predicts the validation accuracy (%) of DARTS architectures: on one thread, the same value in every process."""

    notice = NOTICE

    def __init__(self, space: Space, model: str, encoding: str | None = None) -> None:
        """Load a surrogate.

        Args:
            space: A space of DARTS cells, with or without the operator `none`.
            model: The ONNX file.
            encoding: The encoding file; by default the one beside the model, `NAME_encoding.json` to `NAME.onnx`.

        Raises:
            LaptError: E901, a file cannot be read; E770, E771, the model; E772, the encoding; E773, the space; E774,
                onnxruntime is not installed.
        """
        check_space(space, model)
        # There is no test metric, since nothing is measured.
        super().__init__(space, Objective(METRIC))
        content = read_bytes(model)
        if hashlib.sha256(content).hexdigest() != SHA256:
            hint = (
                "use the published nb301_surrogate.onnx; another model can be a function of yours: python:MODULE:NAME"
            )
            raise LaptError.of("E770", "this is not NAS-Bench-301's surrogate, or a damaged copy", model, hint=hint)
        beside = encoding or f"{model.removesuffix('.onnx')}_encoding.json"
        source = read_source(beside)
        self._encoding: InputCodes = read_encoding(source)
        self._codes = source.sha256
        self._session = _session(content, model)
        self._files = (model, beside)

    def __reduce__(self) -> tuple[type[SurrogateEvaluator], tuple[Space, str, str]]:
        """Unpickling loads the model again, since a session belongs to its process."""
        return SurrogateEvaluator, (self._space, *self._files)

    def measure(self, arch: Architecture) -> Outcome:
        """Predict one architecture; a Failure (`missing`) outside the surrogate's data."""
        inputs = inputs_of(arch)
        if inputs is None:
            return Failure("missing", "outside the surrogate's data: NAS-Bench-301 has no operator `none`")
        why = outside(*(_counts(inputs, cell) for cell in ("normal", "reduce")))
        if why is not None:
            return Failure("missing", f"outside the surrogate's data: {why}")
        return Evaluation({METRIC: SLOPE * self._raw(inputs) + INTERCEPT})

    def raw(self, arch: Architecture) -> float:
        """The model's own value (%), neither calibrated nor guarded. ValueError where a layer carries nothing."""
        inputs = inputs_of(arch)
        if inputs is None:
            raise ValueError("the surrogate has no input for a layer that carries nothing")
        return self._raw(inputs)

    def _raw(self, inputs: dict[str, str]) -> float:
        import numpy as np

        codes = [self._encoding[name][inputs.get(name, ABSENT)] for name in INPUTS]
        given = {"x_cat": np.array([codes], dtype=np.int32), "x_cont": np.full((1, 1), EPOCHS, dtype=np.float32)}
        return float(self._session.run(None, given)[0][0, 0])

    def describe(self) -> Description:
        """The files, the epoch, the calibration, the guard, and the version of onnxruntime, whose sums may differ."""
        return {
            "kind": "surrogate",
            "deterministic": True,
            "measurement": False,
            "model": SHA256,
            "encoding": self._codes,
            "epochs": EPOCHS,
            "calibration": [SLOPE, INTERCEPT],
            "guard": LIMITS,
            "onnxruntime": str(importlib.import_module("onnxruntime").__version__),
            "space": self._space.digest,
        }


def _counts(inputs: dict[str, str], cell: str) -> Counter[str]:
    return Counter(value for name, value in inputs.items() if name.startswith(f"edge_{cell}"))


def _session(content: bytes, file: str) -> Any:
    """onnxruntime's session for a model, on one thread and on the processor."""
    try:
        # By name, so that type checking needs no stubs, which the package does not have.
        onnxruntime = importlib.import_module("onnxruntime")
    except ImportError as error:
        hint = "pip install 'lapt-dsl[surrogate]'"
        raise LaptError.of("E774", "running a surrogate needs the package onnxruntime", file, hint=hint) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Suppress warnings about the machine, such as a missing GPU.
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # onnxruntime raises classes of its own extension module, which share no base but Exception.
        message = f"onnxruntime {onnxruntime.__version__} cannot load it: {str(error)[:200]}"
        raise LaptError.of("E771", message, file, hint="pip install -U 'lapt-dsl[surrogate]'") from error
    found = {each.name: (list(each.shape), each.type) for each in session.get_inputs()}
    if found != _SHAPES or len(session.get_outputs()) != 1:
        raise LaptError.of("E771", f"onnxruntime {onnxruntime.__version__} sees other inputs than the file has", file)
    return session


def build(space: Space, options: EvaluatorOptions) -> SurrogateEvaluator:
    """The evaluator `surrogate:FILE`. LaptError as SurrogateEvaluator; E770 where no file is named."""
    if not options.argument:
        raise LaptError.of("E770", "no surrogate is named", "surrogate", hint="write surrogate:nb301_surrogate.onnx")
    return SurrogateEvaluator(space, options.argument)
